"""Agreement: each figure on cases small enough to count by hand, and properties that must hold on
any.
"""

import math
import random
import statistics

import numpy as np
import pytest

from judge_distill.agreement.agreement import agreement
from judge_distill.agreement.alpha import krippendorff_alpha
from judge_distill.agreement.baselines import longer, majority
from judge_distill.agreement.bias import by_length, length_preference, position
from judge_distill.agreement.compare import compare
from judge_distill.agreement.differences import _robust_interval, _Tally
from judge_distill.agreement.planning import pairs_needed, power
from judge_distill.agreement.plots import (
    plot_agreement,
    plot_by_length,
    plot_confusion,
    plot_position,
)
from judge_distill.agreement.shares import Share
from judge_distill.agreement.tables import markdown_table, scores_table, table
from judge_distill.records.errors import InputError, NotEnoughData
from judge_distill.records.schema import Answer, Judgement, Order, Outcome, Pair, Ruling, Verdict

LETTERS = {
    "f": Outcome.FIRST,
    "s": Outcome.SECOND,
    "t": Outcome.TIE,
    "i": Outcome.INCONCLUSIVE,
    "x": Outcome.INVALID,
}


def rule(judge, letters, policy="consensus"):
    return [
        Ruling(pair_id=f"p{n}", judge=judge, outcome=LETTERS[c], policy=policy)
        for n, c in enumerate(letters)
    ]


def swap(rulings):
    flip = {Outcome.FIRST: Outcome.SECOND, Outcome.SECOND: Outcome.FIRST}
    return [r.model_copy(update={"outcome": flip.get(r.outcome, r.outcome)}) for r in rulings]


@pytest.mark.parametrize("teacher", LETTERS)
@pytest.mark.parametrize("judge", LETTERS)
def test_what_counts_as_what(teacher, judge):
    # the first pair is agreed on
    report = agreement(rule("j", "f" + judge), rule("t", "f" + teacher))
    t, j = teacher in "fst", judge in "fst"
    assert report.teacher_decided.count == 1 + t
    assert (report.agreement_decided.count, report.agreement_decided.n) == (
        1 + (t and j and teacher == judge),
        1 + (t and j),
    )
    assert (report.agreement_all.count, report.agreement_all.n) == (
        1 + (t and teacher == judge),
        1 + t,
    )
    assert (report.coverage.count, report.coverage.n) == (1 + (t and j), 1 + t)
    assert report.inconclusive.count == (judge == "i") and report.invalid.count == (judge == "x")
    assert sum(sum(row.values()) for row in report.confusion.values()) == 1 + t


def test_by_hand():
    report = agreement(rule("j", "ffffsssixt"), rule("t", "fffffssstt"))
    assert (report.agreement_decided.count, report.decided_by_both) == (7, 8)
    # observed 7/8; expected (5·4 + 2·3 + 1·1) / 64
    assert report.kappa == pytest.approx((7 / 8 - 27 / 64) / (1 - 27 / 64))
    assert report.confusion["first"] == {
        "first": 4,
        "second": 1,
        "tie": 0,
        "inconclusive": 0,
        "invalid": 0,
    }
    assert type(report).model_validate_json(report.model_dump_json()) == report
    assert "7 of 8" in report._repr_html_()


def test_classification_by_hand():
    judge, teacher = rule("j", "fffsstixtx"), rule("t", "ffsssfsttf")
    wrong, tie, drop = (agreement(judge, teacher, unusable=u) for u in ("wrong", "tie", "drop"))
    assert [(r.accuracy.count, r.accuracy.n) for r in (wrong, tie, drop)] == [
        (5, 10),
        (6, 10),
        (5, 7),
    ]
    # first: said 3, right 2, there are 4; second: said 2, right 2, there are 4; tie: said 2, right
    # 1, there are 2
    assert wrong.precision == pytest.approx(
        (2 / 3 + 1 + 1 / 2) / 3
    ) and wrong.recall == pytest.approx((2 / 4 + 2 / 4 + 1 / 2) / 3)
    assert wrong.f1 == pytest.approx((4 / 7 + 4 / 6 + 2 / 4) / 3)
    assert tie.precision == pytest.approx((2 / 3 + 1 + 2 / 5) / 3) and drop.recall == pytest.approx(
        (2 / 3 + 2 / 3 + 1) / 3
    )
    x, y = (1, 1, 1, 0, 0, 0.5, 0.5), (1, 1, 0, 0, 0, 1, 0.5)
    assert wrong.pearson == tie.pearson == pytest.approx(statistics.correlation(x, y))
    # intersection over union, weighted by the teacher's 3, 3 and 1
    assert wrong.jaccard == pytest.approx((3 * 2 / 4 + 3 * 2 / 3 + 1 * 1 / 2) / 7)
    silent = agreement(rule("j", "ix"), rule("t", "fs"), unusable="drop")
    assert (
        silent.precision
        is silent.pearson
        is silent.jaccard
        is silent.kappa
        is silent.accuracy.value
        is None
    )


def test_alpha():
    # Krippendorff (2011), "Computing Krippendorff's alpha-reliability", example D: four observers,
    # twelve units, gaps
    from nltk.metrics.agreement import AnnotationTask

    rows = ("123321412***", "1233224125*3", "*3332342251*", "12332441251*")
    assert AnnotationTask(
        [
            (n, unit, value)
            for n, row in enumerate(rows)
            for unit, value in enumerate(row)
            if value != "*"
        ]
    ).alpha() == pytest.approx(0.743, abs=5e-4)
    # by hand, nominal, two raters without gaps: 1 - disagreements · (n - 1) / unlike couples of all
    # n values
    found = krippendorff_alpha([rule("a", "ffffss"), rule("b", "fffsss")])
    assert found.value == pytest.approx(1 - 2 * 11 / (2 * 7 * 5)) and (
        found.pairs,
        found.verdicts,
    ) == (6, 12)
    gaps = krippendorff_alpha([rule("a", "ffffssi"), rule("b", "fffsssf"), rule("c", "xxxxxxi")])
    assert gaps.value == found.value and gaps.raters == ("a", "b", "c")
    assert krippendorff_alpha([rule("a", "ff"), rule("b", "ff")]).value is None


def test_wilson_by_hand():
    share, z = Share.of(7, 8), 1.959963984540054
    centre, half = (7 + z * z / 2) / (8 + z * z), z * math.sqrt(7 * 1 / 8 + z * z / 4) / (8 + z * z)
    assert (share.low, share.high) == pytest.approx((centre - half, centre + half))
    assert Share.of(0, 0).value is None


def test_matched_by_id_and_left_out_pairs_counted():
    judge, teacher = rule("j", "ffs"), rule("t", "fsss")
    report = agreement(judge[::-1][:-1], teacher)
    assert (report.pairs, report.only_teacher, report.only_judge) == (2, 2, 0)
    assert report.agreement_all.count == 1


def test_properties():
    draw = random.Random(42)
    for _ in range(30):
        judge, teacher = (rule(name, "f" + "".join(draw.choices("fstix", k=20))) for name in "jt")
        report, swapped = agreement(judge, teacher), agreement(swap(judge), swap(teacher))
        for field in ("agreement_decided", "agreement_all", "coverage", "inconclusive", "invalid"):
            assert getattr(report, field) == getattr(swapped, field)
            share = getattr(report, field)
            assert share.value is None or 0 <= share.low <= share.value <= share.high <= 1
        assert report.kappa == (
            swapped.kappa if report.kappa is None else pytest.approx(swapped.kappa)
        )
        itself = agreement(teacher, teacher)
        assert (
            itself.agreement_decided.value
            == itself.agreement_all.value / itself.coverage.value
            == 1
            and itself.kappa in (None, 1)
        )


@pytest.mark.parametrize(
    "judge, teacher, error, words",
    [
        ([], rule("t", "f"), NotEnoughData, "no rulings of the judge"),
        (rule("j", "f"), [], NotEnoughData, "no rulings of the teacher"),
        (rule("j", "ff")[1:], rule("t", "f"), NotEnoughData, "no common pair"),
        (rule("j", "f"), rule("t", "i"), NotEnoughData, "decided none"),
        (rule("j", "f") * 2, rule("t", "f"), InputError, "2 times on pair p0"),
        (
            rule("j", "f") + rule("k", "ff")[1:],
            rule("t", "ff"),
            InputError,
            "mix several of 'judge'",
        ),
        (
            rule("j", "f") + rule("j", "ff", "strict")[1:],
            rule("t", "ff"),
            InputError,
            "mix several of 'policy'",
        ),
    ],
)
def test_refused(judge, teacher, error, words):
    with pytest.raises(error, match=words):
        agreement(judge, teacher)


def test_position():
    def looks(original, flipped):
        return [
            Judgement(
                pair_id=f"p{n}",
                judge="j",
                order=order,
                verdict=LETTERS[c].verdict,
                problem=None if LETTERS[c].verdict else "no verdict",
            )
            for order, letters in ((Order.ORIGINAL, original), (Order.FLIPPED, flipped))
            for n, c in enumerate(letters)
        ]

    report = position(looks("fsft", "fsxs"))
    assert (report.pairs, report.consistent.count, report.consistent.n) == (4, 2, 3)
    # p0 and p1 once each, and p3 where it was flipped
    assert (report.shown_first.count, report.shown_first.n) == (1 + 1 + 1, 5)
    assert position(looks("ff", "ss")).shown_first.value == 1
    assert position(looks("f", "x")).consistent.value is None
    with pytest.raises(NotEnoughData):
        position([])
    with pytest.raises(InputError, match="twice"):
        position(looks("f", "f") * 2)


def test_compare():
    teacher, a, b = (
        rule(name, letters * 10)
        for name, letters in (("t", "ffffffssti"), ("a", "ffffsssixt"), ("b", "ftfifisxit"))
    )
    found = compare(a, b, teacher)
    truth = [
        (x.outcome is t.outcome, y.outcome is t.outcome)
        for x, y, t in zip(a, b, teacher, strict=True)
        if t.outcome.verdict
    ]
    assert (found.n, found.only_a, found.only_b) == (
        90,
        sum(x and not y for x, y in truth),
        sum(y and not x for x, y in truth),
    )
    n, k = found.only_a + found.only_b, min(found.only_a, found.only_b)
    assert found.p == pytest.approx(min(1, 2 * sum(math.comb(n, i) for i in range(k + 1)) / 2**n))
    assert found.low < found.difference < found.high and found == compare(a, b, teacher)
    other = compare(b, a, teacher)
    assert (other.difference, other.p) == (-found.difference, found.p)
    with pytest.raises(InputError, match="no document"):
        compare(a, b, teacher, documents={})
    with pytest.raises(NotEnoughData):
        compare(a, b, rule("t", "i"))


def test_better_only_when_established():
    teacher = rule("t", "f" * 20)
    for wins in range(21):
        found = compare(
            rule("a", "f" * wins + "s" * (20 - wins)),
            rule("b", "s" * wins + "f" * (20 - wins)),
            teacher,
        )
        assert ("better" in found.sentence) == (found.p < 0.05 and not found.low <= 0 <= found.high)
        if "better" in found.sentence:
            assert f"{'a' if wins > 10 else 'b'} is better" in found.sentence


def test_whole_documents_are_resampled():
    teacher, a, b = (
        rule("t", "f" * 40),
        rule("a", "f" * 20 + "s" * 20),
        rule("b", "s" * 20 + "f" * 10 + "s" * 10),
    )
    alone = compare(a, b, teacher)
    grouped = compare(a, b, teacher, documents={f"p{n}": str(n // 10) for n in range(40)})
    assert grouped.documents == 4 and grouped.high - grouped.low > alone.high - alone.low


@pytest.mark.parametrize("count", [1, 2, 3, 5, 6, 9, 10, 20])
def test_few_documents_establish_little(count):
    teacher, a, b = rule("t", "f" * 60), rule("a", "f" * 60), rule("b", "s" * 60)
    found = compare(a, b, teacher, documents={f"p{n}": str(n % count) for n in range(60)})
    assert (found.p_documents is None) == (count >= 10) and ("better" in found.sentence) == (
        count >= 6
    )
    if count < 10:
        assert found.p_documents == pytest.approx(2 / 2**count)


def test_the_t_interval_by_hand():
    # three documents of ten pairs with differences 4, 2 and 0: mean 0.2, standard error
    # 0.2 / √3, t with two degrees of freedom 4.3027
    tally = _Tally(np.array([4, 2, 0]), np.zeros(3), np.full(3, 10))
    half = 4.302653 * 0.2 / 3**0.5
    assert _robust_interval(tally) == pytest.approx((0.2 - half, 0.2 + half))


def test_few_documents_widen_the_interval():
    teacher, a = rule("t", "f" * 30), rule("a", "f" * 30)
    b = rule("b", "ssssffffff" + "ssffffffff" + "ffffffffff")
    alone = compare(a, b, teacher)
    shared = compare(a, b, teacher, documents={f"p{n}": str(n // 10) for n in range(30)})
    assert shared.low < 0 < alone.low
    assert shared.p_documents == 0.5
    assert "3 documents only" in shared.sentence


def test_compare_where_all_decided():
    teacher, a, b = rule("t", "fffffi"), rule("a", "ffsisf"), rule("b", "ssffff")
    assert compare(a, b, teacher).n == 5
    both = compare(a, b, teacher, decided_by="all")
    assert (both.n, both.a_right, both.b_right) == (
        4,
        2,
        2,
    ) and "pairs that all three decided" in both.sentence


@pytest.mark.parametrize(
    "pairs, difference, discordant", [(5, 0.2, 0.4), (12, 0.3, 0.5), (20, 0.1, 0.1)]
)
def test_power_by_enumeration(pairs, difference, discordant):
    from scipy.stats import binomtest

    won = (discordant + difference) / 2
    chance = sum(
        math.comb(pairs, k)
        * math.comb(pairs - k, m)
        * won**k
        * (discordant - won) ** m
        * (1 - discordant) ** (pairs - k - m)
        for k in range(pairs + 1)
        for m in range(pairs - k + 1)
        if k + m and binomtest(k, k + m).pvalue <= 0.05
    )
    assert power(pairs, difference, discordant) == pytest.approx(chance, abs=1e-12)


def test_planner():
    for difference, discordant in ((0.1, 0.3), (0.2, 0.2), (0.05, 0.4)):
        needed = pairs_needed(difference, discordant)
        assert (
            power(needed, difference, discordant)
            >= 0.8
            > power(int(needed * 0.93), difference, discordant)
        )
    assert pairs_needed(0.1, design_effect=2) == 2 * pairs_needed(0.1)
    for wrong in (
        {"difference": 0},
        {"difference": 0.4, "discordant": 0.3},
        {"difference": 0.1, "wanted": 1},
        {"difference": 0.1, "design_effect": 0.5},
    ):
        with pytest.raises(InputError):
            pairs_needed(**wrong)


def pairs_of(lengths):
    return [
        Pair.of(f"q{n}", "", Answer(model="a", text="x" * a), Answer(model="b", text="x" * b))
        for n, (a, b) in enumerate(lengths)
    ]


def on(pairs, judge, letters):
    return [
        Ruling(pair_id=p.id, judge=judge, outcome=LETTERS[c])
        for p, c in zip(pairs, letters, strict=True)
    ]


def test_lengths():
    pairs = pairs_of([(1, 2), (5, 2), (9, 2), (2, 9), (4, 4), (7, 1), (3, 8)])
    assert [r.outcome.value for r in longer(pairs)] == [
        "second",
        "first",
        "first",
        "second",
        "tie",
        "first",
        "second",
    ]
    teacher, judge = on(pairs, "t", "sffffts"), on(pairs, "j", "sfssfff")
    # of different lengths, with two winners: the first four and the last
    found = length_preference(judge, teacher, pairs)
    assert (
        found.judge_longer.count,
        found.teacher_longer.count,
        found.judge_longer.n,
        found.teacher_longer.n,
    ) == (3, 4, 5, 5)
    groups = by_length(judge, teacher, pairs, groups=3)
    assert [(g.shortest, g.longest) for g in groups] == [(0, 3), (5, 6), (7, 7)]
    assert sum(g.agreement.n for g in groups) == 7 and sum(
        g.agreement.count for g in groups
    ) == sum(a.outcome is b.outcome for a, b in zip(judge, teacher, strict=True))
    with pytest.raises(NotEnoughData):
        longer([])


def test_majority():
    rulings = majority(rule("t", "sstfixxx"), rule("t", "ffs"))
    assert [r.outcome for r in rulings] == [Outcome.SECOND] * 3 and {r.judge for r in rulings} == {
        "majority"
    }
    assert majority(rule("t", "tfs"), rule("t", "f"))[0].outcome.verdict is Verdict.FIRST
    with pytest.raises(NotEnoughData):
        majority(rule("t", "ix"), rule("t", "f"))


def test_tables_and_plots(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    reports = [
        agreement(rule("a|b", "fsi"), rule("t", "fst")),
        agreement(rule("silent", "xxx"), rule("t", "fst")),
    ]
    text = markdown_table(table(reports))
    assert len(text.splitlines()) == 4 and "a\\|b" in text and "0 of 0" in text
    assert len(scores_table(reports)) == 2
    assert len(plot_agreement(reports).get_yticklabels()) == 2 and plot_confusion(reports[0]).texts
    looks = [
        Judgement(pair_id=f"p{n}", judge="j", order=order, verdict=Verdict.FIRST)
        for n in range(3)
        for order in Order
    ]
    assert len(plot_position([position(looks)]).get_yticklabels()) == 1
    pairs = pairs_of([(1, 2), (5, 2), (9, 2)])
    assert plot_by_length(
        {"j": by_length(on(pairs, "j", "ffs"), on(pairs, "t", "fss"), pairs)}
    ).get_legend_handles_labels()[1] == ["j"]
    with pytest.raises(NotEnoughData):
        plot_by_length({})
    for empty in (table, scores_table, plot_agreement, plot_position):
        with pytest.raises(NotEnoughData):
            empty([])
