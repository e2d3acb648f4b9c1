// Sends the keys pressed in the box it stands in to the kernel; panes of two answers scroll together;
// says when the kernel is gone.
const FIELDS = "input, textarea, select, [contenteditable]";
const CELL = ".jp-Cell, .cell_container, .code_cell, body"; // of JupyterLab, VS Code, Colab
const GONE = "The kernel is gone, and these buttons with it: run this cell again. What was saved is kept.";

function boxOf(el, event) {
  const box = el.closest(".judge-distill-keys");
  return box && event.target instanceof Element && box.contains(event.target) ? box : null;
}

// The view without buttons, which stands beside for those who have no kernel, steps back.
function takePlace(el) {
  const cell = el.closest(CELL);
  for (const still of cell ? cell.querySelectorAll(".judge-distill-static") : []) still.hidden = true;
}

function tellWhetherAlive(el) {
  const box = el.closest(".judge-distill-keys");
  if (!box) return;
  const gone = Boolean(el.closest(".jupyter-widgets-disconnected"));
  const note = box.querySelector(".jd-gone");
  if (gone === Boolean(note)) return;
  for (const field of box.querySelectorAll("button, input, select, textarea")) field.disabled = gone;
  if (!gone) return note.remove();
  const words = document.createElement("p");
  words.className = "jd-gone";
  words.setAttribute("role", "alert");
  words.textContent = GONE;
  box.prepend(words);
}

// In a list of pairs Enter opens a row, and arrows up and down go to its neighbours.
function workRow(event, key) {
  const row = event.target.closest(".jd-row");
  if (!row || !["Enter", "ArrowUp", "ArrowDown"].includes(key)) return false;
  event.preventDefault();
  if (key === "Enter") row.click();
  else (key === "ArrowUp" ? row.previousElementSibling : row.nextElementSibling)?.focus();
  return true;
}

function render({ model, el }) {
  const down = (event) => {
    if (!boxOf(el, event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest(FIELDS)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "Tab" || key === "Escape" || (key === "Enter" && event.shiftKey)) return;
    event.stopPropagation();
    if (workRow(event, key)) return;
    if (!model.get("names").includes(key)) return;
    event.preventDefault();
    if (!(event.repeat && key.length === 1)) model.send({ key });
  };
  const point = (event) => {
    const box = boxOf(el, event);
    if (!box) return;
    box.tabIndex = -1;
    if (!event.target.closest(FIELDS + ", button, summary, a, .jd-row")) {
      setTimeout(() => box.focus({ preventScroll: true }));
    }
  };
  let leading = null;
  const scroll = (event) => {
    const pane = event.target;
    const box = boxOf(el, event);
    if (!box || !pane.classList.contains("jd-pane") || (leading && leading !== pane)) return;
    leading = pane;
    const share = pane.scrollTop / Math.max(1, pane.scrollHeight - pane.clientHeight);
    for (const other of box.querySelectorAll(".jd-pane")) {
      if (other !== pane) other.scrollTop = share * (other.scrollHeight - other.clientHeight);
    }
    clearTimeout(scroll.rest);
    scroll.rest = setTimeout(() => { leading = null; }, 100);
  };
  const alive = () => tellWhetherAlive(el);
  window.addEventListener("keydown", down, true);
  window.addEventListener("click", point, true);
  window.addEventListener("scroll", scroll, true);
  model.on("comm_live_update", alive);
  requestAnimationFrame(() => takePlace(el));
  return () => {
    window.removeEventListener("keydown", down, true);
    window.removeEventListener("click", point, true);
    window.removeEventListener("scroll", scroll, true);
    model.off("comm_live_update", alive);
  };
}
export default { render };
