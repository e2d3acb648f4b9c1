// Filters the pairs of the page, marks what was searched for, scrolls two answers together; without
// it the pairs are all there.
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
  const wordsAsked = () => value("words").toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (article) => {
    const rulings = rulingsOf(article);
    const [judge, outcome, unlike] = ["judge", "outcome", "unlike"].map(value);
    const torn = article.dataset.torn;
    return (
      (!judge || rulings.has(judge)) &&
      (!outcome || (judge ? rulings.get(judge) === outcome : [...rulings.values()].includes(outcome))) &&
      (!unlike || (rulings.has(unlike) && [...rulings].some(([name, ruled]) => (!judge || name === judge) && ruled !== rulings.get(unlike)))) &&
      (!value("document") || article.dataset.document === value("document")) &&
      (!value("differ") || article.dataset.differ === "1") &&
      (!value("problem") || article.dataset.problem === "1") &&
      (!value("torn") || (judge ? torn.includes("|" + judge + "|") : torn.length > 2)) &&
      wordsAsked().every((word) => textOf(article).includes(word))
    );
  };
  const rendered = new Map(); // of each pane, while the answers stand in it as written
  const write = () => {
    if (value("written") === rendered.size > 0) return;
    for (const article of articles) {
      const texts = article.querySelector("template.jd-written").content.children;
      article.querySelectorAll(".jd-pane").forEach((pane, place) => {
        if (!value("written")) return pane.replaceChildren(...rendered.get(pane));
        rendered.set(pane, [...pane.childNodes]);
        pane.replaceChildren(texts[place].cloneNode(true));
      });
    }
    if (!value("written")) rendered.clear();
  };
  const filter = () => {
    write();
    let shown = 0;
    for (const article of articles) {
      article.hidden = !fits(article);
      if (!article.hidden) shown += 1;
    }
    form.elements.count.value = `${shown} of ${articles.length} pairs`;
    document.body.classList.toggle("jd-unmarked", !value("marks"));
    mark();
  };
  const hitsIn = (node, words) => {
    const hits = [], text = node.data.toLowerCase();
    for (const word of words) {
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
        const hit = new Range();
        hit.setStart(node, Math.min(at, node.length));
        hit.setEnd(node, Math.min(at + word.length, node.length));
        hits.push(hit);
      }
    }
    return hits;
  };
  const mark = () => {
    if (!globalThis.CSS?.highlights) return;
    const hits = [], words = wordsAsked();
    for (const article of words.length ? articles.filter((one) => !one.hidden) : []) {
      const part = article.querySelector("details").open ? article : article.querySelector("summary");
      const texts = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) hits.push(...hitsIn(texts.currentNode, words));
    }
    const all = new Highlight();
    for (const hit of hits) all.add(hit);
    CSS.highlights.set("jd-hits", all);
  };
  let leading = null, rest = 0;
  const scroll = (event) => {
    const pane = event.target;
    if (!pane.classList?.contains("jd-pane") || (leading && leading !== pane)) return;
    leading = pane;
    const share = pane.scrollTop / Math.max(1, pane.scrollHeight - pane.clientHeight);
    for (const other of pane.closest("article").querySelectorAll(".jd-pane")) {
      if (other !== pane) other.scrollTop = share * (other.scrollHeight - other.clientHeight);
    }
    clearTimeout(rest);
    rest = setTimeout(() => { leading = null; }, 100);
  };
  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    target.hidden = false;
    target.querySelector("details").open = true;
    target.scrollIntoView();
  };
  form.hidden = false;
  form.querySelector("details").open = matchMedia("(min-width: 40.01rem)").matches; // folded where they would fill the screen
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("scroll", scroll, true);
  document.addEventListener("toggle", mark, true);
  window.addEventListener("hashchange", open);
  filter();
  open();
})();
