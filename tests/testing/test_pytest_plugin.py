"The fixture `assert_win_rate`, in a pytest of its own."

import subprocess
import sys

import pytest

TESTS = """
from judge_distill.records.schema import Answer, Pair


def test_it(assert_win_rate):
    new = Answer(model="new", text="yes yes yes")
    old = Answer(model="old", text="no")
    pairs = [Pair.of(f"q{n}", "", old, new) for n in range(COUNT)]
    print(assert_win_rate(pairs, by="longer", system="SYSTEM", at_least=0.8))
"""


@pytest.mark.parametrize(
    "count, system, outcome, words",
    [
        (40, "new", "1 passed", ""),
        (3, "new", "1 failed", "not enough pairs to say: new against old: 100.0%"),
        (40, "old", "1 failed", "fails: old against new: 0.0%"),
    ],
)
def test_a_win_rate_is_established_or_the_test_fails(tmp_path, count, system, outcome, words):
    text = TESTS.replace("COUNT", str(count)).replace("SYSTEM", system)
    (tmp_path / "test_one.py").write_text(text)
    options = ["-q", "--color=no", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options],  # the installed package brings the plugin
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert outcome in done.stdout
    assert words in done.stdout
