"""A run that is killed at random moments and run again ends like an undisturbed one, and no
answered call is made twice.
"""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

RECIPE = "questions: 10\nconcurrency: 8\n"
KILLS = int(os.environ.get("JUDGE_DISTILL_KILLS", 3))
# the command, with a line written for every call that a model has answered
SCRIPT = """
import os, sys
from judge_distill.cli import main
from judge_distill.calls.ledger import Ledger
put = Ledger.put
def noted(self, key, *rest, **words):
    with open(os.environ["ANSWERED"], "a") as file: file.write(key + "\\n")
    return put(self, key, *rest, **words)
Ledger.put = noted
sys.exit(main())
"""


def start(folder, out):
    command = [
        sys.executable,
        "-c",
        SCRIPT,
        "run",
        "--recipe",
        str(folder / "recipe.yaml"),
        "--documents",
        str(folder / "documents"),
        "--out",
        str(out),
    ]
    (folder / "answered").write_text("")
    return subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "ANSWERED": str(folder / "answered")},
    )


def recorded(out):
    "The keys of a run's ledger with their replies."
    if not (out / "ledger.sqlite").exists():
        return {}
    db = sqlite3.connect(out / "ledger.sqlite", timeout=60)
    try:
        return dict(db.execute("SELECT key, json_extract(reply, '$.text') FROM calls"))
    except sqlite3.OperationalError:  # killed before the table was there
        return {}
    finally:
        db.close()


def timeless(value):
    "A report without times."
    if isinstance(value, dict):
        return {k: timeless(v) for k, v in value.items() if k not in ("seconds", "model")}
    return [timeless(v) for v in value] if isinstance(value, list) else value


def test_killed_runs(tmp_path):
    from judge_distill.generate.documents import python_reference

    (tmp_path / "documents").mkdir()
    for name, text in sorted(python_reference().items()):
        if 3000 < len(text) < 9000:
            (tmp_path / "documents" / f"{name}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    began = time.monotonic()
    assert start(tmp_path, tmp_path / "whole").wait() == 0
    usual = time.monotonic() - began
    dice, kills, killed = random.Random(1), 0, tmp_path / "killed"
    while True:
        before = recorded(killed)
        process = start(tmp_path, killed)
        if kills < KILLS:
            time.sleep(dice.uniform(0.05, 0.8) * usual)
        if kills == KILLS or process.poll() is not None:
            code = process.wait()
            assert not set((tmp_path / "answered").read_text().split()) & set(before), (
                "a call that was answered is made again"
            )
            assert code == 0
            if kills == KILLS:
                break
            shutil.rmtree(killed)  # it was done before it could be killed: begin anew
            continue
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert not set((tmp_path / "answered").read_text().split()) & set(before), (
            "a call that was answered is made again"
        )
        kills += 1
    one, two = (
        json.loads((tmp_path / name / "report.json").read_text()) for name in ("whole", "killed")
    )
    assert timeless(one) == timeless(two)
    assert recorded(tmp_path / "whole") == recorded(killed)
    before = (tmp_path / "killed" / "report.json").read_text()
    began = time.monotonic()
    assert start(tmp_path, tmp_path / "killed").wait() == 0
    assert time.monotonic() - began < 20
    assert (tmp_path / "killed" / "report.json").read_text() == before
