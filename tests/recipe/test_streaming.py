"A long file is judged bit by bit; a shell is told whether everything is there."

import json
import re

import pytest

from judge_distill.cli import main
from judge_distill.recipe import streaming
from judge_distill.records.errors import NotEnoughData
from judge_distill.records.files import write_jsonl
from judge_distill.records.schema import Answer, Pair
from judge_distill.testing.protocol import ProtocolServer


def pairs_of(count, word="even"):
    return [
        Pair.of(f"Is {n} {word}?", "", Answer(model="a", text="yes"), Answer(model="b", text="no"))
        for n in range(count)
    ]


@pytest.fixture
def server():
    with ProtocolServer() as server:
        yield server


@pytest.fixture(autouse=True)
def long(monkeypatch):
    "Every file is long."
    monkeypatch.setattr(streaming, "_LONG", 1)


def command(server, file, out):
    return main(["judge", str(file), "--judge", f"openai:m@{server.url}", "--out", str(out)])


def lines(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_a_pair_that_stands_there_twice_is_judged_once(server, tmp_path):
    file = write_jsonl(pairs_of(5) * 2, tmp_path / "pairs.jsonl")
    assert command(server, file, tmp_path / "out") == 0
    assert len(lines(tmp_path / "out" / "pairs.jsonl")) == 5 and len(server.requests) == 10


def test_other_pairs_of_the_folder_stay(server, tmp_path):
    for word in ("even", "odd", "even"):
        file = write_jsonl(pairs_of(4, word), tmp_path / f"{word}.jsonl")
        assert command(server, file, tmp_path / "out") == 0
    for name in ("judgements", "rulings"):
        (written,) = (tmp_path / "out" / name).glob("*.jsonl")
        assert len({line["pair_id"] for line in lines(written)}) == 8
    assert len(server.requests) == 16
    assert not list((tmp_path / "out").rglob("*.tmp"))


def test_what_cannot_be_read_is_said(server, tmp_path):
    file = write_jsonl(pairs_of(4), tmp_path / "pairs.jsonl")
    file.write_text(file.read_text() + "nonsense\n")
    with pytest.warns(UserWarning, match="not JSON"):
        assert command(server, file, tmp_path / "out") == 0


def test_a_run_that_stops_leaves_the_folder_as_it_was(server, tmp_path):
    file = write_jsonl(pairs_of(4), tmp_path / "pairs.jsonl")
    with ProtocolServer(key="another") as refusing:
        assert command(refusing, file, tmp_path / "out") == 2
    assert not list((tmp_path / "out").rglob("*.tmp"))
    assert not (tmp_path / "out" / "pairs.jsonl").exists()


def test_a_file_without_pairs_is_refused_before_the_first_call(server, tmp_path):
    file = tmp_path / "pairs.jsonl"
    file.write_text('{"question": "Why?", "answers": []}\n' * 3)
    with pytest.raises(NotEnoughData, match="no pair"):
        streaming.judge_long(file, f"openai:m@{server.url}", tmp_path / "out")
    assert not server.requests


@pytest.mark.parametrize("name", ["write", "put"])
def test_where_the_disk_is_full_nothing_is_left_beside(server, tmp_path, monkeypatch, name):
    def full(*given):
        raise OSError(28, "No space left on device")

    file, out = write_jsonl(pairs_of(4), tmp_path / "pairs.jsonl"), tmp_path / "out"
    if name == "write":
        monkeypatch.setattr(streaming._Part, "write", full)
    else:
        monkeypatch.setattr(streaming.shutil, "copyfileobj", full)
    assert command(server, file, out) == 2 and not list(out.rglob("*.tmp"))
    monkeypatch.undo()
    asked = len(server.requests)
    assert command(server, file, out) == 0 and len(server.requests) <= 8
    assert asked in range(1, 9)


@pytest.mark.parametrize("name", ["write", "copyfileobj"])
def test_where_the_disk_is_full_the_line_names_the_file(
    server, tmp_path, monkeypatch, capsys, name
):
    def full(*given):
        raise OSError(28, "No space left on device")

    file, out = write_jsonl(pairs_of(4), tmp_path / "pairs.jsonl"), tmp_path / "out"
    if name == "write":
        monkeypatch.setattr(streaming, "json_line", full)
    else:
        monkeypatch.setattr(streaming.shutil, "copyfileobj", full)
    assert command(server, file, out) == 2
    (line,) = [one for one in capsys.readouterr().err.splitlines() if "No space left" in one]
    assert re.search(rf"{re.escape(str(out))}/\S+\.jsonl: No space left", line)
