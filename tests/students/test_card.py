"A student's card."

from judge_distill.records.schema import StudentRecord
from judge_distill.students.card import model_card


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
