"Many workers with Ray Data: two on this machine, one of them killed. Skipped where Ray is not."

import json
import os
import signal
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from calls.conftest import Odd, completion, error, number_of, pairs_of, right
from recipe.conftest import caves

from judge_distill.cli import main
from judge_distill.recipe.engine import Engine, judge_with_ray
from judge_distill.recipe.judging import Asking, judge_newly
from judge_distill.records.errors import InputError, NotEnoughData, OverBudget
from judge_distill.records.files import write_jsonl
from judge_distill.records.schema import Ruling
from judge_distill.testing.protocol import ProtocolServer

ray = pytest.importorskip("ray")
SMALL = Engine(workers=2, piece=0.004)


@pytest.fixture(scope="module", autouse=True)
def cluster():
    "Ray on this machine, for all tests of this file."
    here = {} if os.environ.get("RAY_ADDRESS") else {"num_cpus": 3, "include_dashboard": False}
    try:
        ray.init(log_to_driver=False, logging_level="error", **here)
    except Exception as error:  # it wants to be up within seconds, whatever else runs
        pytest.skip(f"Ray did not start: {error}")
    yield
    ray.shutdown()


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    "A file of 200 pairs."
    return write_jsonl(caves(200).pairs, tmp_path_factory.mktemp("pairs") / "pairs.jsonl")


def rulings(folder):
    "The rulings of a folder of Parquet files, in the order of their pairs, as JSON."
    import pyarrow.parquet

    rows = [
        row
        for file in sorted(Path(folder).glob("*.parquet"))
        for row in pyarrow.parquet.read_table(file).to_pylist()
    ]
    return "".join(Ruling(**row).model_dump_json() + "\n" for row in rows)


def one_process(pairs, by, out):
    "The same, as one process writes it."
    newly = judge_newly(pairs, by, out=out)
    return (Path(out) / "rulings" / newly.file.name).read_text()


def test_two_workers_rule_as_one_process_byte_for_byte(pairs, tmp_path):
    spread = judge_with_ray(pairs, "rubric", out=tmp_path / "ray", engine=SMALL)
    assert spread.pairs == 200
    assert rulings(spread.folder) == one_process(pairs, "rubric", tmp_path / "one")


def test_a_student_is_opened_by_each_worker(pairs, tmp_path):
    spec = "prior"
    spread = judge_with_ray(pairs, spec, out=tmp_path / "ray", engine=SMALL)
    assert rulings(spread.folder) == one_process(pairs, spec, tmp_path / "one")
    assert not (tmp_path / "ray" / "ledger.sqlite").exists()


def test_parquet_is_read_as_lines_are(pairs, tmp_path):
    import pyarrow
    import pyarrow.parquet

    rows = [json.loads(line) for line in Path(pairs).read_text().splitlines()]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "p.parquet")
    spread = judge_with_ray(tmp_path / "p.parquet", "longer", out=tmp_path / "ray", engine=SMALL)
    assert rulings(spread.folder) == one_process(pairs, "longer", tmp_path / "one")


def test_rows_that_are_no_pairs_are_reported(pairs, tmp_path):
    text = Path(pairs).read_text() + 'no JSON\n{"question": "Why?"}\n'
    (tmp_path / "p.jsonl").write_text(text)
    spread = judge_with_ray(tmp_path / "p.jsonl", "longer", out=tmp_path / "ray", engine=SMALL)
    assert (spread.pairs, len(spread.problems)) == (200, 2)


def test_no_pair_at_all_is_an_error(tmp_path):
    (tmp_path / "p.jsonl").write_text("no JSON\n")
    with pytest.raises(NotEnoughData, match="not JSON"):
        judge_with_ray(tmp_path / "p.jsonl", "longer", out=tmp_path / "ray", engine=SMALL)


def kill_one(ledgers, server, after):
    "Kill a worker when so many requests were made: one that has its ledger open."
    while len(server.requests) < after:
        time.sleep(0.01)
    mine = {str(file) for file in ledgers.glob("*.sqlite")}
    for process in Path("/proc").iterdir():
        try:
            files = {os.readlink(link) for link in (process / "fd").iterdir()}
        except OSError:
            continue
        if files & mine and int(process.name) != os.getpid():
            os.kill(int(process.name), signal.SIGKILL)
            return


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds a worker in /proc")
def test_a_killed_worker_is_replaced_and_nothing_is_paid_twice(pairs, tmp_path):
    asking = Asking(concurrency=4)
    with ProtocolServer(latency=0.02) as server:
        spec = f"openai:judge@{server.url}"
        killer = threading.Thread(
            target=kill_one, args=(tmp_path / "ray" / "ledgers", server, 120), daemon=True
        )
        killer.start()
        spread = judge_with_ray(pairs, spec, out=tmp_path / "ray", asking=asking, engine=SMALL)
        killer.join(5)
        asked = Counter(json.dumps(body, sort_keys=True) for _, body in server.requests)
        again = one_process(pairs, spec, tmp_path / "ray")
        assert len(server.requests) == sum(asked.values())  # all that was paid is in the ledger
    assert rulings(spread.folder) == again
    assert len(asked) == 400
    assert sum(asked.values()) - len(asked) <= 4  # what was on the wire when it died


def test_a_budget_ends_all_workers(pairs, tmp_path):
    prices = {"judge": {"input": 100.0, "output": 100.0}}
    asking = Asking(concurrency=2, prices=prices)
    with ProtocolServer() as server, pytest.raises(OverBudget, match="raise --budget"):
        spec = f"openai:judge@{server.url}?max_tokens=100"
        judge_with_ray(pairs, spec, out=tmp_path / "ray", budget=2.0, asking=asking, engine=SMALL)


def test_the_command(pairs, tmp_path, capsys):
    arguments = ["--judge", "longer", "--engine", "ray", "--workers", "2"]
    assert main(["judge", str(pairs), *arguments, "--out", str(tmp_path / "ray")]) == 0
    assert "200 pairs judged by longer" in capsys.readouterr().out


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(InputError, match="is not there"):
        judge_with_ray(tmp_path / "p.jsonl", "longer", out=tmp_path / "ray", engine=SMALL)


def test_what_is_neither_lines_nor_parquet_is_refused(tmp_path):
    (tmp_path / "p.csv").write_text("a,b\n")
    with pytest.raises(InputError, match="convert it first"):
        judge_with_ray(tmp_path / "p.csv", "longer", out=tmp_path / "ray", engine=SMALL)


def odd(tmp_path, answer):
    "What `judge --engine ray` ends with, where a service answers a pair oddly."
    with Odd(answer) as server:
        write_jsonl(pairs_of(8), tmp_path / "p.jsonl")
        given = ["--judge", f"openai:m@{server.url}", "--engine", "ray", "--workers", "2"]
        return main(["judge", str(tmp_path / "p.jsonl"), *given, "--out", str(tmp_path / "out")])


def test_the_exit_code_is_1_where_another_run_may_get_more(tmp_path, capsys):
    def answer(body, time):
        return 200, completion(" " if number_of(body) == 3 else right(body))

    assert odd(tmp_path, answer) == 1
    assert (
        "1 of 8 pairs have a judgement without a verdict; the same command"
        in capsys.readouterr().out
    )


def test_the_exit_code_is_3_where_a_pair_was_turned_down(tmp_path):
    def answer(body, time):
        refusal = 400, error("blocked", code="content_filter")
        return refusal if number_of(body) == 3 else (200, completion(right(body)))

    assert odd(tmp_path, answer) == 3


def test_the_exit_code_is_0_where_every_judgement_was_had(tmp_path):
    assert odd(tmp_path, lambda body, time: (200, completion(right(body)))) == 0


def test_a_folder_of_files_of_lines_is_read_whole(pairs, tmp_path):
    lines = Path(pairs).read_text().splitlines(keepends=True)
    for part in range(4):
        file = tmp_path / "parts" / f"part-{part}.jsonl"
        file.parent.mkdir(exist_ok=True)
        file.write_text("".join(lines[50 * part : 50 * part + 50]))
    spread = judge_with_ray(tmp_path / "parts", "longer", out=tmp_path / "ray", engine=SMALL)
    assert rulings(spread.folder) == one_process(pairs, "longer", tmp_path / "one")


def test_an_empty_folder_is_said(tmp_path):
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        judge_with_ray(tmp_path / "none", "longer", out=tmp_path / "ray", engine=SMALL)
