"The browser shows everything, runs nothing and builds only what is seen."

import random
import re
import time

import pytest
from views.harmless import NASTY, displayed, made, parsed

from judge_distill.data.judged import Judged
from judge_distill.records.errors import InputError, NotEnoughData
from judge_distill.records.files import write_jsonl
from judge_distill.records.schema import Answer, Judgement, Order, Outcome, Pair, Ruling, Verdict
from judge_distill.views.browse import BrowserView, browse
from judge_distill.views.pair import pair_html


def parts(browser):
    "The controls of the view by name."
    view = BrowserView(browser)
    filters = {control.description: control for control in view.filters.values()}
    names = ("back", "forth", "jump", "count", "clear", "view", "raw", "list")
    return {
        **filters,
        **{name: getattr(view, name) for name in names},
        "keys": view.box.children[-1],
    }


def press(view, key):
    "What the browser sends when a key is pressed."
    view["keys"]._handle_custom_msg({"key": key}, [])


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_nothing_runs(text):
    pair = Pair(
        id=text,
        question=text,
        source=text,
        answers=(Answer(model=text, text=text), Answer(model=text, text=text)),
        document=text,
        notes=(text,),
    )
    judgements = [
        Judgement(
            pair_id=text, judge=text, order=Order.ORIGINAL, problem=text or "none", text=text
        ),
        Judgement(pair_id=text, judge=text, order=Order.FLIPPED, verdict=Verdict.TIE, text=text),
    ]
    rulings = [Ruling(pair_id=text, judge=text, outcome=Outcome.INVALID, policy=text)]
    shown = parsed(pair_html(pair, judgements, rulings))
    parsed(browse([pair], judgements, rulings)._repr_html_())
    if text.isprintable():
        assert "".join(shown.text).count(text) >= 8 or not text
    view = parts(browse([pair], judgements, rulings))["view"]
    parsed(view.value)


def test_random_texts():
    dice, alphabet = random.Random(4), "<>&\"'/=ab \n\0\u202e\u05d0[]`$#x;!-"
    for _ in range(200):
        text = "".join(dice.choices(alphabet, k=dice.randrange(60)))
        parsed(
            pair_html(
                Pair.of(text, text, Answer(model=text, text=text), Answer(model=text, text=text)),
                [
                    Judgement(
                        pair_id="p",
                        judge=text,
                        order=Order.FLIPPED,
                        verdict=Verdict.FIRST,
                        text=text,
                    )
                ],
            )
        )


def test_everything_is_shown():
    pairs, judgements, rulings = made(2)
    judgements[0] = judgements[0].model_copy(update={"probabilities": (0.7, 0.2, 0.1)})
    page = browse(pairs, judgements, rulings).html(pairs[1])
    for words in (
        "Question 1?",
        "source 1",
        "left 1",
        "right 1",
        "one",
        "two",
        "document 1",
        pairs[1].id,
        "words of steady on 1",
        "no verdict: no verdict in the reply",
        "invalid",
        "consensus",
    ):
        assert words in page
    assert "A 0.70, B 0.20, tie 0.10" in browse(pairs, judgements, rulings).html(pairs[0])
    assert page.index("left 1") < page.index("right 1")
    twice = [*judgements, judgements[0].model_copy(update={"text": "a second look"})]
    assert "a second look" in browse(pairs, twice).html(
        pairs[0]
    ) and "words of steady on 0" in browse(pairs, twice).html(pairs[0])


def test_rulings_alone():
    pairs, _, rulings = made(2)
    browser = browse(pairs, [], rulings)
    assert browser.judges == ["steady", "torn"] and browser.find(
        judge="torn", outcome="invalid"
    ) == [pairs[1]]
    assert "invalid" in browser.html(pairs[1])
    assert "not judged" in browse(pairs, []).html(pairs[0])


def test_find():
    pairs, judgements, rulings = made()
    browser = browse(pairs, judgements, rulings)
    assert browser.find() == pairs and browser.find(judge="steady", outcome="invalid") == []
    assert (
        browser.find(problem="*")
        == browser.find(problem="in the reply")
        == browser.find(outcome="invalid")
        == [pairs[1]]
    )
    assert browser.find(document="document 1", words="SOURCE 3") == [pairs[3]]
    assert (
        browser.find(words="words of torn on 4") == [pairs[4]]
        and browser.find(judge="steady", words="words of torn on 4") == []
    )
    assert browser.find(words=pairs[2].id) == [pairs[2]] and browser.at(pairs[2].id) is pairs[2]


def test_refused():
    pairs, judgements, rulings = made()
    with pytest.raises(NotEnoughData, match="no pairs"):
        browse([], judgements)
    with pytest.raises(InputError, match="that were judged"):
        browse(pairs[:1], [j for j in judgements if j.pair_id != pairs[0].id])
    browser = browse(pairs, judgements, rulings)
    for call, words in [
        (lambda: browser.find(outcome="won"), "inconclusive"),
        (lambda: browser.find(judge="nobody"), "steady"),
        (lambda: browser.at("?"), "whole id"),
        (lambda: browser.at(""), "whole id"),
    ]:
        with pytest.raises(InputError, match=words):
            call()


def test_view():
    pairs, judgements, rulings = made()
    browser = browse(pairs, judgements, rulings)
    view, other = parts(browser), parts(browser)
    assert (
        view["count"].value == "1 of 6 that fit, 6 in all" and "Question 0?" in view["view"].value
    )
    view["forth"].click()
    view["forth"].click()
    view["back"].click()
    assert "Question 1?" in view["view"].value and "Question 0?" in other["view"].value
    view["back"].click()
    view["back"].click()
    assert view["count"].value == "6 of 6 that fit, 6 in all"
    view["judge"].value, view["ruling"].value = "torn", "invalid"
    assert (
        view["count"].value == "1 of 1 that fit, 6 in all" and "Question 1?" in view["view"].value
    )
    view["words"].value = "nowhere"
    assert (
        view["count"].value == "0 of 0 that fit, 6 in all"
        and view["view"].value == "<p>No pair fits.</p>"
    )
    view["forth"].click()
    press(view, "ArrowLeft")
    view["jump"].value = "zzz"
    assert "zzz" in view["count"].value
    view["jump"].value = pairs[4].id
    assert (
        "Question 4?" in view["view"].value
        and view["count"].value == "5 of 6 that fit, 6 in all"
        and view["words"].value == ""
    )
    view["document"].value = "document 1"
    assert view["count"].value == "1 of 3 that fit, 6 in all"
    view["document"].value, view["problem"].value = "", "*"
    assert "Question 1?" in view["view"].value


def test_only_what_is_seen_is_built(monkeypatch):
    pairs, judgements, rulings = made(3000)
    built = []
    monkeypatch.setattr(
        "judge_distill.views.browse.pair_html", lambda pair, *_: built.append(pair.id) or "<p></p>"
    )
    browser = browse(pairs, judgements, rulings)
    view = parts(browser)
    assert len(built) == 1
    view["forth"].click()
    assert len(built) == 2
    assert browser._repr_html_(5).startswith("<p>5 of 3000 pairs</p>") and len(built) == 7


def test_what_is_seen_without_a_kernel_stands_before_the_widget():
    still, widget = displayed(browse(*made()))
    assert "<p>6 of 6 pairs</p>" in still["text/html"]
    assert still["text/plain"] == "Browser(6 pairs, judges: steady, torn)"
    assert [*widget] == ["application/vnd.jupyter.widget-view+json"]


def test_a_run_folder_is_browsed_by_its_path(tmp_path):
    pairs, judgements, _ = made(3)
    write_jsonl(pairs, tmp_path / "pairs.jsonl")
    for judge in ("steady", "torn"):
        own = [one for one in judgements if one.judge == judge]
        write_jsonl(own, tmp_path / "judgements" / f"{judge}.jsonl")
    browser = browse(tmp_path)
    assert browser.judges == ["steady", "torn"]
    assert "Question 0?" in browser._repr_html_()


def test_finding_disagreement():
    pairs, judgements, rulings = made()
    # steady on pair 2, flipped order
    judgements[4 * 2 + 1] = judgements[4 * 2 + 1].model_copy(update={"verdict": Verdict.SECOND})
    # torn on pair 3
    rulings[3 * 2 + 1] = rulings[3 * 2 + 1].model_copy(update={"outcome": Outcome.TIE})
    browser = browse(pairs, judgements, rulings)
    assert (
        browser.find(judge="steady", unlike="torn")
        == browser.find(judge="torn", unlike="steady")
        == [pairs[1], pairs[3]]
    )
    assert browser.find(judge="steady", unlike="steady") == []
    assert (
        browser.find(inconsistent=True)
        == browser.find(judge="steady", inconsistent=True)
        == [pairs[2]]
        and browser.find(judge="torn", inconsistent=True) == []
    )
    # two of four couples differ, then three of six
    assert browser.find(sort="disagreement") == [pairs[1], pairs[2], pairs[0], *pairs[3:]]
    assert browser.find(model="one") == pairs
    with pytest.raises(InputError, match="no model"):
        browser.find(model="three")
    view = parts(browser)
    view["ruled unlike"].value = "torn"
    assert "choose the judge" in view["count"].value
    view["judge"].value = "steady"
    assert view["count"].value == "1 of 2 that fit, 6 in all"
    press(view, "ArrowRight")
    assert "Question 3?" in view["view"].value
    press(view, "x")
    view["clear"].click()
    view["the verdict changed with the order"].value = True
    assert "Question 2?" in view["view"].value


def test_sorted_by_confidence():
    pairs, judgements, _ = made(4)
    sure = {0: 0.9, 2: 0.4, 3: 0.6}
    judgements = [
        j.model_copy(update={"probabilities": (sure[i], 1 - sure[i], 0)})
        if (i := next(i for i, p in enumerate(pairs) if p.id == j.pair_id)) in sure
        and j.judge == "steady"
        else j
        for j in judgements
    ]
    browser = browse(pairs, judgements)
    assert browser.find(sort="least confident") == [pairs[2], pairs[3], pairs[0], pairs[1]]
    # 0.4 and 0.6 are as sure: of the second answer and of the first
    assert browser.find(sort="most confident") == [pairs[0], pairs[2], pairs[3], pairs[1]]
    assert browser.find(sort="most confident", judge="torn") == pairs


def test_marked_words():
    page = pair_html(
        Pair.of(
            "Q?",
            "Bees dance, and the dance tells.",
            Answer(model="a", text="The bee's DANCE & <mark>jump</mark>"),
            Answer(model="b", text="no"),
        )
    )
    assert re.findall("<mark[^>]*>([^<]*)</mark>", page) == ["bee", "DANCE"] and "&lt;" in page
    parsed(page)


def test_ten_thousand_pairs_are_smooth():
    pairs, judgements, rulings = made(10_000)
    started = time.process_time()
    browser = browse(pairs, judgements, rulings)
    bundle = displayed(browser)[1]
    painted = time.process_time() - started
    assert "application/vnd.jupyter.widget-view+json" in bundle
    view, steps = parts(browser), []
    for i in range(20):
        started = time.process_time()
        view["forth" if i % 2 else "back"].click()
        press(view, "ArrowRight")
        steps.append((time.process_time() - started) / 2)
    started = time.process_time()
    view["sort by"].value = "disagreement"
    found = time.process_time() - started
    step = sorted(steps)[10]
    print(f"first paint {painted:.3f} s, a step {step * 1000:.1f} ms, sorted in {found:.3f} s")
    assert painted < 1 and step < 0.1


def test_the_list_shows_every_judge_and_opens_pairs():
    pairs, judgements, rulings = made()
    view = parts(browse(pairs, judgements, rulings))
    assert view["list"].heads == ["question", "steady", "torn"]
    assert view["list"].rows[1] == [pairs[1].id, "Question 1?", "A", "× invalid"]
    view["list"]._handle_custom_msg({"open": pairs[4].id}, [])
    assert "Question 4?" in view["view"].value and view["list"].opened == pairs[4].id
    view["list"]._handle_custom_msg({"sort": 2}, [])
    assert view["list"].rows[-1][0] == pairs[1].id


def test_rulings_are_resolved_where_there_are_none():
    pairs, judgements, _ = made()
    assert browse(pairs, judgements).find(judge="torn", outcome="invalid") == [pairs[1]]


def test_judged_data_and_a_file_show_the_same(tmp_path):
    pairs, judgements, rulings = made()
    judged = Judged(
        name="made",
        format="made",
        pairs=tuple(pairs),
        judgements=tuple(judgements),
        rulings=tuple(rulings),
    )
    assert browse(judged)._repr_html_() == browse(pairs, judgements, rulings)._repr_html_()


def test_words_stand_in_any_order_and_are_marked():
    pairs, judgements, rulings = made()
    view = parts(browse(pairs, judgements, rulings))
    view["words"].value = "3 source"
    assert view["count"].value.startswith("1 of 1") and "Question <mark" in view["view"].value


def test_answers_as_written_on_a_toggle():
    pair = Pair.of("Q?", "", Answer(model="a", text="**b**"), Answer(model="b", text="c"))
    view = parts(browse([pair]))
    assert "<strong>b</strong>" in view["view"].value
    view["raw"].value = True
    assert "**b**" in view["view"].value


def test_a_second_click_on_a_head_sorts_the_other_way_round():
    pairs, judgements, rulings = made()
    view = BrowserView(browse(pairs, judgements, rulings))
    for falling in (False, True, False):
        view.sort(0)
        questions = [row[1] for row in view.list.rows]
        assert questions == sorted(questions, reverse=falling)
        assert view.list.falling is falling


def test_the_list_goes_along_with_the_pair():
    pairs, judgements, rulings = made(450)
    view = BrowserView(browse(pairs, judgements, rulings))
    view.show(430)
    assert [row[0] for row in view.list.rows] == [pair.id for pair in pairs[400:]]
    assert view.list.opened == pairs[430].id


def test_a_filter_that_leaves_nothing_to_choose_is_not_shown():
    pairs, judgements, rulings = made()
    steady = [[one for one in some if one.judge == "steady"] for some in (judgements, rulings)]
    view = BrowserView(browse(pairs, *steady))
    hidden = {name for name, one in view.filters.items() if one.layout.display == "none"}
    assert hidden == {"judge", "outcome", "unlike", "problem"}
