"""A run that is killed at random moments and run again ends like an undisturbed one, and no
answered call is made twice.
"""

import json
import os
import random
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from judge_distill.generate.documents import python_reference

RECIPE = "questions: 10\nconcurrency: 8\n"
pytestmark = pytest.mark.xdist_group("killed runs")  # they are run once
KILLS = int(os.environ.get("JUDGE_DISTILL_KILLS", 3))
# a process that has imported everything; for each line that it reads it forks, and the child runs
# the command, with a line written for every call that a model has answered
SCRIPT = """
import os, sys
import llama_index.core, peft, sentence_transformers, torch, transformers
from judge_distill.calls.ledger import Ledger
from judge_distill.cli import main
from judge_distill.recipe import pipeline
put = Ledger.put
def noted(self, key, *rest, **words):
    with open("answered", "a") as file: file.write(key + "\\n")
    return put(self, key, *rest, **words)
Ledger.put = noted
print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if not child:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in range(3): os.dup2(nowhere, number)
        code = 1
        try:
            command = ["run", "--recipe", "recipe.yaml", "--documents", "documents", "--out"]
            code = main([*command, line.strip()]) or 0
        finally:
            os._exit(code)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Runs:
    "Starts runs in a folder, one after the other, without importing anything anew."

    def __init__(self, folder):
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
        )
        assert self.process.stdout.readline() == "ready\n"

    def start(self, name):
        (self.folder / "answered").write_text("")
        self.process.stdin.write(f"{name}\n")
        self.child = int(self.process.stdout.readline())

    def over(self):
        return bool(select.select([self.process.stdout], [], [], 0)[0])

    def code(self):
        return int(self.process.stdout.readline())

    def kill(self):
        os.kill(self.child, signal.SIGKILL)
        assert self.code() == -signal.SIGKILL

    def whole(self, name):
        self.start(name)
        assert self.code() == 0

    def answered(self):
        return set((self.folder / "answered").read_text().split())


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


def report(out):
    return timeless(json.loads((out / "report.json").read_text()))


@pytest.fixture(scope="module")
def killed_runs(tmp_path_factory):
    """A folder with an undisturbed run, `whole`, and one that was killed and run again, `killed`;
    the calls that were made in spite of an answer; and what starts more runs.
    """
    folder = tmp_path_factory.mktemp("runs")
    (folder / "documents").mkdir()
    for name, text in sorted(python_reference().items()):
        if 3000 < len(text) < 9000:
            (folder / "documents" / f"{name}.txt").write_text(text, encoding="utf-8")
    (folder / "recipe.yaml").write_text(RECIPE)
    runs = Runs(folder)
    began = time.monotonic()
    runs.whole("whole")
    usual = time.monotonic() - began
    dice, kills, twice = random.Random(1), 0, set()
    while kills < KILLS:
        before = recorded(folder / "killed")
        runs.start("killed")
        time.sleep(dice.uniform(0.05, 0.8) * usual)
        if runs.over():  # it was done before it could be killed: begin anew
            assert runs.code() == 0
            shutil.rmtree(folder / "killed")
            continue
        runs.kill()
        twice |= runs.answered() & set(before)
        kills += 1
    before = recorded(folder / "killed")
    runs.whole("killed")
    twice |= runs.answered() & set(before)
    yield folder, twice, runs
    runs.process.stdin.close()
    runs.process.wait()


def test_no_answered_call_is_made_again(killed_runs):
    assert not killed_runs[1]


def test_the_killed_run_has_the_report_of_the_undisturbed_one(killed_runs):
    folder = killed_runs[0]
    assert report(folder / "whole") == report(folder / "killed")


def test_the_killed_run_has_the_ledger_of_the_undisturbed_one(killed_runs):
    folder = killed_runs[0]
    assert recorded(folder / "whole") == recorded(folder / "killed")


def test_a_finished_run_that_is_run_again_asks_nothing_and_changes_nothing(killed_runs):
    folder, _, runs = killed_runs
    before = (folder / "killed" / "report.json").read_text()
    runs.whole("killed")
    assert not runs.answered()
    assert (folder / "killed" / "report.json").read_text() == before
