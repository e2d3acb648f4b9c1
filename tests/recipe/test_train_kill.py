"A training that is killed at random moments and run again leaves the folder of an undisturbed one."

import json
import os
import random
import signal
import subprocess
import sys
import time

KILLS = int(os.environ.get("JUDGE_DISTILL_KILLS", 2))
SCRIPT = """
import sys
from judge_distill.data.judged import Judged
from judge_distill.recipe.train import Training, train
judged = Judged.model_validate_json(open("judged.json", encoding="utf-8").read())
train(judged, "gpt4", out=sys.argv[1], training=Training(kind="features", draws=2))
"""
TIMES = ("training", "judging")


def start(folder, out):
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, out],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def timeless(value):
    "A ladder without its seconds."
    if isinstance(value, dict):
        return {k: timeless(v) for k, v in value.items() if k not in TIMES}
    return [timeless(v) for v in value] if isinstance(value, list) else value


def content(folder):
    "Every file of a folder, times and its own name aside."
    files = {}
    for path in sorted(folder.iterdir()):
        if path.name == "ladder.json":
            files[path.name] = timeless(json.loads(path.read_text(encoding="utf-8")))
        elif path.name != "times.json":
            files[path.name] = path.read_text(encoding="utf-8").replace(folder.name, "FOLDER")
    return files


def test_killed_trainings_leave_the_same_folder(tmp_path, judged):
    (tmp_path / "judged.json").write_text(judged(60).model_dump_json(), encoding="utf-8")
    began = time.monotonic()
    assert start(tmp_path, "whole").wait() == 0
    usual, dice = time.monotonic() - began, random.Random(1)
    for _ in range(KILLS):
        process = start(tmp_path, "killed")
        time.sleep(dice.uniform(0.3, 1.0) * usual)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert start(tmp_path, "killed").wait() == 0
    assert content(tmp_path / "killed") == content(tmp_path / "whole")
