"What the tests of agreement share: rulings and pairs from letters and numbers."

import random

import pytest

from judge_distill.data.judged import Judged
from judge_distill.records.schema import Answer, Outcome, Pair, Ruling


def beaten(pair, winner):
    "The outcome that a system's win is, wherever its answer stands."
    return Outcome.FIRST if pair.answers[0].model == winner else Outcome.SECOND


def two_systems(n=300, labels=60, right=0.85, each=3, seed=1):
    "Judged pairs of A and B: B wins three in five, and the judge is right on a share of them."
    draw = random.Random(seed)
    pairs, verdicts, people = [], [], []
    for i in range(n):
        names = ("A", "B") if i % 2 else ("B", "A")
        answers = (Answer(model=name, text=f"{name}{i}") for name in names)
        pair = Pair.of(f"question {i}", "", *answers, f"document {i // each}")
        winner = "B" if draw.random() < 0.6 else "A"
        said = winner if draw.random() < right else "A"
        pairs.append(pair)
        people.append(Ruling(pair_id=pair.id, judge="people", outcome=beaten(pair, winner)))
        verdicts.append(Ruling(pair_id=pair.id, judge="judge", outcome=beaten(pair, said)))
    return Judged(
        name="two systems",
        format="columns",
        pairs=tuple(pairs),
        rulings=tuple(verdicts),
        labels=tuple(draw.sample(people, labels)),
    )


@pytest.fixture
def systems():
    "A maker of judged pairs of two systems."
    return two_systems
