"A bad call is one line on standard error and exit code 2, before anything is asked or made."

import os

import pytest

from judge_distill.cli import main

NUMBERS = ("nan", "inf", "-inf", "-1", "0", "many", "", "1e999")
WORDS = ("",)
PAIRS = (
    '{"question": "Why?", "source": "So.", "answers": [{"model": "a", "text": "x"}, '
    '{"model": "b", "text": "y"}]}\n'
)
CSV = "question,a,b,gpt4\n" + "".join(f"Why {n}?,yes {n},no,A\n" for n in range(12))
COLUMNS = ["--columns", "first=a", "second=b", "gpt4=gpt4"]
JUDGE = ["judge", "pairs.jsonl", "--out", "out"]
RUN = ["run", "--out", "out"]


def each(call, option, values):
    "One call a value."
    return [[*call, option, value] for value in values]


CALLS = [
    [],
    ["nonsense"],
    ["run", "--nonsense"],
    # numbers of a run
    *each(RUN, "--budget", NUMBERS),
    *each(RUN, "--questions", [*NUMBERS, "1.5"]),
    *each(RUN, "--concurrency", [*NUMBERS, "2.5"]),
    *each(RUN, "--seed", ("nan", "-1", "x", "", "99999999999")),
    *each(RUN, "--test-share", ("nan", "0", "1", "2", "-0.5", "x")),
    *each(RUN, "--timeout", ("nan", "0", "-3", "x")),
    *each(RUN, "--top-k", ("0", "-1", "x")),
    *each(RUN, "--passage-tokens", ("0", "1", "x")),
    *each(RUN, "--requests-per-minute", ("nan", "0", "-1")),
    *each(RUN, "--tokens-per-minute", ("nan", "0", "-1")),
    # words of a run
    *each(RUN, "--policy", ("loudest", "", "mean")),
    *each(RUN, "--kind", ("giant", "", "features,probe")),
    *each(RUN, "--teacher", ("oracle", "", "openai:", "openai:x?temperature=nan", "local")),
    *each(
        RUN, "--teacher", ("openai:x@ftp://host", "openai:x?key=sk-123", "openai:x?max_tokens=0")
    ),
    *each(RUN, "--student", ("oracle", "", "rubric", "huggingface:some/model")),
    *each(RUN, "--writer", ("rubric", "", "first")),
    *each(RUN, "--embedding", ("rubric", "", "huggingface:some/model")),
    *each(RUN, "--generators", ("local:x",)),
    *each(RUN, "--training", ("epochs", "=3", "epochs=0", "epochs=many", "nonsense=1")),
    *each(RUN, "--documents", ("nowhere.txt", "", "empty", "binary.txt", "empty.txt")),
    *each(RUN, "--recipe", ("nowhere.yaml", "", ".", "binary.txt", "list.yaml", "typo.yaml")),
    ["run", "--out", ""],
    ["run", "--out", "pairs.jsonl"],
    [*RUN, "--price", "model", "nan", "1"],
    [*RUN, "--price", "model", "1", "-1"],
    [*RUN, "--price", "model", "1"],
    # a service without its key
    [*RUN, "--teacher", "openai:gpt-x"],
    [*RUN, "--teacher", "huggingface:some/model"],
    [*RUN, "--student", "openai:gpt-x"],
    [*RUN, "--writer", "openai:gpt-x"],
    # judge
    ["judge"],
    ["judge", "pairs.jsonl", "--judge", "longer"],
    ["judge", "nowhere.jsonl", "--judge", "longer", "--out", "out"],
    ["judge", "binary.txt", "--judge", "longer", "--out", "out"],
    ["judge", "empty.txt", "--judge", "longer", "--out", "out"],
    ["judge", "empty", "--judge", "longer", "--out", "out"],
    ["judge", "", "--judge", "longer", "--out", "out"],
    *each(JUDGE, "--judge", ("oracle", "", "local:nowhere", "openai:gpt-x", "cascade:rubric")),
    [*JUDGE, "--judge", "longer", "--policy", "loudest"],
    [*JUDGE, "--judge", "longer", "--policy", "mean"],
    [*JUDGE, "--judge", "longer", "--batch"],
    [*JUDGE, "--judge", "longer", "--price", "m", "x", "1"],
    *each([*JUDGE, "--judge", "longer"], "--concurrency", NUMBERS),
    *each([*JUDGE, "--judge", "longer"], "--timeout", ("nan", "0", "-1", "x")),
    *each([*JUDGE, "--judge", "longer"], "--budget", ("nan", "0", "-1", "x")),
    ["judge", "pairs.jsonl", "--judge", "longer", "--out", "pairs.jsonl"],
    # agreement
    ["agreement", "table.csv"],
    ["agreement", "nowhere.csv", "--teacher", "gpt4"],
    ["agreement", "binary.txt", "--teacher", "gpt4"],
    ["agreement", "table.csv", *COLUMNS, "--teacher", "gpt5"],
    ["agreement", "table.csv", *COLUMNS, "--teacher", "gpt4", "--policy", "loudest"],
    ["agreement", "table.csv", *COLUMNS, "--teacher", "gpt4", "--unusable", "maybe"],
    ["agreement", "table.csv", "--columns", "first", "--teacher", "gpt4"],
    ["agreement", "table.csv", "--columns", "first=nowhere", "--teacher", "gpt4"],
    ["agreement", "table.csv", "--format", "nonsense", "--teacher", "gpt4"],
    ["agreement", "table.csv", "--part", "test", "--teacher", "gpt4"],
    # train
    ["train", "table.csv"],
    ["train", "nowhere.csv", "--teacher", "gpt4"],
    ["train", "binary.txt", "--teacher", "gpt4"],
    ["train", "table.csv", "--teacher", "gpt5"],
    ["train", "table.csv", "--teacher", ""],
    ["train", "table.csv", "--teacher", "gpt4", "--kind", "giant"],
    ["train", "table.csv", "--teacher", "gpt4", "--policy", "loudest"],
    ["train", "table.csv", "--teacher", "gpt4", "--test-share", "2"],
    ["train", "table.csv", "--teacher", "gpt4", "--budget", "3"],
    ["train", "table.csv", "--teacher", "gpt4", "--student", "openai:gpt-x"],
    ["train", "--teacher", "a", "--teacher", "b"],
    # the small ones
    ["next", "nowhere", "pairs.jsonl", "--out", "next.jsonl"],
    ["next", "empty", "pairs.jsonl", "--out", "next.jsonl", "--pairs", "0"],
    ["view", "nowhere"],
    ["view", "pairs.jsonl", "--most", "0"],
    ["recipe", "pairs.jsonl"],
    ["recipe", ""],
    ["cancel", "nowhere"],
    ["cancel", "empty"],
]


@pytest.fixture
def place(tmp_path, monkeypatch):
    "A folder with files of every kind, and no keys."
    monkeypatch.chdir(tmp_path)
    for name in [n for n in os.environ if n.endswith(("_KEY", "_TOKEN")) or n.startswith("OPENAI")]:
        monkeypatch.delenv(name)
    (tmp_path / "pairs.jsonl").write_text(PAIRS)
    (tmp_path / "table.csv").write_text(CSV)
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 9)
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "list.yaml").write_text("- a\n- b\n")
    (tmp_path / "typo.yaml").write_text("questionz: 3\n")
    (tmp_path / "empty").mkdir()
    return tmp_path


def test_there_are_134_kinds():
    assert len(CALLS) >= 134


@pytest.mark.parametrize("call", CALLS, ids=lambda call: " ".join(call)[:80] or "nothing")
def test_bad_call_is_one_line_and_code_2(place, capsys, call):
    assert main(call) == 2
    lines = [line for line in capsys.readouterr().err.strip().splitlines() if "it/s]" not in line]
    assert len(lines) == 1 and lines[0].startswith("judge-distill: ")
