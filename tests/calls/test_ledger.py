"What was paid is kept, and nothing is paid twice."

import asyncio
import json
import os
import random
import signal
import sqlite3
import time

import pytest

from judge_distill.calls import store as store_module
from judge_distill.calls.concurrency import run_sync
from judge_distill.calls.ledger import Ledger
from judge_distill.calls.replies import Reply
from judge_distill.records.errors import InputError, ModelError
from judge_distill.testing.description import complaints
from judge_distill.testing.desk import FAULTS
from judge_distill.testing.protocol import ProtocolServer

from .conftest import Odd, completion, error, in_process, judged, quick, right, rights

KILLS = int(os.environ.get("JUDGE_DISTILL_KILLS", 3))
SERVICE = "OpenAILike:m@http://127.0.0.1:9/v1"


def ok(body, time=1):
    return 200, completion(right(body))


def judge_there(path, url, count, concurrency=16):
    "Judge in this process, which a test may kill."
    ledger = Ledger(path, limits=quick(timeout=5))
    server = type("At", (), {"url": url})
    judged(server, count, ledger, concurrency)


def texts(path):
    "What the ledger has recorded: the chats, each with its reply."
    db = sqlite3.connect(path, timeout=60)
    try:
        return dict(db.execute("SELECT messages, json_extract(reply, '$.text') FROM calls"))
    except sqlite3.OperationalError:  # killed before the table was there
        return {}
    finally:
        db.close()


def chats(requests):
    "The chats of requests that came to a server."
    return {json.dumps(body["messages"]) for body in requests}


def test_two_processes_share_the_work(tmp_path):
    path = tmp_path / "ledger.sqlite"
    with Odd(ok, latency=0.02) as server:
        workers = [in_process(judge_there, path, server.url, 60) for _ in range(2)]
        for worker in workers:
            worker.join(60)
        assert len(server.bodies) == 120 and max(server.times.values()) == 1
    assert [worker.exitcode for worker in workers] == [0, 0]


def test_what_a_dead_process_claimed_is_free(tmp_path):
    path = tmp_path / "ledger.sqlite"
    with Odd(ok, latency=30) as server:
        worker = in_process(judge_there, path, server.url, 4)
        while len(server.bodies) < 8:
            time.sleep(0.02)
        worker.kill()
        worker.join()
        server.latency, began = 0.0, time.monotonic()
        assert rights(judged(server, 4, Ledger(path, limits=quick()))) == 8
    assert time.monotonic() - began < 100  # a silent owner would be waited for much longer


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_gives_calls_under_way_time_to_end(tmp_path, number):
    path = tmp_path / "ledger.sqlite"
    with Odd(ok, latency=0.5) as server:
        worker = in_process(judge_there, path, server.url, 400)
        while len(server.bodies) < 16:
            time.sleep(0.02)
        os.kill(worker.pid, number)
        worker.join(120)
        assert worker.exitcode not in (None, 0)
        assert len(texts(path)) == len(server.bodies) < 100


def test_a_run_killed_under_faults_ends_like_an_undisturbed_one(tmp_path):
    "No call is asked again that was recorded when the process died."
    complaints("CreateChatCompletionRequest", {"model": "m", "messages": []})
    dice, path = random.Random(1), tmp_path / "killed.sqlite"
    kinds = tuple(kind for kind in FAULTS if kind != "hanging")
    with ProtocolServer(faults=0.2, kinds=kinds, latency=0.03, retry_after=0.05) as server:
        for _ in range(KILLS):
            before, asked = texts(path) if path.exists() else {}, len(server.requests)
            worker = in_process(judge_there, path, server.url, 40 * KILLS, 8)
            time.sleep(dice.uniform(0.1, 0.8))
            worker.kill()
            worker.join()
            assert not chats(b for _, b in server.requests[asked:]) & set(before)
        before, asked = texts(path), len(server.requests)
        judge_there(path, server.url, 40 * KILLS, 8)
        assert not chats(b for _, b in server.requests[asked:]) & set(before)
        twice = sum(n - 1 for n in server.answered.values())
        server.faults = 0
        judge_there(tmp_path / "whole.sqlite", server.url, 40 * KILLS, 8)
    assert texts(path) == texts(tmp_path / "whole.sqlite")
    assert twice <= 8 * KILLS  # those that were under way


def call(ledger, ask, message="Which?"):
    return ledger.call(ask, stage="s", model=SERVICE, messages=[message])


def test_two_equal_calls_share_a_failure():
    asked = []

    async def ask():
        asked.append(1)
        await asyncio.sleep(0.05)
        raise ValueError("odd")

    async def both():
        ledger = Ledger(limits=quick())
        return await asyncio.gather(call(ledger, ask), call(ledger, ask))

    one, two = run_sync(both())
    assert one == two and "odd" in one.problem and len(asked) == 1


def test_two_equal_calls_share_what_stops_the_run():
    with Odd(lambda body, time: (401, error("Incorrect API key"))) as server:
        pairs = type("At", (), {"url": server.url})
        with pytest.raises(ModelError, match="Incorrect API key"):
            judged(pairs, 2)


def test_a_call_goes_on_where_its_equal_was_cancelled():
    asked = []

    async def ask():
        asked.append(1)
        await asyncio.sleep(0.1)
        return Reply(text="[[A]]")

    async def both():
        ledger = Ledger(limits=quick())
        first = asyncio.ensure_future(call(ledger, ask))
        await asyncio.sleep(0.02)
        second = asyncio.ensure_future(call(ledger, ask))
        await asyncio.sleep(0.02)
        first.cancel()
        return await second

    assert run_sync(both()).text == "[[A]]" and len(asked) == 2


def test_where_the_disk_is_full_what_came_is_kept(tmp_path, monkeypatch):
    path, write = tmp_path / "ledger.sqlite", store_module.Store._write

    def full(self, db, rows):
        raise sqlite3.OperationalError("database or disk is full")

    with Odd(ok, latency=0.05) as server:
        monkeypatch.setattr(store_module.Store, "_write", full)
        with pytest.raises(InputError, match="disk is full.*taken up by the next run"):
            judged(server, 8, Ledger(path, limits=quick()))
        monkeypatch.setattr(store_module.Store, "_write", write)
        asked = len(server.bodies)
        assert len(Ledger(path).account()) == 1
        assert rights(judged(server, 8, Ledger(path, limits=quick()))) == 16
        assert len(server.bodies) == 16 and asked > 0


def test_a_newer_ledger_is_refused_in_one_line(tmp_path):
    path = tmp_path / "ledger.sqlite"
    Ledger(path)
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(InputError, match="newer version.*update judge_distill"):
        Ledger(path)


@pytest.mark.parametrize("content", [b"no database" * 100, b"SQLite format 3\0" + b"\1" * 5000])
def test_a_file_that_is_no_ledger_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be used as a ledger"):
        Ledger(path)


@pytest.mark.parametrize(
    "error, advice",
    [
        ("database is locked", "another program holds it"),
        ("database disk image is malformed", "it is damaged"),
        ("database or disk is full", "make room"),
        ("disk I/O error", "make room"),
        ("file is not a database", "choose another folder"),
    ],
)
def test_what_to_do_about_a_ledger_depends_on_what_is_wrong(tmp_path, monkeypatch, error, advice):
    def broken(*given, **more):
        raise sqlite3.OperationalError(error)

    monkeypatch.setattr(store_module.sqlite3, "connect", broken)
    with pytest.raises(InputError, match=advice):
        Ledger(tmp_path / "ledger.sqlite")


def test_a_ledger_that_is_damaged_later_ends_in_one_line(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    ledger._store._db.execute("DROP TABLE calls")
    with pytest.raises(InputError, match="the ledger cannot be used"):
        ledger.get("k")


def test_an_entry_that_cannot_be_read_is_a_problem_and_not_paid_again(tmp_path):
    path = tmp_path / "ledger.sqlite"
    with Odd(ok) as server:
        judged(server, 4, Ledger(path, limits=quick()))
        db = sqlite3.connect(path)
        db.execute("UPDATE calls SET reply = '{broken' WHERE rowid = 1")
        db.commit()
        judgements = judged(server, 4, Ledger(path, limits=quick()))
        assert len(server.bodies) == 8
    assert [j.problem for j in judgements if j.problem] == [
        "its entry in the ledger cannot be read"
    ]


def test_a_ledger_of_the_first_version_is_read(tmp_path):
    path = tmp_path / "ledger.sqlite"
    db = sqlite3.connect(path)
    db.execute(
        "CREATE TABLE calls (key TEXT PRIMARY KEY, stage TEXT, model TEXT, parameters TEXT, "
        "messages TEXT, reply TEXT, at REAL)"
    )
    db.execute("INSERT INTO calls VALUES ('k', 's', 'm', '{}', '[]', '{\"text\": \"[[A]]\"}', 0)")
    db.commit()
    db.close()
    assert Ledger(path).get("k").text == "[[A]]"


def test_failures_that_may_pass_are_counted_as_missed():
    def answer(body, time):
        return (500, error("odd")) if "hive 1 " in json.dumps(body) else ok(body)

    with Odd(answer) as server:
        ledger = Ledger(limits=quick(attempts=2))
        judged(server, 4, ledger)
    assert ledger.missed == 2
