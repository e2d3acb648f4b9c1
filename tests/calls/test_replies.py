"A reply's text is had, whatever else the response holds."

import pytest

from judge_distill.calls.ledger import Ledger
from judge_distill.calls.replies import Body, chat_reply, token_count

from .conftest import Odd, completion, judged, number_of, quick, right, rights


@pytest.mark.parametrize(
    "usage", [None, [1, 2], "unknown", {"prompt_tokens": "n/a"}, {"prompt_tokens": -1}, {}]
)
def test_odd_usage_costs_no_verdict(usage):
    with Odd(lambda body, time: (200, completion(right(body), usage=usage))) as server:
        ledger = Ledger(limits=quick())
        assert rights(judged(server, ledger=ledger)) == 16
    assert ledger.account()["judge teacher"]["tokens_in"] > 16 * 50  # counted from the text


@pytest.mark.parametrize(
    "logprobs",
    [0.5, {"content": ["a", "b"]}, {"content": [{"token": "[[", "top_logprobs": {"[[": -1}}]}, []],
)
def test_odd_log_probabilities_cost_no_verdict(logprobs):
    def answer(body, time):
        return 200, completion(right(body), choice={"logprobs": logprobs})

    with Odd(answer) as server:
        assert rights(judged(server, logprobs=True)) == 16


def test_a_list_of_parts_is_a_text():
    def answer(body, time):
        parts = [{"type": "text", "text": "Read. "}, {"type": "text", "text": right(body)}]
        return 200, completion("", message={"content": parts})

    with Odd(answer) as server:
        assert rights(judged(server)) == 16


@pytest.mark.parametrize(
    "message, words",
    [
        ({"content": None, "tool_calls": [{"id": "c1"}]}, "tool call"),
        ({"content": "", "reasoning_content": "I weigh both. [[A]]"}, "only the model's thoughts"),
    ],
)
def test_what_is_no_reply_says_so_and_is_not_paid_again(message, words):
    with Odd(lambda body, time: (200, completion("", message=message))) as server:
        judgements = judged(server, 4)
        assert len(server.bodies) == 8
    assert all(words in j.problem for j in judgements)


def test_bytes_that_are_no_text_cost_no_verdict():
    def answer(body, time):
        return 200, b'{"choices": [{"message": {"content": "\xff %s"}}]}' % right(body).encode()

    with Odd(answer) as server:
        assert rights(judged(server)) == 16


def test_a_reply_that_nests_too_deep_costs_one_call():
    def answer(body, time):
        deep = b'{"a":' * 100_000
        return (200, deep) if number_of(body) == 3 else (200, completion(right(body)))

    with Odd(answer) as server:
        ledger = Ledger(limits=quick(attempts=2))
        assert rights(judged(server, ledger=ledger)) == 14


def test_a_count_that_cannot_be_is_none():
    for value in ("n/a", -1, float("nan"), 1e300, True, None, [], {}):
        assert token_count({"prompt_tokens": value}, "prompt_tokens") is None


def test_the_first_of_two_choices_is_the_reply():
    choices = [Body(message=Body(content=text)) for text in ("[[A]]", "[[C]]")]
    assert chat_reply(None, Body(choices=choices)).text == "[[A]]"
