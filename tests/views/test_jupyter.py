"""The views in a real JupyterLab, worked by a real browser: Chromium, without a window, on this
machine only.
"""

import json
import os
import shutil
import time
from pathlib import Path

import nbformat
import pytest
from chromium import CHROMIUM, FLAGS
from start_lab import jupyterlab

from judge_distill.data.labels import read_labels

pytestmark = [
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium on this machine: the views are not tried in a browser"
    ),
]

MAKE = """
import matplotlib.pyplot as plt
from judge_distill.agreement.agreement import agreement
from judge_distill.agreement.tables import table
from judge_distill.calls.ledger import Ledger
from judge_distill.judging.judge import judge_pairs
from judge_distill.judging.rules import rule_judge
from judge_distill.judging.rulings import resolve
from judge_distill.records.schema import Answer, Pair
from judge_distill.views.browse import browse
from judge_distill.views.explore import explore
from judge_distill.views.label import label
nasty = "<img src=x onerror='window.hacked=1'><script>window.hacked=1</script> \\u202e $x$ **b**"


def pair(i):
    since = f"Number {i} comes after number {i - 1}, since one is added each time. "
    texts = [since + "So it is.", f"Nobody knows, as with {i}. {nasty}", "Number after number.", ""]
    return Pair.of(
        f"Why does number {i} come after number {i - 1}? {nasty if i == 0 else ''}",
        since * 4,
        Answer(model="reader", text=f"Since one is added each time. {'Truly. ' * (i % 5)}"),
        Answer(model="guesser", text=texts[i % 4]),
        f"document {i % 4 % 3}",
    )


pairs = [pair(i) for i in range(30)]
names = ("first", "longer", "rubric")
judgements = [j for name in names for j in judge_pairs(pairs, rule_judge(name), Ledger())]
rulings = [r for name in names for r in resolve([j for j in judgements if j.judge == name])]


def plot(reports):
    axes = plt.subplots(figsize=(6, 1.6), layout="constrained")[1]
    values = [r.agreement_all.value or 0 for r in reports]
    axes.barh([r.judge for r in reports], values, color="lightgrey", edgecolor="black")
    axes.set(xlim=(0, 1), xlabel="agreement with rubric")
    return axes
""".strip()
CELLS = [
    MAKE,
    "browse(pairs, judgements, rulings)",
    "label(pairs, out='labels', who='ada', judgements=judgements)",
    "explore(rulings, 'rubric', agreement, [table, plot], pairs)",
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    "The folder and address of a JupyterLab with nothing but a notebook in it."
    folder, config = tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("jupyter")
    kernel = {"display_name": "python3", "language": "python", "name": "python3"}
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, folder / "look.ipynb")
    with jupyterlab(folder, config) as (address, _):
        yield folder, address


@pytest.fixture(scope="module")
def page(lab, tmp_path_factory):
    "The notebook, open in the browser."
    sync_api = pytest.importorskip(
        "playwright.sync_api",
        reason="playwright is not installed: the views are not tried in a browser",
    )
    with sync_api.sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path_factory.mktemp("profile")),
            executable_path=CHROMIUM,
            headless=True,
            args=FLAGS,
            viewport={"width": 1300, "height": 1000},
        )
        page = context.pages[0]
        page.set_default_timeout(45_000)  # the machine may be busy
        outside = []
        page.on(
            "request",
            lambda request: (
                outside.append(request.url)
                if not request.url.startswith(
                    (lab[1], "data:", "blob:", lab[1].replace("http", "ws"))
                )
                else None
            ),
        )
        page.outside = outside
        page.goto(f"{lab[1]}/lab/tree/look.ipynb?reset")
        run_all(page)
        page.keyboard.press("Control+b")  # the list of files goes: narrow windows are tried, too
        # the run is over and takes the focus no more
        page.locator(".jp-Notebook .jp-CodeCell").nth(3).locator(
            ".judge-distill-keys img"
        ).wait_for()
        yield page
        context.close()


def run_all(page, menu="Run All Cells"):
    "Run the notebook through JupyterLab's own menu."
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    page.get_by_text("| Idle").wait_for()  # the kernel has started
    page.get_by_role(
        "menuitem", name="Run" if menu == "Run All Cells" else "Kernel", exact=True
    ).click()
    page.get_by_role("menuitem", name=menu).first.click()


def view(page, number):
    "The box of the view in the cell of that number, scrolled to."
    box = page.locator(".jp-Notebook .jp-CodeCell").nth(number).locator(".judge-distill-keys")
    box.wait_for()
    box.scroll_into_view_if_needed()
    return box


def turn_keys_on(box, words):
    """Click on a text in the box until the box has the focus: its listener comes a moment after its
    text.
    """
    for _ in range(30):
        box.get_by_text(words).last.click()
        time.sleep(0.4)
        if box.evaluate("box => box.contains(document.activeElement)"):
            return
    raise AssertionError("a click on text does not turn the keys on")


def picture(page, name):
    "A screenshot, kept where JUDGE_DISTILL_SCREENSHOTS names a folder."
    if folder := os.environ.get("JUDGE_DISTILL_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png")


def test_browse(page):
    box = view(page, 1)
    picture(page, "browse")
    box.get_by_text("1 of 30 that fit, 30 in all").wait_for()
    box.get_by_role("button", name="next").click()
    box.get_by_text("2 of 30 that fit").wait_for()
    page.keyboard.press("ArrowRight")
    box.get_by_text("3 of 30 that fit").wait_for()
    # on the button, which has the focus; JupyterLab would go into the cell
    page.keyboard.press("Enter")
    box.get_by_text("4 of 30 that fit").wait_for()
    page.keyboard.press("ArrowLeft")
    box.get_by_text("3 of 30 that fit").wait_for()
    turn_keys_on(box, "Why does number 2 come")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    box.get_by_text("30 of 30 that fit").wait_for()
    box.get_by_label("document", exact=True).fill("document 1")
    page.keyboard.press("Enter")
    box.get_by_text("1 of 8 that fit").wait_for()
    box.get_by_label("judge", exact=True).select_option("longer")
    box.get_by_label("ruled unlike", exact=True).select_option("rubric")
    box.get_by_text("1 of 8 that fit").wait_for()
    picture(page, "browse-filtered")
    row = box.locator(".jd-row").nth(2)
    row.click()  # the list opens pairs
    box.get_by_text("3 of 8 that fit").wait_for()
    box.get_by_role("button", name="question").click()  # and its heads sort
    box.get_by_text("question ▴").wait_for()
    box.get_by_text("1 of 8 that fit").wait_for()
    box.get_by_label("ruling", exact=True).select_option("A")
    box.get_by_text("No pair fits.").wait_for()
    box.get_by_role("button", name="clear").click()
    box.get_by_text("1 of 30 that fit").wait_for()
    assert (
        box.get_by_text("<img src=x onerror=").last.is_visible()
        and page.evaluate("window.hacked") is None
    )
    assert page.locator(".jp-Notebook .jp-Cell").count() == len(CELLS)  # no key went to JupyterLab


def test_label(page, lab):
    box = view(page, 2)
    box.get_by_text("ada: 0 of 30 labelled").wait_for()
    picture(page, "label")
    assert "reader" not in box.inner_text() and "guesser" not in box.inner_text()
    time.sleep(0.4)
    box.get_by_role("button", name="A is better").click()
    box.get_by_text("ada: 1 of 30 labelled").wait_for()
    time.sleep(0.4)
    page.keyboard.press("b")
    box.get_by_text("ada: 2 of 30 labelled").wait_for()
    box.get_by_placeholder("a remark").fill("both say the same, a b t")
    assert "2 of 30" in box.inner_text()  # what is typed is no key
    time.sleep(0.4)
    box.get_by_role("button", name="Tie").click()
    box.get_by_text("ada: 3 of 30 labelled").wait_for(timeout=90_000)
    page.keyboard.press("u")
    box.get_by_text("ada: 2 of 30 labelled").wait_for()
    assert box.get_by_placeholder("a remark").input_value() == "both say the same, a b t"
    time.sleep(0.4)
    page.keyboard.press("t")
    box.get_by_text("ada: 3 of 30 labelled").wait_for(timeout=90_000)
    page.keyboard.press("x")  # JupyterLab would cut the cell
    page.keyboard.press("d")
    page.keyboard.press("d")
    assert page.locator(".jp-Notebook .jp-Cell").count() == len(CELLS)
    picture(page, "label-three")
    labels = read_labels(lab[0] / "labels")
    assert [label.who for label in labels] == ["ada"] * 3 and labels[
        -1
    ].remark == "both say the same, a b t"


@pytest.fixture
def resized(page):
    "Gives the window another size for a while."
    yield lambda width, height: page.set_viewport_size({"width": width, "height": height})
    page.set_viewport_size({"width": 1300, "height": 1000})


@pytest.mark.parametrize(("width", "height"), [(1280, 360), (560, 500), (390, 560)])
def test_verdict_buttons_stay_in_sight(page, resized, width, height):
    box = view(page, 2)
    resized(width, height)
    box.evaluate("box => box.scrollIntoView({ block: 'start' })")
    button = box.get_by_role("button", name="B is better").bounding_box()
    earlier = box.get_by_label("change").bounding_box()
    assert earlier["y"] > height > button["y"] + button["height"]
    assert button["x"] + button["width"] < width


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("width", [560, 390])
def test_no_view_scrolls_sideways_where_it_is_narrow(page, resized, width, number):
    box = view(page, number)
    resized(width, 800)
    wide = "es => es.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.className)"
    page.wait_for_function("innerWidth < 600")
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth + 1")
    assert box.locator(".jd-frame").evaluate_all(wide) == []


def test_a_row_is_opened_by_enter_and_left_by_an_arrow(page):
    box = view(page, 1)
    box.locator(".jd-row").nth(4).click()
    box.get_by_text("5 of 30 that fit").wait_for()
    box.locator(".jd-row").nth(4).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    box.get_by_text("6 of 30 that fit").wait_for()
    assert box.locator(".jd-row.jd-opened").count() == 1
    box.locator(".jd-row").nth(0).click()
    box.get_by_text("1 of 30 that fit").wait_for()


def test_a_list_has_a_light_arrow_where_the_page_is_dark(page):
    arrow = "select => getComputedStyle(select).backgroundImage"
    select = view(page, 1).get_by_label("judge", exact=True)
    before = select.evaluate(arrow)
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    dark = select.evaluate(arrow)
    page.evaluate("document.body.dataset.jpThemeLight = 'true'")
    assert "e0e0e0" in dark and "e0e0e0" not in before


def test_marks_of_the_source_are_on_a_toggle(page):
    box = view(page, 1)
    mark = box.locator("mark.jd-source").first
    line = "mark => getComputedStyle(mark).borderBottomStyle"
    assert mark.evaluate(line) == "solid"
    box.get_by_label("marks of the source").uncheck()
    box.locator("xpath=self::*[contains(@class, 'jd-unmarked')]").wait_for()
    assert mark.evaluate(line) == "none"
    box.get_by_label("marks of the source").check()


def test_search_hits_are_marked_in_any_order(page):
    box = view(page, 1)
    box.get_by_label("words").fill("number why")
    page.keyboard.press("Enter")
    box.locator("b mark").first.wait_for()
    assert {"Why", "number"} <= {*box.locator("b mark").all_inner_texts()}
    box.get_by_role("button", name="clear").click()
    box.get_by_text("1 of 30 that fit").wait_for()


def test_explore(page):
    box = view(page, 3)
    box.get_by_text("30 of 30 pairs").wait_for()
    box.locator("img").wait_for()
    picture(page, "explore")
    before = box.locator("img").get_attribute("src")
    box.get_by_label("document", exact=True).fill("document 1")
    page.keyboard.press("Enter")
    box.get_by_text("8 of 30 pairs").wait_for()
    assert box.locator("img").get_attribute("src") != before


def test_where_the_widget_lives_its_still_picture_is_hidden(page):
    stills = page.locator(".judge-distill-static")
    assert stills.count() == 3 and not any(still.is_visible() for still in stills.all())


def test_after_a_restart_the_buttons_say_that_the_kernel_is_gone(page):
    box = view(page, 2)
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name="Restart Kernel").first.click()
    page.locator(".jp-Dialog .jp-mod-accept").click()
    box.get_by_text("The kernel is gone").wait_for()
    assert box.get_by_role("button", name="A is better").is_disabled()


def test_labels_are_found_after_a_restart(page, lab):
    page.evaluate(
        (
            "document.querySelectorAll('.judge-distill-keys').forEach(box => "
            "box.classList.add('before'))"
        )
    )
    run_all(page, "Restart Kernel and Run All Cells")
    page.locator(".jp-Dialog .jp-mod-accept").click()
    box = (
        page.locator(".jp-Notebook .jp-CodeCell").nth(2).locator(".judge-distill-keys:not(.before)")
    )
    box.get_by_text("ada: 3 of 30 labelled").wait_for(timeout=90_000)
    # the run is over and takes the focus no more
    page.locator(".jp-Notebook .jp-CodeCell").nth(3).locator(
        ".judge-distill-keys:not(.before) img"
    ).wait_for()
    box.scroll_into_view_if_needed()
    turn_keys_on(box, "ada: 3 of 30 labelled")
    page.keyboard.press("s")
    box.get_by_text("ada: 4 of 30 labelled, 1 of them skipped").wait_for()
    assert len(read_labels(lab[0] / "labels")) == 4


def test_nothing_ran_and_nothing_was_fetched(page, lab):
    assert page.evaluate("window.hacked") is None and page.outside == []
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.get_by_role("menuitem", name="Save Notebook").first.click()
    file = lab[0] / "look.ipynb"
    for _ in range(600):  # the machine may be busy
        if '"text/html"' in file.read_text(encoding="utf-8"):
            break
        time.sleep(0.1)
    outputs = [
        [output["data"] for output in cell["outputs"] if "data" in output]
        for cell in json.loads(file.read_text(encoding="utf-8"))["cells"][1:]
    ]
    # what is seen without a kernel, then the widget
    assert len(outputs) == 3 and all(
        "<script" not in "".join(still["text/html"]) and "text/html" not in widget
        for still, widget in outputs
    )


def test_opened_without_its_kernel_the_notebook_shows_its_views(page, lab):
    shutil.copy(lab[0] / "look.ipynb", lab[0] / "again.ipynb")  # which no kernel has run
    page.goto(f"{lab[1]}/lab/tree/again.ipynb?reset")
    errors = page.get_by_text("model not found")
    errors.first.wait_for(state="attached")
    stills = page.locator(".judge-distill-static")
    assert [still.is_visible() for still in stills.all()] == [True] * 3
    assert not any(error.is_visible() for error in errors.all())
    # bars are lines of text
    assert page.locator(".jp-CodeCell").first.get_by_text("60/60").first.is_visible()
    assert stills.first.get_by_text("Why does number 0 come after number -1?").first.is_visible()
