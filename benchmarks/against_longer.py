"""Is the student that is chosen better than "the longer answer wins"?

    python benchmarks/against_longer.py                figures into nbs/figures/against_longer.json
    python benchmarks/against_longer.py --sets fg-qa   only this set, into the same file

fg-qa and alpaca-eval in five folds, all pairs of a question on one side. Inside each training part
the levels that count are tried on folds and one is chosen by log loss, as in `kind: best`; it
judges the fifth that nobody learnt from. Then the paired test of `compare`, questions taken whole.
The prior is the one that comes with the package; it has seen neither set.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from sets import SETS

from judge_distill.agreement.compare import compare
from judge_distill.records.files import write_text
from judge_distill.records.schema import Outcome, Ruling
from judge_distill.students.calibrate import CalibratedStudent
from judge_distill.students.features import differences
from judge_distill.students.folds import both_orders, fold_of
from judge_distill.students.levels import LEVELS, LadderSettings, level_settings
from judge_distill.students.select import _student_of, try_levels

ROOT = Path(__file__).resolve().parent.parent
OUTCOMES = (Outcome.FIRST, Outcome.SECOND, Outcome.TIE)
COUNTED = [name for name in LEVELS if "probe" not in name and "score" not in name]


def rulings(judge, pairs, places):
    return [
        Ruling(pair_id=i, judge=judge, outcome=OUTCOMES[int(place)])
        for i, place in zip(pairs, places)
    ]


def longer(shown):
    "0 where the first answer is longer, 1 where the second is, 2 where neither is."
    extra = np.array([len(s.first) - len(s.second) for s in shown])
    return np.where(extra > 0, 0, np.where(extra < 0, 1, 2))


def tested(name, seed, work):
    "The chosen student of every fold, against the longer answer."
    lessons = SETS[name](work).train
    memory = dict(zip([(("", "", 16), look) for look in lessons.shown], differences(lessons.shown)))
    settings = LadderSettings(rungs=level_settings(COUNTED), seed=seed)
    folds = np.array(fold_of(list(lessons.groups), 5, seed))
    places, chosen = np.zeros(len(folds)), []
    for k in range(5):
        own = lessons.take(np.flatnonzero(folds != k).tolist())
        tried = try_levels(own, settings, work / f"{name}-{seed}-{k}", memory=memory).ladder
        level = next(level for level in tried.rungs if level.name == tried.chosen)
        student = _student_of(level.name, settings, memory).fit(own)
        out = np.flatnonzero(folds == k)
        given = both_orders(
            CalibratedStudent(student, level.calibration), [lessons.shown[i] for i in out]
        )
        places[out] = given.argmax(-1)
        chosen.append(tried.chosen)
        print(name, seed, k, tried.chosen, flush=True)
    against = compare(
        rulings("student", lessons.pairs, places),
        rulings("longer", lessons.pairs, longer(lessons.shown)),
        rulings("the teacher", lessons.pairs, lessons.targets.argmax(-1)),
        documents=dict(zip(lessons.pairs, lessons.groups)),
        seed=seed,
    )
    print(against.sentence, against.p, flush=True)
    return {"seed": seed, "chosen": chosen} | against.model_dump(mode="json")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", nargs="+", default=["fg-qa", "alpaca-eval"], choices=list(SETS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--work", default="runs/against_longer", help="folder for held-out folds")
    options = parser.parse_args()
    file = ROOT / "nbs" / "figures" / "against_longer.json"
    figures = json.loads(file.read_text()) if file.exists() else {"sets": {}}
    for name in options.sets:
        started = time.monotonic()
        runs = [tested(name, seed, Path(options.work)) for seed in options.seeds]
        figures["command"] = "python benchmarks/against_longer.py"
        figures["sets"][name] = {"seconds": round(time.monotonic() - started), "runs": runs}
        print(write_text(file, json.dumps(figures, indent=1) + "\n"))


if __name__ == "__main__":
    main()
