"""The Ray engine on this machine: one worker and two, the driver's memory, and what its parts do.

    python benchmarks/engine.py --figures engine
    python benchmarks/engine.py --parts rate --pairs 20000        # a quick look, nothing is kept

Parts: `rate` judges the same made-up pairs with the student `prior` on one worker and on two,
`memory` has two workers judge few pairs and many with a rule, so that the driver is what works;
`desk` asks the one actor that all workers share; `merge` puts two workers' ledgers together. Each
part is written as soon as it is done, and one that is there is not done again (`--anew` does it).
Every run is a process of its own. Wall time means little where the machine does other work, so
processor time stands beside it, and how many processors others took meanwhile.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

FIGURES = Path(__file__).resolve().parent.parent / "nbs" / "figures"
WORDS = (
    "honey bees dance where food is and the others follow them out of the hive on a warm day over "
    "fields full of clover while the queen stays and drones wait near 40 combs in June 1987"
).split()
TICKS = os.sysconf("SC_CLK_TCK")


def lines(n: int, seed: int) -> Iterator[str]:
    "Made-up pairs as JSON Lines, no two alike: a source of 30 words, two answers of 10 to 30."
    dice = random.Random(seed)
    texts = [" ".join(dice.choices(WORDS, k=dice.randint(10, 30))) for _ in range(2000)]
    for i in range(n):
        first, second = dice.choice(texts), dice.choice(texts)
        yield json.dumps(
            {
                "question": f"How does the hive with the number {i} find food?",
                "source": f"{dice.choice(texts)}, {dice.choice(texts)}.",
                "answers": [
                    {"model": "a", "text": f"In hive {i} {first}."},
                    {"model": "b", "text": f"{second.capitalize()}. So it is in {i}."},
                ],
                "document": f"document {i // 4}",
            }
        )


def write_pairs(n: int, folder: Path, seed: int = 1) -> Path:
    "A file of pairs; one that is there stays."
    file = folder / f"pairs-{n}-{seed}.jsonl"
    if not file.exists():
        part = file.with_suffix(".part")
        with part.open("w", encoding="utf-8") as out:
            out.writelines(line + "\n" for line in lines(n, seed))
        part.rename(file)
    return file


def processes() -> dict[int, tuple[int, float, float]]:
    "Process → its parent, its processor seconds and its memory of its own in MB."
    page, found = os.sysconf("SC_PAGE_SIZE") / 2**20, {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                fields = (place / "stat").read_text().rpartition(")")[2].split()
                pages = (place / "statm").read_text().split()
            except OSError:
                continue
            seconds = (int(fields[11]) + int(fields[12])) / TICKS
            found[int(place.name)] = int(fields[1]), seconds, (int(pages[1]) - int(pages[2])) * page
    return found


def family(found: dict[int, tuple[int, float, float]]) -> list[int]:
    "This process and all below it."
    mine, new = [], [os.getpid()]
    while new:
        mine += new
        new = [pid for pid, (parent, *_) in found.items() if parent in new and pid not in mine]
    return mine


def role(pid: int) -> str:
    "What a process of Ray's does."
    if pid == os.getpid():
        return "driver"
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
    names = {"MapWorker": "workers", "ray::Desk": "desk", "raylet": "Ray", "gcs_server": "Ray"}
    return next((what for word, what in names.items() if word in words), "reading and writing")


class Watch:
    "What the processes of a run take, looked at twice a second."

    def __init__(self) -> None:
        self.seconds: dict[int, float] = {}
        self.roles: dict[int, str] = {}
        self.memory: list[float] = []  # the driver's own, in MB
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._over.wait(0.5):
            found = processes()
            for pid in family(found):
                self.seconds[pid] = found[pid][1]
                if self.roles.get(pid) not in ("workers", "desk"):
                    self.roles[pid] = role(pid) or self.roles.get(pid, "")
            self.memory.append(found[os.getpid()][2])

    def __enter__(self) -> "Watch":
        found = processes()
        self._mine = {pid: found[pid][1] for pid in family(found)}
        self._before, self._began = all_seconds(), time.perf_counter()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall = time.perf_counter() - self._began
        self.all = all_seconds() - self._before
        self._over.set()
        self._thread.join()

    def by_role(self) -> dict[str, float]:
        "Processor seconds by what they were for, since it began."
        sums: dict[str, float] = {}
        for pid, seconds in self.seconds.items():
            name = self.roles[pid] or "reading and writing"
            sums[name] = sums.get(name, 0.0) + seconds - self._mine.get(pid, 0.0)
        return {name: round(seconds, 2) for name, seconds in sums.items()}


def all_seconds() -> float:
    "Processor seconds that anybody took on this machine since it started."
    fields = [int(n) for n in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    idle = fields[3] + fields[4]
    return (sum(fields[:8]) - idle) / TICKS


def once_started(folder: str, workers: int) -> dict:
    """Pairs a second between the file of the first piece of the last worker to start and the last
    file: without the start of workers, which takes the same seconds however many pairs there are.
    """
    import pyarrow.parquet

    parts = sorted((part.stat().st_mtime, part) for part in Path(folder).glob("*.parquet"))
    began, rest = parts[workers - 1][0], parts[workers:]
    pairs = sum(pyarrow.parquet.read_metadata(part).num_rows for _, part in rest)
    seconds = max(rest[-1][0] - began, 1e-9) if rest else 0.0
    return {
        "pairs": pairs,
        "seconds": round(seconds, 2),
        "a_second": round(pairs / seconds, 1) if rest else None,
    }


def one_run(pairs: str, judge: str, workers: int, out: str) -> dict:
    "Judge a file by the engine in this process, and say what it took."
    import ray

    from judge_distill.recipe.engine import Engine, judge_with_ray

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray.init(
        num_cpus=1 + workers, include_dashboard=False, log_to_driver=False, logging_level="error"
    )
    with Watch() as watch:
        spread = judge_with_ray(pairs, judge, out=out, engine=Engine(workers=workers))
    ray.shutdown()
    took = watch.by_role()
    ours = sum(took.values())
    size = sum(part.stat().st_size for part in Path(spread.folder).glob("*.parquet"))
    memory = watch.memory
    return {
        "pairs": spread.pairs,
        "workers": workers,
        "seconds": round(watch.wall, 2),
        "pairs_a_second": round(spread.pairs / watch.wall, 1),
        "once_started": once_started(spread.folder, workers),
        "processor_seconds": took,
        "pairs_a_worker_second": round(spread.pairs / took["workers"], 1),
        "processors": os.cpu_count(),
        "others_took_of_a_processor": round(max(0.0, watch.all - ours) / watch.wall, 3),
        "driver_mb": {"median": round(statistics.median(memory), 1), "most": round(max(memory), 1)},
        "bytes_a_pair": round(Path(pairs).stat().st_size / spread.pairs, 1),
        "bytes_a_ruling": round(size / spread.pairs, 1),
        "counts": spread.counts,
    }


def in_a_process(*words: object) -> dict:
    "The same in a process of its own."
    call = [sys.executable, __file__, "--one", *map(str, words)]
    done = subprocess.run(call, stdout=subprocess.PIPE, text=True, check=True)
    found: dict = json.loads(done.stdout.strip().split("\n")[-1])
    return found


def measured(pairs: Path, judge: str, workers: int) -> dict:
    "A run, with the load that it ran under."
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as out:
        took = in_a_process(pairs, judge, workers, out)
    print(f"  {judge}, {workers} workers: {json.dumps(took)}", flush=True)
    return took | {"load_before": round(load, 2), "load_after": round(os.getloadavg()[0], 2)}


def rate(given: argparse.Namespace) -> dict:
    "One worker and two on the same pairs."
    pairs = write_pairs(given.pairs, given.scratch)
    one, two = (measured(pairs, "prior", workers) for workers in (1, 2))
    assert one["counts"] == two["counts"]
    started = [run["once_started"]["a_second"] for run in (one, two)]
    return {
        "one": one,
        "two": two,
        "times_as_fast": round(two["pairs_a_second"] / one["pairs_a_second"], 3),
        "times_as_fast_once_started": started[0] and round(started[1] / started[0], 3),
    }


def memory(given: argparse.Namespace) -> dict:
    "The driver's memory with few pairs and with many."
    few, many = (
        measured(write_pairs(n, given.scratch), "longer", 2) for n in (given.pairs, given.many)
    )
    ratio = many["driver_mb"]["most"] / few["driver_mb"]["most"]
    return {"few": few, "many": many, "times_the_memory": round(ratio, 3)}


def desk(given: argparse.Namespace) -> dict:
    "Questions a second that the desk answers two workers."
    import ray

    from judge_distill.recipe.desk import Desk

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray.init(num_cpus=3, include_dashboard=False, log_to_driver=False, logging_level="error")
    load, one = os.getloadavg()[0], ray.remote(Desk).options(num_cpus=0).remote(None, None)

    @ray.remote(num_cpus=1)
    def ask(owner: str, n: int) -> float:
        ray.get(one.sign_in.remote(owner))
        began = time.perf_counter()
        for i in range(n):
            ray.get(one.claim.remote(owner, f"{owner} {i}"))
        return n / (time.perf_counter() - began)

    ray.get([ask.remote("warm", 100), ask.remote("up", 100)])
    rates = ray.get([ask.remote("one", 3000), ask.remote("two", 3000)])
    ray.shutdown()
    return {"questions_a_second": round(sum(rates), 1), "load_before": round(load, 2)}


def merge(given: argparse.Namespace) -> dict:
    "Entries a second, and bytes an entry, where two workers' ledgers are put into one."
    from judge_distill.calls.replies import Reply, call_key
    from judge_distill.calls.store import Row, Store
    from judge_distill.judging.prompts import judge_messages
    from judge_distill.recipe.desk import merge_ledgers

    load, n = os.getloadavg()[0], 10_000
    asked = [json.loads(line) for line in lines(n, 2)]
    text = "Answer A rests on the source and names the place; answer B says little. " * 6 + "[[A]]"
    reply = Reply(text=text, tokens_in=400, tokens_out=90, cost=0.001).model_dump_json()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "ledgers"
        for half, name in enumerate(("one", "two")):
            store = Store(folder / f"{name}.sqlite")
            for pair in asked[half::2]:
                texts = [answer["text"] for answer in pair["answers"]]
                chat = judge_messages(pair["question"], pair["source"], *texts)
                key, model = call_key("openai:m@", {}, chat), "openai:m@"
                row = Row(key, "judge m", model, "{}", json.dumps(chat), reply, time.time())
                store.add(row, now=False)
            store.close()
        into, began, processor = (
            Path(scratch) / "all.sqlite",
            time.perf_counter(),
            time.process_time(),
        )
        merge_ledgers(folder, into)
        seconds, processor = time.perf_counter() - began, time.process_time() - processor
        size = into.stat().st_size / n
    return {
        "entries": n,
        "entries_a_second": round(n / seconds),
        "entries_a_processor_second": round(n / processor),
        "bytes_an_entry": round(size),
        "load_before": round(load, 2),
    }


PARTS = {"rate": rate, "memory": memory, "desk": desk, "merge": merge}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--many", type=int, default=1_000_000, help="pairs, for the memory")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "engine")
    parser.add_argument("--figures", help="keep them in nbs/figures/NAME.json")
    parser.add_argument("--anew", action="store_true", help="measure what is there once more")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        pairs, judge, workers, out = given.one
        print(json.dumps(one_run(pairs, judge, int(workers), out)))
        return
    given.scratch.mkdir(parents=True, exist_ok=True)
    file = FIGURES / f"{given.figures}.json" if given.figures else None
    kept = json.loads(file.read_text()) if file and file.exists() else {}
    for name in given.parts:
        if name in kept and not given.anew:
            continue
        kept[name] = PARTS[name](given)
        print(f"{name}: {json.dumps(kept[name])}", flush=True)
        if file:
            file.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
