"""Kinds of files that people have, each read as it is meant or refused with the way out. The texts
say what is right: the better answer of a pair begins with GOOD, and where neither does, they tie.
"""

import bz2
import csv
import io
import json
import lzma
import zipfile

import pytest

from judge_distill.data.reading import read
from judge_distill.records.errors import InputError, JudgeDistillError
from judge_distill.records.schema import Outcome

TRUTH = "FSTFSFTSFS"
THREE = {"F": Outcome.FIRST, "S": Outcome.SECOND, "T": Outcome.TIE}


def texts(number, truth):
    "Both answers of a pair."
    good, poor = f"GOOD, {number}", f"poor, {number}"
    return {"F": (good, poor), "S": (poor, good), "T": (f"x, {number}", f"y, {number}")}[truth]


def rows(make, ties=True):
    "Ten rows, out of number, truth and both answers; without ties the first one is better there."
    truth = TRUTH if ties else TRUTH.replace("T", "F")
    return [make(n, t, *texts(n, t)) for n, t in enumerate(truth)]


def one(truth, first, second, tie=None):
    "One of three."
    return {"F": first, "S": second, "T": tie}[truth]


def says(*texts):
    "A conversation."
    return [{"role": r, "content": t} for r, t in zip(("user", "assistant") * 9, texts)]


def in_parts(*texts):
    "A conversation whose messages are lists of parts."
    return [
        one | {"content": [{"type": "text", "text": one["content"], "image": None}]}
        for one in says(*texts)
    ]


def plain(n, t, a, b):
    "A row as most people have it."
    answer = one(t, "A", "B", "tie")
    return {"question": f"{n}?", "answer_a": a, "answer_b": b, "gpt": answer}


def better(t, a, b):
    "The better answer, and the other."
    return (a, b) if t == "F" else (b, a)


def preferred(n, t, a, b):
    good, poor = better(t, a, b)
    return {"prompt": f"{n}?", "chosen": good, "chosen_model": "m", "rejected": poor,
            "rejected_model": "n", "subset": "chat", "source": "a-set"}  # fmt: skip


def conversations(n, t, a, b):
    good, poor = better(t, a, b)
    return {"prompt": f"{n}?", "chosen": says(f"{n}?", good), "rejected": says(f"{n}?", poor),
            "messages": says(f"{n}?", good), "score_chosen": 8.5}  # fmt: skip


def transcripts(n, t, a, b):
    before = f"\n\nHuman: {n}?\n\nAssistant: Hm.\n\nHuman: And?\n\nAssistant: "
    good, poor = better(t, a, b)
    return {"chosen": before + good, "rejected": before + poor}


def chosen_outputs(n, t, a, b):
    good, poor = better(t, a, b)
    return {"input": {"messages": says(f"{n}?"), "tools": []},
            "preferred_output": [{"role": "assistant", "content": good}],
            "non_preferred_output": [{"role": "assistant", "content": poor}]}  # fmt: skip


def arena(chat):
    return lambda n, t, a, b: {
        "id": f"i{n}", "model_a": "m", "model_b": "n",
        "winner": one(t, "model_a", "model_b", "both_bad"),
        "conversation_a": chat(f"{n}?", a), "conversation_b": chat(f"{n}?", b), "is_code": n > 3,
        "turn": 1, "anony": True,
    }  # fmt: skip


def fields(n, a, b):
    return {"instruction": f"{n}?", "response_1": a, "response_2": b}


def argilla(n, t, a, b):
    word = one(t, "response_1", "response_2", "tie")
    votes = [
        {"user_id": u, "status": "submitted", "values": {"better": {"value": word}}} for u in "uv"
    ]
    return {"id": f"i{n}", "fields": fields(n, a, b), "responses": votes, "metadata": {}}


def argilla_2(n, t, a, b):
    word = one(t, "response_1", "response_2", "tie")
    votes = {"better": [{"user_id": user, "value": word} for user in "uv"]}
    return {"fields": fields(n, a, b), "responses": votes, "suggestions": {}}


def argilla_flat(n, t, a, b):
    words = [one(t, "response-1", "response-2", "tie")] * 2
    return {"instruction": f"{n}?", "response-1": a, "response-2": b, "better.responses": words,
            "better.responses.users": ["u", "v"]}  # fmt: skip


def label_studio(value):
    return lambda n, t, a, b: {
        "id": n, "data": {"prompt": f"{n}?", "answer1": a, "answer2": b}, "predictions": [],
        "annotations": [{"completed_by": 1, "result": [{"type": "choices", "value": value(t)}]}],
    }  # fmt: skip


def arena_hard(n, t, a, b):
    def game(a, b, score):
        two = "\n\n".join(
            f"<|The Start of Assistant {x}'s Answer|>\n{said}\n"
            f"<|The End of Assistant {x}'s Answer|>"
            for x, said in (("A", a), ("B", b))
        )
        return {"user_prompt": f"<|User Prompt|>\n{n}?\n\n{two}", "score": score}

    return {"question_id": n, "model": "m", "judge": "gpt", "games": [
        game(a, b, one(t, "A>B", "B>>A", "A=B")),
        game(b, a, one(t, "B>A", "A>>B", "A=B"))]}  # fmt: skip


def scale(n, t, low, high):
    return one(t, low[n % len(low)], high[n % len(high)], 0)


LISTS = {
    "a list of two texts": lambda n, t, a, b: {
        "prompt": f"{n}?", "responses": [a, b], "winner": one(t, "A", "B", "tie")},
    "a list of two objects": lambda n, t, a, b: {
        "prompt": f"{n}?",
        "completions": [{"model": "m", "response": a}, {"model": "n", "response": b}],
        "preferred": one(t, "A", "B", "tie")},
    "an object of two answers": lambda n, t, a, b: {
        "question": f"{n}?", "answers": {"a": a, "b": b},
        "verdicts": {"gpt": one(t, "A", "B", "tie"), "human": one(t, "A", "B", "tie")}},
    "answers as objects": lambda n, t, a, b: {
        "question": f"{n}?", "response_a": {"model": "m", "text": a},
        "response_b": {"model": "n", "text": b}, "winner": one(t, "a", "b", "tie")},
    "a verdict in a box": lambda n, t, a, b: plain(n, t, a, b) | {
        "gpt": None, "judgment": {"winner": one(t, "A", "B", "tie"), "reason": "for"}},
    "inputs and outputs": lambda n, t, a, b: {
        "inputs": {"question": f"{n}?"}, "outputs": {"a": a, "b": b},
        "feedback": {"preference": one(t, "A", "B", "tie")}},
    "a list of votes": lambda n, t, a, b: plain(n, t, a, b) | {
        "gpt": "", "votes": [one(t, "A", "B", "tie")] * 3},
    "a list of judgements": lambda n, t, a, b: plain(n, t, a, b) | {
        "judgments": [{"judge": name, "verdict": one(t, "A", "B", "tie")} for name in ("x", "y")]},
    "Argilla": argilla,
    "Argilla 2": argilla_2,
    "Argilla, flat": argilla_flat,
    "Label Studio, side": label_studio(lambda t: {"selected": one(t, "left", "right", "tie")}),
    "Label Studio, choices": label_studio(
        lambda t: {"choices": [one(t, "Answer 1", "Answer 2", "Tie")]}),
    "Arena-Hard": arena_hard,
    "LMArena without judge": arena(says),
    "LMArena, messages in parts": arena(in_parts),
    "HelpSteer3": lambda n, t, a, b: {
        "domain": "code", "context": says(f"{n}?"), "response1": a, "response2": b,
        "overall_preference": scale(n, t, (-3, -2, -1), (1, 2, 3))},
    "HelpSteer2": lambda n, t, a, b: {
        "prompt": f"{n}?", "response_1": a, "response_2": b,
        "preference_strength": scale(n, t, (-3, -1), (1, 2))},
    "WebGPT": lambda n, t, a, b: {
        "question": {"id": n, "full_text": f"{n}?"}, "answer_0": a, "answer_1": b,
        "score_0": one(t, 0.5, -1, 0), "score_1": one(t, -0.5, 1, 0)},
    "JudgeLM": lambda n, t, a, b: {
        "question_body": f"{n}?", "answer1_body": a, "answer2_body": b,
        "score": [{"review_id": "r", "scores": [one(t, 9, 2, 5), one(t, 3, 8, 5)]}]},
    "a list of scores": lambda n, t, a, b: plain(n, t, a, b) | {
        "gpt": "", "scores": [one(t, 9, 2, 5), one(t, 3, 8, 5)]},
    "lists of turns": lambda n, t, a, b: {
        "prompt": [f"{n}?", "And?"], "response_a": ["Hm.", a], "response_b": ["So.", b],
        "winner_model_a": int(t == "F"), "winner_model_b": int(t == "S"),
        "winner_tie": int(t == "T")},
    "Likert in words": lambda n, t, a, b: plain(n, t, a, b) | {
        "gpt": one(t, "A is slightly better", "Response B is much better", "About the same")},
    "the better answer itself": lambda n, t, a, b: {
        "question": f"{n}?", "answer_a": a, "answer_b": b, "winner": one(t, a, b, "tie")},
    "a judge called question": lambda n, t, a, b: {
        "prompt": f"{n}?", "answer_a": a, "answer_b": b, "question": one(t, "A", "B", "tie"),
        "first": one(t, "A", "B", "tie"), "longer": one(t, "A", "B", "tie")},
}  # fmt: skip
NO_TIES = {
    "preferences": preferred,
    "preferences as conversations": conversations,
    "transcripts": transcripts,
    "OpenAI's preferences": chosen_outputs,
    "Stanford's": lambda n, t, a, b: {
        "history": f"{n}?", "human_ref_A": a, "human_ref_B": b, "labels": one(t, 1, 0)},
    "answers 0 and 1": lambda n, t, a, b: {
        "prompt": f"{n}?", "response_0": a, "response_1": b, "is_response_0_safe": True,
        "better_response_id": one(t, 0, 1)},
    "Preference Collection": lambda n, t, a, b: {
        "orig_instruction": f"{n}?", "orig_response_A": a, "orig_response_B": b,
        "instruction": "Do.", "orig_preference": one(t, "A", "B")},
    "comparisons of summaries": lambda n, t, a, b: {
        "info": {"id": n, "post": f"{n}?"}, "summaries": [{"text": a}, {"text": b}],
        "choice": one(t, 0, 1), "worker": "w"},
}  # fmt: skip
TABLES = {
    "decimal commas": lambda n, t, a, b: plain(n, t, a, b) | {
        "gpt": "", "score_a": one(t, "8,5", "3", "5,0"), "score_b": one(t, "3,5", "7,25", "5,00")},
    "labels with a decimal comma": lambda n, t, a, b: plain(n, t, a, b) | {
        "gpt": one(t, "1,0", "2,0", "tie")},
    "scores of two judges": lambda n, t, a, b: plain(n, t, a, b) | {
        "gpt": "", "x_score_a": one(t, 9, 2, 5), "x_score_b": one(t, 3, 8, 5),
        "y_score_a": one(t, 9, 2, 5), "y_score_b": one(t, 3, 8, 5)},
    "lists as texts": lambda n, t, a, b: {
        "prompt": json.dumps([f"{n}?", "And?"]), "response_a": json.dumps(["Hm.", a]),
        "response_b": json.dumps([None, b]), "winner_model_a": int(t == "F"),
        "winner_model_b": int(t == "S"), "winner_tie": int(t == "T")},
    "conversations as JSON": lambda n, t, a, b: arena(says)(n, t, a, b) | {
        f"conversation_{x}": json.dumps(says(f"{n}?", text)) for x, text in (("a", a), ("b", b))},
    "conversations as Python prints them": arena(says),
}  # fmt: skip


def check(judged, every=True):
    "Every row is read, and every word on a pair is the right one."
    assert judged.rows == len(TRUTH) == judged.read and not judged.problems
    truth = {}
    for pair in judged.pairs:
        first, second = (answer.text for answer in pair.answers)
        good = THREE["F"] if "GOOD" in first else THREE["S"] if "GOOD" in second else THREE["T"]
        truth[pair.id] = good
        assert "[" not in pair.question + first + second
    words = [(r.pair_id, r.outcome) for r in (*judged.rulings, *judged.labels)]
    words += [(look.pair_id, Outcome(look.verdict.value)) for look in judged.judgements]
    assert len(truth) == len(TRUTH) and {pair_id for pair_id, _ in words} == set(truth)
    assert all(truth[pair_id] is outcome for pair_id, outcome in words)


@pytest.mark.parametrize("kind", LISTS)
def test_rows_of_a_kind_are_read_as_they_are_meant(kind):
    check(read(rows(LISTS[kind])))


@pytest.mark.parametrize("kind", NO_TIES)
def test_preferences_of_a_kind_are_read_as_they_are_meant(kind):
    check(read(rows(NO_TIES[kind], ties=False)))


def table(rows, delimiter=","):
    "Rows as a CSV."
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_of_a_kind_is_read_as_it_is_meant(tmp_path, kind):
    (tmp_path / "x.csv").write_text(table(rows(TABLES[kind]), ";"))
    check(read(tmp_path / "x.csv"))


def zipped(data):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.csv", data)
    return file.getvalue()


@pytest.mark.parametrize(
    "name, change",
    [
        ("x.csv", lambda text: text.encode("utf-16")),
        ("x.csv", lambda text: text.encode("utf-16-le")),
        ("x.csv", lambda text: text.encode("utf-32")),
        ("x.csv", lambda text: text.replace("\n", "\r").encode()),
        ("x.csv", lambda text: ("sep=,\n" + text).encode()),
        ("x.csv", lambda text: ("# of May\nVerdicts of the first week\n\n" + text).encode()),
        ("x.csv.bz2", lambda text: bz2.compress(text.encode())),
        ("x.csv.xz", lambda text: lzma.compress(text.encode())),
        ("x.zip", lambda text: zipped(text.encode())),
    ],
)  # fmt: skip
def test_a_table_is_read_however_it_is_written(tmp_path, name, change):
    (tmp_path / name).write_bytes(change(table(rows(plain))))
    check(read(tmp_path / name))


@pytest.mark.parametrize(
    "write",
    [
        lambda rows: "\r".join(map(json.dumps, rows)),
        lambda rows: "".join(json.dumps(row) + "\r\n" * (n % 2 + 1) for n, row in enumerate(rows)),
        lambda rows: "".join(json.dumps(row) + ",\n" for row in rows),
        lambda rows: "\n".join(json.dumps(json.dumps(row)) for row in rows),
        lambda rows: json.dumps({"train": rows[:5], "test": rows[5:]}),
        lambda rows: json.dumps({"status": 200, "payload": {"page": {"items": rows}}}),
        lambda rows: json.dumps({"features": [{"name": "gpt"}], "rows": [
            {"row_idx": n, "row": row} for n, row in enumerate(rows)]}),
        lambda rows: json.dumps({"columns": [*rows[0]], "index": [*range(len(rows))],
                                 "data": [[*row.values()] for row in rows]}),
    ],
)  # fmt: skip
def test_rows_are_found_however_json_holds_them(tmp_path, write):
    (tmp_path / "x.json").write_text(write(rows(plain)))
    check(read(tmp_path / "x.json"))


@pytest.mark.parametrize("name", ["x.xlsx"])
def test_a_sheet_may_have_a_title_blank_rows_and_merged_cells(tmp_path, name):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Verdicts of May"])
    sheet.append([])
    sheet.append(["question", "answer_a", "answer_b", "worker", "label"])
    for row in rows(plain):
        at = sheet.max_row + 1
        asked, word = [row["question"], row["answer_a"], row["answer_b"]], row["gpt"]
        sheet.append([*asked, "ann", word])
        sheet.append([None, None, None, "bob", word])
        for letter in "ABC":
            sheet.merge_cells(f"{letter}{at}:{letter}{at + 1}")
    book.save(tmp_path / name)
    judged = read(tmp_path / name)
    assert (judged.rows, judged.read, len(judged.pairs)) == (20, 20, 10)
    assert len(judged.by("ann")) == len(judged.by("bob")) == len(judged.by("human majority")) == 10


@pytest.mark.parametrize(
    "name, content, words",
    [
        ("x.jsonl", b"", "is empty"),
        ("x.csv", b"question,answer_a,answer_b,gpt\n", "is empty, or holds column names"),
        ("x.json", b"[]", "is empty"),
        ("x.jsonl.zst", b"\x28\xb5\x2f\xfd....", "packed by zstd"),
        ("x.arrow", b"ARROW1\0\0....", "an Arrow file"),
        ("x.txt", b"\x89PNG\r\n....", "a picture"),
        ("x.md", b"| question |", "save it as .csv"),
        ("x.csv", "Frage,Antwort A,Antwort B\nq,a,b\n".encode(), "there are Frage, Antwort A"),
        ("x.jsonl", b'{"prompt": "q", "response": "a"}\n' * 2, "both answers of a question"),
        ("x.jsonl", b'{"answer_a": "a", "answer_b": "b"}\n' * 2, "name it: question="),
        ("x.jsonl", b'{"a": 1, "a": 2}\n{"b": 1}\n', "holds 'a' twice"),
        ("x.jsonl", b'{"prompt": "q", "chosen": ["a"], "rejected": ["b", "c"]}\n', "list of str"),
    ],
)
def test_what_holds_no_pairs_is_refused_with_the_way_out(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(JudgeDistillError, match=words):
        read(tmp_path / name)


@pytest.mark.parametrize("points", [(1, 5), (1, -1), (7, 1), (0.9, 0.1)])
def test_points_of_a_scale_are_never_guessed(points):
    data = rows(
        lambda n, t, a, b: plain(n, t, a, b) | {"gpt": "", "preference": one(t, *points, 3)}
    )
    try:
        judged = read(data)
    except InputError as error:
        assert "say what each means" in str(error) or "0 means" in str(error)
    else:
        assert not judged.judges and "not read: column 'preference'" in str(judged)


def test_an_open_quote_costs_each_line_behind_it_and_is_said_to(tmp_path):
    lines = [f"{n}?,x,y,A" for n in range(10)]
    lines[4] = '4?,"x,y,A'  # the fifth row, in line 6
    (tmp_path / "x.csv").write_text("question,answer_a,answer_b,gpt\n" + "\n".join(lines))
    judged = read(tmp_path / "x.csv")
    assert (judged.rows, judged.read) == (10, 4)
    assert judged.problems[0].what == "a quote is opened in line 6 and never closed"


def test_two_lists_of_other_rows_are_not_one(tmp_path):
    data = {"one": rows(plain), "other": [{"x": 1}]}
    (tmp_path / "x.json").write_text(json.dumps(data))
    with pytest.raises(InputError, match="several lists"):
        read(tmp_path / "x.json")
