"A fine-tuning job at a service can be cancelled, by the command and with the address named."

import time

import pytest

from judge_distill.cli import main
from judge_distill.records.schema import Example, Order
from judge_distill.students.service import ServiceJob
from judge_distill.testing.protocol import ProtocolServer

EXAMPLES = [
    Example(
        pair_id=f"p{i}",
        order=Order.ORIGINAL,
        messages=(
            {"role": "user", "content": f"Which is better, {i} or {i + 1}?"},
            {"role": "assistant", "content": "[[B]]"},
        ),
    )
    for i in range(24)
]


@pytest.fixture
def begun(tmp_path):
    "A function that begins a job at a server: what the command needs to cancel it."

    def begin(server):
        spec = f"openai:gpt-4.1-mini@{server.url}"
        ServiceJob(tmp_path / "student", spec).start(EXAMPLES, "digest", {}, 0, "judge")
        return ["cancel", str(tmp_path)], ["--student", spec]

    return begin


def test_a_folder_without_a_job_has_nothing_to_cancel(tmp_path, capsys):
    assert main(["cancel", str(tmp_path)]) == 2
    assert "holds no job" in capsys.readouterr().err


def test_an_address_that_only_the_folder_names_is_not_asked(begun, capsys):
    with ProtocolServer(job_seconds=30) as server:
        command, _ = begun(server)
        assert main(command) == 2
    assert "which you have not named" in capsys.readouterr().err


def test_a_job_is_cancelled(begun, capsys):
    with ProtocolServer(job_seconds=30) as server:
        command, named = begun(server)
        assert main([*command, *named]) == 0
    assert "cancelled" in capsys.readouterr().out


def test_a_job_that_ended_cannot_be_cancelled(begun, capsys):
    with ProtocolServer(job_seconds=0.01) as server:
        command, named = begun(server)
        time.sleep(0.02)
        assert main([*command, *named]) == 2
    assert "already completed" in capsys.readouterr().err
