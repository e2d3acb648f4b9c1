"`agree`: who is compared with whom, what stands first, and the keys of the report."

import pytest

from judge_distill.agreement.bias import order_accuracy
from judge_distill.agreement.report import agree
from judge_distill.data.judged import Judged, Problem
from judge_distill.data.reading import read
from judge_distill.records.schema import Answer, Judgement, Order, Outcome, Pair, Ruling, Verdict

LETTERS = {"f": Outcome.FIRST, "s": Outcome.SECOND, "t": Outcome.TIE, "x": Outcome.INVALID}


def pairs_of(n, each=1):
    return tuple(
        Pair.of(
            f"q{i}",
            "",
            Answer(model="a", text="x" * 9),
            Answer(model="b", text="y"),
            f"d{i // each}",
        )
        for i in range(n)
    )


def rule(pairs, judge, letters, policy="one look"):
    return tuple(
        Ruling(pair_id=pair.id, judge=judge, outcome=LETTERS[letter], policy=policy)
        for pair, letter in zip(pairs, letters, strict=True)
    )


def judged(rulings=(), labels=(), **more):
    pairs = pairs_of(12)
    return Judged(
        name="mine",
        format="columns",
        pairs=pairs,
        rulings=tuple(r for judge, letters in rulings for r in rule(pairs, judge, letters)),
        labels=tuple(r for who, letters in labels for r in rule(pairs, who, letters)),
        **more,
    )


PEOPLE = [
    ("ann", "ffffffssssss"),
    ("bob", "ffffffssssff"),
    ("cid", "ffffssssssss"),
    ("human majority", "ffffffssssss"),
]


def test_a_majority_is_never_set_against_its_members():
    report = agree(judged([("gpt", "fffffffsssss")], PEOPLE), "human majority")
    assert report.members == ("ann", "bob", "cid")
    assert [r.judge for r in report.agreement][:2] == ["gpt", "longer"]


def test_a_member_is_never_set_against_its_majority():
    report = agree(judged([("gpt", "fffffffsssss")], PEOPLE), "ann")
    assert report.members == ("human majority",)
    assert "human majority" not in {c.a for c in report.comparisons}


def test_a_majority_and_its_members_are_not_two_judges():
    report = agree(judged([("gpt", "fffffffsssss")], PEOPLE), "gpt")
    couples = {(c.a, c.b) for c in report.comparisons}
    assert ("ann", "bob") in couples
    assert ("ann", "human majority") not in couples


def test_alpha_has_no_majority_beside_its_members():
    report = agree(judged([("gpt", "fffffffsssss")], PEOPLE), "gpt")
    for alpha in report.alpha:
        assert not {"human majority", "ann"} <= set(alpha.raters)


def test_nothing_is_said_of_labels_that_were_not_understood():
    data = judged([("t", "ffffffssssss"), ("odd", "xxxxxxxxxxxf"), ("j", "fffffsssssss")])
    report = agree(data, "t")
    assert report.not_understood == ("odd",)
    assert "odd" not in {c.a for c in report.comparisons}
    assert "odd: more than half of its labels name no verdict" in str(report)


def test_problems_stand_before_the_figures():
    problems = tuple(Problem(file="f.csv", line=n, what="no verdict: ?") for n in (2, 5))
    text = str(agree(judged([("t", "f" * 12), ("j", "f" * 12)], problems=problems), "t"))
    where = "2 rows: no verdict: ? (f.csv, line 2, f.csv, line 5)"
    assert text.index(where) < text.index("12 of 12")


def test_the_report_begins_with_the_sums_of_what_was_read():
    rows = [
        {"question": f"{n}?", "answer_a": "x", "answer_b": "y", "gpt": "A", "me": "A"}
        for n in range(8)
    ]
    report = agree(read([*rows, rows[0] | {"question": "8?", "gpt": "hm"}]), "me")
    assert (report.rows, report.read, report.unknown[0].count) == (9, 8, 1)
    text = str(report)
    for line in ("9 rows: 8 read, 1 with a problem", "gpt 8 and 1 not understood, me 9"):
        assert text.index(line) < text.index("8 of 8")


def both_orders(pairs, judge, original, flipped):
    return tuple(
        Judgement(pair_id=pair.id, judge=judge, order=order, verdict=Verdict(LETTERS[c].value))
        for order, letters in ((Order.ORIGINAL, original), (Order.FLIPPED, flipped))
        for pair, c in zip(pairs, letters, strict=True)
    )


def test_accuracy_is_the_mean_of_both_orders():
    pairs = pairs_of(4)
    # 3 of 4 right as shown first, 1 of 4 exchanged: 4 of 8
    looks = both_orders(pairs, "j", "fffs", "fsss")
    accuracy = order_accuracy(looks, rule(pairs, "t", "ffff"))
    assert (accuracy.original.count, accuracy.flipped.count) == (3, 1)
    assert (accuracy.mean.count, accuracy.mean.n, accuracy.mean.documents) == (4, 8, 4)


def test_the_report_has_both_orders_accuracy():
    data = judged([("t", "f" * 12)])
    looks = both_orders(data.pairs, "j", "f" * 12, "f" * 6 + "s" * 6)
    report = agree(data.model_copy(update={"judgements": looks}), "t")
    assert "j: accuracy 75.0% as the mean of both orders" in str(report)


def test_decided_by_all_leaves_open_pairs_out():
    data = judged([("t", "f" * 12), ("j", "ffffffxxxxxf"), ("k", "ffffffffffff")])
    judge, everybody = (
        next(c for c in agree(data, "t", decided_by=who).comparisons if (c.a, c.b) == ("j", "k"))
        for who in ("teacher", "all")
    )
    assert (judge.n, everybody.n) == (12, 7)


def test_shares_know_their_documents():
    pairs = pairs_of(12, each=3)
    rulings = rule(pairs, "t", "f" * 12) + rule(pairs, "j", "ffffffffffss")
    data = Judged(name="m", format="columns", pairs=pairs, rulings=rulings)
    report = agree(data, "t").agreement[0]
    assert (report.documents, report.agreement_all.documents) == (4, 4)


def test_the_keys_of_the_report():
    keys = set(agree(judged([("t", "f" * 12), ("j", "f" * 12)]), "t").model_dump(mode="json"))
    assert keys >= {
        "name", "teacher", "policy", "unusable", "pairs", "documents", "problems", "left_out",
        "agreement", "position", "length", "alpha", "comparisons",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["nobody", "t2"])
def test_an_unknown_teacher_is_named(name):
    with pytest.raises(Exception, match=f"has nothing by '{name}'; there are t"):
        agree(judged([("t", "f" * 12)]), name)
