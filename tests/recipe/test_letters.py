"People see A and B, and the judge that always takes the first answer under its full name."

from judge_distill.recipe.judging import judge_newly
from judge_distill.recipe.pipeline import _all_rulings
from judge_distill.records.schema import Judgement, Order, Outcome, Verdict


def test_counts_speak_of_a_and_b(judged):
    fresh = judged(6).model_copy(update={"rulings": ()})
    assert judge_newly(fresh, "longer").counts == "2 A, 4 B"


def test_a_run_calls_the_first_answer_as_every_report_does(judged):
    data = judged(6)
    looks = [
        Judgement(pair_id=pair.id, judge="untrained", order=order, verdict=Verdict.FIRST)
        for pair in data.pairs
        for order in Order
    ]
    train, truth = data.rulings[:3], data.rulings[3:6]
    rulings = _all_rulings({"untrained": looks}, data.pairs[3:], train, truth)
    assert list(rulings) == ["untrained", "always-first", "majority"]
    assert {ruling.outcome for ruling in rulings["always-first"]} == {Outcome.FIRST}
    assert {ruling.judge for ruling in rulings["always-first"]} == {"always-first"}
