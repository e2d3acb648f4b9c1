"""A served student under load, on this machine.

    python benchmarks/serving.py FOLDER --requests 10000 --concurrency 64 --figures serving

FOLDER is a student's folder, as `judge-distill train` leaves it. The server runs in a process of
its own. Figures: errors, the median and 99th percentile of a request's time, requests a second, the
server's memory before and after, and how near the throughput comes to the student's own batch rate.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import aiohttp

from judge_distill.judging.prompts import Shown, judge_messages
from judge_distill.recipe.parts import open_judge

FIGURES = Path(__file__).resolve().parent.parent / "nbs" / "figures"
SERVER = """
import sys
from judge_distill.recipe.parts import open_judge
from judge_distill.serving.serve import serving
import time
with serving(open_judge(f"local:{sys.argv[1]}").student) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


def pairs(n: int) -> list[Shown]:
    "Made-up pairs of some twenty words, no two alike."
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


def cpu_seconds(process: int) -> float:
    "Processor seconds that a process has taken."
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process: int) -> float:
    "A process's resident memory in MB."
    lines = Path(f"/proc/{process}/status").read_text().split("\n")
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def requests_of(shown: list[Shown], together: int) -> list[tuple[str, dict]]:
    "Chats of one pair each; or pairs, some together, which are looked at in both orders."
    if together == 1:
        chats = [{"model": "student", "messages": judge_messages(*one)} for one in shown]
        return [("/chat/completions", body) for body in chats]
    names = ("question", "source", "answer_a", "answer_b")
    rows = [dict(zip(names, one)) for one in shown]
    parts = [rows[at : at + together] for at in range(0, len(rows), together)]
    return [("/judge", {"pairs": part}) for part in parts]


async def load(
    url: str, asked: list[tuple[str, dict]], concurrency: int
) -> tuple[list[float], int, float]:
    "The seconds of every request, the number that failed, and the seconds of all."
    queue, seconds, failed = iter(asked), [], 0

    async def worker(session: aiohttp.ClientSession) -> None:
        nonlocal failed
        for path, body in queue:
            started = time.perf_counter()
            async with session.post(url + path, json=body) as reply:
                await reply.read()
                failed += reply.status != 200
            seconds.append(time.perf_counter() - started)

    started = time.perf_counter()
    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(worker(session) for _ in range(concurrency)))
    return seconds, failed, time.perf_counter() - started


def batch_rate(folder: str, shown: list[Shown], size: int) -> tuple[float, float]:
    "Pairs a second, and a processor second, that the student looks at by itself."
    student = open_judge(f"local:{folder}").student
    student.predict_proba(shown[:size])
    started, processor = time.perf_counter(), time.process_time()
    for at in range(0, len(shown), size):
        student.predict_proba(shown[at : at + size])
    n = len(shown)
    return n / (time.perf_counter() - started), n / (time.process_time() - processor)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--warm-up", type=int, default=1000, help="requests before the first look")
    parser.add_argument("--together", type=int, default=1, help="pairs in a request")
    parser.add_argument("--figures", help="write nbs/figures/NAME.json")
    given = parser.parse_args()
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, given.folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    url = server.stdout.readline().strip()
    first = requests_of(pairs(given.warm_up), given.together)
    asyncio.run(load(url, first, given.concurrency))
    asked = requests_of(pairs(given.requests), given.together)
    before, busy = memory(server.pid), cpu_seconds(server.pid)
    seconds, failed, took = asyncio.run(load(url, asked, given.concurrency))
    after, busy = memory(server.pid), cpu_seconds(server.pid) - busy
    server.communicate("")
    alone_at = pairs(min(2000, given.requests))
    if given.together > 1:  # the server looks at each pair in both orders as well
        alone_at = [look for one in alone_at for look in (one, one.mirrored)]
    alone, alone_processor = batch_rate(given.folder, alone_at, max(64, given.concurrency))
    looks = given.requests * (1 if given.together == 1 else 2)
    figures = {
        "requests": len(asked),
        "looks": looks,
        "concurrency": given.concurrency,
        "failed": failed,
        "looks_a_second": looks / took,
        "student_looks_a_second": alone,
        "looks_a_processor_second": looks / busy,
        "student_looks_a_processor_second": alone_processor,
        "median_seconds": statistics.median(seconds),
        "p99_seconds": sorted(seconds)[int(0.99 * len(seconds))],
        "memory_before_mb": before,
        "memory_after_mb": after,
        "load_of_the_machine": os.getloadavg()[0],
    }
    print(json.dumps(figures, indent=1))
    if given.figures:
        (FIGURES / f"{given.figures}.json").write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
