"The explorer follows its filters, keeps to its word about figures, and runs nothing."

import base64
import re

import matplotlib.pyplot as plt
import pytest
from views.harmless import NASTY, displayed, made, parsed

from judge_distill.agreement.agreement import agreement
from judge_distill.agreement.tables import table
from judge_distill.records.errors import InputError, NotEnoughData
from judge_distill.records.schema import Answer, Outcome, Pair, Ruling
from judge_distill.views.explore import ExplorerView, explore
from judge_distill.views.figures import figure_html, thing_html


def plot(reports):
    axes = plt.subplots(figsize=(3, 2))[1]
    axes.barh([r.judge for r in reports], [r.agreement_all.value or 0 for r in reports])
    axes.set(xlabel=f"agreement with {reports[0].teacher}")
    return axes


def explorer(**more):
    pairs, _, rulings = made()
    return explore(rulings, "steady", agreement, [table, plot], pairs, **more), pairs


def test_filters():
    found, pairs = explorer()
    assert [
        len(truth)
        for truth in (
            found.choose()[1],
            found.choose(document="document 1")[1],
            found.choose(verdict="tie")[1],
            found.choose(model="one")[1],
        )
    ] == [6, 3, 0, 6]
    judges, truth = found.choose(teacher="torn", verdict="first")
    assert list(judges) == ["steady"] and len(truth) == len(judges["steady"]) == 5
    [report], problems = found.reports(document="document 1")
    assert (report.pairs, report.agreement_decided.n, problems) == (3, 2, [])
    assert "cannot" not in found.html() and "No judge can be compared" in found.html(verdict="tie")


def test_view():
    found, pairs = explorer()
    box = ExplorerView(found).box
    filters, ticks, view = (
        {c.description: c for c in box.children[0].children},
        box.children[1].children,
        box.children[2],
    )
    assert ticks[-1].value == "6 of 6 pairs" and ticks[0].disabled and not ticks[1].disabled
    before = view.value
    filters["document"].value = "document 1"
    assert ticks[-1].value == "3 of 6 pairs" and view.value != before
    filters["document"].value = "nowhere"
    assert "no document 'nowhere'" in ticks[-1].value
    filters["document"].value = ""
    assert view.value == before
    ticks[1].value = False
    assert view.value == "<p>Tick a judge.</p>"
    filters["teacher"].value = "torn"
    assert "steady" in view.value and ticks[1].disabled


def test_policies_are_told_apart():
    pairs, _, rulings = made()
    twice = [
        *rulings,
        *(r.model_copy(update={"policy": "strict"}) for r in rulings if r.judge == "torn"),
    ]
    assert explore(twice, "steady", agreement, [table]).judges == [
        "steady",
        "torn (consensus)",
        "torn (strict)",
    ]


def test_static():
    found, _ = explorer()
    page = found._repr_html_()
    assert page in displayed(found)[0]["text/html"]
    assert "<details" in page and "document 1" in page
    parsed(page)
    assert page == explorer()[0]._repr_html_()  # the same in every run


def test_figures_are_closed():
    before = len(plt.get_fignums())
    found, _ = explorer()
    found.html()
    assert len(plt.get_fignums()) == before
    page = figure_html(plt.subplots()[0])
    assert b"<svg" in base64.b64decode(re.search("base64,([^']+)", page)[1])
    assert thing_html("<b>").endswith("&lt;b&gt;</p>")


def test_refused():
    pairs, _, rulings = made()
    with pytest.raises(NotEnoughData):
        explore([], "steady", agreement, [table])
    with pytest.raises(NotEnoughData, match="compare with"):
        explore([r for r in rulings if r.judge == "steady"], "steady", agreement, [table])
    for call in (
        lambda: explore(rulings, "nobody", agreement, [table]),
        lambda: explorer()[0].choose(judges=["nobody"]),
        lambda: explorer()[0].choose(verdict="lost"),
        lambda: explorer()[0].choose(model="three"),
    ):
        with pytest.raises(InputError, match="no (judge|verdict|model)"):
            call()


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize(
    "text",
    [text for text in NASTY if len(text) < 1000] + ["$\\frac$", "x" * 300],
    ids=lambda text: ascii(text[:20]),
)
def test_nothing_runs(text):
    pairs = [
        Pair.of(
            f"{i}{text}",
            text,
            Answer(model=text, text=text),
            Answer(model="other", text=str(i)),
            f"{text}{i}",
        )
        for i in range(2)
    ]
    rulings = [
        Ruling(pair_id=pair.id, judge=judge, outcome=Outcome.FIRST, policy=text)
        for pair in pairs
        for judge in (f"j{text}", f"t{text}")
    ]
    found = explore(rulings, f"t{text}", agreement, [table, plot], pairs)
    shown = parsed(found._repr_html_())
    parsed(ExplorerView(found).view.value)
    if text.isprintable() and "\n" not in text:
        assert text in "".join(shown.text)
