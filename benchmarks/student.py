"""Pairs a second for every kind of student, beside a plain transformers loop that generates the
verdict, and the share of the machine's matrix-multiplication peak.

    python benchmarks/student.py                 figures into nbs/figures/student.json
    python benchmarks/student.py --pairs 8       quicker and rougher
    python benchmarks/student.py --only onnx     a probe exported to ONNX beside torch, into
                                                 nbs/figures/student_onnx.json

Seconds are the process's processor seconds, by default on one thread, so that a machine that
others use as well gives the same figures; wall-clock seconds stand beside them.
A pair is judged when both its orders are: students without an order need one look at each
answer, the others two prompts. Weights are untrained where training does not
change the work. Floating-point operations are counted as two for each weight of a linear layer
and token, and for attention four for each width, token and token seen.
"""

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path

import numpy as np
import torch
from student_onnx import measure

from judge_distill.data import published
from judge_distill.judging.prompts import Shown, judge_messages, score_messages, verdict_messages
from judge_distill.models.local import generate, load_causal
from judge_distill.models.weights import MINILM, SMOL, locate
from judge_distill.records.files import write_text
from judge_distill.records.schema import Order
from judge_distill.students.counting import FeatureStudent
from judge_distill.students.features import SURFACE
from judge_distill.students.fitting import Weights
from judge_distill.students.local import LocalStudent
from judge_distill.students.reader import render
from judge_distill.students.settings import FeatureSettings
from judge_distill.students.students import open_student

ROOT = Path(__file__).resolve().parent.parent


def shown(pairs, orders=tuple(Order)):
    return [
        Shown(p.question, p.source, *(a.text for a in p.shown(order)))
        for p in pairs
        for order in orders
    ]


def seconds(work, least=0.3):
    "Processor seconds of one call: the quickest of three, each repeated until it lasts."
    work()
    best = float("inf")
    for _ in range(3):
        started, times = time.process_time(), 0
        while time.process_time() - started < least:
            work()
            times += 1
        best = min(best, (time.process_time() - started) / times)
    return best


def peak():
    """The most floating-point operations a second that a bfloat16 matrix multiplication reaches
    here.
    """
    found = 0.0
    for rows, inner, columns in ((512, 576, 1536), (1024, 1024, 1024), (2048, 2048, 2048)):
        a, b = torch.randn(rows, inner).bfloat16(), torch.randn(inner, columns).bfloat16()
        found = max(found, 2 * rows * inner * columns / seconds(lambda: a @ b))
    return found


def operations(student, pairs):
    """Floating-point operations of a score student: question and source once, each answer after
    them.
    """
    layers, width = student.reader.layers, student.reader.model.config.hidden_size
    weights = sum(m.weight.numel() for m in layers.modules() if isinstance(m, torch.nn.Linear))
    total = 0
    for p in pairs:
        before = len(
            student.tokens(render(student.reader.tokenizer, score_messages(p.question, p.source)))
        )
        ends = [len(student.tokens(a.text)) + 1 for a in p.answers]
        total += 2 * weights * (before + sum(ends)) + 4 * len(layers) * width * (
            before**2 + sum(n * (before + n) for n in ends)
        )
    return total


def timed(name, work, n, found):
    wall, started = time.perf_counter(), time.process_time()
    work()
    found[name] = {
        "pairs": n,
        "seconds": time.process_time() - started,
        "wall_seconds": time.perf_counter() - wall,
    }
    found[name]["pairs_a_second"] = n / found[name]["seconds"]
    print(name, {k: round(v, 2) for k, v in found[name].items()}, flush=True)


def plain_loop(model, tokenizer, rows):
    "What one writes first: a prompt, generate, read the letter."
    for row in rows:
        ids = tokenizer(
            render(tokenizer, verdict_messages(*row)), return_tensors="pt", add_special_tokens=False
        )
        model.generate(
            **ids, max_new_tokens=8, do_sample=False, pad_token_id=tokenizer.eos_token_id
        )


def published_loop(model, tokenizer, pairs, tokens):
    """The published judge's prompt, and an explanation before the verdict, as long as the teacher's
    own.
    """
    for p in pairs:
        for order in Order:
            messages = judge_messages(p.question, p.source, *(a.text for a in p.shown(order)))
            ids = tokenizer(
                render(tokenizer, messages), return_tensors="pt", add_special_tokens=False
            )
            model.generate(
                **ids,
                max_new_tokens=tokens,
                min_new_tokens=tokens,
                do_sample=False,
                pad_token_id=tokenizer.eos_token_id,
            )


def write_onnx(threads):
    "The figures of a student that was exported."
    found = measure(threads) | {"command": "python benchmarks/student.py --only onnx"}
    file = ROOT / "nbs" / "figures" / "student_onnx.json"
    print(write_text(file, json.dumps(found, indent=1) + "\n"))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--pairs",
        type=int,
        default=24,
        help="of each published set, for the language models (default: %(default)s)",
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--figures", default="student")
    parser.add_argument("--only", choices=["onnx"], help="measure an exported student alone")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    os.environ["OMP_NUM_THREADS"] = str(options.threads)  # what onnxruntime keeps to
    if options.only:
        write_onnx(options.threads)
        return
    report = {
        "command": "python benchmarks/" + " ".join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        "processors": os.cpu_count(),
        "threads": options.threads,
        "machine": platform.machine(),
        "torch": torch.__version__,
        "load_before": os.getloadavg()[0],
        "sets": {},
    }
    report["peak"] = peak()
    print(f"peak {report['peak'] / 1e9:.0f} GFLOP/s", flush=True)
    counting = {
        name: FeatureStudent.of(
            Weights(np.zeros(n), 0.1, 0.01),
            FeatureSettings(
                kind="probe" if base else "features", base_model=base, embedding=embedding
            ),
        )
        for name, n, embedding, base in (
            ("features", len(SURFACE), "", ""),
            ("features with cosines", len(SURFACE) + 2, MINILM, ""),
            ("probe", len(SURFACE) + 576, "", SMOL),
        )
    }
    score, shallow, verdict = (
        LocalStudent.untrained(SMOL, "score", 16, 20),
        LocalStudent.untrained(SMOL, "score", 4, 8),
        LocalStudent.untrained(SMOL, "verdict", 16),
    )
    for student in (score, shallow, verdict):
        student.reader.adapt(8)
    tokenizer, model = load_causal(locate(SMOL))
    replies = [
        j.text
        for j in published.load("llamaindex-cities").judgements
        if j.judge == "gpt_4" and j.text
    ]
    # GPT-4's, of the published run
    report["reply_tokens"] = round(
        float(np.median([len(tokenizer(text).input_ids) for text in replies]))
    )
    for name in ("llamaindex-cities", "pandalm"):
        every = list(published.load(name).pairs)
        some = every[:: max(1, len(every) // options.pairs)][: options.pairs]
        found = report["sets"][name] = {}
        timed(
            "features",
            lambda: counting["features"].predict_proba(shown(every, [Order.ORIGINAL])),
            len(every),
            found,
        )
        timed(
            "prior",
            lambda: open_student("prior").predict_proba(shown(every, [Order.ORIGINAL])),
            len(every),
            found,
        )
        for kind in ("features with cosines", "probe"):
            counting[kind].predict_proba(shown(some[:1]))
            timed(
                kind,
                lambda: counting[kind].predict_proba(shown(some, [Order.ORIGINAL])),
                len(some),
                found,
            )
        for kind, student in (("score", score), ("score shallow", shallow)):
            student.predict_proba(shown(some[:1]))
            timed(kind, lambda: student.predict_proba(shown(some)), len(some), found)
            found[kind]["share_of_peak"] = (
                operations(student, some) / found[kind]["seconds"] / report["peak"]
            )
        timed(
            "score, eight pairs in a pass",
            lambda: score.predict_proba(shown(some), together=8),
            len(some),
            found,
        )
        timed("verdict", lambda: verdict.predict_proba(shown(some)), len(some), found)
        few = some[: max(2, options.pairs // 4)]
        timed(
            "generating, in batches",
            lambda: generate(
                tokenizer,
                model,
                [{"messages": verdict_messages(*row), "max_tokens": 8} for row in shown(few)],
            ),
            len(few),
            found,
        )
        timed(
            "generating, plain loop",
            lambda: plain_loop(model, tokenizer, shown(few)),
            len(few),
            found,
        )
        timed(
            "generating an explanation first",
            lambda: published_loop(model, tokenizer, few[:2], report["reply_tokens"]),
            2,
            found,
        )
    report["load_after"] = os.getloadavg()[0]
    print(
        write_text(
            ROOT / "nbs" / "figures" / f"{options.figures}.json",
            json.dumps(report, indent=1) + "\n",
        )
    )


if __name__ == "__main__":
    main()
