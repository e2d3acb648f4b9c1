"Calls side by side: bounded, in order, and nothing that grows with them."

import asyncio
import time
import tracemalloc

import pytest

from judge_distill.calls.concurrency import run_all, run_sync, stream
from judge_distill.calls.ledger import Ledger
from judge_distill.calls.services import _shift
from judge_distill.judging.judge import judge_stream

from .conftest import Odd, completion, judge_at, pairs_of, right, rights


def collect(items, work, **more):
    async def all_of():
        return [result async for result in stream(items, work, **more)]

    return run_sync(all_of())


async def twice(number):
    await asyncio.sleep(0.001 * (number % 5))
    return 2 * number


def test_results_come_in_the_order_of_the_items():
    assert collect(range(100), twice, concurrency=7) == [2 * n for n in range(100)]


def test_no_more_are_under_way_than_allowed():
    under_way, most = 0, 0

    async def work(number):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.002)
        under_way -= 1

    collect(range(50), work, concurrency=5)
    assert most == 5


def test_one_more_works_only_while_all_others_are_stuck():
    done, beside = [], []

    async def work(number):
        if number == 0:
            assert _shift.get().stuck(work) == 0
            while len(done) < 5:
                await asyncio.sleep(0.001)
            _shift.get().free(work)
        else:
            beside.append(number - len(done))  # those before it that are not done
            await asyncio.sleep(0.001)
        done.append(number)

    collect(range(50), work, concurrency=1)
    # how many others were under way when an item began: item 0 alone, until 5 others were done
    assert len(done) == 50 and beside[:5] == [1] * 5 and beside[-40:] == [0] * 40


def test_items_are_taken_when_their_turn_comes():
    taken = []

    def items():
        for number in range(1000):
            taken.append(number)
            yield number

    async def some():
        results = stream(items(), twice, concurrency=4, ahead=16)
        first = [await anext(results) for _ in range(10)]
        await results.aclose()
        return first

    assert run_sync(some()) == [2 * n for n in range(10)]
    assert len(taken) < 50


def test_memory_does_not_grow_with_the_items():
    async def work(number):
        return "x" * 10_000

    async def most(count):
        tracemalloc.start()
        async for _ in stream(range(count), work, concurrency=8, ahead=32):
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    few, many = run_sync(most(300)), run_sync(most(6000))
    assert many < 2 * few + 200_000


def test_an_error_stops_the_rest_and_those_under_way_end():
    ended = []

    async def work(number):
        if number == 3:
            raise KeyError("three")
        await asyncio.sleep(0.05)
        ended.append(number)

    with pytest.raises(KeyError, match="three"):
        run_sync(run_all(range(100), work, concurrency=8))
    assert 3 < len(ended) < 20


def test_grace_ends():
    async def work(number):
        if number == 0:
            raise KeyError("zero")
        await asyncio.sleep(60)

    began = time.monotonic()
    with pytest.raises(KeyError):
        collect(range(8), work, concurrency=8, grace=0.2)
    assert time.monotonic() - began < 30


def test_it_works_where_a_loop_is_running():
    async def outer():
        return run_sync(run_all(range(5), twice))

    assert asyncio.run(outer()) == [0, 2, 4, 6, 8]


def test_a_stream_of_pairs_is_judged_in_order_and_taken_when_its_turn_comes():
    taken = []

    def pairs():
        for pair in pairs_of(2000):
            taken.append(pair)
            yield pair

    async def first_ten():
        with Odd(lambda body, time: (200, completion(right(body)))) as server:
            judged = judge_stream(pairs(), judge_at(server.url), Ledger(), concurrency=8)
            some = [await anext(judged) for _ in range(10)]
            await judged.aclose()
        return some

    triples = run_sync(first_ten())
    assert [pair.id for pair, _, _ in triples] == [pair.id for pair in taken[:10]]
    assert all(rights(looks) == 2 for _, *looks in triples)
    assert len(taken) <= 500
