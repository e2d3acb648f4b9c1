"People see A and B, and the judge that always takes the first answer under its full name."

from judge_distill.recipe.judging import judge_newly


def test_counts_speak_of_a_and_b(judged):
    fresh = judged(6).model_copy(update={"rulings": ()})
    assert judge_newly(fresh, "longer").counts == "2 A, 4 B"
