"""A probe exported to ONNX beside the same probe in torch: verdicts, probabilities, speed.

`python benchmarks/student.py --only onnx` runs it. The probe learns from GPT-3.5's verdicts on 200
of PandaLM's 999 pairs and is asked about all of them. Torch and onnxruntime take turns, some pairs
each, on one thread, and seconds are the process's processor seconds.
"""

import tempfile
import time
from pathlib import Path

import numpy as np

from judge_distill.data import published
from judge_distill.judging.prompts import Shown, verdict_messages
from judge_distill.models.weights import SMOL
from judge_distill.students.examples import make_examples
from judge_distill.students.lessons import make_lessons
from judge_distill.students.onnx_export import export_onnx
from judge_distill.students.onnx_reader import MODEL
from judge_distill.students.settings import FeatureSettings
from judge_distill.students.students import open_student, train_student

TURN = 27  # pairs that one reads before the other does


def trained(judged, folder):
    "A probe in a folder, from GPT-3.5's verdicts on 200 pairs."
    rulings = judged.by("gpt-3.5-turbo")
    decided = {ruling.pair_id for ruling in rulings}
    pairs = [pair for pair in judged.pairs if pair.id in decided][:200]
    lessons = make_lessons(make_examples(pairs, rulings, verdict_messages), pairs)
    train_student(lessons, FeatureSettings(kind="probe", base_model=SMOL), folder)
    return folder


def ask(student, shown):
    "Probabilities, and processor seconds."
    started = time.process_time()
    given = student.predict_proba(shown)
    return given, time.process_time() - started


def beside(torch_given, given, seconds):
    "How far one student's probabilities are from torch's."
    ranked = np.sort(torch_given, -1)
    lead = ranked[:, 2] - ranked[:, 1]
    other = torch_given.argmax(-1) != given.argmax(-1)
    return {
        "pairs": len(given),
        "same_verdict": int((~other).sum()),
        "largest_lead_where_not": float(lead[other].max(initial=0)),
        "largest_difference": float(abs(torch_given - given).max()),
        "mean_difference": float(abs(torch_given - given).mean()),
        "pairs_a_second": len(given) / seconds,
    }


def measure(threads=1):
    "The figures: of each precision against torch."
    judged = published.load("pandalm")
    shown = [Shown(p.question, p.source, *(a.text for a in p.answers)) for p in judged.pairs]
    place = Path(tempfile.mkdtemp())
    folders = {"torch": trained(judged, place / "torch")}
    for precision in ("int8", "fp32"):
        folders[precision] = export_onnx(folders["torch"], place / precision, precision)
    students = {name: open_student(folder) for name, folder in folders.items()}
    for student in students.values():
        student.predict_proba(shown[:1])
    given, seconds = {name: [] for name in students}, {name: [] for name in students}
    for turn, at in enumerate(range(0, len(shown), TURN)):
        for name, student in students.items():
            if name == "fp32" and turn % 3:  # a third of the pairs is enough to see it
                continue
            one, took = ask(student, shown[at : at + TURN])
            given[name].append(one)
            seconds[name].append(took)
        print(at, {name: round(sum(s), 1) for name, s in seconds.items()}, flush=True)
    found = {}
    for name in ("int8", "fp32"):
        alike = given["torch"][:: 3 if name == "fp32" else 1]
        torch_seconds = seconds["torch"][:: 3 if name == "fp32" else 1]
        found[name] = beside(*map(np.concatenate, (alike, given[name])), sum(seconds[name]))
        ratios = [one / two for one, two in zip(torch_seconds, seconds[name], strict=True)]
        found[name] |= {
            "times_as_fast": sum(torch_seconds) / sum(seconds[name]),
            "times_as_fast_by_turn": np.percentile(ratios, [10, 50, 90]).tolist(),
            "megabytes": (folders[name] / MODEL).stat().st_size / 1e6,
        }
    found["torch"] = {"pairs_a_second": len(shown) / sum(seconds["torch"])}
    return found | {"threads": threads}
