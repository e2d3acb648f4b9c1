"Labels are blind, on the disk before anything else happens, and taken up where one stopped."

import os
import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from views.harmless import NASTY, displayed, made, parsed

from judge_distill.agreement.agreement import agreement
from judge_distill.data.labels import (
    Choice,
    Label,
    append,
    label_file,
    label_rulings,
    people_rulings,
    read_labels,
)
from judge_distill.records.errors import InputError, NotEnoughData
from judge_distill.records.schema import Answer, Judgement, Order, Outcome, Pair, Ruling, Verdict
from judge_distill.views.label import LabelView, label, labeller_html
from judge_distill.views.queue import Labelling, queue, shown_order


def parts(labeller, pause=0):
    "The controls of the view by name."
    view = LabelView(labeller, pause)
    keys = view.box.children[-1]
    return view.buttons | {
        "head": view.head,
        "view": view.view,
        "remark": view.remark,
        "note": view.note,
        "earlier": view.earlier,
        "press": lambda key: keys._handle_custom_msg({"key": key}, []),
    }


def labelled(out, *said, who="ada"):
    "A file of labels; what is said is pair id and choice."
    for pair_id, choice in said:
        append(
            label_file(out, who),
            Label(pair_id=pair_id, who=who, choice=choice, order=Order.ORIGINAL),
        )


def test_blind(tmp_path):
    pairs, judgements, rulings = made(30)
    pairs = [
        pair.model_copy(
            update={
                "answers": tuple(
                    a.model_copy(update={"model": f"secret-{a.model}"}) for a in pair.answers
                ),
                "document": "secret",
            }
        )
        for pair in pairs
    ]
    ada = label(pairs, out=tmp_path, who="ada", judgements=judgements, rulings=rulings)
    view, left = parts(ada), []
    while ada.current:
        page = view["view"].value
        assert not any(
            word in page + view["head"].value + labeller_html(ada) + displayed(ada)[0]["text/html"]
            for word in ("secret", "steady", "torn", "words of")
        )
        left.append(page.index("left ") < page.index("right "))
        view["press"]("a")
    assert 5 < sum(left) < 25  # the first answer stands on either side
    outcomes = [r.outcome for r in ada.rulings()]
    # A is what stood on the left, in the pair's own frame
    assert [outcome is Outcome.FIRST for outcome in outcomes] == left


def test_on_disk_before_the_next_is_shown(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr("os.fsync", lambda file: synced.append(os.fstat(file).st_size))
    ada = label(made()[0], out=tmp_path, who="ada")
    view = parts(ada)
    lines = []
    view["view"].observe(
        lambda _: lines.append((tmp_path / "ada.jsonl").read_text().count("\n")), names="value"
    )
    for name in ("A", "tie", "skip", "B", "undo"):
        view[name].click()
    assert (
        lines == [1, 2, 3, 4, 5]
        and synced[-1] == (tmp_path / "ada.jsonl").stat().st_size
        and len(synced) == 5
    )


def test_taken_up_again(tmp_path):
    pairs = made()[0]
    view = parts(label(pairs, out=tmp_path, who="ada"))
    view["remark"].value = "because"
    view["A"].click()
    view["skip"].click()
    again = label(pairs, out=tmp_path, who="ada")
    assert len(again.labels) == 2 and again.current is queue(pairs)[2]
    assert [one.remark for one in again.labels.values()] == ["because", ""]
    # others start at the beginning, in the same order
    assert label(pairs, out=tmp_path, who="bo").current is queue(pairs)[0]
    back = label(pairs, out=tmp_path, who="ada", settings=Labelling(skipped=True))
    assert back.current is queue(pairs)[1]
    back.choose("skip")
    assert back.current is queue(pairs)[2]


def test_undo(tmp_path):
    pairs = made(3)[0]
    ada = label(pairs, out=tmp_path, who="ada")
    view = parts(ada)
    assert view["undo"].disabled
    view["press"]("u")
    assert "no label" in view["note"].value
    for key in "abt":
        view["press"](key)
    assert "Every pair is labelled" in view["view"].value and view["A"].disabled
    view["press"]("u")
    view["press"]("u")
    assert len(ada.labels) == 1 and ada.current is queue(pairs)[1]  # the one taken back last
    assert len(label(pairs, out=tmp_path, who="ada").labels) == 1
    view["press"]("s")
    view["press"]("s")
    assert [one.choice for one in read_labels(tmp_path)][1:] == [Choice.SKIP] * 2


def test_double_click(tmp_path):
    ada = label(made()[0], out=tmp_path, who="ada")
    view = parts(ada, pause=60)
    view["A"].click()
    assert not ada.labels
    view = parts(ada, pause=0)
    view["A"].click()
    assert len(ada.labels) == 1


def test_two_windows(tmp_path):
    pairs = made()[0]
    one, two = (
        parts(label(pairs, out=tmp_path, who="ada")),
        parts(label(pairs, out=tmp_path, who="ada")),
    )
    one["A"].click()
    two["B"].click()  # still shows the pair that was labelled in the other window
    assert "another window" in two["note"].value and len(read_labels(tmp_path)) == 1
    two["B"].click()
    assert len(read_labels(tmp_path)) == 2


def test_many_writers(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: labelled(tmp_path, (f"p{i}", "first")), range(200)))
    assert len(read_labels(tmp_path)) == 200


@pytest.mark.parametrize("cut", [1, 5, 60])
def test_torn(tmp_path, cut):
    pairs = made()[0]
    ada = label(pairs, out=tmp_path, who="ada")
    for _ in range(3):
        ada.choose("A")
    file = tmp_path / "ada.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole[:-cut])
    if cut == 1:  # only the end of the line is missing
        again = label(pairs, out=tmp_path, who="ada")
    else:
        with pytest.warns(UserWarning, match="line 3: torn last line"):
            again = label(pairs, out=tmp_path, who="ada")
    assert len(again.labels) == (3 if cut == 1 else 2)
    again.choose("tie")
    assert len(label(pairs, out=tmp_path, who="ada").labels) == len(again.labels) and len(
        read_labels(tmp_path)
    ) == len(again.labels)


def test_disk_that_takes_nothing(tmp_path, monkeypatch):
    ada = label(made()[0], out=tmp_path, who="ada")
    view = parts(ada)
    view["remark"].value, before = "kept", view["view"].value
    monkeypatch.setattr(
        "os.fsync", lambda file: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    view["A"].click()
    assert (
        "No space left" in view["note"].value
        and view["remark"].value == "kept"
        and view["view"].value == before
    )


def test_most_informative_first():
    pairs, judgements, rulings = made(5)
    judgements = [
        j.model_copy(update={"verdict": Verdict.SECOND, "problem": None})
        if j.pair_id == pairs[3].id and j.judge == "torn"
        else j
        for j in judgements
        if j.pair_id != pairs[1].id
    ]
    judgements.append(
        Judgement(
            pair_id=pairs[4].id,
            judge="student",
            order=Order.ORIGINAL,
            verdict=Verdict.FIRST,
            probabilities=(0.4, 0.3, 0.3),
        )
    )
    # judges differ; a student is unsure
    assert queue(pairs, judgements)[:2] == [pairs[3], pairs[4]]
    assert queue(
        pairs, (), [*rulings, Ruling(pair_id=pairs[2].id, judge="third", outcome=Outcome.TIE)]
    )[:2] == [pairs[1], pairs[2]]
    assert queue(pairs) == queue(list(reversed(pairs))) != queue(pairs, seed=1)
    assert len(queue([*pairs, *pairs])) == 5


def test_sides_stay():
    pairs = made(40)[0]
    sides = [[shown_order(pair, who) for pair in pairs] for who in ("ada", "bo")]
    assert sides[0] == [shown_order(pair, "ada") for pair in pairs] and sides[0] != sides[1]


def test_rulings_for_agreement(tmp_path):
    labelled(tmp_path, ("a", "first"), ("b", "second"), ("c", "skip"), ("d", "tie"))
    labelled(tmp_path, ("a", "first"), ("b", "tie"), ("c", "first"), ("d", "tie"), who="bo")
    labelled(tmp_path, ("a", "second"), ("b", "tie"), who="cy")
    labels = read_labels(tmp_path)
    people = label_rulings(labels)
    assert list(people) == ["ada", "bo", "cy"] and people["ada"][2].outcome is Outcome.INVALID
    report = agreement(people["bo"], people["ada"])
    assert (
        report.pairs,
        report.teacher_decided.count,
        report.agreement_decided.count,
        report.agreement_decided.n,
    ) == (4, 3, 2, 3)
    assert {r.pair_id: r.outcome.value for r in people_rulings(labels)} == {
        "a": "first",
        "b": "tie",
        "d": "tie",
    }
    judge = [
        Ruling(pair_id=i, judge="judge", outcome=o)
        for i, o in (("a", Outcome.FIRST), ("b", Outcome.FIRST), ("d", Outcome.TIE))
    ]
    assert agreement(judge, people_rulings(labels)).agreement_all.count == 2
    with pytest.raises(NotEnoughData):
        people_rulings(labels, least=4)


def test_refused(tmp_path):
    labelled(tmp_path, ("a", "first"))
    for who in ("", "../ada", "a/b", "a b", ".x", "x" * 65, "a\n"):
        with pytest.raises(InputError, match="person's name"):
            label(made()[0], out=tmp_path, who=who)
    (tmp_path / "ada.jsonl").rename(tmp_path / "bo.jsonl")
    with pytest.raises(InputError, match="by 'ada'"):
        read_labels(tmp_path)
    (tmp_path / "bo.jsonl").write_text("{}\n{}\n")
    with pytest.raises(InputError, match="line 1: not a Label"):
        label(made()[0], out=tmp_path, who="bo")


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_nothing_runs(text, tmp_path):
    pairs = [
        Pair.of(
            text,
            text,
            Answer(model=text, text=text),
            Answer(model=text, text=text + "."),
            text,
            (text,),
        ),
        Pair.of(f"2{text}", text, Answer(model="m", text=text), Answer(model="m", text="")),
    ]
    ada = label(pairs, out=tmp_path, who="ada")
    view = parts(ada)
    for name in ("view", "head", "note"):
        parsed(view[name].value)
    view["remark"].value = text.encode("utf-8", "replace").decode()
    view["A"].click()
    shown = parsed(labeller_html(ada))
    if text.isprintable() and len(text) < 200:
        assert "".join(shown.text).count(text) >= 4 or not text
    view["A"].click()
    parsed(labeller_html(ada))


def test_random_texts(tmp_path):
    dice, alphabet = random.Random(5), "<>&\"'/=ab \n\0\u202e\u05d0[]`$#x;!-"
    pairs = [
        Pair.of(text, text, Answer(model=text, text=text), Answer(model=text, text=text))
        for text in ("".join(dice.choices(alphabet, k=dice.randrange(60))) for _ in range(60))
    ]
    ada = label(pairs, out=tmp_path, who="ada")
    while ada.current:
        parsed(labeller_html(ada))
        ada.choose(dice.choice(["A", "B", "tie", "skip"]), remark=ada.current.question)


def test_ten_thousand_pairs_are_smooth(tmp_path):
    import time

    pairs, judgements, rulings = made(10_000)
    labelled(tmp_path, *((pair.id, "first") for pair in pairs[:500]))
    started = time.process_time()
    ada = label(pairs, out=tmp_path, who="ada", judgements=judgements, rulings=rulings)
    displayed(ada)
    painted = time.process_time() - started
    view, steps = parts(ada), []
    for _ in range(5):
        started = time.process_time()
        view["A"].click()
        steps.append(time.process_time() - started)
    print(f"first paint {painted:.3f} s, a label {sorted(steps)[2] * 1000:.1f} ms")
    assert painted < 1 and sorted(steps)[2] < 0.1


def test_both_bad_is_a_tie_as_a_ruling(tmp_path):
    ada = label(made()[0], out=tmp_path, who="ada")
    ada.choose("both bad")
    assert [r.outcome for r in ada.rulings()] == [Outcome.TIE]
    assert read_labels(tmp_path)[0].choice is Choice.BAD


def test_any_earlier_label_can_be_changed(tmp_path):
    ada = label(made()[0], out=tmp_path, who="ada")
    view = parts(ada)
    first = ada.current
    for name in ("A", "B", "tie"):
        view[name].click()
    view["earlier"].value = first.id
    assert first.question in view["view"].value and "A is better" in view["note"].value
    view["both bad"].click()
    assert len(ada.labels) == 3 and ada.labels[first.id].choice is Choice.BAD


def test_a_reason_is_a_key_away(tmp_path):
    settings = Labelling(guidelines="Shorter is <better>.", reasons=("short", "grounded"))
    view = parts(label(made()[0], out=tmp_path, who="ada", settings=settings))
    assert "Shorter is &lt;better&gt;." in view["view"].value
    view["press"]("2")
    view["press"]("1")
    assert view["remark"].value == "grounded; short"


def test_each_reason_has_a_button_that_names_its_key(tmp_path):
    settings = Labelling(reasons=("short", "grounded"))
    view = LabelView(label(made()[0], out=tmp_path, who="ada", settings=settings), 0)
    reasons = view.box.children[2].children[0].children
    assert [one.description for one in reasons] == ["short (1)", "grounded (2)"]
    reasons[1].click()
    assert view.remark.value == "grounded"


def test_guidelines_are_rendered(tmp_path):
    settings = Labelling(guidelines="- **Shorter** is better.")
    view = parts(label(made()[0], out=tmp_path, who="ada", settings=settings))["view"]
    assert "<li><strong>Shorter</strong> is better.</li>" in view.value


def test_agreement_so_far_is_told_after_twenty_pairs(tmp_path):
    pairs = made(30)[0]
    bo, ada = (label(pairs, out=tmp_path, who=who) for who in ("bo", "ada"))
    for _ in range(19):
        bo.choose("tie")
        ada.choose("tie")
    assert "bo</bdi> 19" in parts(ada)["head"].value
    assert "the same" not in parts(ada)["head"].value
    bo.choose("tie")
    ada.choose("skip")
    bo.choose("tie")
    ada.choose("both bad")
    assert "the same as yours on 19 of 20" in parts(ada)["head"].value


@pytest.mark.parametrize(
    "order, policy", [("informative", "one look, informative first"), ("random", "one look")]
)
def test_labels_say_how_their_pairs_came_up(tmp_path, order, policy):
    answers = Answer(model="a", text="yes"), Answer(model="b", text="no")
    pairs = [Pair.of(f"question {n}", "", *answers) for n in range(2)]
    look = Judgement(pair_id=pairs[0].id, judge="j", order=Order.ORIGINAL, verdict=Verdict.FIRST)
    shown = label(pairs, tmp_path, "ann", [look], settings=Labelling(order=order))
    shown.choose("A")
    rulings = label_rulings(read_labels(tmp_path))["ann"]
    assert {ruling.policy for ruling in rulings} == {policy}


@pytest.mark.parametrize("order", ["informative", "random"])
def test_the_order_stands_in_every_label(tmp_path, order):
    pairs, judgements, rulings = made(5)
    assert label(pairs, tmp_path, "ada", judgements, order=order).choose("A").drawn == order


def test_a_random_order_is_another_one_than_the_most_informative(tmp_path):
    pairs, judgements, rulings = made(30)
    drawn = label(pairs, tmp_path, "ada", judgements, order="random")
    assert drawn.pairs == queue(pairs) != queue(pairs, judgements)


def test_an_order_that_there_is_not_is_refused(tmp_path):
    with pytest.raises(InputError, match="is no order"):
        label(made(3)[0], tmp_path, order="loudest")
