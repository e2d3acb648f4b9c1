"""Each of the four things that people come with has its tutorial: short, installed as written, with
something to see where nothing runs.
"""

import json
from pathlib import Path

import nbformat
import pytest

from judge_distill.testing.eight_questions import kept_labels

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


def told(folder, monkeypatch, capsys):
    "What the tutorial on labels prints where that folder has labels of the person."
    monkeypatch.chdir(folder)
    monkeypatch.delenv("JUDGE_DISTILL_DATA", raising=False)
    names = {"display": lambda *_: None}
    for cell in cells("tutorials/look_and_label.ipynb"):
        if cell.cell_type == "code" and "#| eval: false" not in cell.source:
            exec(cell.source, names)
    return capsys.readouterr().out


def test_without_labels_of_ones_own_it_goes_by_those_that_are_kept(tmp_path, monkeypatch, capsys):
    assert "8 labels by ada; to compare with: ada, bo" in told(tmp_path, monkeypatch, capsys)
    assert not [*tmp_path.iterdir()]  # nothing is written before the first label


@pytest.mark.parametrize("many", [1, 3, 8])
def test_it_goes_by_ones_own_labels_where_there_are_any(tmp_path, monkeypatch, capsys, many):
    (tmp_path / "labels").mkdir()
    mine = [one.model_copy(update={"who": "me"}) for one in kept_labels() if one.who == "ada"]
    lines = [json.dumps(one.model_dump(mode="json")) for one in mine[:many]]
    (tmp_path / "labels" / "me.jsonl").write_text("\n".join(lines) + "\n")
    printed = told(tmp_path, monkeypatch, capsys)
    assert f"{many} labels by me; to compare with: ada, bo, me" in printed
    assert "bo with me:" in printed


def test_a_person_who_only_skipped_has_no_say(tmp_path, monkeypatch, capsys):
    (tmp_path / "labels").mkdir()
    one = kept_labels()[0].model_dump(mode="json") | {"who": "me", "choice": "skip"}
    (tmp_path / "labels" / "me.jsonl").write_text(json.dumps(one) + "\n")
    assert "8 labels by ada" in told(tmp_path, monkeypatch, capsys)


def test_no_opinion_is_scripted_in_it():
    code = "\n".join(
        cell.source for cell in cells("tutorials/look_and_label.ipynb") if cell.cell_type == "code"
    )
    assert ".choose(" not in code and "def " not in code
