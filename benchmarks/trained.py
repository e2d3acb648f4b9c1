"""From how many verdicts is a trained language model worth it?

    python benchmarks/trained.py                        figures into nbs/figures/trained.json
    python benchmarks/trained.py --kinds encoder        only these, into the same file

Students whose model is trained (encoder, score, verdict) beside those that count or read, on the
same draws of own verdicts and the same held-out pairs: alpaca-eval's verdicts alone, then as the
warm start for pandalm, fg-qa and cities. Groups are held out as in curves.py, and what is drawn
for fewer verdicts is among what is drawn for more. Trained students have the settings that a
recipe gives them, and stop early by an eighth of their groups; a verdict student sees both orders,
in two epochs. Nothing is chosen on held-out pairs. Every figure is kept in --work as soon as it is
known; a command that is stopped goes on from there. Hours on a processor.
"""

import argparse
import json
import random
import time
from pathlib import Path

import numpy as np
from curves import draw, given_by, interval, remember
from sets import SETS, held_out

from judge_distill.models.weights import MINILM, SMOL
from judge_distill.records.files import write_text
from judge_distill.records.schema import Order
from judge_distill.students.folds import both_orders
from judge_distill.students.lessons import Lessons
from judge_distill.students.settings import read_settings
from judge_distill.students.students import make_student, open_student

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ROOT / "nbs" / "figures" / "trained.json"
OWN = {"alpaca-eval": (300, 1000), "pandalm": (300,), "fg-qa": (300,), "cities": (72,)}
TESTED = {"alpaca-eval": 400, "fg-qa": 300}  # pairs, of all groups; of the others all
WARM = 1000  # of alpaca-eval's verdicts
USUAL = ("length", "features", "trees", "prior", "trees+prior", "probe", "probe+prior")
TRAINED = {
    "encoder": {"kind": "encoder", "base_model": MINILM, "patience": 1},
    "score": {"kind": "score", "base_model": SMOL, "patience": 1},
    "verdict": {"kind": "verdict", "base_model": SMOL, "patience": 1, "epochs": 2},
}


def parts(name, work):
    "What may be drawn from, what is tested on (of the first draw of curves.py), and the prior."
    data = SETS[name](work)
    if data.test:
        return data.train, data.test, data
    of = {}
    for i, group in enumerate(data.train.groups):
        of.setdefault(group, []).append(i)
    fifth, others = held_out(data.train.groups, random.Random(f"{name} 0"))
    out, inside = ([i for group in some for i in of[group]] for some in (fifth, others))
    step = max(1, len(out) // TESTED.get(name, len(out)))
    return data.train.take(inside), data.train.take(out[::step][: TESTED.get(name)]), data


def own_verdicts(name, pool, size):
    "So many lessons; those of a smaller size are among them."
    return pool.take(draw(pool.groups, size, random.Random(f"{name} 0 own")))


def in_both_orders(lessons):
    "Every lesson, and its mirror."
    return Lessons(
        lessons.shown + tuple(look.mirrored for look in lessons.shown),
        np.concatenate([lessons.targets, lessons.targets[:, [1, 0, 2]]]),
        np.concatenate([lessons.soft, lessons.soft]),
        lessons.orders + (Order.FLIPPED,) * len(lessons.shown),
        lessons.pairs * 2,
        lessons.groups * 2,
        lessons.digest,
    )


def trained(kind, lessons, folder, warm=""):
    "The folder of a trained student, made where it is not there."
    if not (folder / "student.json").exists():
        settings = read_settings(TRAINED[kind] | ({"warm": str(warm)} if warm else {}))
        folder.mkdir(parents=True, exist_ok=True)
        started = time.process_time()
        make_student(settings, None).fit(in_both_orders(lessons), folder).save(folder)
        (folder / "seconds").write_text(f"{time.process_time() - started:.0f}")
    return folder


class Table:
    "Figures of one set, each written as soon as it is known."

    def __init__(self, name, test, data, work):
        self.name, self.test, self.data, self.work = name, test, data, work
        self.truth = test.targets.argmax(-1)

    def file(self, level, size):
        return self.work / "figures" / f"{self.name} {level} {size}.json"

    def known(self, level, size):
        return self.file(level, size).exists()

    def write(self, level, size, places, **more):
        right = places == self.truth
        row = {"verdicts": size, "level": level} | interval(right, self.test.groups)
        row |= {"right": int(right.sum()), "pairs": len(right)} | more
        if people := self.data.people:
            said = np.array([people[i] for i in self.test.pairs])
            row["people"] = interval(places == said, self.test.groups)
        row["each"] = "".join("01"[int(one)] for one in right)
        write_text(self.file(level, size), json.dumps({"set": self.name} | row))
        print(self.name, size, level, f"{row['right']} of {row['pairs']}", more, flush=True)

    def write_student(self, level, size, folder):
        "Of a folder; with the seconds that its training took."
        if not self.known(level, size):
            file, started = folder / "seconds", time.process_time()
            places = both_orders(open_student(folder), self.test.shown).argmax(-1)
            judged = round(time.process_time() - started)
            taken = int(file.read_text()) if file.exists() else 0
            self.write(level, size, places, seconds_training=taken, seconds_judging=judged)


def usual(name, work):
    "The students that count or read."
    pool, test, data = parts(name, work)
    table = Table(name, test, data, work)
    sizes = [n for n in OWN[name] if not all(table.known(level, n) for level in USUAL)]
    if not sizes:
        return
    longer = np.array([np.sign(len(s.second) - len(s.first)) for s in test.shown])
    table.write("longer", 0, np.where(longer < 0, 0, np.where(longer > 0, 1, 2)))
    most = own_verdicts(name, pool, max(sizes))
    memory = remember(most.shown + test.shown, work / f"read-trained-{name}.npz")
    zero = open_student(data.prior)
    zero.memory = zero._counting.memory = memory
    table.write("prior", 0, both_orders(zero, test.shown).argmax(-1))
    for size in sizes:
        own = own_verdicts(name, pool, size)
        for level, p in given_by(USUAL, own, test.shown, data.prior, 0, memory).items():
            table.write(level, size, p.argmax(-1))


def tuned(name, kind, work):
    "A kind of student whose model is trained: cold, and warm where it is another's set."
    pool, test, data = parts(name, work)
    table = Table(name, test, data, work)
    base = work / "students"
    warm = base / f"alpaca-eval {kind} {WARM}"
    if name != "alpaca-eval":
        others, _, _ = parts("alpaca-eval", work)
        trained(kind, own_verdicts("alpaca-eval", others, WARM), warm)
        table.write_student(f"{kind} of alpaca-eval's {WARM:,}", 0, warm)
    for size in OWN[name]:
        own = own_verdicts(name, pool, size)
        if name != "alpaca-eval":
            folder = trained(kind, own, base / f"{name} {kind} warm {size}", warm)
            table.write_student(f"{kind}, begun at alpaca-eval's {WARM:,}", size, folder)
        folder = trained(kind, own, base / f"{name} {kind} {size}")
        table.write_student(kind, size, folder)


def gather(work):
    "All figures that are known, as the page shows them."
    rows = [json.loads(file.read_text()) for file in sorted((work / "figures").glob("*.json"))]
    of = {level: n for n, level in enumerate(["longer", *USUAL])}
    rows.sort(key=lambda row: (of.get(row["level"], 99), row["level"], row["verdicts"]))
    found = {"command": "python benchmarks/trained.py", "warm": WARM, "sets": {}}
    for name in OWN:
        _, test, data = parts(name, work)
        numbers = {group: n for n, group in enumerate(dict.fromkeys(test.groups))}
        found["sets"][name] = {
            "prior": "alpaca-eval" if "alpaca" in data.prior else "pandalm's people",
            "groups": [numbers[group] for group in test.groups],
            "rows": [row for row in rows if row["set"] == name],
        }
    write_text(FIGURES, json.dumps(found) + "\n")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    sets = ["alpaca-eval", "pandalm", "cities", "fg-qa"]
    parser.add_argument("--sets", nargs="+", default=sets, choices=sets)
    kinds = ["usual", *TRAINED]
    parser.add_argument("--kinds", nargs="+", default=kinds, choices=kinds)
    parser.add_argument("--work", default="runs/curves", help="folder for what was made so far")
    options = parser.parse_args()
    work = Path(options.work)
    for kind in options.kinds:
        for name in options.sets:
            if kind == "usual":
                usual(name, work)
            else:
                tuned(name, kind, work)
            gather(work)


if __name__ == "__main__":
    main()
