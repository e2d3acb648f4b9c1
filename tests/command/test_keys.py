"A key is in no file, line, log or exception, whatever goes wrong."

import traceback
from pathlib import Path

import pytest
from judging.hosted import pairs_of

from judge_distill.calls.ledger import Ledger
from judge_distill.cli import main
from judge_distill.judging.judge import judge_pairs
from judge_distill.judging.judges import LLMJudge
from judge_distill.models.load import load_llm
from judge_distill.records.errors import ModelError
from judge_distill.records.files import write_jsonl
from judge_distill.testing.protocol import ProtocolServer

KEY = "planted-9f3b7c21d4e8a605"
KINDS = ("429", "500", "dropped", "truncated", "empty")


@pytest.fixture
def planted(tmp_path, monkeypatch):
    "A function that judges a file at a server that wants the key."
    monkeypatch.setenv("PLANTED_KEY", KEY)
    write_jsonl(pairs_of(15), tmp_path / "pairs.jsonl")

    def judge(server, out):
        spec = f"openai:scripted@{server.url}?key=PLANTED_KEY"
        file = str(tmp_path / "pairs.jsonl")
        return main(["judge", file, "--judge", spec, "--out", str(tmp_path / out)])

    return judge


def hold_no_key(folder):
    "That no file of a folder holds the key."
    for path in folder.rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes(), path


def test_a_run_with_faults_of_every_kind_tells_no_key(planted, tmp_path, capfd, caplog):
    caplog.set_level("DEBUG")
    with ProtocolServer(key=KEY, faults=0.3, retry_after=0.1, kinds=KINDS) as server:
        assert planted(server, "out") == 0
    assert KEY in server.keys  # it was sent
    out = capfd.readouterr()
    assert KEY not in out.out + out.err + caplog.text
    hold_no_key(tmp_path)


def test_a_server_that_quotes_the_key_is_shown_without_it(planted, tmp_path, capfd, caplog):
    caplog.set_level("DEBUG")
    with ProtocolServer(key="another") as server:
        assert planted(server, "other") == 2
    out = capfd.readouterr()
    assert "***" in out.err and KEY not in out.out + out.err + caplog.text
    hold_no_key(tmp_path)


def test_no_exception_and_no_model_tells_the_key(planted):
    with ProtocolServer(key="another") as server:
        llm = load_llm(f"openai:m@{server.url}?key=PLANTED_KEY")
        with pytest.raises(ModelError) as caught:
            judge_pairs(pairs_of(3), LLMJudge(llm, "x"), Ledger())
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert KEY not in told + repr(llm) + str(llm)


def test_no_notebook_holds_a_key():
    for path in Path(__file__).parent.parent.parent.rglob("*.ipynb"):
        assert KEY not in path.read_text(encoding="utf-8")
