"""Servers on this machine: one that speaks OpenAI's protocol, one that answers whatever a test
wants; and processes that judge against them.
"""

import asyncio
import json
import multiprocessing
import re
import signal
import threading
from collections import Counter

import pytest
from aiohttp import web

from judge_distill.calls.ledger import Ledger
from judge_distill.calls.limits import Limits
from judge_distill.calls.prices import Price, Purse
from judge_distill.judging.judge import judge_pairs
from judge_distill.judging.judges import LLMJudge
from judge_distill.models.load import load_llm
from judge_distill.records.schema import Answer, Pair
from judge_distill.testing.description import complaints
from judge_distill.testing.protocol import ProtocolServer


def pairs_of(count):
    "Pairs whose first answer is the right one; each question has its number."
    return [
        Pair.of(
            f"Where do the bees of hive {i} dance?",
            "Bees dance in the hive. They show where food is.",
            Answer(model="a", text=f"GOOD: they dance in hive {i}."),
            Answer(model="b", text=f"BAD: nobody knows, perhaps on moon {i}."),
        )
        for i in range(count)
    ]


def number_of(body):
    "The number of the pair that a request is about."
    return int(re.search(r"of hive (\d+) dance", json.dumps(body["messages"]))[1])


def right(body):
    "The right verdict, as a judge writes it."
    text = json.dumps(body["messages"])
    return f"[[{'A' if text.index('GOOD') < text.index('BAD') else 'B'}]]"


def completion(text, **more):
    "A reply in OpenAI's form; `more` goes over its fields, `message` over the message's."
    message = {"role": "assistant", "content": text} | more.pop("message", {})
    choice = {"index": 0, "finish_reason": "stop", "message": message} | more.pop("choice", {})
    usage = {"prompt_tokens": 400, "completion_tokens": 12}
    return {"choices": [choice], "usage": usage} | more


def error(message, **more):
    "An error in OpenAI's form."
    return {"error": {"message": message, **more}}


class Aside:
    "A server in a thread of its own, as long as a `with` lasts."

    def __enter__(self):
        ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True).start()
        assert ready.wait(30)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.over.set)


class Odd(Aside):
    "A server that answers what `answer(body, time)` says: status, JSON or bytes, headers."

    def __init__(self, answer, latency=0.0):
        self.answer, self.latency = answer, latency
        self.bodies, self.times, self.headers = [], Counter(), []
        self.under_way = self.most = 0

    async def _serve(self, ready):
        self.loop, self.over = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", self._chat)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/v1"
        ready.set()
        await self.over.wait()
        await runner.cleanup()

    async def _chat(self, request):
        body = await request.json()
        key = json.dumps(body["messages"])
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        self.times[key] += 1
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            status, content, headers = (*self.answer(body, self.times[key]), {}, {})[:3]
            await asyncio.sleep(self.latency)
        finally:
            self.under_way -= 1
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        kind = {} if "Content-Type" in headers else {"Content-Type": "application/json"}
        return web.Response(body=raw, status=status, headers={**kind, **headers})


def judge_at(url, **more):
    "A judge behind an address."
    return LLMJudge(load_llm(f"openai:m@{url}"), "teacher", **{"temperature": 0.0} | more)


def quick(silence=75.0, **more):
    "Limits that lose no time in a test, also where it fails."
    limits = Limits(**{"pause": 0.02, "longest": 0.2, "timeout": 20, "patience": 60} | more)
    limits.usual_silence = silence
    return limits


def judged(server, count=8, ledger=None, concurrency=16, **more):
    "Pairs judged by a server."
    ledger = ledger or Ledger(limits=quick())
    judge = judge_at(server.url, **more)
    return judge_pairs(pairs_of(count), judge, ledger, concurrency=concurrency)


def priced(budget=None, each=1000.0):
    "A purse for which the model of the tests is expensive."
    return Purse({"m": Price(each, each)}, budget)


def rights(judgements):
    "How many judgements are right."
    return sum(j.verdict is not None and j.verdict.value == "first" for j in judgements)


def stoppable(work, *given):
    "Work that Ctrl-C stops, also where the tests run in the background and ignore it."
    signal.signal(signal.SIGINT, signal.default_int_handler)
    work(*given)


def in_process(work, *given):
    "Work begun in a process of its own."
    process = multiprocessing.get_context("fork").Process(target=stoppable, args=(work, *given))
    process.start()
    return process


@pytest.fixture
def server():
    "OpenAI's protocol; its description is read before the first request."
    complaints("CreateChatCompletionRequest", {"model": "m", "messages": []})
    with ProtocolServer() as server:
        yield server
