"One table of judges: what is measured stands in it, what is not is a dash."

import pytest

from judge_distill.agreement.judges import judges_table
from judge_distill.agreement.report import agree
from judge_distill.calls.ledger import Ledger
from judge_distill.calls.replies import Reply
from judge_distill.data.judged import Judged
from judge_distill.judging.judge import judge_pairs
from judge_distill.judging.rules import rule_judge
from judge_distill.records.schema import Answer, Outcome, Pair, Ruling

PAIRS = [
    Pair.of(f"{i}?", "", Answer(model="a", text="short"), Answer(model="b", text="longer text"))
    for i in range(8)
]


@pytest.fixture(scope="module")
def report():
    "The judge longer, and ada, who takes the first answer in six of eight."
    looks = judge_pairs(PAIRS, rule_judge("longer"), Ledger())
    outcomes = [Outcome.FIRST] * 6 + [Outcome.SECOND] * 2
    ada = [
        Ruling(pair_id=pair.id, judge="ada", outcome=outcome)
        for pair, outcome in zip(PAIRS, outcomes, strict=True)
    ]
    judged = Judged(name="made", format="made", pairs=PAIRS, judgements=looks, rulings=ada)
    return agree(judged, "ada")


def asked(cost, model="m@http://here"):
    "A ledger of four pairs, each asked about twice for a second and a half."
    ledger = Ledger()
    for i in range(8):
        reply = Reply(text="[[A]]", seconds=1.5, cost=cost)
        sent = {"stage": "judge longer", "model": model, "parameters": {}, "messages": []}
        ledger.put(f"key {i}", reply, **sent)
    return ledger


def row(report, ledger=None):
    return judges_table(report, ledger).set_index("judge").loc[["longer"]].iloc[0]


def test_agreement_position_and_length_stand_with_n_and_interval(report):
    line = row(report)
    assert line["agrees with ada"].startswith("2 of 8, 25.0% [")
    assert line["same verdict in both orders"].startswith("8 of 8, 100.0% [")
    assert line["prefers the longer answer"].startswith("8 of 8, 100.0% [")


def test_price_and_pace_come_from_the_ledger(report):
    line = row(report, asked(0.002))  # 8 calls, 4 pairs
    assert line["$ a thousand pairs"] == "4.00"
    assert line["seconds a pair"] == "3"


def test_a_service_without_a_price_has_none(report):
    assert row(report, asked(None))["$ a thousand pairs"] == "no price known"


def test_a_model_on_this_machine_costs_nothing(report):
    assert row(report, asked(None, "student:1"))["$ a thousand pairs"] == "0.00"


def test_what_was_not_measured_is_a_dash(report):
    assert row(report)["$ a thousand pairs"] == "–"
    majority = judges_table(report).set_index("judge").loc["majority of these pairs"]
    assert majority["same verdict in both orders"] == "–"


def test_a_judge_that_is_also_free_stands_there_once_by_its_name(report):
    names = [*judges_table(report)["judge"]]
    assert names.count("longer") == 1 and "longer, free" in names
