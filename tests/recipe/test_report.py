"The report of a run keeps its keys and its form."

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from judge_distill.recipe.report import RunReport, report_text
from judge_distill.recipe.results import StageNote
from judge_distill.recipe.train import Training, train

# shortened from a run of version 0.1.0, as that version wrote it
EARLIER = (Path(__file__).parent / "report.json").read_text(encoding="utf-8")


@pytest.fixture
def report():
    return RunReport.model_validate_json(EARLIER)


def as_before(now, before):
    "What is written now, without keys that an agreement record has gained since."
    if isinstance(before, dict):
        return {key: as_before(value, before[key]) for key, value in now.items() if key in before}
    if isinstance(before, list) and before:
        return [as_before(a, b) for a, b in zip(now, before, strict=True)]
    return now


def test_report_json_is_the_same_to_the_byte(report):
    before, now = json.loads(EARLIER), json.loads(report.json_text())
    assert list(now) == list(before)
    now["evaluation"] = as_before(now["evaluation"], before["evaluation"])
    assert json.dumps(now, indent=1, ensure_ascii=False) == EARLIER


def test_stage_note_writes_what_was_said_and_no_more():
    note = StageNote(pairs=3).merged(StageNote(seconds=1.5))
    assert json.loads(note.model_dump_json(exclude_unset=True)) == {"pairs": 3, "seconds": 1.5}


def test_unknown_key_is_refused():
    with pytest.raises(ValidationError):
        RunReport.model_validate(json.loads(EARLIER) | {"extra": 1})


def test_report_says_first_that_the_teacher_is_a_formula(report):
    assert "formula" in report_text(report).splitlines()[2]


def test_str_is_short(report):
    assert len(str(report).splitlines()) <= 4


@pytest.fixture(scope="module")
def figures(tmp_path_factory, judged):
    folder = tmp_path_factory.mktemp("figures") / "student"
    return train(judged(), "gpt4", out=folder, training=Training(kind="features"))


def test_report_of_a_local_student_is_that_of_train(report, figures):
    text = report_text(report.model_copy(update={"figures": figures}))
    assert "The teacher is gpt4" in text.splitlines()[2]
    assert text.index("How many verdicts more?") < text.index("<details>")


def test_figures_of_the_student_are_not_written_twice(report, figures):
    assert report.model_copy(update={"figures": figures}).json_text() == report.json_text()
