"Win rates by people's standard: known answers, bad cases, and how often the interval holds."

import numpy as np
import pytest

from judge_distill.agreement.estimate import estimate
from judge_distill.agreement.win_rates import _combine, _mean_rate, _powered, _Scores
from judge_distill.records.errors import InputError, NotEnoughData


def scores_of(draw, right, labels=100, pairs=1000):
    "A judge that is right on a share of pairs and says 1 elsewhere."
    people = (draw.random(pairs) < 0.5).astype(float)
    judge = np.where(draw.random(pairs) < right, people, 1 - people)
    labelled = draw.choice(pairs, labels, replace=False)
    return _Scores(judge, np.arange(pairs), labelled, people[labelled])


def test_as_truescore_says():
    from truescore import ppi_estimate

    scores = scores_of(np.random.default_rng(3), 0.8)
    # its judge's mean is of the unlabelled pairs, ours of all: λ differs by the labelled share
    theirs = ppi_estimate(scores.judge, scores.people, scores.labelled, lambda_=scores.slope * 0.9)
    assert _powered(scores).value == pytest.approx(theirs.point, abs=1e-9)


def test_a_system_and_its_rival_share_the_wins(systems):
    ours, theirs = (estimate(systems(), "judge", "people", system=name) for name in "AB")
    assert ours.estimate.value == pytest.approx(1 - theirs.estimate.value)
    assert ours.estimate.low == pytest.approx(1 - theirs.estimate.high)


def test_the_judges_lean_is_put_right(systems):
    result = estimate(systems(600, 150, 0.7), "judge", "people", system="B")
    assert result.judge_only.high < 0.55
    assert result.estimate.low < 0.6 < result.estimate.high


def test_a_good_judge_narrows_the_interval():
    draw, ratios = np.random.default_rng(4), []
    for _ in range(60):
        scores = scores_of(draw, 0.8)
        alone = _mean_rate("people only", scores.people, scores.labelled)
        both = _combine(scores)
        ratios.append((both.high - both.low) / (alone.high - alone.low))
    assert np.mean(ratios) <= 0.85


@pytest.mark.parametrize("right", [0.0, 0.5, 0.8, 1.0])
def test_never_wider_than_people_alone(right):
    draw = np.random.default_rng(5)
    for labels in (30, 50, 100):
        scores = scores_of(draw, right, labels)
        alone = _mean_rate("people only", scores.people, scores.labelled)
        both = _combine(scores)
        assert both.high - both.low <= 1.05 * (alone.high - alone.low)


@pytest.mark.parametrize("right", [0.5, 0.8, 0.95])
def test_the_interval_holds(right):
    draw, covered = np.random.default_rng(6), 0
    for _ in range(300):
        rate = _combine(scores_of(draw, right, 50))
        covered += rate.low <= 0.5 <= rate.high
    assert covered / 300 > 0.915


def test_too_few_labels_are_refused(systems):
    with pytest.raises(NotEnoughData, match="people decided 4 of the 300"):
        estimate(systems(labels=4), "judge", "people")


def test_few_labels_are_cautioned(systems):
    assert "20 labels only" in estimate(systems(labels=20), "judge", "people").cautions[0]


def test_labels_of_hard_pairs_are_refused(systems):
    data = systems()
    hard = tuple(
        label.model_copy(update={"policy": "one look, informative first"}) for label in data.labels
    )
    with pytest.raises(InputError, match="asked first because they are hard"):
        estimate(data.model_copy(update={"labels": hard}), "judge", "people")


def test_a_judge_worse_than_chance_is_named(systems):
    result = estimate(systems(right=0.0), "judge", "people", system="A")
    assert result.estimate.method == "people only"
    assert "no better than chance" in " ".join(result.cautions)


def test_labels_that_are_all_alike_are_named(systems):
    data = systems()
    first = tuple(
        label.model_copy(update={"outcome": data.labels[0].outcome}) for label in data.labels
    )
    pairs = {p.id: p for p in data.pairs}
    winner = pairs[data.labels[0].pair_id].answers[0].model
    same = tuple(label for label in first if pairs[label.pair_id].answers[0].model == winner)
    result = estimate(data.model_copy(update={"labels": same}), "judge", "people", system="A")
    assert "all labels are alike" in " ".join(result.cautions)
    assert result.estimate.low < result.estimate.high


@pytest.mark.parametrize(
    "judge, system, words", [("nobody", "A", "has nothing by"), ("judge", "C", "no answer is by")]
)
def test_unknown_names_are_refused(systems, judge, system, words):
    with pytest.raises(InputError, match=words):
        estimate(systems(), judge, "people", system=system)


def test_more_labels_halve_the_interval(systems):
    one = estimate(systems(3000, 80, 0.9, each=1), "judge", "people")
    more = estimate(systems(3000, 80 + one.more_labels, 0.9, each=1), "judge", "people")
    widths = [r.estimate.high - r.estimate.low for r in (one, more)]
    assert widths[1] / widths[0] == pytest.approx(0.5, abs=0.1)
