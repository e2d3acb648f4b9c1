"Trees that grow from one's own verdicts."

import numpy as np
import pytest

from judge_distill.judging.prompts import Shown
from judge_distill.records.errors import NotEnoughData
from judge_distill.records.schema import Order
from judge_distill.students.lessons import Lessons
from judge_distill.students.prior import TreesStudent
from judge_distill.students.record import read_record
from judge_distill.students.settings import TreesSettings
from judge_distill.students.students import open_student, train_student


def lessons_of(answers, right, groups=None):
    "Lessons from texts of two answers and the place of the right one."
    n = len(answers)
    shown = tuple(Shown(f"Question {i}?", "", *two) for i, two in enumerate(answers))
    names = tuple(map(str, range(n)))
    together = tuple(groups or names)
    orders = (Order.ORIGINAL,) * n
    return Lessons(shown, np.eye(3)[right], np.zeros(n, bool), orders, names, together, "invented")


def test_trees_learn_from_differences_and_are_mirrored_exactly(lessons):
    student = TreesStudent().fit(lessons)
    assert student.score(lessons.once) > 0.9
    there = student.predict_proba(lessons.shown)
    back = student.predict_proba([look.mirrored for look in lessons.shown])
    assert there.tolist() == back[:, [1, 0, 2]].tolist()


def test_a_folder_opens_with_the_same_probabilities(lessons, tmp_path):
    settings = TreesSettings(rounds=20, leaves=3)
    train_student(lessons, settings, tmp_path)
    one, two = open_student(tmp_path), TreesStudent(settings).fit(lessons)
    assert one.predict_proba(lessons.shown).tolist() == two.predict_proba(lessons.shown).tolist()
    assert (one.digest, one.kind, one.level) == (two.digest, "trees", 0)
    assert read_record(tmp_path).settings == {"kind": "trees", "seed": 0, "rounds": 20, "leaves": 3}


def test_where_held_out_pairs_say_nothing_it_is_never_turned_against_its_trees():
    noise = np.random.default_rng(1)
    answers = [tuple(" ".join(["word"] * k) for k in noise.integers(2, 40, 2)) for _ in range(60)]
    for seed in range(5):
        right = np.random.default_rng(seed).integers(0, 2, 60).tolist()
        assert TreesStudent().fit(lessons_of(answers, right)).learnt_.weights.weights[0] >= 0.05


@pytest.mark.parametrize("n", [2, 3, 7])
def test_few_pairs_or_one_group_are_enough_to_fit(lessons, n):
    few = lessons.once.take(range(n))
    for groups in (few.groups, ("one",) * n):
        given = TreesStudent().fit(few._replace(groups=groups)).predict_proba(few.shown)
        assert np.allclose(given.sum(-1), 1)


def test_one_pair_is_too_few(lessons):
    with pytest.raises(NotEnoughData, match="at least two"):
        TreesStudent().fit(lessons.once.take([0]))
