"""The ladder of students on published judgements: every level, the one chosen on held-out folds,
the cascade; seeds, spread and intervals.

    python benchmarks/ladder.py cities      figures into nbs/figures/priors_cities.json
    python benchmarks/ladder.py pandalm     figures into nbs/figures/priors_pandalm.json

llamaindex-cities: taught by GPT-4 on the 75 training pairs, tested on the 60 test pairs that GPT-4
decided; its prior learnt from PandaLM's people. pandalm: taught by GPT-3.5, five folds grouped by
instruction, tested against the majority of three people; its prior has not seen them, it learnt
from alpaca-eval (CC BY-NC 4.0). Level, strength, ties, calibration and threshold are chosen inside
the training part; people's labels are looked at to count, never to choose. --rungs and --also
measure others as well: LoRA levels take an hour; a level that is "warmed" starts from a student of
the other set.
"""

import argparse
import json
import pickle
import shutil
import statistics
import time
from pathlib import Path

import numpy as np
from sets import alpaca_prior
from tqdm.auto import tqdm

from judge_distill.agreement.compare import compare
from judge_distill.calls.ledger import Ledger
from judge_distill.data import published
from judge_distill.judging.judge import judge_pairs
from judge_distill.judging.promises import choose_threshold
from judge_distill.judging.prompts import Shown, verdict_messages
from judge_distill.judging.rules import rule_judge
from judge_distill.judging.rulings import resolve
from judge_distill.models.weights import MINILM, SMOL
from judge_distill.records.files import write_text
from judge_distill.records.schema import Outcome, Ruling
from judge_distill.records.text import content_id
from judge_distill.students.calibrate import CalibratedStudent
from judge_distill.students.combine import CombinedStudent
from judge_distill.students.examples import make_examples
from judge_distill.students.folds import both_orders, fold_of
from judge_distill.students.lessons import make_lessons
from judge_distill.students.levels import LEVELS, LadderSettings, level_settings
from judge_distill.students.select import try_levels
from judge_distill.students.settings import read_settings
from judge_distill.students.split import groups
from judge_distill.students.students import make_student, open_student, train_student

ROOT = Path(__file__).resolve().parent.parent
OUTCOMES = (Outcome.FIRST, Outcome.SECOND, Outcome.TIE)
COSINES = {"embedding": MINILM}
# the levels of a choice; below 150 verdicts no bare probe is chosen, though all are measured
RUNGS = {name: own for name, own in LEVELS.items() if "score" not in name}
MORE = {
    "features warmed": {},
    "features with cosines": {"kind": "features"} | COSINES,
    "probe with cosines": {"kind": "probe"} | COSINES,
    "length+probe with cosines": {},
    "score": {},
    "score shallow": {"start": 4, "stop": 8},
    "score warmed": {},
    "probe+score": {},
}
PROMISES = (0.8, 0.85, 0.9, 0.95)


def read_once(pairs, rungs, file):
    "The rows of every pair for every level without adapters: reading is what takes long."
    kept = pickle.loads(file.read_bytes()) if file.exists() else {}
    shown = [Shown(p.question, p.source, *(a.text for a in p.answers)) for p in pairs]
    for settings in rungs.values():
        if settings.get("kind") in ("features", "probe"):
            student = make_student(read_settings(settings, usual={"base_model": SMOL}), kept)
            for at in tqdm(range(0, len(shown), 50), desc=settings["kind"]):
                student.differences(shown[at : at + 50])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(pickle.dumps(kept))
    return kept


def train_and_test(examples, train, test, place, rungs, also, seed, kept):
    """Fold figures of every level that is tried; every level (and what is `also` measured) trained
    on the whole training part, on the test pairs; and held-out probabilities.
    """
    together = {pair.id: str(n) for n, group in enumerate(groups(train)) for pair in group}
    lessons = make_lessons(examples, train)
    settings = LadderSettings(
        rungs=level_settings(rungs),
        named=set(rungs) != set(RUNGS),
        seed=seed,
        base_model=SMOL,
    )
    tried = try_levels(lessons, settings, place / "folds", together, kept)
    students, seconds = {}, {}
    for name, own in level_settings({**rungs, **also}).items():
        if "+" in name:
            students[name] = CombinedStudent([students[part] for part in name.split("+")])
            continue
        started, clock = time.monotonic(), place / f"{name}-seconds.json"
        one = read_settings(own, usual={"seed": seed, "base_model": SMOL})
        if make_student(one).level < 2:
            students[name] = make_student(one, kept).fit(lessons)
        elif not (place / name / "student.json").exists():
            train_student(lessons, one, place / name)
            write_text(clock, json.dumps(round(time.monotonic() - started, 2)))
        if name not in students:
            students[name] = open_student(place / name)
        seconds[name] = json.loads(clock.read_text()) if clock.exists() else None
    corrections = {level.name: level.calibration for level in tried.ladder.rungs}
    found = {
        name: remembered(
            place / f"{name}-said.json",
            CalibratedStudent(student, corrections[name]) if name in corrections else student,
            test,
        )
        for name, student in students.items()
    }
    return tried.ladder, tried.probabilities, tried.targets, found, seconds


def remembered(file, student, pairs):
    "A student's probabilities on pairs, kept in a file: a language model takes minutes."
    key = content_id(student.digest, [pair.id for pair in pairs])
    if file.exists() and (kept := json.loads(file.read_text()))["key"] == key:
        return np.array(kept["probabilities"])
    shown = [Shown(p.question, p.source, *(a.text for a in p.answers)) for p in pairs]
    found = both_orders(student, shown)
    write_text(file, json.dumps({"key": key, "probabilities": found.tolist()}))
    return found


def rulings(judge, pairs, probabilities):
    return [
        Ruling(pair_id=pair.id, judge=judge, outcome=OUTCOMES[int(p.argmax())], policy="mean")
        for pair, p in zip(pairs, probabilities)
    ]


def spread(values):
    return {
        "mean": statistics.mean(values),
        "standard_deviation": statistics.stdev(values) if len(values) > 1 else None,
        "values": values,
    }


def warmed(kind, other, folder, pairs=None):
    """Settings of a rung that starts from a student of the other set: trained on its teacher's
    verdicts, of a score student on so many pairs and two epochs.
    """
    data = published.load({"cities": "llamaindex-cities"}.get(other, other))
    some, teacher = (
        (data.part("train"), "gpt_4") if other == "cities" else (list(data.pairs), "gpt-3.5-turbo")
    )
    some = some[:: max(1, len(some) // pairs)][:pairs] if pairs else some
    more = {"epochs": 2} if kind == "score" else {}
    lessons = make_lessons(make_examples(some, data.by(teacher), verdict_messages), some)
    train_student(lessons, read_settings({"kind": kind} | more, usual={"base_model": SMOL}), folder)
    return {"kind": kind, "warm": str(folder)}


def cities(seeds, rungs, also, work, kept):
    data = published.load("llamaindex-cities")
    truth = {r.pair_id: r for r in data.by("gpt_4", "test") if r.outcome.verdict}
    train, test = data.part("train"), [p for p in data.part("test") if p.id in truth]
    examples = make_examples(train, data.by("gpt_4", "train"), verdict_messages)
    longer = resolve(judge_pairs(test, rule_judge("longer"), Ledger()))
    out = {"pairs": len(test), "teacher": "gpt_4", "runs": []}
    for seed in seeds:
        tried, _, _, found, seconds = train_and_test(
            examples, train, test, work / f"cities-{seed}", rungs, also, seed, kept
        )
        right = {
            name: sum(r.outcome is truth[r.pair_id].outcome for r in rulings(name, test, p))
            for name, p in found.items()
        }
        against = compare(
            rulings(tried.chosen, test, found[tried.chosen]),
            longer,
            list(truth.values()),
            documents=data.documents,
        )
        out["runs"].append(
            {
                "seed": seed,
                "chosen": tried.chosen,
                "right": right,
                "seconds": seconds,
                "against_longer": against.model_dump(mode="json"),
                "ladder": tried.model_dump(mode="json"),
            }
        )
        print(seed, tried.chosen, right, flush=True)
    out["right"] = {
        name: spread([run["right"][name] for run in out["runs"]])
        for name in out["runs"][0]["right"]
    }
    out["chosen"] = spread([run["right"][run["chosen"]] for run in out["runs"]])
    return out


def pandalm(seeds, rungs, also, work, kept):
    data = published.load("pandalm")
    people, teacher, published_judge = (
        {r.pair_id: r for r in data.by(who)}
        for who in ("human majority", "gpt-3.5-turbo", "pandalm-7b")
    )
    # as published: an unusable reply is a tie
    taught = {
        i: (Outcome.TIE if r.outcome is Outcome.INVALID else r.outcome) for i, r in teacher.items()
    }
    pairs = list(data.pairs)
    out = {
        "pairs": len(pairs),
        "teacher": "gpt-3.5-turbo",
        "promises": list(PROMISES),
        "runs": [],
        "teacher_right": sum(taught[p.id] is people[p.id].outcome for p in pairs),
        "pandalm_7b_right": sum(
            published_judge[p.id].outcome is people[p.id].outcome for p in pairs
        ),
    }
    for seed in seeds:
        folds = fold_of([p.document for p in pairs], 5, seed)
        said = {name: np.zeros((len(pairs), 3)) for name in [*rungs, *also, "chosen"]}
        thresholds, chosen, held = np.zeros((len(PROMISES), len(pairs))), [], []
        for k in range(5):
            train, inside = (
                [p for p, f in zip(pairs, folds) if f != k],
                [i for i, f in enumerate(folds) if f == k],
            )
            examples = make_examples(train, [teacher[p.id] for p in train], verdict_messages)
            tried, corrected, targets, found, _ = train_and_test(
                examples,
                train,
                [pairs[i] for i in inside],
                work / f"pandalm-{seed}-{k}",
                rungs,
                also,
                seed,
                kept,
            )
            for name in found:
                said[name][inside] = found[name]
            said["chosen"][inside] = found[tried.chosen]
            chosen.append(tried.chosen)
            p = corrected[tried.chosen]
            points = [
                choose_threshold(p.max(-1), p.argmax(-1) == targets.argmax(-1), promise)
                for promise in PROMISES
            ]
            thresholds[:, inside] = np.array([point.threshold for point in points])[:, None]
            held.append(
                {
                    r.name: {
                        "agreement": r.agreement,
                        "error_before": r.calibration.error_before,
                        "error_after": r.calibration.error_after,
                        "pairs": r.calibration.pairs,
                    }
                    for r in tried.rungs
                }
            )
        by_people = {name: rulings(name, pairs, p) for name, p in said.items()}
        right = {
            name: sum(r.outcome is people[r.pair_id].outcome for r in found)
            for name, found in by_people.items()
        }
        against = compare(
            by_people["chosen"],
            list(published_judge.values()),
            list(people.values()),
            documents=data.documents,
        )
        sure, own = said["chosen"].max(-1), [r.outcome for r in by_people["chosen"]]

        def cascade(alone):
            verdicts = [own[i] if alone[i] else taught[p.id] for i, p in enumerate(pairs)]
            return {
                "saved": float(np.mean(alone)),
                "verdicts": verdicts,
                "people": sum(v is people[p.id].outcome for v, p in zip(verdicts, pairs)),
                "teacher": sum(v is taught[p.id] for v, p in zip(verdicts, pairs)),
            }

        order = np.argsort(-sure)
        curve = [
            cascade(np.isin(np.arange(len(pairs)), order[:n])) for n in range(0, len(pairs) + 1, 27)
        ]
        run = {
            "seed": seed,
            "chosen": chosen,
            "right": right,
            "against_pandalm_7b": against.model_dump(mode="json"),
            "folds": held,
            "cascade": {},
            "curve": [{k: v for k, v in point.items() if k != "verdicts"} for point in curve],
        }
        for n, promise in enumerate(PROMISES):
            point = run["cascade"][str(promise)] = cascade(sure >= thresholds[n])
            ours, theirs = (
                [
                    Ruling(pair_id=p.id, judge=judge, outcome=v, policy="cascade")
                    for p, v in zip(pairs, verdicts)
                ]
                for judge, verdicts in (
                    (f"cascade {promise:.0%}", point.pop("verdicts")),
                    ("gpt-3.5-turbo", [taught[p.id] for p in pairs]),
                )
            )
            point["against_teacher"] = compare(
                ours, theirs, list(people.values()), documents=data.documents
            ).model_dump(mode="json")
        out["runs"].append(run)
        print(seed, chosen, right, run["cascade"], flush=True)
    out["right"] = {
        name: spread([run["right"][name] for run in out["runs"]])
        for name in out["runs"][0]["right"]
    }
    return out


def arguments(options, parser):
    "The options that are not the usual ones, as they are typed."
    words = []
    for name in ("seeds", "rungs", "also", "warm", "figures"):
        value = getattr(options, name)
        if value != parser.get_default(name):
            words += [
                f"--{name}",
                *(
                    f'"{v}"' if " " in str(v) else str(v)
                    for v in (value if isinstance(value, list) else [value])
                ),
            ]
    return "".join(f" {word}" for word in words)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", choices=("cities", "pandalm"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument(
        "--work",
        default="runs/ladder",
        help="folder for what is trained; what is there is not done again (default: %(default)s)",
    )
    parser.add_argument(
        "--rungs", nargs="+", default=list(RUNGS), help="of: " + ", ".join([*RUNGS, *MORE])
    )
    parser.add_argument(
        "--also",
        nargs="+",
        default=[],
        metavar="RUNG",
        help="trained and tested, but not tried on folds, so never chosen",
    )
    parser.add_argument(
        "--warm",
        type=int,
        default=200,
        metavar="PAIRS",
        help="that a score student is warmed on (default: %(default)s)",
    )
    parser.add_argument("--figures", help="name of the file of figures (default: priors_SET)")
    parser.add_argument("--fresh", action="store_true", help="remove the folder first")
    options = parser.parse_args()
    work = Path(options.work)
    if options.fresh:
        shutil.rmtree(work, ignore_errors=True)
    fresh = not work.exists()
    started = time.monotonic()
    rungs, also = (
        {name: dict((RUNGS | MORE)[name]) for name in names}
        for names in (options.rungs, options.also)
    )
    other = "pandalm" if options.set == "cities" else "cities"
    if "prior" in rungs:  # one that has not seen the set
        prior = "prior" if options.set == "cities" else alpaca_prior(work)
        rungs["prior"] = {"kind": "prior", "prior": prior}
        for name in rungs:
            if name.endswith("with prior"):
                rungs[name]["with_prior"] = prior
    for name in [*rungs, *also]:
        if name.endswith("warmed") and "+" not in name:
            kind = name.partition(" ")[0]
            (rungs if name in rungs else also)[name] = warmed(
                kind,
                other,
                work / f"{kind}-on-{other}-{options.warm}",
                options.warm if kind == "score" else None,
            )
    kept = read_once(
        published.load({"cities": "llamaindex-cities"}.get(options.set, options.set)).pairs,
        level_settings({**rungs, **also}),
        work / f"rows-{options.set}.pickle",
    )
    given = arguments(options, parser)
    read = round(time.monotonic() - started)
    found = {"cities": cities, "pandalm": pandalm}[options.set](
        options.seeds, rungs, also, work, kept
    )
    found = {
        "command": f"python benchmarks/ladder.py {options.set}" + given,
        "seconds": round(time.monotonic() - started) if fresh else None,
        "seconds_reading": read if fresh else None,
    } | found
    print(
        write_text(
            ROOT / "nbs" / "figures" / f"{options.figures or 'priors_' + options.set}.json",
            json.dumps(found, indent=1).replace(str(work), "WORK") + "\n",
        )
    )


if __name__ == "__main__":
    main()
