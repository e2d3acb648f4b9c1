"""Texts that are no UTF-8, and Excel files with several sheets."""

import json

import pytest

from judge_distill.data.reading import read
from judge_distill.records.errors import InputError

ROW = "{n}?,Ein Café in Köln,Größe {n},{word}\n"
TABLE = "question,answer_a,answer_b,gpt\n" + "".join(
    ROW.format(n=n, word="AB"[n % 2]) for n in range(4)
)


def encoded(tmp_path, text, encoding, name="x.csv"):
    "A file."
    (tmp_path / name).write_bytes(text.encode(encoding))
    return tmp_path / name


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_western_texts_of_excel_are_read_as_they_were_written(tmp_path, encoding):
    judged = read(encoded(tmp_path, TABLE, encoding))
    assert judged.pairs == read(encoded(tmp_path, TABLE, "utf-8")).pairs


def test_what_was_guessed_of_an_encoding_is_said_with_some_words(tmp_path):
    judged = read(encoded(tmp_path, TABLE, "cp1252"))
    assert any("Windows-1252 (Café, Köln, Größe)" in line for line in judged.sums)


def test_western_json_lines_are_read(tmp_path):
    names = "question", "answer_a", "answer_b", "gpt"
    rows = [dict(zip(names, line.split(","))) for line in TABLE.splitlines()[1:]]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    judged = read(encoded(tmp_path, text, "cp1252", "x.jsonl"))
    assert (judged.read, judged.pairs[0].answers[0].text) == (4, "Ein Café in Köln")


@pytest.mark.parametrize(
    "text, encoding",
    [
        ("Почему,Потому что,Так,A\n", "cp1251"),
        ("Proč,žlutý kůň,ano,A\n", "cp1250"),
        ("książka,źle,łódź,A\n", "cp1250"),
        ("neden,ışık,türkçe,A\n", "cp1254"),
        ("なぜ,日本語,はい,A\n", "shift_jis"),
        ("为什么,中文,是,A\n", "gbk"),
    ],
)
def test_no_other_encoding_is_taken_for_a_western_one(tmp_path, text, encoding):
    plain = "Why,Because,So,A\n"
    judged = read(encoded(tmp_path, TABLE[: TABLE.index("0?")] + plain + text, encoding))
    (problem,) = judged.problems
    assert "not UTF-8 text (byte 0x" in problem.what and "save the file as UTF-8" in problem.what
    assert problem.line == 3 and len(judged.pairs) == 1


def test_a_spoilt_byte_in_utf_8_stays_a_problem_of_its_row(tmp_path):
    data = TABLE.encode().replace(b"1?", b"1\xe9?")
    (tmp_path / "x.csv").write_bytes(data)
    judged = read(tmp_path / "x.csv")
    assert [problem.line for problem in judged.problems] == [3] and judged.read == 3


@pytest.fixture
def two_sheets(tmp_path):
    "An Excel file with a sheet a month."
    import openpyxl

    book = openpyxl.Workbook()
    for sheet, n in ((book.active, 2), (book.create_sheet("June #2"), 3)):
        sheet.append(["question", "answer_a", "answer_b", "gpt"])
        for number in range(n):
            sheet.append([f"{number}?", "a", "b", "A"])
    book.active.title = "May"
    book.save(tmp_path / "x.xlsx")
    return tmp_path / "x.xlsx"


def test_several_sheets_are_named_with_the_way_to_choose_one(two_sheets):
    with pytest.raises(InputError, match=r"\(May, June #2\); say which: '.*x.xlsx#May'"):
        read(two_sheets)


@pytest.mark.parametrize("sheet, pairs", [("May", 2), ("June #2", 3)])
def test_a_sheet_is_chosen_behind_the_files_name(two_sheets, sheet, pairs):
    assert len(read(f"{two_sheets}#{sheet}").pairs) == pairs


def test_a_sheet_that_is_not_there_is_an_error_that_names_those_that_are(two_sheets):
    with pytest.raises(InputError, match="no sheet 'July'; there are May, June #2"):
        read(f"{two_sheets}#July")
