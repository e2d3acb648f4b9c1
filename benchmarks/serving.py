"""A served student under load, on this machine.

    python benchmarks/serving.py FOLDER --requests 10000 --concurrency 64 --figures serving
    python benchmarks/serving.py FOLDER --pairs llamaindex-cities --together 100 --waiting 8192

FOLDER is a student's folder, as `judge-distill train` leaves it. `judge-distill serve` serves it;
the client and the student by itself, whose rate the server's is held against, run in this process.
They take turns, so that whatever else the machine does disturbs them alike. Figures: errors, the
median and 99th percentile of a request's time, looks a second of the clock and of the server's
processor time beside the student's own, the server's memory before and after, and what a server
takes that reads the same requests and answers them without a thought.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from itertools import cycle, islice
from pathlib import Path

import aiohttp
from serving_clients import free_port, wait_for

from judge_distill.calls.ledger import Ledger
from judge_distill.data import published
from judge_distill.judging.judge import judge_pairs
from judge_distill.judging.prompts import Shown, judge_messages
from judge_distill.judging.rulings import resolve
from judge_distill.recipe.parts import open_judge
from judge_distill.records.schema import Answer, Pair

FIGURES = Path(__file__).resolve().parent.parent / "nbs" / "figures"
EMPTY = """
import sys
from judge_distill.serving import serve

START = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}

async def app(scope, receive, send):
    if scope["type"] == "http":
        while (await receive()).get("more_body"):
            pass
        await send(START)
        await send({"type": "http.response.body", "body": b"{}"})

serve.make_app = lambda student, settings: app
serve.serve(None, port=int(sys.argv[1]))
"""


def made_up(n: int) -> list[Shown]:
    "Pairs of some fifty words, no two alike."
    source = "Honey bees tell each other where food is with a waggle dance on the comb."
    return [
        Shown(
            f"How do bees of hive {i} tell where food is?",
            source,
            f"Bees of hive {i} show where food is with a dance that others follow.",
            f"They write letters to the queen of hive {i}, who reads them at night.",
        )
        for i in range(n)
    ]


def pairs_of(name: str, n: int) -> list[Shown]:
    "Pairs of a published set, over again where there are too few, each marked by a number."
    if name == "made-up":
        return made_up(n)
    every = published.load(name).pairs
    return [
        Shown(f"{pair.question} ({i})", pair.source, *(answer.text for answer in pair.answers))
        for i, pair in enumerate(islice(cycle(every), n))
    ]


def cpu_seconds(process: int) -> float:
    "Processor seconds that a process has taken."
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process: int) -> float:
    "A process's resident memory in MB."
    lines = Path(f"/proc/{process}/status").read_text().split("\n")
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def requests_of(shown: list[Shown], together: int) -> list[tuple[str, bytes]]:
    "Chats of one pair each; or pairs, some together, which are looked at in both orders."
    if together == 1:
        chats = [{"model": "student", "messages": judge_messages(*one)} for one in shown]
        return [("/chat/completions", json.dumps(body).encode()) for body in chats]
    names = ("question", "source", "answer_a", "answer_b")
    rows = [dict(zip(names, one)) for one in shown]
    parts = [rows[at : at + together] for at in range(0, len(rows), together)]
    return [("/judge", json.dumps({"pairs": part}).encode()) for part in parts]


async def load(
    url: str, asked: list[tuple[str, bytes]], concurrency: int
) -> tuple[list[float], int, float]:
    "The seconds of every request, the number that failed, and the seconds of all."
    queue, seconds, failed = iter(asked), [], 0

    async def worker(session: aiohttp.ClientSession) -> None:
        nonlocal failed
        for path, body in queue:
            started = time.perf_counter()
            async with session.post(url + path, data=body) as reply:
                await reply.read()
                failed += reply.status != 200
            seconds.append(time.perf_counter() - started)

    started = time.perf_counter()
    headers, timeout = {"Content-Type": "application/json"}, aiohttp.ClientTimeout(3600)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout) as session:
        await asyncio.gather(*(worker(session) for _ in range(concurrency)))
    return seconds, failed, time.perf_counter() - started


class Served:
    "A server in a process of its own, and what it took."

    def __init__(self, *command: str):
        port = str(free_port())
        self.process = subprocess.Popen([sys.executable, *command, port], stdout=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{port}/v1"
        wait_for(f"http://127.0.0.1:{port}/health")
        self.seconds: list[float] = []  # of each request
        self.failed, self.took, self.busy = 0, 0.0, 0.0

    def ask(self, asked: list[tuple[str, bytes]], concurrency: int) -> None:
        "Ask, and keep what came."
        before = cpu_seconds(self.process.pid)
        seconds, failed, took = asyncio.run(load(self.url, asked, concurrency))
        self.busy += cpu_seconds(self.process.pid) - before
        self.seconds += seconds
        self.failed, self.took = self.failed + failed, self.took + took


def alone(student, shown: list[Shown], size: int) -> tuple[float, float]:
    "Seconds, and processor seconds, of the student by itself."
    started, processor = time.perf_counter(), time.process_time()
    for at in range(0, len(shown), size):
        student.predict_proba(shown[at : at + size])
    return time.perf_counter() - started, time.process_time() - processor


def judged(folder: str, shown: list[Shown]) -> float:
    "Looks a processor second by `judge_pairs` and `resolve`: records in, rulings out, no server."
    pairs = [
        Pair.of(one.question, one.source, *(Answer(model="m", text=text) for text in one[2:]))
        for one in shown
    ]
    judge, processor = open_judge(f"local:{folder}"), time.process_time()
    looks = judge_pairs(pairs, judge, Ledger())
    resolve(looks)
    return len(looks) / (time.process_time() - processor)


def measure(given: argparse.Namespace) -> dict:
    "The figures: server, student and empty server take turns."
    student = open_judge(f"local:{given.folder}").student
    serve = (
        "-m",
        "judge_distill",
        "serve",
        given.folder,
        "--waiting",
        str(given.waiting),
        "--port",
    )
    server, empty = Served(*serve), Served("-c", EMPTY)
    total = given.requests * given.together
    shown = pairs_of(given.pairs, total + given.warm_up * given.together)
    warm, shown = shown[total:], shown[:total]
    asyncio.run(load(server.url, requests_of(warm, given.together), given.concurrency))
    student.predict_proba(warm[: given.batch])
    before, looks, clock, processor = memory(server.process.pid), 0, 0.0, 0.0
    step = -(-given.requests // given.rounds) * given.together
    for at in range(0, total, step):
        part = shown[at : at + step]
        asked = requests_of(part, given.together)
        server.ask(asked, given.concurrency)
        empty.ask(asked, given.concurrency)
        if given.together > 1:  # the server looks at each pair in both orders as well
            part = [look for one in part for look in (one, one.mirrored)]
        took = alone(student, part, given.batch)
        looks, clock, processor = looks + len(part), clock + took[0], processor + took[1]
    after = memory(server.process.pid)
    for one in (server, empty):
        one.process.terminate()
        one.process.wait()
    seconds = sorted(server.seconds)
    return {
        "pairs": given.pairs,
        "requests": len(seconds),
        "looks": looks,
        "concurrency": given.concurrency,
        "failed": server.failed,
        "looks_a_second": looks / server.took,
        "student_looks_a_second": looks / clock,
        "looks_a_processor_second": looks / server.busy,
        "student_looks_a_processor_second": looks / processor,
        "judged_looks_a_processor_second": judged(given.folder, shown[: min(step, 2000)]),
        "empty_requests_a_second": len(seconds) / empty.took,
        "empty_requests_a_processor_second": len(seconds) / max(empty.busy, 0.01),
        "median_seconds": statistics.median(seconds),
        "p99_seconds": seconds[int(0.99 * len(seconds))],
        "memory_before_mb": before,
        "memory_after_mb": after,
        "load_of_the_machine": os.getloadavg()[0],
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--warm-up", type=int, default=1000, help="requests before the first look")
    parser.add_argument("--together", type=int, default=1, help="pairs in a request")
    parser.add_argument("--pairs", default="made-up", help="or a published set's name")
    parser.add_argument("--waiting", type=int, default=2048, help="looks that may wait")
    parser.add_argument("--batch", type=int, default=64, help="looks at once, of student alone")
    parser.add_argument("--rounds", type=int, default=10, help="turns of server and student")
    parser.add_argument("--figures", help="write nbs/figures/NAME.json")
    given = parser.parse_args()
    figures = measure(given)
    print(json.dumps(figures, indent=1))
    if given.figures:
        (FIGURES / f"{given.figures}.json").write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
