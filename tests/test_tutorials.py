"""Each of the four things that people come with has its tutorial: short, installed as written, with
something to see where nothing runs.
"""

from pathlib import Path

import nbformat
import pytest

NBS = Path(__file__).parent.parent / "nbs"
# what people come with → the tutorial that takes it up
ARRIVALS = {
    "verdicts in a file": "tutorials/your_verdicts.ipynb",
    "documents, and perhaps a key": "tutorials/distill_locally.ipynb",
    "a judge that you want to check": "tutorials/look_and_label.ipynb",
    "a small judge, and pairs": "tutorials/use_a_judge.ipynb",
}
TUTORIALS = sorted(path.relative_to(NBS).as_posix() for path in (NBS / "tutorials").glob("*.ipynb"))
WORDS_A_MINUTE = 200


def cells(name):
    return nbformat.read(NBS / name, as_version=4).cells


@pytest.mark.parametrize("what", ARRIVALS)
def test_the_home_page_leads_each_arrival_to_its_tutorial(what):
    home = "\n".join(cell.source for cell in cells("index.ipynb"))
    [row] = [line for line in home.splitlines() if line.startswith("| ") and ARRIVALS[what] in line]
    assert what.split(",")[0].split()[-1] in row


@pytest.mark.parametrize("name", ARRIVALS.values())
def test_it_is_read_in_ten_minutes(name):
    words = sum(len(cell.source.split()) for cell in cells(name))
    assert words / WORDS_A_MINUTE < 10


@pytest.mark.parametrize("name", TUTORIALS)
def test_it_installs_what_is_published_by_its_name(name):
    installs = [cell.source for cell in cells(name) if "%pip" in cell.source]
    assert all('%pip install -q "judge_distill[' in install for install in installs)
    assert installs or name not in ARRIVALS.values()


@pytest.mark.parametrize("name", TUTORIALS)
def test_it_shows_something_where_nothing_runs(name):
    kinds = {key for c in cells(name) for o in c.get("outputs", []) for key in o.get("data", {})}
    printed = [o for c in cells(name) for o in c.get("outputs", []) if o.get("name") == "stdout"]
    assert printed and kinds & {"text/html", "text/markdown", "image/png", "text/plain"}


@pytest.mark.parametrize("name", TUTORIALS)
def test_what_it_saved_is_no_excuse(name):
    "Published data are shown, not the line that says that they are not here."
    printed = [
        o.text for c in cells(name) for o in c.get("outputs", []) if o.get("name") == "stdout"
    ]
    assert not [text for text in printed if text.startswith("skipped")]
