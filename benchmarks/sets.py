"""The published sets that the benchmarks of students use, as lessons, with a prior that has not
seen them.

alpaca-eval: GPT-4's judgements on 805 instructions (data CC BY-NC 4.0: what is learnt from them
cannot ship). fg-qa: people's preferences on 500 questions with
passages (Apache-2.0). Both are read from JUDGE_DISTILL_DATA. pandalm: taught by GPT-3.5, three
people's majority beside it. cities: taught by GPT-4.
"""

import json
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from judge_distill.data import published
from judge_distill.data.judged import Judged
from judge_distill.judging.prompts import Shown
from judge_distill.records.schema import Answer, Order, Outcome, Pair, Ruling
from judge_distill.students.lessons import Lessons
from judge_distill.students.prior import SHIPPED, PriorSource, learn_prior
from judge_distill.students.split import groups

PLACE = {Outcome.FIRST: 0, Outcome.SECOND: 1, Outcome.TIE: 2}


class Set(NamedTuple):
    "Lessons to draw from, lessons to test on (None: held out of the others), a prior."

    train: Lessons
    test: Lessons | None
    prior: str  # folder of a prior that has not seen the set
    people: dict[str, int] | None = None  # pair id → the place that people say


def lessons_of(pairs, outcomes):
    "Lessons from pairs and a teacher's outcomes; undecided pairs teach nothing."
    pairs = [p for p in pairs if outcomes.get(p.id) in PLACE]
    together = {p.id: str(n) for n, group in enumerate(groups(pairs)) for p in group}
    targets = np.eye(3)[[PLACE[outcomes[p.id]] for p in pairs]]
    return Lessons(
        tuple(Shown(p.question, p.source, *(a.text for a in p.answers)) for p in pairs),
        targets,
        np.zeros(len(pairs), dtype=bool),
        (Order.ORIGINAL,) * len(pairs),
        tuple(p.id for p in pairs),
        tuple(together[p.id] for p in pairs),
        "published",
    )


def alpaca_eval():
    "Pairs and GPT-4's outcomes."
    pairs, outcomes = [], {}
    folder = Path(os.environ["JUDGE_DISTILL_DATA"]) / "alpaca_eval"
    for file in sorted(folder.glob("*.json")):
        for row in json.loads(file.read_text(encoding="utf-8")):
            if row["preference"] is None:
                continue
            answers = (
                Answer(model=row[f"generator_{n}"], text=row[f"output_{n}"] or "") for n in (1, 2)
            )
            pair = Pair.of(row["instruction"], "", *answers)
            pairs.append(pair)
            place = {1.0: Outcome.FIRST, 2.0: Outcome.SECOND}.get(
                float(row["preference"]), Outcome.TIE
            )
            outcomes[pair.id] = place
    return list({p.id: p for p in pairs}.values()), outcomes


def fg_qa():
    "Pairs and people's outcomes."
    file = Path(os.environ["JUDGE_DISTILL_DATA"]) / "fg_qa" / "dev_feedback.json"
    couples = ((1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4))
    code = {0: Outcome.TIE, 1: Outcome.FIRST, 2: Outcome.SECOND}
    pairs, outcomes = [], {}
    for row in json.loads(file.read_text(encoding="utf-8")):
        source = "\n\n".join(" ".join(passage[1:]) for passage in row["passages"])
        for couple, preference in zip(couples, row["preference"]):
            answers = (
                Answer(model=f"prediction {n}", text=row[f"prediction {n}"].strip()) for n in couple
            )
            pair = Pair.of(row["question"], source, *answers)
            pairs.append(pair)
            outcomes[pair.id] = code[preference]
    return list({p.id: p for p in pairs}.values()), outcomes


def alpaca_prior(work):
    "The folder of a prior learnt from alpaca-eval, made where it is not there."
    folder = Path(work) / "prior-alpaca-eval"
    if not (folder / "student.json").exists():
        pairs, outcomes = alpaca_eval()
        rulings = [
            Ruling(pair_id=i, judge="alpaca_eval_gpt4", outcome=o) for i, o in outcomes.items()
        ]
        judged = Judged(
            name="alpaca-eval", format="json", pairs=tuple(pairs), rulings=tuple(rulings)
        )
        source = PriorSource(
            name="alpaca-eval",
            pairs=len(pairs),
            judges=("alpaca_eval_gpt4",),
            licence="CC BY-NC 4.0",
            url="https://github.com/tatsu-lab/alpaca_eval",
        )
        learn_prior([judged], [source]).save(folder)
    return str(folder)


def pandalm(work):
    data = published.load("pandalm")
    people = {r.pair_id: PLACE[r.outcome] for r in data.by("human majority")}
    teacher = {r.pair_id: r.outcome for r in data.by("gpt-3.5-turbo")}
    return Set(lessons_of(data.pairs, teacher), None, alpaca_prior(work), people)


def cities(work):
    data = published.load("llamaindex-cities")
    parts = [
        lessons_of(data.part(part), {r.pair_id: r.outcome for r in data.by("gpt_4", part)})
        for part in ("train", "test")
    ]
    return Set(*parts, str(SHIPPED))


SETS = {
    "cities": cities,
    "pandalm": pandalm,
    "fg-qa": lambda work: Set(lessons_of(*fg_qa()), None, str(SHIPPED)),
    "alpaca-eval": lambda work: Set(lessons_of(*alpaca_eval()), None, str(SHIPPED)),
}
