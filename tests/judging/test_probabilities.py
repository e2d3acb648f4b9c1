"Log-probabilities are kept where they tell something, and never cost a verdict."

import math
from types import SimpleNamespace

import pytest

from judge_distill.judging.probabilities import as_shares, keep_probabilities, verdict_probabilities


def token(text, **likely):
    others = [SimpleNamespace(token=t, logprob=math.log(p)) for t, p in likely.items()]
    return SimpleNamespace(token=text, logprob=-0.1, top_logprobs=others)


def test_the_letter_that_the_verdict_is_read_from_tells():
    tokens = [token("[["), token("B", B=0.75, A=0.25), token("]]")]
    assert verdict_probabilities("[[B]]", tokens) == pytest.approx((0.25, 0.75, 0))


def test_a_letter_that_is_not_the_verdict_does_not_tell():
    text = 'My verdict: [[B]]. Assistant A wrote "[[A]]"'
    tokens = [token(text.rpartition("A")[0]), token("A", A=1.0), token(']]"')]
    assert verdict_probabilities(text, tokens) is None


@pytest.mark.parametrize(
    "tokens",
    [
        ["[[", "B", "]]"],
        [None],
        [{"token": "B"}],
        [SimpleNamespace(token="[[B]]", logprob="x", top_logprobs=None)],
        [SimpleNamespace(token="[[B]]", logprob=-math.inf, top_logprobs=[])],
        [SimpleNamespace(token="[[B]]", logprob=1e9, top_logprobs=[])],
        [SimpleNamespace(token=3, logprob=0, top_logprobs=[])],
        7,
    ],
)
def test_odd_tokens_are_none(tokens):
    assert verdict_probabilities("[[B]]", tokens) is None


@pytest.mark.parametrize("raw", [None, SimpleNamespace(choices=[]), SimpleNamespace(choices=[1])])
def test_odd_responses_are_none(raw):
    assert keep_probabilities(raw) is None


@pytest.mark.parametrize("data", [None, 1, "abc", [1, 2], ["x", 0, 0], [math.nan] * 3, {"a": 1}])
def test_what_a_ledger_holds_is_looked_at(data):
    assert as_shares(data) is None
