"""The published sets that the benchmarks of students use, as lessons, with a prior that has not
seen them.

alpaca-eval: GPT-4's judgements on 805 instructions (data CC BY-NC 4.0: what is learnt from them
cannot ship). fg-qa: people's preferences on 500 questions with
passages (Apache-2.0). pandalm: taught by GPT-3.5, three people's majority beside it. cities: taught
by GPT-4. All are read as everybody reads them, by `published`.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from judge_distill.data import published
from judge_distill.judging.prompts import Shown
from judge_distill.records.schema import Order, Outcome
from judge_distill.students.lessons import Lessons
from judge_distill.students.prior_record import SHIPPED
from judge_distill.students.priors import make_prior
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


def judged_by(name, judge):
    "A published set's pairs, each once, and a judge's outcomes."
    data = published.load(name)
    return list({p.id: p for p in data.pairs}.values()), {
        r.pair_id: r.outcome for r in data.by(judge)
    }


def held_out(groups, rng):
    "A fifth of the groups, and the others, in an order that is drawn."
    order = sorted(set(groups))
    rng.shuffle(order)
    return order[: len(order) // 5], order[len(order) // 5 :]


def alpaca_prior(work):
    "The folder of a prior learnt from alpaca-eval, made where it is not there."
    folder = Path(work) / "prior-alpaca-eval"
    if not (folder / "student.json").exists():
        make_prior(["alpaca-eval"], folder)
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
    "fg-qa": lambda work: Set(lessons_of(*judged_by("fg-qa", "people")), None, str(SHIPPED)),
    "alpaca-eval": lambda work: Set(
        lessons_of(*judged_by("alpaca-eval", "alpaca_eval_gpt4")), None, str(SHIPPED)
    ),
}
