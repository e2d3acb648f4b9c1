"A budget is a cap: whatever comes is counted, and what calls under way can cost is set aside."

import time

import pytest

from judge_distill.calls.ledger import Ledger
from judge_distill.calls.limits import Limits, Pace
from judge_distill.calls.prices import LONGEST_REPLY, Purse, make_prices
from judge_distill.records.errors import InputError, OverBudget

from .conftest import (
    Odd,
    completion,
    in_process,
    judge_at,
    judged,
    pairs_of,
    priced,
    quick,
    right,
)


def used(text, into, out):
    "A server whose every reply uses so many tokens."
    usage = {"prompt_tokens": into, "completion_tokens": out}
    return lambda body, time: (200, completion(text or right(body), usage=usage))


def spend(answer, budget, each, path=None, **more):
    "Dollars that a server's replies cost in truth, and in the ledger, until the budget ends."
    with Odd(answer) as server:
        ledger = Ledger(path, limits=quick(), purse=priced(budget, each))
        with pytest.raises(OverBudget, match="raise --budget"):
            judged(server, 50, ledger, **more)
        tokens = answer(server.bodies[0], 1)[1]["usage"] or {}
        return len(server.bodies) * sum(tokens.values()) * each / 1e6, ledger.purse.spent


def test_the_cap_holds_where_replies_are_empty():
    answer = used(" ", 1000, 1000)
    true, counted = spend(answer, 0.3, 10.0)
    assert true == pytest.approx(counted) and true <= 0.3


def test_the_cap_holds_where_replies_are_longer_than_allowed():
    true, counted = spend(used(None, 400, 5000), 0.3, 5.0)
    assert true == pytest.approx(counted) and true <= 0.3


def test_the_cap_holds_where_the_service_tells_no_usage():
    answer = used(None, 0, 0)
    assert 0 < spend(answer, 0.3, 100.0)[1] <= 0.3


def test_under_a_budget_a_call_says_how_long_its_reply_may_be():
    with Odd(used(None, 10, 10)) as server:
        judged(server, 1, Ledger(limits=quick(), purse=priced(1.0, 1.0)))
        assert all(body["max_tokens"] == LONGEST_REPLY for body in server.bodies)
        judged(server, 2, Ledger(limits=quick(), purse=priced(None, 1.0)))
        assert "max_tokens" not in server.bodies[-1]


def test_the_limit_of_a_budget_changes_no_key(tmp_path):
    path = tmp_path / "ledger.sqlite"
    with Odd(used(None, 10, 10)) as server:
        judged(server, 2, Ledger(path, limits=quick(), purse=priced(1.0, 1.0)))
        judged(server, 2, Ledger(path, limits=quick()))
        assert len(server.bodies) == 4


def test_a_reply_that_the_budget_cut_off_is_not_kept():
    def answer(body, time):
        return 200, completion("At first sight", choice={"finish_reason": "length"})

    with Odd(answer) as server:
        ledger = Ledger(limits=quick(), purse=priced(1.0, 1.0))
        assert "for the budget" in judged(server, 1, ledger)[0].problem
    assert ledger.purse.spent > 0 and ledger.account() == {}


def test_two_processes_have_one_purse(tmp_path):
    path = tmp_path / "ledger.sqlite"

    def work(url):
        ledger = Ledger(path, limits=quick(), purse=priced(0.5, 100.0))
        server = type("At", (), {"url": url})
        try:
            judged(server, 100, ledger, max_tokens=60)
        except OverBudget:
            pass

    with Odd(used(None, 60, 40), latency=0.02) as server:
        processes = [in_process(work, server.url) for _ in range(2)]
        for process in processes:
            process.join(60)
        assert len(server.bodies) * 100 * 100 / 1e6 <= 0.5
        assert len(server.bodies) > 25


def test_what_was_spent_is_known_to_the_next_run(tmp_path):
    path = tmp_path / "ledger.sqlite"
    true, _ = spend(used(" ", 1000, 1000), 0.3, 10.0, path)
    assert Ledger(path).purse.spent == pytest.approx(true)


@pytest.mark.parametrize("budget", [0, -1, float("nan"), float("inf")])
def test_a_budget_that_is_none_is_refused(budget):
    with pytest.raises(InputError, match="more than 0"):
        Purse(budget=budget)


@pytest.mark.parametrize("limit", [0, -5, float("nan"), float("inf")])
def test_a_pace_that_is_none_is_refused(limit):
    with pytest.raises(InputError, match="more than 0"):
        Pace(limit)


@pytest.mark.parametrize("price", [-1, float("nan"), float("inf"), "much"])
def test_a_price_that_is_none_is_refused(price):
    with pytest.raises(InputError, match="m: input, output"):
        make_prices({"m": {"input": price, "output": 1.0}})


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_a_timeout_that_is_none_is_refused(seconds):
    with pytest.raises(InputError, match="more than 0"):
        Limits(timeout=seconds)


def test_requests_are_spread_over_the_minute():
    with Odd(used(None, 10, 10)) as server:
        began = time.monotonic()
        judged(server, 15, Ledger(limits=Limits(requests_per_minute=600)))
    assert time.monotonic() - began > 0.8  # 20 at once, then ten a second


def test_of_many_pairs_a_spread_sample_is_quoted(monkeypatch):
    judge, asked = judge_at("http://127.0.0.1:9/v1"), []
    request = judge.request
    monkeypatch.setattr(judge, "request", lambda *look: asked.append(1) or request(*look))
    few, many = (judge.quote(pairs_of(count), Ledger()) for count in (100, 3000))
    assert (few.calls, many.calls) == (200, 6000)
    assert len(asked) <= 200 + 500
    assert many.tokens_in / 6000 == pytest.approx(few.tokens_in / 200, rel=0.05)
