"A student's card."

from judge_distill.records.schema import StudentRecord
from judge_distill.students.card import model_card, warnings


def test_a_card_says_that_the_rubric_stands_in_for_a_teacher():
    student = StudentRecord(
        backend="local",
        base_model="",
        model=".",
        examples_digest="0",
        settings={"kind": "features", "strength": 0.01},
    )
    card = model_card(student, teacher="rubric", data="3 pairs", figures="| a |")
    assert "stands in" in card and "3 pairs" in card


def test_a_student_that_knows_only_length_is_named_so():
    settings = {"kind": "features", "only": ["words", "own words"]}
    record = StudentRecord(
        backend="local", base_model="", model=".", examples_digest="0", settings=settings
    )
    assert warnings(record) == ["It knows only how long the answers are."]


def test_a_student_that_counts_more_is_not():
    settings = {"kind": "features", "only": ["words", "lines"]}
    record = StudentRecord(
        backend="local", base_model="", model=".", examples_digest="0", settings=settings
    )
    assert warnings(record) == []
