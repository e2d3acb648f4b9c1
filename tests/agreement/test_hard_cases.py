"Agreement where length says nothing, where it misleads, and where what is free is wrong."

import pytest

from judge_distill.agreement.baselines import longer
from judge_distill.agreement.hard_cases import hard_cases
from judge_distill.records.errors import NotEnoughData
from judge_distill.records.schema import Answer, Outcome, Pair, Ruling

LENGTHS = ((10, 10, "tie"), (10, 9, "first"), (10, 7, "first"), (7, 10, "first"), (10, 7, "tie"))


@pytest.fixture(scope="module")
def judged():
    "Five pairs by length, and the teacher's rulings."
    pairs, truth = [], []
    for n, (first, second, outcome) in enumerate(LENGTHS):
        answers = (Answer(model=m, text=m * size) for m, size in (("a", first), ("b", second)))
        pairs.append(Pair.of(f"Question {n}?", "", *answers))
        truth.append(Ruling(pair_id=pairs[-1].id, judge="teacher", outcome=Outcome(outcome)))
    return pairs, truth


@pytest.fixture(scope="module")
def hard(judged):
    pairs, truth = judged
    return hard_cases(longer(pairs), truth, pairs, {"longer": longer(pairs)})


def test_length_that_differs_by_a_fifth_is_near(hard):
    assert (hard.near.count, hard.near.n) == (2, 2)


def test_length_is_right_where_the_longer_wins(hard):
    assert (hard.longer_wins.count, hard.longer_wins.n) == (1, 1)


def test_length_is_wrong_where_the_shorter_wins(hard):
    assert (hard.shorter_wins.count, hard.shorter_wins.n) == (0, 1)


def test_a_tie_of_different_lengths_belongs_to_neither(hard):
    assert hard.near.n + hard.longer_wins.n + hard.shorter_wins.n == len(LENGTHS) - 1


def test_a_judge_agrees_nowhere_where_it_is_wrong_itself(hard):
    # the shorter wins, and the tie of different lengths
    assert (hard.free_wrong["longer"].count, hard.free_wrong["longer"].n) == (0, 2)


def test_without_free_judges_nothing_is_said_of_them(judged):
    pairs, truth = judged
    assert hard_cases(truth, truth, pairs, {}).all_free_wrong.n == 0


def test_nothing_decided_is_an_error(judged):
    pairs, _ = judged
    with pytest.raises(NotEnoughData, match="decided none"):
        hard_cases(longer(pairs), [], pairs, {})
