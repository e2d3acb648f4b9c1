"""How fast pairs are judged over HTTP, what faults do to that, and how fast what is already judged
is passed over.

    python benchmarks/judging.py
        # everything, a few minutes; --pairs 200 for a quick look

The server is `judge_distill/testing/protocol.py` in a process of its own on this machine: it
waits a second before each reply.
For the timing it checks every 20th request against OpenAI's description, so that it is not
itself what is slow; with faults it checks all.
"""

import argparse
import asyncio
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from judge_distill.calls.ledger import Ledger, model_identity
from judge_distill.calls.limits import Limits
from judge_distill.calls.replies import Reply, call_key
from judge_distill.calls.store import Row
from judge_distill.judging.judge import judge_pairs
from judge_distill.judging.judges import LLMJudge
from judge_distill.models.endpoint import Endpoint
from judge_distill.models.load import load_llm
from judge_distill.records.schema import Answer, Order, Pair

HERE = Path(__file__).resolve().parent
WORDS = (
    "honey bees dance where food is and the others follow them out of the hive on a warm "
    "day over fields full of clover"
).split()


def make_pairs(count):
    "Pairs of made-up text, about 150 words each."
    dice = random.Random(1)

    def text(n):
        return " ".join(dice.choices(WORDS, k=n)) + "."

    return [
        Pair.of(
            f"How does {text(6)[:-1]} {i}?",
            text(90),
            Answer(model="a", text=text(25)),
            Answer(model="b", text=text(25)),
            f"document {i}",
        )
        for i in range(count)
    ]


class Server:
    "The protocol server in its own process."

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "judge_distill.testing",
                *map(str, arguments),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self.process.stdout.readline().strip()

    def stats(self):
        with urllib.request.urlopen(self.url.removesuffix("/v1") + "/stats") as answer:
            return json.load(answer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def judge_of(url):
    return LLMJudge(load_llm(f"openai:scripted@{url}"), "scripted", temperature=0.0)


def memory():
    "The most memory that this process has held, in MB."
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def ours(pairs, url, concurrency, ledger):
    began, worked = time.monotonic(), time.process_time()
    judgements = judge_pairs(pairs, judge_of(url), ledger, concurrency=concurrency)
    return time.monotonic() - began, time.process_time() - worked, judgements


def plain_loop(pairs, url):
    """One call after the other with LlamaIndex's evaluator, both orders, as the published recipe
    did.
    """
    from llama_index.core.evaluation import PairwiseComparisonEvaluator

    evaluator = PairwiseComparisonEvaluator(llm=load_llm(f"openai:scripted@{url}"))

    async def work():
        for p in pairs:
            await evaluator.aevaluate(
                query=p.question,
                response=p.answers[0].text,
                second_response=p.answers[1].text,
                reference=p.source,
            )

    began = time.monotonic()
    asyncio.run(work())
    return time.monotonic() - began


def gathered(pairs, url):
    "All of LlamaIndex's evaluators at once."
    from llama_index.core.evaluation import PairwiseComparisonEvaluator

    evaluator = PairwiseComparisonEvaluator(llm=load_llm(f"openai:scripted@{url}"))

    async def work():
        return await asyncio.gather(
            *(
                evaluator.aevaluate(
                    query=p.question,
                    response=p.answers[0].text,
                    second_response=p.answers[1].text,
                    reference=p.source,
                )
                for p in pairs
            ),
            return_exceptions=True,
        )

    began = time.monotonic()
    results = asyncio.run(work())
    return time.monotonic() - began, sum(isinstance(r, Exception) for r in results)


def speed(count, concurrency):
    pairs = make_pairs(count)
    with (
        Server("--latency", 1, "--check-every", 20) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        ideal = 2 * count / concurrency
        # as every run does before its first call
        print(judge_of(server.url).quote(pairs, Ledger()), flush=True)
        took, worked, judgements = ours(
            pairs, server.url, concurrency, Ledger(Path(folder) / "ledger.sqlite")
        )
        said, held = server.stats(), memory()
        print(
            f"{count} pairs, {2 * count} calls, 1 s each, concurrency {concurrency}: "
            f"{took:.1f} s, ideal {ideal:.2f} s, ratio {took / ideal:.3f}; "
            f"{1000 * worked / 2 / count:.1f} ms of CPU a call; load "
            f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; "
            f"{sum(j.verdict is not None for j in judgements)} verdicts; at most "
            f"{said['most_under_way']} under way; {held:.0f} MB",
            flush=True,
        )
        few = pairs[:5]
        alone = plain_loop(few, server.url)
        print(
            (
                f"plain loop over PairwiseComparisonEvaluator: {alone:.1f} s for {len(few)} "
                f"pairs, so {alone / len(few) * count:.0f} s for {count} (computed, not run)"
            ),
            flush=True,
        )
        together, failed = gathered(pairs, server.url)
        print(
            (
                f"gather over PairwiseComparisonEvaluator: {together:.1f} s, {failed} pairs "
                f"failed; no bound: {server.stats()['most_under_way']} calls under way at once; "
                "nothing kept"
            ),
            flush=True,
        )


def passed_over(count):
    pairs = make_pairs(count)
    with tempfile.TemporaryDirectory() as folder:
        judge = judge_of("http://127.0.0.1:9/v1")
        ledger, model = Ledger(Path(folder) / "ledger.sqlite"), model_identity(judge.llm)
        for pair in pairs:
            for order in Order:
                messages = judge.request(pair, order)
                row = Row(
                    call_key(model, judge.parameters, messages),
                    "judge scripted",
                    model,
                    "{}",
                    json.dumps(messages),
                    Reply(
                        text="A is better. [[A]]", tokens_in=300, tokens_out=10, cost=0.0
                    ).model_dump_json(),
                    0.0,
                )
                ledger._store.add(row, now=False)
        ledger.flush()
        del ledger
        ledger = Ledger(Path(folder) / "ledger.sqlite")
        began, worked = time.monotonic(), time.process_time()
        judgements = judge_pairs(pairs, judge, ledger, concurrency=64)
        took, worked = time.monotonic() - began, time.process_time() - worked
        print(
            (
                f"{count} pairs already in the ledger: passed over in {took:.1f} s "
                f"({worked:.1f} s of CPU); {sum(j.verdict is not None for j in judgements)} "
                "verdicts"
            ),
            flush=True,
        )


CHILD = (
    "import sys; sys.path.insert(0, sys.argv[1]); import judging; "
    "judging.write_down(sys.argv[5]); judging.faulty_run(int(sys.argv[2]), sys.argv[3], "
    "sys.argv[4])"
)


def write_down(path):
    """Have every reply that the client hands over written down at once, beside the ledger: what
    this process had received when it was killed.
    """
    file, achat = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), Endpoint.achat

    async def noting(llm, messages, **parameters):
        response = await achat(llm, messages, **parameters)
        if (response.message.content or "").strip():  # else it counts as no reply
            os.write(
                file,
                call_key(
                    model_identity(llm),
                    parameters,
                    [{"role": m.role.value, "content": m.content} for m in messages],
                ).encode()
                + b"\n",
            )
        return response

    Endpoint.achat = noting


def faulty_run(count, url, path):
    judgements = ours(
        make_pairs(count), url, 64, Ledger(path, limits=Limits(attempts=12, pause=0.2, timeout=3))
    )[-1]
    print(
        sum(j.verdict is not None for j in judgements),
        "verdicts,",
        sum(j.problem is not None for j in judgements),
        "problems",
        flush=True,
    )


def faults(count):
    with (
        Server("--latency", 0.1, "--faults", 0.2) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        began = time.monotonic()
        faulty_run(count, server.url, Path(folder) / "whole.sqlite")
        said = server.stats()
        print(
            (
                f"one request in five fails ({said['faults']}): {time.monotonic() - began:.1f} "
                f"s; {said['answered']} answered, {said['answered_twice']} answered twice"
            ),
            flush=True,
        )
    with (
        Server("--latency", 0.1, "--faults", 0.2) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        path, heard = Path(folder) / "killed.sqlite", Path(folder) / "heard"
        command = [
            sys.executable,
            "-c",
            CHILD,
            str(HERE),
            str(count),
            server.url,
            str(path),
            str(heard),
        ]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        while server.stats()["answered"] < count:  # half of the calls
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        sent = server.stats()["answered"]
        ledger, received = Ledger(path), heard.read_text().split()
        in_ledger, lost = (
            sum(stage["calls"] for stage in ledger.account().values()),
            len(set(received)) - len(ledger.find(received)),
        )
        faulty_run(count, server.url, path)
        said = server.stats()
        print(
            f"killed half-way: {sent} replies sent by the server, {len(received)} received "
            f"by the client, {in_ledger} in the ledger; {lost} received and not in the "
            "ledger. "
            f"Resumed: {said['answered']} answered, {said['answered_twice']} of them "
            "twice (sent, but not yet read by the process that died)",
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument(
        "--known", type=int, default=100_000, help="pairs that are already in the ledger"
    )
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--only", choices=("speed", "known", "faults"))
    given = parser.parse_args()
    if given.only in (None, "speed"):
        speed(given.pairs, given.concurrency)
    if given.only in (None, "known"):
        passed_over(given.known)
    if given.only in (None, "faults"):
        faults(given.pairs)
