"Calls over real HTTP against OpenAI's protocol, with faults of every kind."

import time
import warnings

import pytest

from judge_distill.calls.ledger import Ledger
from judge_distill.cli import main
from judge_distill.judging.judge import judge_pairs
from judge_distill.records.errors import ModelError
from judge_distill.records.files import write_jsonl
from judge_distill.testing.desk import FAULTS
from judge_distill.testing.protocol import ProtocolServer

from .conftest import (
    Odd,
    completion,
    error,
    judge_at,
    judged,
    number_of,
    pairs_of,
    quick,
    right,
    rights,
)


def test_faults_all_pass(server, tmp_path):
    server.faults, server.retry_after = 0.25, 0.1
    ledger = Ledger(tmp_path / "ledger.sqlite", limits=quick(timeout=3))
    judgements = judged(server, 60, ledger, 32, logprobs=True)
    assert all(j.verdict and j.probabilities for j in judgements)
    assert max(server.answered.values()) == 1 and len(server.answered) == 120
    assert not server.invalid and server.most_under_way <= 32
    assert set(server.faulted) == set(FAULTS)


def test_failures_are_listed_and_tried_again(server, tmp_path):
    path, server.faults, server.kinds = tmp_path / "ledger.sqlite", 0.5, ("500",)
    first = judged(server, 20, ledger := Ledger(path, limits=quick(attempts=1)))
    failed = [j for j in first if j.problem]
    assert 0 < len(failed) < 40 and len(ledger.problems()) == len(failed)
    server.faults, before = 0, len(server.requests)
    assert not any(j.problem for j in judged(server, 20, Ledger(path)))
    assert len(server.requests) - before == len(failed)


@pytest.mark.parametrize(
    "settings, words",
    [({"key": "the right one"}, "Incorrect API key"), ({"models": ("other",)}, "does not exist")],
)
def test_what_cannot_pass_stops_at_once(settings, words):
    with ProtocolServer(**settings) as server, pytest.raises(ModelError, match=words) as caught:
        judged(server, 100, concurrency=8)
    assert len(server.requests) <= 8 and "\n" not in str(caught.value)


def test_refused_parameters_are_left_out_once():
    with (
        ProtocolServer(refuse=("temperature", "logprobs")) as server,
        warnings.catch_warnings(record=True) as notes,
    ):
        warnings.simplefilter("always")
        judgements = judged(server, 20, concurrency=4, logprobs=True)
    assert all(j.verdict for j in judgements)
    assert len([n for n in notes if "refuses" in str(n.message)]) == 2
    assert len(server.requests) <= 40 + 4 * 2


def test_a_service_reply_is_on_the_disk_in_the_step_that_brings_it(server, tmp_path):
    "Another process that opens the file right after the client has handed a reply over finds it."
    path, missing = tmp_path / "ledger.sqlite", []
    ledger = Ledger(path)
    put = ledger.put

    def put_and_look(key, *given, **more):
        put(key, *given, **more)
        missing.extend([key] if Ledger(path).get(key) is None else [])

    ledger.put = put_and_look
    judge_pairs(pairs_of(10), judge_at(server.url), ledger)
    assert not missing


def short_of_patience(seconds=20):
    "A ledger that is waited for no longer."
    return Ledger(limits=quick(patience=seconds))


def judge_command(server, tmp_path):
    "The exit code of the command."
    write_jsonl(pairs_of(4), tmp_path / "pairs.jsonl")
    given = ["--judge", f"openai:m@{server.url}", "--out", str(tmp_path / "out")]
    return main(["judge", str(tmp_path / "pairs.jsonl"), *given])


def test_the_exit_code_is_0_where_every_judgement_was_had(server, tmp_path):
    assert judge_command(server, tmp_path) == 0


def test_the_exit_code_is_1_where_another_run_may_get_more(tmp_path):
    def answer(body, time):
        text = " " if number_of(body) == 3 else right(body)
        return 200, completion(text)

    with Odd(answer) as server:
        assert judge_command(server, tmp_path) == 1


def only_3_is_broken(body, time):
    "A server that answers all but pair 3."
    broken = number_of(body) == 3
    return (500, error("odd")) if broken else (200, completion(right(body)))


@pytest.mark.parametrize("concurrency", [1, 2, 3, 16])
def test_a_call_that_alone_fails_is_given_up_while_others_are_answered(concurrency):
    "Also where all calls under way are such calls: then one more is made."
    with Odd(only_3_is_broken) as server:
        judgements = judged(server, ledger=short_of_patience(), concurrency=concurrency)
        assert rights(judgements) == 14
        assert [j.problem for j in judgements[6:8]] == ["odd", "odd"]
        assert min(server.times[key] for key in server.times if "hive 3 " in key) >= 8


@pytest.mark.parametrize("concurrency", [1, 4])
def test_where_the_last_call_alone_fails_it_is_given_up(concurrency):
    with Odd(only_3_is_broken) as server:
        ledger = short_of_patience()
        assert rights(judged(server, 4, ledger, concurrency)) == 6 and ledger.missed == 2


@pytest.mark.parametrize("count", [1, 2])
def test_the_first_calls_may_be_those_that_fail(count):
    def answer(body, time):
        broken = number_of(body) < count
        return (500, error("odd")) if broken else (200, completion(right(body)))

    with Odd(answer) as server:
        judgements = judged(server, ledger=short_of_patience(), concurrency=1)
        assert rights(judgements) == 16 - 2 * count


def test_a_call_twice_in_the_list_stops_nobody():
    with Odd(only_3_is_broken) as server:
        pairs = [pair for pair in pairs_of(6) for _ in range(2)]
        ledger = short_of_patience()
        judgements = judge_pairs(pairs, judge_at(server.url), ledger, concurrency=2)
    assert rights(judgements) == 20


@pytest.mark.parametrize("concurrency", [1, 16])
def test_an_outage_is_waited_for_and_then_stops_the_run(concurrency):
    def answer(body, time):
        down = number_of(body) > 3
        return (503, error("maintenance")) if down else (200, completion(right(body)))

    ledger = short_of_patience(1.5)
    with Odd(answer) as server, pytest.raises(ModelError, match="maintenance.*nothing else for"):
        judged(server, 60, ledger, concurrency)
    assert sum(stage["calls"] for stage in ledger.account().values()) == 8


@pytest.mark.parametrize("concurrency", [1, 2, 16])
def test_an_outage_that_passes_loses_nothing(concurrency):
    "Every call that is under way then fails some twelve times."
    down = []

    def answer(body, now):
        if number_of(body) == 3 and not down:
            down.append(time.monotonic())
        outage = down and time.monotonic() - down[0] < 2
        return (503, error("maintenance")) if outage else (200, completion(right(body)))

    with Odd(answer, latency=0.01) as server:
        judgements = judged(server, 20, short_of_patience(30), concurrency)
    assert rights(judgements) == 40


def test_the_exit_code_is_3_where_a_pair_was_turned_down(tmp_path):
    def answer(body, time):
        refusal = 400, error("blocked", code="content_filter")
        return refusal if number_of(body) == 3 else (200, completion(right(body)))

    with Odd(answer) as server:
        assert judge_command(server, tmp_path) == 3


def test_the_exit_code_is_1_where_a_batch_engine_left_replies_out(tmp_path):
    (tmp_path / "replies.jsonl").write_text("")
    write_jsonl(pairs_of(2), tmp_path / "pairs.jsonl")
    given = ["--judge", "openai:m@http://127.0.0.1:9/v1", "--out", str(tmp_path / "out")]
    given += ["--read-batch", str(tmp_path / "replies.jsonl")]
    assert main(["judge", str(tmp_path / "pairs.jsonl"), *given]) == 1
