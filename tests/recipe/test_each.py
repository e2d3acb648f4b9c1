"Several teachers, a student each."

import pytest

from judge_distill.recipe.each import train_each
from judge_distill.recipe.training import Training, make_plan


@pytest.fixture(scope="module")
def both(tmp_path_factory, judged):
    out = tmp_path_factory.mktemp("each")
    data = judged(40, judges=("gpt 4", "ada"))
    return out, train_each(data, ["gpt 4", "ada"], "ada", out, Training(kind="features"))


def test_each_teacher_has_a_folder(both):
    assert {folder.name for folder in both[0].iterdir()} == {"gpt_4", "ada"}


def test_each_student_stands_beside_its_teacher_and_people(both):
    text = str(both[1])
    assert "gpt 4's, with gpt 4" in text and "gpt 4's with ada" in text


def test_table_fits_a_screen(both):
    table = str(both[1]).split("\n\n")[0]
    assert max(map(len, table.splitlines())) <= 80


def test_prior_is_left_out_on_the_set_it_learnt_from(judged, tmp_path, capsys):
    data = judged(40).model_copy(update={"name": "pandalm"})
    plan = make_plan(data, ["gpt4"], tmp_path, Training())
    assert not [name for name in plan.settings.rungs if "prior" in name]
    assert "left out" in capsys.readouterr().out


def test_prior_is_tried_on_other_sets(judged, tmp_path):
    assert "prior" in make_plan(judged(40), ["gpt4"], tmp_path, Training()).settings.rungs
