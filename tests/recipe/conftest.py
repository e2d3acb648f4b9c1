"What the tests of the recipe share."

import pytest

from judge_distill.data.judged import Judged
from judge_distill.records.schema import Answer, Outcome, Pair, Ruling


def caves(n=60, judges=("gpt4",), document=""):
    "Pairs whose teacher prefers the answer that rests on the source."
    pairs, rulings = [], []
    for i in range(n):
        good, bad = f"In cave {i % 7}.", "That depends on many things and on the weather."
        first, second = (good, bad) if i % 3 else (bad, good)
        pairs.append(
            Pair.of(
                f"Where does bear {i} sleep?",
                f"Bear {i} sleeps in cave {i % 7}.",
                Answer(model="a", text=first),
                Answer(model="b", text=second),
                document=document,
            )
        )
        outcome = Outcome.FIRST if i % 3 else Outcome.SECOND
        rulings += [
            Ruling(pair_id=pairs[-1].id, judge=name, outcome=outcome, policy="file")
            for name in judges
        ]
    return Judged(name="caves", format="columns", pairs=tuple(pairs), rulings=tuple(rulings))


@pytest.fixture(scope="session")
def judged():
    "A function that makes judged data."
    return caves


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder to stand in: a document's name goes into ids, and so into what is drawn, and has to
    be the same each time.
    """
    monkeypatch.chdir(tmp_path)
    return tmp_path
