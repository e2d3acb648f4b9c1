"Three probabilities leave in the form in which they were asked for."

import math

import pytest

from judge_distill.records.errors import InputError
from judge_distill.serving.wire import (
    Odds,
    chat_completion,
    decide,
    option_verdict,
    share_out,
    statement_share,
    system_one,
)

ODDS = Odds(0.7, 0.2, 0.1)


@pytest.mark.parametrize(
    ("odds", "letter"),
    [
        ((0.7, 0.2, 0.1), "A"),
        ((0.2, 0.7, 0.1), "B"),
        ((0.1, 0.1, 0.8), "C"),
        ((0.4, 0.4, 0.2), "A"),
    ],
)
def test_the_likeliest_verdict_is_said(odds, letter):
    completion = chat_completion(Odds(*odds), "m")
    assert completion["choices"][0]["message"]["content"] == f"[[{letter}]]"


def test_the_letters_log_probabilities_are_the_odds():
    tokens = chat_completion(ODDS, "m", logprobs=True)["choices"][0]["logprobs"]["content"]
    tops = {top["token"]: math.exp(top["logprob"]) for top in tokens[1]["top_logprobs"]}
    assert tops == pytest.approx({"A": 0.7, "B": 0.2, "C": 0.1})


def test_a_certain_verdict_has_finite_log_probabilities():
    tokens = chat_completion(Odds(1, 0, 0), "m", logprobs=True)["choices"][0]["logprobs"]["content"]
    assert all(math.isfinite(top["logprob"]) for top in tokens[1]["top_logprobs"])


@pytest.mark.parametrize(
    ("option", "verdict"),
    [
        ("A", 0),
        ("Answer B", 1),
        ("assistant_a", 0),
        (2, 1),
        ("Tie", 2),
        ("neither", 2),
        ("first", 0),
    ],
)
def test_options_that_people_use(option, verdict):
    assert option_verdict(option) == verdict


@pytest.mark.parametrize("option", ["yes", "", "A and B", "billing", None, True])
def test_other_options_are_refused(option):
    with pytest.raises(InputError):
        option_verdict(option)


def test_a_tie_that_is_no_option_is_divided():
    assert share_out(ODDS, ["A", "B"]) == pytest.approx([7 / 9, 2 / 9])


def test_the_options_may_come_in_any_order():
    assert share_out(ODDS, ["tie", "B", "A"]) == pytest.approx([0.1, 0.2, 0.7])


@pytest.mark.parametrize(
    ("words", "share"),
    [
        ("Answer A is better than answer B", 0.7),
        ("Is it true that response B is better?", 0.2),
        ("The two answers are a tie", 0.1),
        ("The first is preferable", 0.7),
    ],
)
def test_statements_that_a_judge_can_answer(words, share):
    assert statement_share(ODDS, words) == share


@pytest.mark.parametrize(
    "words", ["", "Is it urgent?", "A is not better", "A is red", "Answer B is worse"]
)
def test_other_statements_are_refused(words):
    with pytest.raises(InputError):
        statement_share(ODDS, words)


def test_a_choice_in_openais_form():
    question = {
        "type": "choice",
        "name": "n",
        "choices": [{"value": "A"}, {"value": "tie"}, {"value": "B"}],
    }
    answer = decide(ODDS, question)
    assert (answer["choice"], answer["name"]) == ("A", "n")
    assert [one["probability"] for one in answer["probabilities"]] == pytest.approx([0.7, 0.1, 0.2])


def test_a_choice_in_the_system_one_form():
    answer = system_one(
        ODDS, {"type": "choice", "criteria": {"A": "better", "B": None, "tie": None}}
    )
    assert answer["probabilities"] == pytest.approx({"A": 0.7, "B": 0.2, "tie": 0.1})


@pytest.mark.parametrize("ask", [decide, system_one])
@pytest.mark.parametrize(
    "question", [{"type": "score"}, {"type": "box"}, {}, [], None, {"type": "choice"}]
)
def test_what_a_judge_cannot_answer_is_refused(ask, question):
    with pytest.raises(InputError):
        ask(ODDS, question)
