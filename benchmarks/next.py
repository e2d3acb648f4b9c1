"""Does `next` choose better pairs than chance? On published sets, with a student that counts.

    JUDGE_DISTILL_DATA=… python benchmarks/next.py
        figures into nbs/figures/next.json

Of each set 30 % of the pairs are held out, once. From the rest 60 are drawn at random; a student
learns from them, and 60 more are added: by `next_pairs`, a fifth of them at random, or all at
random. Both students are asked about the same held-out pairs.
"""

import argparse
import json
import random
from pathlib import Path

import numpy as np
from sets import fg_qa, lessons_of

from judge_distill.data import published
from judge_distill.data.judged import Judged
from judge_distill.recipe.curve import _interval
from judge_distill.recipe.next import next_pairs
from judge_distill.students.folds import both_orders
from judge_distill.students.settings import read_settings
from judge_distill.students.split import split_pairs
from judge_distill.students.students import make_student

FIGURES = Path(__file__).resolve().parent.parent / "nbs" / "figures" / "next.json"


def pandalm():
    "PandaLM's pairs, and GPT-3.5's outcomes."
    data = published.load("pandalm")
    return list(data.pairs), {r.pair_id: r.outcome for r in data.by("gpt-3.5-turbo")}


def right(student, lessons):
    "Where a student says what the teacher says."
    given = both_orders(student, lessons.shown)
    return (given.argmax(-1) == lessons.targets.argmax(-1)).astype(float)


def compare(pairs, outcomes, draws, start=60, more=60):
    "Held-out agreement with pairs that were chosen and with pairs at random."
    lessons = lessons_of(pairs, outcomes)
    pairs = [pair for pair in pairs if pair.id in set(lessons.pairs)]
    test = set(split_pairs(pairs, test_share=0.3, seed=42).test)
    exam = lessons.take([i for i, name in enumerate(lessons.pairs) if name in test])
    pool = [pair for pair in pairs if pair.id not in test]
    where = {name: i for i, name in enumerate(lessons.pairs)}
    fresh = make_student(read_settings({"kind": "features"}), {})

    def taught(chosen):
        return fresh.clone().fit(lessons.take([where[pair.id] for pair in chosen]))

    results = {"start": [], "next": [], "random": []}
    for seed in range(draws):
        first = random.Random(seed).sample(pool, start)
        ids = {pair.id for pair in first}
        rest = [pair for pair in pool if pair.id not in ids]
        student = taught(first)
        unjudged = Judged(name="pool", format="pairs", pairs=tuple(rest))
        chosen = next_pairs(student, unjudged, more, seed=seed).pairs
        results["start"].append(right(student, exam))
        results["next"].append(right(taught([*first, *chosen]), exam))
        results["random"].append(
            right(taught([*first, *random.Random(1000 + seed).sample(rest, more)]), exam)
        )
    arrays = {name: np.array(rows) for name, rows in results.items()}
    arrays["difference"] = arrays["next"] - arrays["random"]
    figures = {name: _interval(rows, exam.groups)._asdict() for name, rows in arrays.items()}
    return {"held_out": len(exam.pairs), "draws": draws, "start": start, "more": more} | {
        "agreement": figures
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=10)
    options = parser.parse_args()
    sets = {"pandalm": pandalm, "fg-qa": fg_qa}
    figures = {name: compare(*load(), options.draws) for name, load in sets.items()}
    text = {"command": f"python benchmarks/next.py --draws {options.draws}", "sets": figures}
    FIGURES.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
