"Students that count: odd texts, settings, warm starts, ties."

import json
import subprocess
import sys

import numpy as np
import pytest

from judge_distill.judging.prompts import Shown
from judge_distill.records.errors import InputError
from judge_distill.students.base import Ties, fit_ties
from judge_distill.students.counting import FeatureStudent
from judge_distill.students.features import SURFACE, likeness
from judge_distill.students.fitting import Weights
from judge_distill.students.levels import LEVELS
from judge_distill.students.record import read_record
from judge_distill.students.settings import FeatureSettings, read_settings
from judge_distill.students.students import open_student, train_student

ODD = [
    ("", "A."),
    (" \n\t", ""),
    ("🐝" * 500, "a" * 20000),
    ("\u202e!?", "1. x\n2. y\n- z"),
    ("same", "same"),
    ("<b>&amp;", "{0} %s \\"),
]


def weights_of(folder):
    return json.loads((folder / "features.json").read_text())["weights"]


@pytest.mark.parametrize("ties", [None, Ties(-2.0, 5.0)])
@pytest.mark.parametrize("first, second", ODD)
def test_odd_texts_are_mirrored_exactly(first, second, ties):
    student = FeatureStudent.of(Weights(np.linspace(-1, 1, len(SURFACE)), 0.2, 0.01, ties))
    shown = Shown("q?", "Source.", first, second)
    there, back = student.predict_proba([shown, shown.mirrored])
    assert there.tolist() == back[[1, 0, 2]].tolist()
    assert abs(there.sum() - 1) < 1e-9 and there.min() > 0


def test_counting_loads_no_torch():
    code = (
        "import sys, numpy as np, judge_distill.students.select;"
        "from judge_distill.students.counting import FeatureStudent, SURFACE, Shown;"
        "from judge_distill.students.fitting import Weights;"
        "student = FeatureStudent.of(Weights(np.zeros(len(SURFACE)), .1, 1));"
        "student.predict_proba([Shown('q', 's', 'a', 'b')]); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_only_the_named_features_get_a_weight(lessons, tmp_path):
    train_student(lessons, read_settings(LEVELS["length"]), tmp_path / "one")
    weights = weights_of(tmp_path / "one")
    assert {name for name, weight in weights.items() if weight} <= {"words", "own words"}


def test_a_feature_that_does_not_exist_is_named(lessons):
    with pytest.raises(InputError, match="'charm' is no feature"):
        FeatureStudent(FeatureSettings(only=("charm",))).fit(lessons)


def test_fit_returns_the_student_and_clones_have_learnt_nothing(lessons):
    student = FeatureStudent()
    assert student.fit(lessons) is student
    assert student.clone().learnt_ is None and student.clone().settings == student.settings


def test_score_is_the_share_of_the_teachers_verdicts(lessons):
    student = FeatureStudent().fit(lessons)
    by_hand = student.predict_proba(lessons.shown).argmax(-1) == lessons.targets.argmax(-1)
    assert student.score(lessons) == by_hand.mean() > 0.9


@pytest.fixture
def warmed(lessons, tmp_path):
    "A student of the length only, and one warmed on it that may hardly move."
    train_student(lessons, read_settings(LEVELS["length"]), tmp_path / "one")
    warm = FeatureSettings(warm=str(tmp_path / "one"), strength=1e-6)
    train_student(lessons.take(range(8)), warm, tmp_path / "warm")
    return tmp_path


def test_a_warm_start_begins_at_the_others_weights(warmed):
    one, near = weights_of(warmed / "one"), weights_of(warmed / "warm")
    assert all(abs(near[name] - one[name]) < 0.01 for name in one)


def test_a_warm_start_is_recorded(warmed):
    record = read_record(warmed / "warm")
    assert record.settings["warmed_on"]["weights"] == open_student(warmed / "one").digest


@pytest.mark.parametrize(
    "folder, embedding, words",
    [("one", "x", "another shape"), ("nowhere", "", "no student's folder")],
)
def test_a_warm_start_that_does_not_fit_is_refused(lessons, warmed, folder, embedding, words):
    settings = FeatureSettings(embedding=embedding, warm=str(warmed / folder))
    with pytest.raises(InputError, match=words):
        FeatureStudent(settings).fit(lessons)


def test_likeness_is_the_shared_share_of_content_words():
    # {city, opened, 1624} and {city, opened}: 2 of 3
    shown = Shown("", "", "The city opened in 1624.", "The city opened.")
    assert likeness([shown]).tolist() == pytest.approx([2 / 3])


def test_the_tie_head_learns_that_alike_answers_tie():
    ties = fit_ties([0.1, 0.2, 0.3, 0.8, 0.9, 1.0], [0, 0, 0, 1, 1, 1])
    apart, alike = ties.probabilities([0.5, 0.5], [0.1, 0.95])
    assert apart[2] < 0.3 < alike[2]


def test_a_student_that_tells_ties_by_likeness_opens_with_the_same_verdicts(lessons, tmp_path):
    student = FeatureStudent(FeatureSettings(ties="likeness")).fit(lessons)
    student.save(tmp_path)
    again = open_student(tmp_path)
    assert again.learnt_.ties == student.learnt_.ties
    given = student.predict_proba(lessons.shown)
    assert (again.predict_proba(lessons.shown) == given).all()
