"An extra that is missing ends in the line that installs it, whatever was asked for."

import subprocess
import sys

import pytest

CODE = """
import importlib.machinery, sys

class Finder(importlib.machinery.PathFinder):
    "The usual one, on a machine where a package is not installed."
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.split(".")[0] == sys.argv[1]:
            return None
        return importlib.machinery.PathFinder.find_spec(name, path, target)

at = sys.meta_path.index(importlib.machinery.PathFinder)
sys.meta_path[at] = Finder
from judge_distill.cli import main
sys.exit(main(sys.argv[2:]))
"""


def run(tmp_path, missing, *given):
    "The command, on a machine that lacks a package."
    return subprocess.run(
        [sys.executable, "-c", CODE, missing, *given],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize("missing", ["peft"])
def test_a_trained_reader_without_its_packages_ends_in_the_pip_line(tmp_path, missing):
    rows = [f"Why {n}?,yes {n} indeed,no {n},{'AB'[n % 2]}" for n in range(40)]
    (tmp_path / "table.csv").write_text("\n".join(["question,a,b,gpt4", *rows]) + "\n")
    given = ["train", "table.csv", "--teacher", "gpt4", "--kind", "score", "--out", "student"]
    done = run(tmp_path, missing, *given)
    lines = [line for line in done.stderr.strip().splitlines() if line.startswith("judge-")]
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert len(lines) == 1 and "pip install 'judge_distill[local]'" in lines[0]
