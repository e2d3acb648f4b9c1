// Filters the pairs of the page; without it they are all there.
(() => {
  "use strict";
  const form = document.getElementById("filters");
  const articles = [...document.querySelectorAll("article")];
  const texts = new Map();
  const textOf = (article) => {
    if (!texts.has(article)) texts.set(article, article.textContent.toLowerCase());
    return texts.get(article);
  };
  const rulingsOf = (article) => {
    const rulings = new Map();
    for (const part of article.dataset.rulings.split("|")) {
      const at = part.lastIndexOf("=");
      if (at > 0) rulings.set(part.slice(0, at), part.slice(at + 1));
    }
    return rulings;
  };
  const value = (name) => {
    const field = form.elements[name];
    return field.type === "checkbox" ? field.checked : field.value;
  };
  const fits = (article) => {
    const rulings = rulingsOf(article);
    const [judge, outcome, unlike] = ["judge", "outcome", "unlike"].map(value);
    const torn = article.dataset.torn;
    const words = value("words").toLowerCase().split(/\s+/).filter(Boolean);
    return (
      (!judge || rulings.has(judge)) &&
      (!outcome || (judge ? rulings.get(judge) === outcome : [...rulings.values()].includes(outcome))) &&
      (!unlike || (rulings.has(unlike) && [...rulings].some(([name, ruled]) => (!judge || name === judge) && ruled !== rulings.get(unlike)))) &&
      (!value("document") || article.dataset.document === value("document")) &&
      (!value("differ") || article.dataset.differ === "1") &&
      (!value("problem") || article.dataset.problem === "1") &&
      (!value("torn") || (judge ? torn.includes("|" + judge + "|") : torn.length > 2)) &&
      words.every((word) => textOf(article).includes(word))
    );
  };
  const filter = () => {
    let shown = 0;
    for (const article of articles) {
      article.hidden = !fits(article);
      if (!article.hidden) shown += 1;
    }
    form.elements.count.value = `${shown} of ${articles.length} pairs`;
  };
  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    target.hidden = false;
    target.querySelector("details").open = true;
    target.scrollIntoView();
  };
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", open);
  filter();
  open();
})();
