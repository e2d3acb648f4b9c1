"Rows of any file, each with its place; what cannot be read is a problem of its own row."

import gzip
import io
import json

import pandas as pd
import pytest

from judge_distill.data.json_rows import array_rows
from judge_distill.data.reading import read
from judge_distill.data.rows import rows
from judge_distill.data.values import Dirty
from judge_distill.records.errors import InputError, NotEnoughData

ROWS = [{"question": f"q{n}", "answer_1": "a, b", "answer_2": 'say "é"'} for n in range(3)]


def values(source):
    return [row.values for row in rows(source)]


@pytest.mark.parametrize("size", [3, 10, 1 << 20])
@pytest.mark.parametrize("indent", [None, 0, 3])
def test_rows_of_an_array_know_their_lines(size, indent):
    objects = [{"a": "one\ntwo [é]", "b": [1, {"c": "]"}]}, {"a": "]"}, {}, 5, {"a": "x" * 50}]
    text = json.dumps(objects, indent=indent)
    found = list(array_rows(io.BytesIO(text.encode()), "x", size))
    assert [row.values for row in found if isinstance(row.values, dict)] == [
        one for one in objects if isinstance(one, dict)
    ]
    first = text.index('{"a": "one' if indent is None else "{\n")
    assert found[0].line == text.count("\n", 0, first) + 1
    assert [row.number for row in found] == [1, 2, 3, 4, 5]
    assert str(found[3].values) == "expected a JSON object, found int"


@pytest.mark.parametrize(
    "text, words",
    [
        ('[{"a": 1}, {"a": ]', "line 1: not JSON"),
        ('[\n{"a": 1},\n{"a"', "line 3: not JSON"),
        ("[", "line 1"),
        ('[{"a": 1}\n', "line 2"),
        ('[{"a": 1}]\n[{"a": 2}]', "line 2: behind the array stands a second array"),
        ('[{"a": 1}]\n{"a": 2}', "line 2: behind the array stands more"),
        ('{"train": [{"a": 1}], "test": [{"b": 2}]}', "several lists"),
        ('{\n"a": 1\n}\n{\n"a": \n', "line 6: not JSON"),
    ],
)
def test_a_broken_json_file_is_refused_with_its_line(tmp_path, text, words):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(InputError, match=words):
        values(tmp_path / "x.json")


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + "\n".join(json.dumps(row) for row in ROWS),
        json.dumps(ROWS),
        json.dumps(ROWS, indent=1),
        json.dumps({"meta": {"n": 3}, "data": ROWS}),
        json.dumps({"items": ROWS}, indent=2),
        "\n".join(json.dumps(row, indent=1) for row in ROWS),
        json.dumps({name: [row[name] for row in ROWS] for name in ROWS[0]}),
        json.dumps({name: {str(n): r[name] for n, r in enumerate(ROWS)} for name in ROWS[0]}),
    ],
)
def test_every_shape_of_json_gives_the_same_rows(tmp_path, text):
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    assert values(tmp_path / "x.json") == ROWS


def test_an_object_keyed_by_id_gives_its_rows(tmp_path):
    (tmp_path / "x.json").write_text(json.dumps({f"k{n}": row for n, row in enumerate(ROWS)}))
    assert [row["id"] for row in values(tmp_path / "x.json")] == ["k0", "k1", "k2"]


def test_a_file_of_one_row_is_that_row(tmp_path):
    row = {"question": "q", "answers": [{"text": "a"}, {"text": "b"}], "evaluations": [{"llm": 1}]}
    (tmp_path / "x.json").write_text(json.dumps(row, indent=1))
    assert values(tmp_path / "x.json") == [row]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["csv", "txt", "dat"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_table_is_read_whatever_parts_its_cells(tmp_path, sign, ending, encoding):
    path = tmp_path / f"x.{ending}"
    pd.DataFrame(ROWS).to_csv(path, sep=sign, index=False, encoding=encoding)
    assert values(path) == ROWS


@pytest.mark.parametrize("ending", ["parquet", "xlsx"])
def test_parquet_and_excel_give_the_rows_of_a_csv(tmp_path, ending):
    frame = pd.DataFrame(ROWS)
    path = tmp_path / f"x.{ending}"
    frame.to_parquet(path) if ending == "parquet" else frame.to_excel(path, index=False)
    assert values(path) == ROWS == values(frame)


def test_a_packed_file_is_unpacked(tmp_path):
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(json.dumps(ROWS[0]).encode()))
    assert values(tmp_path / "x.jsonl.gz") == ROWS[:1]


@pytest.mark.parametrize(
    "name, content, words",
    [
        ("x.gz", gzip.compress(b"x" * 10_000)[:30], "gzip"),
        ("x.parquet", b"PAR1 no", "Parquet"),
        ("x.xlsx", b"PK\x03\x04", "Excel"),
        ("x.xls", b"\xd0\xcf", "save it as .csv"),
        ("x.csv", b"a,a\n1,2\n", "two columns are called 'a'"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_one_line(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=words):
        values(tmp_path / name)


def test_broken_lines_are_problems_of_their_own(tmp_path):
    good = json.dumps({"question": "?", "answer_1": "a", "answer_2": "b"}).encode()
    digits = good[:-1] + b', "n": ' + b"7" * 5000 + b"}"
    parts = [b"\xef\xbb\xbf" + good, b"", b"{torn", b"[1]", b'{"question": "\xff"}', digits]
    parts += [b'{"a":' * 99_999, good.replace(b"?", b"!"), good[:10]]
    (tmp_path / "x.jsonl").write_bytes(b"\n".join(parts))
    judged = read(tmp_path / "x.jsonl")
    assert [problem.line for problem in judged.problems] == [3, 4, 5, 6, 7, 9]
    assert (len(judged.pairs), judged.rows, judged.read) == (2, 8, 2)


def test_a_number_of_thousands_of_digits_is_one_problem_in_an_array(tmp_path):
    text = json.dumps(ROWS).replace('"q1"', "8" * 6000)
    (tmp_path / "x.json").write_text(text)
    found = values(tmp_path / "x.json")
    assert isinstance(found[1], Dirty) and [found[0], found[2]] == [ROWS[0], ROWS[2]]


def test_a_problem_in_an_array_names_its_row(tmp_path):
    (tmp_path / "x.json").write_text(json.dumps([*ROWS, {"question": "q"}]))
    assert "row 4: no text under 'answer_1'" in str(read(tmp_path / "x.json").problems[0])


def test_a_bad_line_of_a_table_is_a_problem(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(
        b'question,answer_1,answer_2\n"Two\nlines?",a,"b, c"\nq,a,b,2\nq2,a\n'
        + f"q3,{'x' * 200_000},b\n".encode()
        + b"\xe9,a,b\nq4,'a',b\nq5,\"a"
    )
    judged = read(path)
    assert judged.pairs[0].question == "Two\nlines?"
    assert len(judged.pairs[1].answers[0].text) == 200_000
    assert [problem.line for problem in judged.problems] == [4, 5, 7, 9]
    assert judged.rows == 7


def test_an_empty_cell_is_an_empty_answer_by_path_and_by_pandas(tmp_path):
    (tmp_path / "x.csv").write_text("question,answer_1,answer_2\nq,,b\nr,a,\ns,a,b\n")
    by_path = read(tmp_path / "x.csv")
    by_pandas = read(pd.read_csv(tmp_path / "x.csv"))
    assert by_path.pairs == by_pandas.pairs and len(by_path.pairs) == 3


@pytest.mark.parametrize("package, ending", [("pyarrow.parquet", "parquet"), ("openpyxl", "xlsx")])
def test_a_missing_package_is_named(tmp_path, monkeypatch, package, ending):
    monkeypatch.setitem(__import__("sys").modules, package, None)
    (tmp_path / f"x.{ending}").write_bytes(b"")
    with pytest.raises(InputError, match=r"judge_distill\[tables\]"):
        values(tmp_path / f"x.{ending}")


def test_a_file_without_a_pair_says_the_first_problem():
    with pytest.raises(NotEnoughData, match="no two columns are seen to be answers"):
        read([{"question": "q"}])
