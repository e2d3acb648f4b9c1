"""Every row is accounted for: files of every format with random faults in them are read whole, or
refused in one line. `JUDGE_DISTILL_MUTATIONS` says how many faults a format gets.
"""

import json
import os
import random
import time
import tracemalloc
from pathlib import Path

import pytest
from data.judged_words import adds_up, needs_data

from judge_distill.data.reading import read
from judge_distill.records.errors import JudgeDistillError

NUMBER = int(os.environ.get("JUDGE_DISTILL_MUTATIONS", 40))
CHAT = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]
TWO = [{"model": "a", "text": "x"}, {"model": "b", "text": "y"}]
SHOWN = "<|User Prompt|>\nq\n\n" + "\n\n".join(
    f"<|The Start of Assistant {x}'s Answer|>\n{text}\n<|The End of Assistant {x}'s Answer|>"
    for x, text in (("A", "x"), ("B", "y"))
)
ROWS = {
    "columns": {"question": "q", "answer_1": "x", "answer_2": "y", "gpt": "A", "human": "B"},
    "scores": {"prompt": "q", "response_a": "x", "response_b": "y", "score_a": 1, "score_b": 2.5},
    "chosen": {"prompt": "q", "chosen": "x", "rejected": "y"},
    "raters": {"question": "q", "a": "x", "b": "y", "worker": "w", "label": "left"},
    "llamaindex": {"question": "q", "answers": TWO, "source": "s", "evaluations": [
        {"llm": "j", "score": 1.0, "text": "t", "source": "flipped"}]},
    "pandalm": {"idx": 1, "cmp_key": "a_b", "instruction": "q", "input": "", "response1": "x",
                "response2": "y", "annotator1": 1, "annotator2": 2, "annotator3": 0},
    "auto-j": {"label": 1, "prompt": "q", "response 1": "x", "response 2": "y"},
    "llmbar": {"input": "q", "output_1": "x", "output_2": "y", "label": 1},
    "alpaca-eval": {"instruction": "q", "output_1": "x", "output_2": "y", "generator_1": "m",
                    "generator_2": "n", "annotator": "gpt", "preference": 1.25},
    "mt-bench": {"question_id": 8, "model_1": "m", "model_2": "n", "judge": ["gpt", "p"],
                 "question": "q", "answer_1": "x", "answer_2": "y", "g1_winner": "model_1",
                 "g2_winner": "tie", "g1_judgment": "", "g2_judgment": ""},
    "votes": {"question_id": 8, "model_a": "m", "model_b": "n", "winner": "tie", "judge": "e1",
              "conversation_a": CHAT, "conversation_b": CHAT, "turn": 1},
    "judge-bench": {"pair_id": "1", "question": "q", "response_A": "x", "response_B": "y",
                    "label": "A>B", "judge_name": "j", "judgments": [{"decision": "A>B"}, None]},
    "boxes": {"data": {"prompt": "q", "answers": ["x", "y"]}, "verdicts": {"gpt": "A", "me": "B"},
              "scores": [3, 2.5]},
    "argilla": {"fields": {"instruction": "q", "response_1": "x", "response_2": "y"}, "responses": [
        {"user_id": "u", "status": "submitted", "values": {"best": {"value": "response_1"}}}]},
    "label-studio": {"data": {"prompt": "q", "answer1": "x", "answer2": "y"}, "annotations": [
        {"completed_by": 1, "result": [{"value": {"choices": ["Answer 1"]}}]}]},
    "helpsteer": {"context": [{"role": "user", "content": "q"}], "response1": "x",
                  "response2": "y", "overall_preference": -2},
    "turns": {"prompt": ["q", "z"], "response_a": ["x", None], "response_b": ["y", "w"],
              "winner_model_a": 1, "winner_model_b": 0, "winner_tie": 0},
    "transcripts": {"chosen": "\n\nHuman: q\n\nAssistant: x",
                    "rejected": "\n\nHuman: q\n\nAssistant: y"},
    "arena-hard": {"question_id": 1, "model": "m", "judge": "j", "games": [
        {"score": "A>B", "user_prompt": SHOWN}, {"score": "B>>A", "user_prompt": SHOWN}]},
    "fg-qa": {"question": "q", "passages": [["t", "s"]], "prediction 1": "w", "prediction 2": "x",
              "prediction 3": "y", "prediction 4": "z", "preference": [0, 1, 2, 1, 2, 0]},
}  # fmt: skip
STRANGE = [None, True, 0, -1, 1e999, float("nan"), "", "?", "\ud800", "\0", "A" * 5000, [], {}]
STRANGE += [[[]], {"a": {}}, ["x"], [None], {"role": "user"}, [{"role": []}], 10**300, "[[B]]", "0"]


def numbered(row, number):
    "A row with texts of its own."
    return json.loads(json.dumps(row).replace('"q"', f'"q{number}"').replace('"x"', f'"x{number}"'))


def places(value, path=()):
    "The ways to every value in a row."
    yield path
    if not isinstance(value, dict | list):
        return
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        yield from places(item, (*path, key))


def spoilt(row, draw):
    "A row with a strange value, without a field, or with a field of another name."
    row = json.loads(json.dumps(row))
    *way, last = draw.choice([path for path in places(row) if path])
    inside = row
    for key in way:
        inside = inside[key]
    act = draw.random()
    if act < 0.7 or isinstance(inside, list):
        inside[last] = draw.choice(STRANGE)
    elif act < 0.85:
        del inside[last]
    else:
        inside[draw.choice(["x", "", "question", "notes"])] = inside.pop(last)
    return row


def bytes_changed(data, draw):
    "A few bytes exchanged, lost, or put in."
    data = bytearray(data)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(data))
        change = draw.randrange(3)
        if change == 0:
            data[at] = draw.randrange(256)
        elif change == 1:
            del data[at : at + draw.randint(1, 30)]
        else:
            data[at:at] = bytes(draw.choice(b'\x00\xff"{}[],\n\\;\t') for _ in range(3))
    return bytes(data)


def rows_of(name, draw):
    "Six rows, one or two of them spoilt."
    rows = [numbered(ROWS[name], number) for number in range(6)]
    for _ in range(draw.randint(0, 2)):
        at = draw.randrange(6)
        if isinstance(rows[at], dict) and rows[at]:
            rows[at] = draw.choice(STRANGE) if draw.random() < 0.1 else spoilt(rows[at], draw)
    return rows


def check(source, least):
    "Read: whole and accounted for, or refused in one line."
    try:
        judged = read(source)
    except JudgeDistillError as error:
        assert len(str(error)) < 1500 and "\n" not in str(error)
        return
    assert adds_up(judged) and judged.rows >= least
    assert len(str(judged)) < 5000 and judged._repr_html_()


@pytest.mark.parametrize("name", ROWS)
def test_rows_with_faults_are_read_or_problems(name):
    draw = random.Random(name)
    for _ in range(NUMBER):
        check(rows_of(name, draw), 6)


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("shape", ["jsonl", "json", "csv"])
def test_files_with_faults_are_read_or_refused(tmp_path, name, shape):
    draw = random.Random(f"{name} {shape}")
    for _ in range(NUMBER):
        rows = [row for row in rows_of(name, draw) if isinstance(row, dict)]
        path = tmp_path / f"x.{shape}"
        if shape == "csv":
            names = list(rows[0])
            table = [names, *([row.get(name, "") for name in names] for row in rows)]
            text = "\n".join(",".join(f'"{cell}"' for cell in line) for line in table)
        elif shape == "json":
            text = json.dumps(rows, indent=draw.choice([None, 1]))
        else:
            text = "\n".join(map(json.dumps, rows))
        data = text.encode("utf-8", "replace")
        path.write_bytes(bytes_changed(data, draw) if draw.random() < 0.7 else data)
        check(path, 0)


@pytest.mark.parametrize("ending", ["parquet", "xlsx", "jsonl.gz"])
def test_packed_files_with_faults_are_read_or_refused(tmp_path, ending):
    import pandas as pd

    path = tmp_path / f"x.{ending}"
    frame = pd.DataFrame([numbered(ROWS["columns"], n) for n in range(6)])
    if ending == "parquet":
        frame.to_parquet(path)
    elif ending == "xlsx":
        frame.to_excel(path, index=False)
    else:
        frame.to_json(path, orient="records", lines=True, compression="gzip")
    data, draw = path.read_bytes(), random.Random(ending)
    for _ in range(NUMBER):
        path.write_bytes(bytes_changed(data, draw))
        check(path, 0)


def test_a_line_of_json_lines_is_never_lost(tmp_path):
    draw = random.Random(1)
    for _ in range(NUMBER):
        lines = [json.dumps(numbered(ROWS["columns"], n)).encode() for n in range(6)]
        at = draw.randrange(6)
        changed = bytes_changed(lines[at], draw).replace(b"\n", b" ").strip() or b"?"
        lines[at] = changed
        (tmp_path / "x.jsonl").write_bytes(b"\n".join(lines))
        check(tmp_path / "x.jsonl", 6)


@needs_data
def test_65_000_rows_take_seconds_and_little_memory(tmp_path):
    folder = Path(os.environ["JUDGE_DISTILL_DATA"]) / "alpaca_eval"
    rows = [row for path in sorted(folder.glob("*.json")) for row in json.loads(path.read_text())]
    number = 65_000 if NUMBER > 100 else 6_500
    many = [rows[n % len(rows)] | {"annotator": f"gpt {n // len(rows)}"} for n in range(number)]
    (tmp_path / "x.json").write_text(json.dumps(many))
    del rows, many
    start = time.process_time()
    judged = read(tmp_path / "x.json")
    assert len(judged.judgements) == judged.read == number
    assert time.process_time() - start < 20 * number / 65_000 + 2
    if number < 10_000:  # tracing is slow
        tracemalloc.start()
        judged = read(tmp_path / "x.json")
        assert tracemalloc.get_traced_memory()[1] < 200e6
        tracemalloc.stop()
