"A run that is killed at random moments and run again ends like an undisturbed one, and no answered call is made twice."
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

RECIPE = "questions: 10\nconcurrency: 8\ntraining: {epochs: 2}\n"
SCRIPT = "import sys; from judge_distill.cli import main; sys.exit(main())"


def start(folder, out):
    command = [sys.executable, "-c", SCRIPT, "run", "--recipe", str(folder / "recipe.yaml"), "--documents", str(folder / "documents"), "--out", str(out)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def timeless(value):
    "A report without times."
    if isinstance(value, dict):
        return {k: timeless(v) for k, v in value.items() if k not in ("seconds", "model")}
    return [timeless(v) for v in value] if isinstance(value, list) else value


def test_killed_runs(tmp_path):
    from judge_distill.questions import python_reference
    (tmp_path / "documents").mkdir()
    for name, text in sorted(python_reference().items()):
        if 3000 < len(text) < 9000:
            (tmp_path / "documents" / f"{name}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    began = time.monotonic()
    assert start(tmp_path, tmp_path / "whole").wait() == 0
    usual = time.monotonic() - began
    dice, kills = random.Random(1), 0
    for _ in range(3):
        process = start(tmp_path, tmp_path / "killed")
        time.sleep(dice.uniform(0.15, 0.6) * usual)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.wait()
    assert start(tmp_path, tmp_path / "killed").wait() == 0
    assert kills
    one, two = (json.loads((tmp_path / name / "report.json").read_text()) for name in ("whole", "killed"))
    assert timeless(one) == timeless(two)
    asked = [sqlite3.connect(tmp_path / name / "ledger.sqlite").execute("SELECT key, json_extract(reply, '$.text') FROM calls ORDER BY key").fetchall() for name in ("whole", "killed")]
    assert asked[0] == asked[1]
    before = (tmp_path / "killed" / "report.json").read_text()
    began = time.monotonic()
    assert start(tmp_path, tmp_path / "killed").wait() == 0
    assert time.monotonic() - began < 20
    assert (tmp_path / "killed" / "report.json").read_text() == before
