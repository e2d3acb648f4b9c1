"Intervals: shares and differences of pairs that share documents, and where few pairs differ."

import numpy as np
import pytest

from judge_distill.agreement.compare import compare
from judge_distill.agreement.differences import _difference_interval, _score_interval, _Tally
from judge_distill.agreement.shares import Share, _share_interval, _spread
from judge_distill.records.schema import Outcome, Ruling


def rule(judge, letters):
    outcomes = {"f": Outcome.FIRST, "s": Outcome.SECOND}
    return [
        Ruling(pair_id=f"p{n}", judge=judge, outcome=outcomes[c]) for n, c in enumerate(letters)
    ]


def test_spread_of_equal_documents_is_the_textbook_one():
    # three documents of two pairs with means 0, 1/2 and 1: mean 1/2, variance 1/4 / 3
    spread = _spread(np.array([0, 1, 2]), np.full(3, 2))
    assert (spread.mean, spread.freedom) == pytest.approx((0.5, 2))
    assert spread.variance == pytest.approx(0.25 / 3)


def test_own_documents_give_the_wilson_interval():
    hits = [n % 4 != 0 for n in range(40)]
    alone, own = Share.of(30, 40), Share.over(hits, range(40))
    assert (own.low, own.high, own.documents) == (alone.low, alone.high, 40)


@pytest.mark.parametrize("documents", [2, 4, 8])
def test_documents_that_are_all_right_or_all_wrong_widen_a_share(documents):
    hits = [n % documents > 0 for n in range(40)]
    share = sum(hits)
    alone, shared = Share.of(share, 40), Share.over(hits, [n % documents for n in range(40)])
    assert shared.low < alone.low
    assert shared.high > alone.high


@pytest.mark.parametrize("documents", [2, 3, 4])
def test_few_documents_that_look_alike_are_no_certainty(documents):
    hits = [n // documents % 4 != 0 for n in range(36)]
    shared = Share.over(hits, [n % documents for n in range(36)])
    assert shared.high - shared.low > 0.08


def test_one_document_says_nothing_of_a_share():
    assert _share_interval(np.array([30]), np.array([40])) == (0, 1)


def test_no_pairs_no_value():
    assert Share.over([], []).value is None


def test_score_interval_as_published():
    # Tango (1998), table I: 43 pairs, one discordant pair against none
    assert _score_interval(1, 0, 43) == pytest.approx((-0.0611, 0.1214), abs=6e-3)


def test_score_interval_turns_with_the_judges():
    low, high = _score_interval(7, 2, 50)
    assert _score_interval(2, 7, 50) == pytest.approx((-high, -low))


def test_no_difference_is_no_certainty():
    same = compare(rule("a", "f" * 20), rule("b", "f" * 20), rule("t", "f" * 20))
    assert same.low < -0.1
    assert same.high > 0.1
    assert "+0.0% to +0.0%" not in same.sentence


def test_everything_different_is_no_certainty():
    all_of_it = compare(rule("a", "f" * 20), rule("b", "s" * 20), rule("t", "f" * 20))
    assert 0.5 < all_of_it.low < 1
    assert all_of_it.high == 1


def test_one_document_says_nothing_of_a_difference():
    tally = _Tally(np.array([20.0]), np.array([0.0]), np.array([30]))
    assert _difference_interval(tally) == (-1, 1)


@pytest.mark.parametrize("documents", [12, 40])
def test_the_interval_is_at_least_the_t_interval(documents):
    draw = np.random.default_rng(documents)
    only_a, only_b = draw.integers(0, 4, documents), draw.integers(0, 3, documents)
    tally = _Tally(only_a.astype(float), only_b.astype(float), np.full(documents, 10))
    ahead = (only_a - only_b) / 10
    half = 2.05 * ahead.std(ddof=1) / documents**0.5
    low, high = _difference_interval(tally)
    assert high - low > 2 * half * 0.97


@pytest.mark.parametrize("documents, correlation", [(5, 0.1), (20, 0.3), (60, 0.0)])
def test_shares_cover_what_they_promise(documents, correlation):
    draw, covered = np.random.default_rng(5), 0
    sizes = 1 + draw.multinomial(200 - documents, draw.dirichlet(np.full(documents, 2.0)))
    for _ in range(400):
        levels = np.full(documents, 0.75)
        if correlation:
            weight = (1 - correlation) / correlation
            levels = draw.beta(0.75 * weight, 0.25 * weight, documents)
        low, high = _share_interval(draw.binomial(sizes, levels), sizes)
        covered += low <= 0.75 <= high
    assert 0.91 < covered / 400 <= 0.995
