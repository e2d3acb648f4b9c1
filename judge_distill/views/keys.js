// Sends the keys pressed in the box it stands in to the kernel; panes of two answers scroll together.
const FIELDS = "input, textarea, select, [contenteditable]";

function boxOf(el, event) {
  const box = el.closest(".judge-distill-keys");
  return box && event.target instanceof Element && box.contains(event.target) ? box : null;
}

function render({ model, el }) {
  const down = (event) => {
    if (!boxOf(el, event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest(FIELDS)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "Tab" || key === "Escape" || (key === "Enter" && event.shiftKey)) return;
    event.stopPropagation();
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
  window.addEventListener("keydown", down, true);
  window.addEventListener("click", point, true);
  window.addEventListener("scroll", scroll, true);
  return () => {
    window.removeEventListener("keydown", down, true);
    window.removeEventListener("click", point, true);
    window.removeEventListener("scroll", scroll, true);
  };
}
export default { render };
