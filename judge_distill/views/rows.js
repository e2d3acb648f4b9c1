// A table of text: a click or Enter opens a row, a click on a head sorts.
function render({ model, el }) {
  const draw = () => {
    const sorted = model.get("sorted_by");
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    model.get("heads").forEach((name, place) => {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.setAttribute("aria-sort", place === sorted ? "ascending" : "none");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name + (place === sorted ? " ▴" : "");
      button.addEventListener("click", () => model.send({ sort: place }));
      cell.append(button);
      head.append(cell);
    });
    const body = table.createTBody();
    for (const [id, ...cells] of model.get("rows")) {
      const row = body.insertRow();
      row.className = "jd-row" + (id === model.get("opened") ? " jd-opened" : "");
      row.tabIndex = 0;
      for (const text of cells) row.insertCell().textContent = text;
      row.addEventListener("click", () => model.send({ open: id }));
      row.addEventListener("keydown", (event) => {
        if (event.key === "Enter") model.send({ open: id });
      });
    }
    el.classList.add("jd-rows");
    el.replaceChildren(table);
  };
  const events = ["change:rows", "change:heads", "change:sorted_by", "change:opened"];
  for (const event of events) model.on(event, draw);
  draw();
  return () => { for (const event of events) model.off(event, draw); };
}
export default { render };
