"A batch outlives the process that sent it, and nothing is paid twice."

import multiprocessing
import os
import signal
import time

import pytest
from judging.hosted import judge_at, pairs_of

from judge_distill.calls.ledger import Ledger
from judge_distill.cli import main
from judge_distill.judging import batch
from judge_distill.judging.batch import Batches, batch_lines, file_parts, judge_batch
from judge_distill.judging.judge import judge_pairs
from judge_distill.records.files import read_jsonl, write_jsonl
from judge_distill.records.schema import Judgement
from judge_distill.testing.protocol import ProtocolServer


@pytest.fixture(scope="module")
def restarted(tmp_path_factory):
    """Everything about a batch but what is on the disk and at the service is lost while it is
    worked on; another judge with the same folder and ledger collects it.
    """
    folder = tmp_path_factory.mktemp("batch")
    with ProtocolServer(batch_seconds=0.5, batch_faults=0.33, seed=3) as server:
        judge, ledger = judge_at(server), Ledger(folder / "ledger.sqlite")
        for part in file_parts(batch_lines(pairs_of(12), judge, ledger)):
            Batches(folder, judge.llm).submit(part)
        judge, ledger = judge_at(server), Ledger(folder / "ledger.sqlite")
        judge_batch(pairs_of(12), judge, ledger, folder, pause=0.1)
        judgements = judge_pairs(pairs_of(12), judge, Ledger(folder / "ledger.sqlite"))
    return server, judgements


def test_what_failed_in_a_batch_is_sent_again(restarted):
    server, _ = restarted
    assert len(next(iter(server.batches.values())).lines) == 24
    assert sum(len(b.lines) for b in server.batches.values()) > 24


def test_all_pairs_of_a_batch_get_a_verdict_after_a_restart(restarted):
    server, judgements = restarted
    assert all(j.verdict for j in judgements) and not server.invalid


def test_nothing_is_answered_twice_after_a_restart(restarted):
    server, _ = restarted
    assert len(server.answered) == 24 and max(server.answered.values()) == 1


def _judge(arguments):
    "The command, which does not wait half a minute between two looks at a batch."
    work = batch.judge_batch
    patience = {"pause": 0.1}
    from judge_distill.recipe import judging

    judging.judge_batch = lambda *given, **more: work(*given, **more | patience)
    os._exit(main(arguments))


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    "The command is killed while the service works on its batch; the same command collects it."
    folder = tmp_path_factory.mktemp("killed")
    write_jsonl(pairs_of(12), folder / "pairs.jsonl")
    with ProtocolServer(batch_seconds=1.5) as server:
        where = ["--judge", f"openai:scripted@{server.url}", "--out", str(folder / "out")]
        command = ["judge", str(folder / "pairs.jsonl"), *where, "--batch"]
        fork = multiprocessing.get_context("fork")
        first = fork.Process(target=_judge, args=(command,))
        first.start()
        while not server.batches and first.is_alive():
            time.sleep(0.01)
        os.kill(first.pid, signal.SIGKILL)
        first.join()
        answered_before = len(server.answered)
        second = fork.Process(target=_judge, args=(command,))
        second.start()
        second.join()
    return server, folder / "out", (first.exitcode, answered_before, second.exitcode)


def test_the_killed_command_had_no_reply(collected):
    assert collected[2][:2] == (-signal.SIGKILL, 0)


def test_the_second_process_ends_well(collected):
    assert collected[2][2] == 0


def test_the_second_process_has_every_verdict(collected):
    file = collected[1] / "judgements" / "openai_scripted.jsonl"
    judgements = read_jsonl(file, Judgement)
    assert len(judgements) == 24 and all(j.verdict for j in judgements)


def test_the_second_process_sends_no_batch(collected):
    server = collected[0]
    assert len(server.batches) == 1
    assert sum(file[1]["purpose"] == "batch" for file in server.files.values()) == 1


def test_each_pair_is_answered_once_and_only_in_the_batch(collected):
    server = collected[0]
    assert len(server.answered) == 24 and max(server.answered.values()) == 1
    assert not any(path.endswith("completions") for path, _ in server.requests)
