// A table of text: a click or Enter opens a row, a click on a head sorts. The row that is open is the one that Tab reaches.
function headOf(model, name, place) {
  const cell = document.createElement("th"), button = document.createElement("button");
  const sorted = model.get("sorted_by") === place, falling = model.get("falling");
  cell.scope = "col";
  cell.setAttribute("aria-sort", sorted ? (falling ? "descending" : "ascending") : "none");
  button.type = "button";
  button.textContent = name + (sorted ? (falling ? " ▾" : " ▴") : "");
  button.addEventListener("click", () => model.send({ sort: place }));
  cell.append(button);
  return cell;
}

function rowOf(model, [id, ...cells]) {
  const row = document.createElement("tr");
  row.className = "jd-row";
  row.tabIndex = -1;
  for (const text of cells) row.insertCell().textContent = text;
  row.addEventListener("click", () => model.send({ open: id }));
  return row;
}

function render({ model, el }) {
  let rows = new Map(), reached = null; // by id; the row that Tab reaches
  const open = () => {
    const opened = rows.get(model.get("opened"));
    reached?.classList.remove("jd-opened");
    if (reached) reached.tabIndex = -1;
    reached = opened ?? rows.values().next().value;
    if (reached) reached.tabIndex = 0;
    opened?.classList.add("jd-opened");
    if (!opened) return;
    // into sight within the list; the page stays where it is
    const head = el.querySelector("thead").offsetHeight;
    const [top, bottom] = [opened.offsetTop - head, opened.offsetTop + opened.offsetHeight];
    if (top < el.scrollTop) el.scrollTop = top;
    if (bottom > el.scrollTop + el.clientHeight) el.scrollTop = bottom - el.clientHeight;
  };
  const draw = () => {
    const table = document.createElement("table");
    table.createTHead().insertRow().append(...model.get("heads").map((name, place) => headOf(model, name, place)));
    rows = new Map(model.get("rows").map((row) => [row[0], rowOf(model, row)]));
    table.createTBody().append(...rows.values());
    el.classList.add("jd-rows");
    el.replaceChildren(table);
    open();
  };
  const drawn = ["change:rows", "change:heads", "change:sorted_by", "change:falling"];
  for (const event of drawn) model.on(event, draw);
  model.on("change:opened", open);
  draw();
  return () => {
    for (const event of drawn) model.off(event, draw);
    model.off("change:opened", open);
  };
}
export default { render };
