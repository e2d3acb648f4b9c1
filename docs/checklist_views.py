"""Pictures of the views in JupyterLab, to look at, and what a key press takes.

python docs/checklist_views.py FOLDER              light and dark, 1280, 560 and 390 pixels wide
python docs/checklist_views.py FOLDER --pairs 10000   the press of a key with so many pairs, too

Needs Chromium and playwright. Text that would run if it could is among the pairs.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import psutil
from playwright.sync_api import Page, sync_playwright
from start_lab import ROOT, jupyterlab

sys.path.insert(0, str(ROOT / "tests"))
from chromium import CHROMIUM, FLAGS

MAKE = """
from judge_distill import browse, explore, label
from judge_distill.agreement.plots import plot_agreement
from judge_distill.agreement.tables import table
from judge_distill.data.judged import Judged
from judge_distill.calls.ledger import Ledger
from judge_distill.judging.judge import judge_pairs
from judge_distill.judging.rules import rule_judge
from judge_distill.records.schema import Answer, Pair
from judge_distill.testing.eight_questions import eight_pairs
from judge_distill.views.page import view
from judge_distill.views.queue import Labelling

code = "```python\\nunique = sorted(set(numbers), key=lambda number: -number)\\n```\\n\\n"
words = "A **set** keeps each item *once*, a list keeps its items in order.\\n\\n"
kept = "| | list | set | deque |\\n|---|---|---|---|\\n| order | yes | no | yes |\\n\\n"
long = "# Lists\\n\\n" + words + code + kept + "> A set is a list that forgot.\\n\\n" + words * 9
nasty = "<script>window.hacked=1</script><img src=x onerror='hacked=1'> [x](javascript:x) $x^2$"
wide = "|" + "column |" * 30 + "\\n" + "|---" * 30 + "|\\n" + ("|" + "1000 |" * 30 + "\\n") * 60


def pair(question, source, left, right):
    answers = Answer(model="reader", text=left), Answer(model="guesser", text=right)
    return Pair.of(question, source, *answers, "python")


pairs = [
    pair("When is a set better than a list?", words * 5, long, long.replace("keeps", "holds") * 2),
    pair(f"What runs here? {nasty}", nasty, nasty, f"# Title\\n\\n- {nasty}"),
    pair("How wide is a table?", "Wide.", wide, "x" * 3000),
    *eight_pairs(),
]
names = ("first", "longer", "rubric")
looks = [j for name in names for j in judge_pairs(pairs, rule_judge(name), Ledger())]
judged = Judged(name="pairs", format="made", pairs=tuple(pairs), judgements=tuple(looks))
guidelines, reasons = "Better is what the **source** says, briefly.", ("invented", "too long")
""".strip()
MANY = """
from judge_distill import browse
from judge_distill.records.schema import Answer, Outcome, Pair, Ruling

one, two = Answer(model="a", text="So it is. " * 30), Answer(model="b", text="It is so. " * 30)
pairs = [Pair.of(f"Why is number {n} so?", "So it is.", one, two) for n in range(PAIRS)]
rulings = [Ruling(pair_id=p.id, judge="judge", outcome=Outcome.FIRST) for p in pairs]
""".strip()
LINES = {  # the cell whose view is shown, and the lines of the checklist that it stands for
    "browse": "a list of pairs, verdicts of all judges in a row, sortable, beside the one in view",
    "label": "both bad, guidelines beside the task, reasons by key; verdict buttons in sight",
    "explore": "judges compared; tables fit, plots suit both themes",
    "view": "the page that is sent: filters, marks, a link to each pair",
}
CELLS = [
    "browse(judged)",
    "label(judged, 'labels', 'ada', settings=Labelling(guidelines=guidelines, reasons=reasons))",
    "explore(judged, 'rubric', shows=[table, plot_agreement])",
    "view(judged)",
]
SIZES = [(1280, 720), (560, 800), (390, 800)]
SHOWN = ".judge-distill-keys, iframe"


def write_notebook(file: Path, cells: list[str]) -> None:
    kernel = {"display_name": "python3", "language": "python", "name": "python3"}
    shown = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=shown, metadata={"kernelspec": kernel}), file)


def run(page: Page, address: str, name: str, last: int) -> None:
    "Open a notebook, run all of it, and wait for what its last cell shows."
    page.set_default_timeout(120_000)  # the machine may be busy
    page.goto(f"{address}/lab/tree/{name}.ipynb?reset")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    page.get_by_text("| Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells").first.click()
    page.locator(".jp-Notebook .jp-CodeCell").nth(last).locator(SHOWN).first.wait_for()
    page.keyboard.press("Control+b")  # the list of files goes


def take_pictures(page: Page, folder: Path, theme: str) -> None:
    "Each view in each size; its first long answer, too."
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for number, (name, words) in enumerate(LINES.items(), 1):
            cell = page.locator(".jp-Notebook .jp-CodeCell").nth(number)
            cell.locator(SHOWN).first.evaluate("box => box.scrollIntoView({ block: 'start' })")
            time.sleep(0.8)  # it is drawn
            file = f"{name}-{theme.lower()}-{width}.png"
            page.screenshot(path=folder / file)
            print(f"{file}: {words}")
        answers = page.locator(".judge-distill-keys .jd-pane").first
        answers.evaluate("pane => pane.scrollIntoView({ block: 'center' })")
        time.sleep(0.5)
        page.screenshot(path=folder / f"answers-{theme.lower()}-{width}.png")
    assert page.evaluate("window.hacked") is None


def clicks_to_disagreement(page: Page) -> dict[str, int]:
    "How many clicks lead to the first pair on which judges differ."
    box = page.locator(".judge-distill-keys").first
    rows = box.locator(".jd-row").all_inner_texts()
    differ = next(n for n, row in enumerate(rows) if len({*row.split("\t")[2:]}) > 1)
    if differ:
        box.locator(".jd-row").nth(differ).click()
    summary = page.frame_locator("iframe").locator("article details[open] > summary").first
    on_page = {one.split(": ")[1] for one in summary.locator("small").inner_text().split(", ")}
    return {"browse": int(differ > 0), "page": int(len(on_page) == 1)}


PRESS = """async (count) => {
  const box = document.querySelector(".judge-distill-keys"), times = [];
  const places = [...box.querySelectorAll(".widget-label")];
  const place = places.find((label) => label.textContent.includes("that fit"));
  const pair = box.querySelector(".widget-html-content");
  for (let n = 0; n < count; n++) {
    const [before, question, start] = [place.textContent, pair.textContent, performance.now()];
    box.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
    while (place.textContent === before || pair.textContent === question) {
      await new Promise((done) => setTimeout(done, 1));
    }
    await new Promise((done) => requestAnimationFrame(done));
    times.push(performance.now() - start);
  }
  return times;
}"""


def processor(pid: int) -> float:
    "Processor seconds of a process and all that it started."
    process = psutil.Process(pid)
    every = [process, *process.children(recursive=True)]
    return sum(sum(one.cpu_times()[:2]) for one in every)


def press_keys(page: Page, pid: int, presses: int = 40) -> str:
    "What a press of the arrow takes, from the key to the next picture."
    page.evaluate(PRESS, 5)
    before, client = processor(pid), page.context.new_cdp_session(page)
    client.send("Performance.enable")
    busy = "ProcessTime"  # of all its threads

    def browser() -> float:
        metrics = client.send("Performance.getMetrics")["metrics"]
        return next(one["value"] for one in metrics if one["name"] == busy)

    start = browser()
    times = page.evaluate(PRESS, presses)
    kernel, page_time = processor(pid) - before, browser() - start
    middle, most = statistics.median(times), max(times)
    return (
        f"a key press, of {presses}: median {middle:.0f} ms, longest {most:.0f} ms; server and "
        f"kernel took {1000 * kernel / presses:.1f} ms of processor time each, the page "
        f"{1000 * page_time / presses:.1f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="for the pictures")
    parser.add_argument("--pairs", type=int, default=0, help="to press keys on; none by default")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for theme in ("Light", "Dark"):
        with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
            work, config = Path(scratch, "work"), Path(scratch, "config")
            work.mkdir()
            write_notebook(work / "look.ipynb", [MAKE, *CELLS])
            write_notebook(
                work / "many.ipynb",
                [MANY.replace("PAIRS", str(options.pairs)), "browse(pairs, [], rulings)"],
            )
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            with jupyterlab(work, config, theme) as (address, pid):
                run(page, address, "look", len(CELLS))
                page.locator(".jp-Notebook .jp-CodeCell").nth(3).locator(
                    ".judge-distill-keys img"
                ).wait_for()
                take_pictures(page, options.folder, theme)
                if theme == "Light":
                    page.set_viewport_size({"width": 1280, "height": 720})
                    print("clicks to the first disagreement:", clicks_to_disagreement(page))
                if theme == "Light" and options.pairs:
                    run(page, address, "many", 1)
                    print(f"{options.pairs} pairs: {press_keys(page, pid)}")
            browser.close()


if __name__ == "__main__":
    main()
