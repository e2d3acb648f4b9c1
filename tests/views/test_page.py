"The page that is sent: everything on it, nothing from elsewhere, and its filters work."

import re

import pytest
from chromium import CHROMIUM, FLAGS
from views.harmless import NASTY, Strict, made

from judge_distill.data.judged import Judged
from judge_distill.records.errors import InputError, NotEnoughData
from judge_distill.records.schema import Answer, Outcome, Pair, Ruling
from judge_distill.views.page import view


def judged(n=6):
    pairs, judgements, rulings = made(n)
    # torn says otherwise of the pair with number 3
    rulings[7] = rulings[7].model_copy(update={"outcome": Outcome.SECOND})
    return Judged(
        name="/some/where/made.jsonl",
        format="made",
        pairs=tuple(pairs),
        judgements=tuple(judgements),
        rulings=tuple(rulings),
    )


def test_disagreements_come_first():
    page = view(judged()).html
    questions = re.findall(r"<summary><bdi>Question (\d)", page)
    assert questions[:2] == ["1", "3"] and len(questions) == 6


def test_the_page_says_how_many_it_leaves_out():
    page = view(judged(), most=2)
    assert page.pairs == 2 and "6 pairs, 2 of them here" in page.html


def test_no_place_of_this_machine_stands_on_it():
    assert "/some/where" not in view(judged()).html


def test_it_is_written_to_the_file(tmp_path):
    page = view(judged(), tmp_path / "view.html")
    assert (tmp_path / "view.html").read_text(encoding="utf-8") == page.html
    assert repr(page).startswith("Page(6 pairs, 2 on which rulings differ, in ")


def test_nothing_is_asked_of_another_host():
    page = view(judged()).html
    assert not re.search(r"(src|href)=['\"](?!#)", page) and "default-src 'none'" in page


@pytest.mark.parametrize("text", [t for t in NASTY if len(t) < 1000], ids=ascii)
def test_no_text_adds_a_script(text):
    pair = Pair.of(text, text, Answer(model=text, text=text), Answer(model="b", text=text), text)
    ruling = Ruling(pair_id=pair.id, judge=text or "j", outcome=Outcome.FIRST)
    page = view(Judged(name=text or "n", format="made", pairs=(pair,), rulings=(ruling,))).html
    strict = Strict()
    strict.feed(page.partition("<body>")[2].partition("<script>")[0])
    assert page.count("<script>") == 1 and not strict.tags & {"script", "img", "iframe", "svg"}
    assert not [name for name in strict.attributes if name.startswith("on")]


def test_no_pairs_are_refused():
    with pytest.raises(NotEnoughData, match="no pairs to show"):
        view(Judged(name="empty", format="made", pairs=()))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="nothing.jsonl"):
        view(tmp_path / "nothing.jsonl")


@pytest.fixture
def opened(tmp_path):
    "A page in a browser, and what it asked for; it may log no error."
    if not CHROMIUM:
        pytest.skip("there is no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    asked, errors = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(error))

        def show(data):
            view(data, tmp_path / "view.html")
            page.goto((tmp_path / "view.html").as_uri())
            return page

        yield show
        browser.close()
    assert not errors and all(url.startswith("file:") for url in asked)


def long_answers():
    "A pair whose answers, in many paragraphs, hold words of its source."
    texts = ["Since one is added.\n\n" * n for n in (60, 90)]
    one, other = (Answer(model=name, text=text) for name, text in zip("ab", texts, strict=True))
    pair = Pair.of("Why two after one?", "One is added each time.", one, other, "d")
    ruling = Ruling(pair_id=pair.id, judge="j", outcome=Outcome.FIRST)
    return Judged(name="long", format="made", pairs=(pair,), rulings=(ruling,))


@pytest.mark.xdist_group("browser")
def test_filters_work_in_a_browser(opened):
    page = opened(judged())
    count = page.locator("output")
    page.get_by_label("rulings differ").check()
    assert count.inner_text() == "2 of 6 pairs"
    page.locator("select[name=document]").select_option("document 1")
    page.locator("select[name=judge]").select_option("torn")
    page.locator("select[name=outcome]").select_option("second")
    assert count.inner_text() == "1 of 6 pairs"


@pytest.mark.xdist_group("browser")
def test_words_in_any_order_are_found_and_marked(opened):
    page = opened(judged())
    page.get_by_label("words").fill("3? QUESTION")
    assert page.locator("output").inner_text() == "1 of 6 pairs"
    marked = "[...CSS.highlights.get('jd-hits')].map(hit => hit.toString().toLowerCase())"
    assert {"3?", "question"} == {*page.evaluate(marked)}


@pytest.mark.xdist_group("browser")
def test_a_link_opens_its_pair(opened):
    data = judged()
    page = opened(data)
    place = f"#pair-{data.pairs[5].id}"
    page.goto(f"{page.url}{place}")
    assert page.locator(f"{place} > details").get_attribute("open") is not None


@pytest.mark.xdist_group("browser")
def test_marks_of_the_source_are_on_a_toggle(opened):
    page = opened(long_answers())
    line = "getComputedStyle(document.querySelector('mark.jd-source')).borderBottomStyle"
    assert page.evaluate(line) == "solid"
    page.get_by_label("marks of the source").uncheck()
    assert page.evaluate(line) == "none"


@pytest.mark.xdist_group("browser")
def test_answers_as_written_are_on_a_toggle(opened):
    texts = ["Take **two** <b onclick='x()'>.", "| a | b |\n|---|---|\n| 1 | 2 |"]
    one, other = (Answer(model=name, text=text) for name, text in zip("ab", texts, strict=True))
    pair = Pair.of("How many?", "Two.", one, other, "d")
    ruling = Ruling(pair_id=pair.id, judge="j", outcome=Outcome.FIRST)
    page = opened(Judged(name="marked", format="made", pairs=(pair,), rulings=(ruling,)))
    panes = page.locator(".jd-pane")
    before = panes.evaluate_all("panes => panes.map(pane => pane.innerHTML)")
    assert "<strong>" in before[0] and "<table" in before[1]
    page.get_by_label("answers as written").check()
    assert panes.evaluate_all("panes => panes.map(pane => pane.textContent)") == texts
    page.get_by_label("words").fill("two")  # the other controls go on working
    assert page.locator("output").inner_text() == "1 of 1 pairs"
    page.get_by_label("answers as written").uncheck()
    assert panes.evaluate_all("panes => panes.map(pane => pane.innerHTML)") == before


@pytest.mark.xdist_group("browser")
def test_long_answers_scroll_together_in_panes(opened):
    page = opened(long_answers())
    panes = page.locator(".jd-pane")
    assert [pane.evaluate("e => e.clientHeight < 500") for pane in panes.all()] == [True, True]
    panes.first.evaluate("e => { e.scrollTop = e.scrollHeight; }")
    page.wait_for_function("document.querySelectorAll('.jd-pane')[1].scrollTop > 500")


@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize(("width", "stacked"), [(560, True), (1280, False)])
def test_answers_are_stacked_where_it_is_narrow(opened, width, stacked):
    page = opened(long_answers())
    page.set_viewport_size({"width": width, "height": 800})
    left, right = (pane.bounding_box()["x"] for pane in page.locator(".jd-pane").all())
    assert (left == right) is stacked


@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize(("width", "shown"), [(390, "block"), (1280, "table")])
def test_what_judges_said_is_a_card_each_where_it_is_narrow(opened, width, shown):
    page = opened(judged())
    page.set_viewport_size({"width": width, "height": 800})
    table = page.locator(".jd-frame table").first
    assert table.evaluate("table => getComputedStyle(table).display") == shown
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.xdist_group("browser")
def test_filters_are_folded_on_a_narrow_screen(opened):
    page = opened(judged())
    words, differ = page.get_by_label("words"), page.get_by_label("rulings differ")
    assert differ.is_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    page.reload()
    assert words.is_visible() and not differ.is_visible()
