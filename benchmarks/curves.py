"""Learning curves of students: agreement with the teacher against the number of one's own verdicts.

    python benchmarks/curves.py                          figures into nbs/figures/curves.json
    python benchmarks/curves.py --sets cities fg-qa      only these, into the same file

For every draw (seed) whole groups are held out (a fifth; of cities the published test part), and
own verdicts are drawn from the rest, whole groups at a time. Every level
learns from them as it would in a choice, ties told by band or likeness as folds of its own
verdicts say; nothing is chosen on the held-out part. The prior of each
set has not seen it: alpaca-eval's for pandalm, PandaLM's people's (which comes with the package)
for the others. Intervals are 95 %, pairs of one group together.
Levels that read need a language model; what it made of a pair is kept in --work.
"""

import argparse
import json
import random
import time
from pathlib import Path

import numpy as np
from sets import SETS, held_out
from tqdm.auto import tqdm

from judge_distill.models.weights import SMOL
from judge_distill.records.files import write_text
from judge_distill.records.text import content_id
from judge_distill.students.combine import combine
from judge_distill.students.features import differences
from judge_distill.students.folds import both_orders
from judge_distill.students.levels import LEVELS
from judge_distill.students.reader import hidden_reader
from judge_distill.students.settings import read_settings
from judge_distill.students.students import make_student, open_student

ROOT = Path(__file__).resolve().parent.parent
SIZES = {"cities": (10, 20, 30, 50, 72), "alpaca-eval": (30, 75, 150, 300, 750, 3000, 12000)}
USUAL = (30, 75, 150, 300, 750)
COUNTED = tuple(n for n in LEVELS if not any(word in n for word in ("probe", "score", "verdict")))
READ = tuple(name for name in LEVELS if "probe" in name and "score" not in name)
READS = ("cities", "pandalm")  # sets whose pairs are read: minutes on a processor


def remember(shown, file):
    "Rows of what is counted, and where there is a file for it, of what a model reads."
    memory = dict(zip([(("", "", 16), look) for look in shown], differences(shown)))
    if file is None:
        return memory
    hidden = dict(np.load(file)) if file.exists() else {}
    new = [look for look in shown if content_id(*look) not in hidden]
    read = hidden_reader(SMOL, 16) if new else None
    for at in tqdm(range(0, len(new), 25), desc=f"reading {file.stem}"):
        part = new[at : at + 25]
        rows = read(part)
        hidden.update({content_id(*look): row[0] - row[1] for look, row in zip(part, rows)})
    if new:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(file, **hidden)
    for look in shown:
        counted = memory[("", "", 16), look]
        memory[("", SMOL, 16), look] = np.concatenate([counted, hidden[content_id(*look)]])
    return memory


def draw(groups, size, rng):
    "So many lessons, whole groups at a time; the last group is cut."
    by_group = {}
    for i, group in enumerate(groups):
        by_group.setdefault(group, []).append(i)
    order = sorted(by_group)
    rng.shuffle(order)
    return [i for group in order for i in by_group[group]][:size]


def given_by(levels, lessons, looks, prior, seed, memory):
    "Every level's probabilities of what it did not learn from."
    single, given = {}, {}
    for part in dict.fromkeys(part for name in levels for part in name.split("+")):
        usual = {"base_model": SMOL, "seed": seed, "prior": prior}
        own = {"kind": part} | LEVELS[part]
        if "with_prior" in own:
            own["with_prior"] = prior
        settings = read_settings(own, usual=usual)
        student = make_student(settings, memory).fit(lessons)
        single[part] = both_orders(student, looks)
    for name in levels:
        parts = [single[part] for part in name.split("+")]
        given[name] = combine(parts) if len(parts) > 1 else parts[0]
    return given


def interval(right, groups):
    "Mean and 95 % interval of ones and zeros that come in groups."
    right = np.asarray(right, dtype=float)
    _, where = np.unique(groups, return_inverse=True)
    sums = np.bincount(where, weights=right - right.mean())
    n = len(sums)
    error = ((sums**2).sum() * n / (n - 1)) ** 0.5 / len(right)
    low, high = right.mean() - 1.96 * error, right.mean() + 1.96 * error
    return {"value": right.mean(), "low": max(0.0, low), "high": min(1.0, high)}


def curve(name, seeds, work):
    "Every size and level of a set."
    data = SETS[name](work)
    every = data.train.shown + (data.test.shown if data.test else ())
    memory = remember(every, work / f"read-{name}.npz" if name in READS else None)
    levels = COUNTED + (READ if name in READS else ())
    points, seen = {}, {}
    for seed in seeds:
        rng = random.Random(f"{name} {seed}")
        fifth, _ = held_out(data.train.groups, rng)
        out = set() if data.test else set(fifth)
        inside = [i for i, g in enumerate(data.train.groups) if g not in out]
        outside = [i for i, g in enumerate(data.train.groups) if g in out]
        outside = sorted(rng.sample(outside, min(1000, len(outside))))
        test = data.test or data.train.take(outside)
        pool = data.train.take(inside)
        truth = test.targets.argmax(-1)
        longer = np.array([np.sign(len(s.second) - len(s.first)) for s in test.shown])
        rights = {(0, "longer"): np.where(longer < 0, 0, np.where(longer > 0, 1, 2))}
        zero = open_student(data.prior)
        zero.memory = zero._counting.memory = memory
        rights[0, "prior"] = both_orders(zero, test.shown).argmax(-1)
        for size in SIZES.get(name, USUAL):
            own = pool.take(draw(pool.groups, size, rng))
            for level, p in given_by(levels, own, test.shown, data.prior, seed, memory).items():
                rights[size, level] = p.argmax(-1)
        for key, said in rights.items():
            teacher, people = points.setdefault(key, ([], []))
            teacher.append(said == truth)
            if data.people:
                people.append(said == np.array([data.people[i] for i in test.pairs]))
        seen[seed] = [*test.groups]
        print(
            name,
            seed,
            {f"{k}": round(float(np.mean(v[0][-1])), 3) for k, v in points.items()},
            flush=True,
        )
    where = [group for seed in seeds for group in seen[seed]]
    rows = []
    for (size, level), (teacher, people) in points.items():
        row = {"verdicts": size, "level": level} | interval(np.concatenate(teacher), where)
        row["each_draw"] = [round(float(np.mean(one)), 4) for one in teacher]
        if people:
            row["people"] = interval(np.concatenate(people), where)
        rows.append(row)
    return {
        "pairs": len(every),
        "groups": len(set(data.train.groups)),
        "tested": [len(seen[seed]) for seed in seeds],
        "prior": "alpaca-eval" if "alpaca" in data.prior else "pandalm's people",
        "points": rows,
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--work", default="runs/curves", help="folder for what was read")
    options = parser.parse_args()
    file = ROOT / "nbs" / "figures" / "curves.json"
    found = json.loads(file.read_text()) if file.exists() else {"sets": {}}
    for name in options.sets:
        started = time.monotonic()
        found["command"] = "python benchmarks/curves.py"
        found["seeds"] = options.seeds
        found["sets"][name] = curve(name, options.seeds, Path(options.work))
        found["sets"][name]["seconds"] = round(time.monotonic() - started)
        print(write_text(file, json.dumps(found, indent=1) + "\n"))


if __name__ == "__main__":
    main()
