"Workers share a pace, a purse and their ledgers: tried without an engine."

import asyncio
import sqlite3

import pytest

from judge_distill.calls.ledger import Ledger
from judge_distill.calls.prices import make_prices
from judge_distill.calls.replies import Reply
from judge_distill.recipe.desk import Desk, Terms, merge_ledgers, worker_ledger
from judge_distill.records.errors import OverBudget

MODEL = "openai:judge@https://api.openai.com/v1"
PRICES = make_prices({"judge": {"input": 10_000, "output": 10_000}})  # a cent a token


def worker(folder, desk, name, budget=None):
    "A worker's ledger, with the desk at hand."
    terms = Terms(budget, PRICES, None, None)
    return worker_ledger(
        folder / "ledgers", name, terms, lambda m, *given: getattr(desk, m)(*given), desk.wait
    )


class Service:
    "Answers with two tokens, and counts."

    def __init__(self):
        self.asked = []

    async def reply(self, question):
        self.asked.append(question)
        await asyncio.sleep(0.01)
        return Reply(text="[[A]]", tokens_in=1, tokens_out=1)

    def ask(self, ledger, question):
        "One call through a worker's ledger."
        return ledger.call(
            lambda: self.reply(question),
            stage="judge",
            model=MODEL,
            messages=[question],
            parameters={"max_tokens": 1},
        )


@pytest.fixture
def service():
    return Service()


def together(*coroutines):
    "All at once."

    async def run():
        return await asyncio.gather(*coroutines, return_exceptions=True)

    return asyncio.run(run())


def test_two_workers_ask_the_same_once(tmp_path, service):
    desk = Desk(None, None)
    one, two = (worker(tmp_path, desk, name) for name in ("one", "two"))
    replies = together(service.ask(one, "Why?"), service.ask(two, "Why?"))
    assert [reply.text for reply in replies] == ["[[A]]"] * 2
    assert service.asked == ["Why?"]


def test_what_a_lost_worker_paid_for_is_not_asked_again(tmp_path, service):
    desk = Desk(None, None)
    together(service.ask(worker(tmp_path, desk, "lost"), "Why?"))
    together(service.ask(worker(tmp_path, desk, "lost"), "Why?"))
    together(service.ask(worker(tmp_path, desk, "another"), "Why?"))
    assert service.asked == ["Why?"]


def test_what_an_earlier_run_paid_for_is_not_asked_again(tmp_path, service):
    together(service.ask(worker(tmp_path, Desk(None, None), "one"), "Why?"))
    merge_ledgers(tmp_path / "ledgers", tmp_path / "ledger.sqlite")
    together(service.ask(worker(tmp_path, Desk(None, None), "two"), "Why?"))
    assert service.asked == ["Why?"]


def test_one_budget_for_all(tmp_path, service):
    desk, budget = Desk(None, None), 0.10  # a call is four cents at most: two input tokens, …
    workers = [worker(tmp_path, desk, str(n), budget) for n in range(4)]
    results = together(*(service.ask(workers[n % 4], f"Why, {n}?") for n in range(20)))
    assert any(isinstance(result, OverBudget) for result in results)
    assert len(service.asked) * 0.02 <= budget


def test_what_a_lost_worker_had_set_aside_counts_as_spent():
    desk = Desk(None, None)
    assert desk.hold("one", 0.6, 0.0, 1.0, False)[0]
    desk.sign_in("one")
    assert desk.hold("two", 0.5, 0.0, 1.0, False) == (False, 0.6, 0)


def test_a_claim_of_a_lost_worker_is_free():
    desk = Desk(None, None)
    assert desk.claim("one", "key") and not desk.claim("two", "key")
    desk.sign_in("one")
    assert desk.claim("two", "key")


def test_a_merged_ledger_holds_every_call_once(tmp_path, service):
    desk = Desk(None, None)
    for name in ("one", "two"):
        ledger = worker(tmp_path, desk, name)
        together(*(service.ask(ledger, f"{name} {n}") for n in range(5)))
    assert merge_ledgers(tmp_path / "ledgers", tmp_path / "ledger.sqlite") == 2
    whole = Ledger(tmp_path / "ledger.sqlite")
    assert whole.account()["judge"]["calls"] == 10
    assert whole.purse.spent == pytest.approx(10 * 0.02)


def test_merging_again_changes_nothing(tmp_path, service):
    together(service.ask(worker(tmp_path, Desk(None, None), "one"), "Why?"))
    file = tmp_path / "ledgers" / "one.sqlite"
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = file.read_bytes()
    merge_ledgers(tmp_path / "ledgers", tmp_path / "ledger.sqlite")
    file.write_bytes(copy)  # as after a crash between merging and removing
    merge_ledgers(tmp_path / "ledgers", tmp_path / "ledger.sqlite")
    assert Ledger(tmp_path / "ledger.sqlite").purse.spent == pytest.approx(0.02)


def test_what_was_paid_twice_is_not_forgotten(tmp_path, service):
    for name in ("one", "two"):  # two folders: they know nothing of each other
        together(service.ask(worker(tmp_path / name, Desk(None, None), name), "Why?"))
        merge_ledgers(tmp_path / name / "ledgers", tmp_path / "ledger.sqlite")
    whole = Ledger(tmp_path / "ledger.sqlite")
    assert whole.account()["judge"]["calls"] == 1
    assert whole.purse.spent == pytest.approx(0.04)


def test_one_pace_for_all(tmp_path, service):
    desk = Desk(6000, None)
    terms = Terms(None, PRICES, 6000, None)
    waited = []

    async def wait(tokens):
        waited.append(tokens)
        await desk.wait(tokens)

    ledgers = [
        worker_ledger(
            tmp_path / "ledgers", n, terms, lambda m, *given: getattr(desk, m)(*given), wait
        )
        for n in ("one", "two")
    ]
    together(*(service.ask(ledger, f"{n}") for n, ledger in enumerate(ledgers)))
    assert len(waited) == 2
