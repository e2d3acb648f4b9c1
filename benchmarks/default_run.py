"""The default recipe with several seeds, as a person runs it: agreement, time and memory of each
run.

    python benchmarks/default_run.py
        three seeds into runs/seeds; figures into nbs/figures/default_run.json
    python benchmarks/default_run.py --seeds 42 --kinds best score verdict --figures kinds
        other kinds of student beside it, on the same pairs

A run that is there already is not made again: its time and memory were kept beside it. Remove
the folder to make and time it anew.
"""

import argparse
import json
import os
import shutil
import sys
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [
    sys.executable,
    "-c",
    "import sys; from judge_distill.cli import main; sys.exit(main())",
    "run",
]


def timed(arguments: list[str], log: Path) -> tuple[float, float]:
    "Wall-clock seconds and peak memory in GB of one run of the command."
    started = time.monotonic()
    with open(log, "a") as out:
        child = os.posix_spawn(
            sys.executable,
            [*COMMAND, *arguments],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, out.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, out.fileno(), 2),
            ],
        )
        _, status, usage = os.wait4(child, 0)
    if status:
        sys.exit(f"the run ended with {os.waitstatus_to_exitcode(status)}; see {log}")
    return time.monotonic() - started, usage.ru_maxrss / 2**20


def one_run(out: Path, seed: int, kind: str, ledger: Path | None) -> dict:
    "One run, and one more on the finished folder."
    whole = not out.exists() and ledger is None
    out.mkdir(parents=True, exist_ok=True)
    # the same questions and answers, asked once
    if ledger and not (out / "ledger.sqlite").exists():
        shutil.copy(ledger, out / "ledger.sqlite")
    recipe = out.with_suffix(".yaml")
    recipe.write_text(yaml.safe_dump({"seed": seed, "kind": kind}))
    arguments = ["--recipe", str(recipe), "--out", str(out)]
    seconds, memory = timed(arguments, out.with_suffix(".log"))
    kept = out.with_suffix(".json")
    if whole:
        kept.write_text(
            json.dumps({"seconds": round(seconds, 1), "peak_memory_gb": round(memory, 2)})
        )
    measured = (
        json.loads(kept.read_text()) if kept.exists() else {"seconds": None, "peak_memory_gb": None}
    )
    again, _ = timed(arguments, out.with_suffix(".log"))
    run = json.loads((out / "report.json").read_text())
    training = json.loads((out / "student" / "report.json").read_text())
    return {
        "seed": seed,
        "kind": kind,
        "chosen": training["student"]["settings"]["kind"],
        "pairs": run["pairs"],
        "held_out": training["test_pairs"],
        "documents_held_out": training["documents"],
        "agreement": {row["judge"]: row["agreement_all"] for row in training["agreement"]},
        "comparisons": training["comparisons"],
        "training_seconds": run["stages"]["training"]["seconds"],
        "versions": run["versions"],
        **measured,
        "again_seconds": round(again, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[42, 1, 2])
    parser.add_argument("--kinds", nargs="+", default=["best"])
    parser.add_argument("--out", type=Path, default=Path("runs/seeds"))
    parser.add_argument(
        "--figures",
        default="default_run",
        metavar="NAME",
        help="of the file in nbs/figures (default: %(default)s)",
    )
    options = parser.parse_args()
    runs = []
    for seed in options.seeds:
        for kind in options.kinds:
            first = options.out / f"{options.kinds[0]}-{seed}" / "ledger.sqlite"
            runs.append(
                one_run(
                    options.out / f"{kind}-{seed}",
                    seed,
                    kind,
                    first if kind != options.kinds[0] else None,
                )
            )
            print(
                {k: v for k, v in runs[-1].items() if k not in ("comparisons", "versions")},
                flush=True,
            )
    figures = ROOT / "nbs" / "figures" / f"{options.figures}.json"
    figures.parent.mkdir(exist_ok=True)
    figures.write_text(
        json.dumps(
            {
                "command": (
                    f"python benchmarks/default_run.py --seeds {' '.join(map(str, options.seeds))} "
                    f"--kinds {' '.join(options.kinds)} --figures {options.figures}"
                ),
                "processors": os.cpu_count(),
                "runs": runs,
            },
            indent=1,
        )
        + "\n"
    )
    print(figures)


if __name__ == "__main__":
    main()
