"`judge-distill train FILE`."

import pytest

from judge_distill.cli import main, make_parser
from judge_distill.command.train import _usual_teacher
from judge_distill.records.errors import InputError


def options(*words):
    return make_parser().parse_args(["train", *words])


def test_published_set_has_a_teacher_and_people_of_its_own():
    given = options("pandalm")
    _usual_teacher(given)
    assert (given.teacher, given.people) == (["gpt-3.5-turbo"], ["human majority"])


def test_licence_and_size_of_a_published_set_are_told(capsys):
    _usual_teacher(options("llamaindex-cities"))
    said = capsys.readouterr().out
    assert "licence MIT" in said and "1.1 MB" in said


def test_people_that_are_named_stay():
    given = options("pandalm", "--people", "annotator1")
    _usual_teacher(given)
    assert given.people == ["annotator1"]


@pytest.mark.parametrize("name", ["verdicts.csv", "fg-qa"])
def test_file_needs_a_teacher(name):
    with pytest.raises(InputError, match="--teacher NAME"):
        _usual_teacher(options(name))


def test_each_of_one_teacher_is_refused(tmp_path, capsys):
    (tmp_path / "v.csv").write_text("question,answer_a,answer_b,gpt4\nq,a,b,A\n")
    file, out = str(tmp_path / "v.csv"), str(tmp_path / "judges")
    assert main(["train", file, "--teacher", "gpt4", "--each", "--out", out]) == 2
    assert "two teachers or more" in capsys.readouterr().err
