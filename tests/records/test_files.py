"JSON Lines: what is written is read, a torn last line is dropped, any other bad line is named."

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from records.strategies import JUDGEMENTS, PAIRS, quick

from judge_distill.records.errors import InputError
from judge_distill.records.files import (
    json_line,
    read_jsonl,
    read_objects,
    to_frame,
    write_jsonl,
    write_text,
)
from judge_distill.records.schema import Judgement, Pair


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("lines") / "records.jsonl"


@quick
@given(st.lists(PAIRS, max_size=4))
def test_pairs_that_are_written_are_read(file, pairs):
    assert read_jsonl(write_jsonl(pairs, file), Pair) == pairs


@quick
@given(st.lists(JUDGEMENTS, max_size=4))
def test_judgements_that_are_written_are_read(file, judgements):
    assert read_jsonl(write_jsonl(judgements, file), Judgement) == judgements


@quick
@given(PAIRS)
def test_a_record_is_one_line_for_every_reader(pair):
    line = json_line(pair.model_dump_json())
    assert len(line.splitlines()) == 1 and line.endswith("\n")


@quick
@given(PAIRS, PAIRS, st.data())
def test_a_torn_last_line_is_dropped_with_a_warning(file, whole, torn, data):
    line = torn.model_dump_json()
    part = line[: data.draw(st.integers(1, len(line) - 1))]
    write_text(file, json_line(whole.model_dump_json()) + part)
    with pytest.warns(UserWarning, match="line 2: torn last line dropped"):
        assert read_jsonl(file, Pair) == [whole]


@pytest.mark.parametrize("line", ["{", "[1]", "3", "null", '"text"', "{'a': 1}", "NaN"])
def test_a_bad_line_within_a_file_is_named(file, line):
    write_text(file, f"{{}}\n{line}\n{{}}\n")
    with pytest.raises(InputError, match="line 2"):
        read_objects(file)


def test_empty_lines_count_and_are_passed_over(file):
    write_text(file, '\n{"a": 1}\n\n{"a": 2}\n')
    assert read_objects(file) == [(2, {"a": 1}), (4, {"a": 2})]


def test_a_record_of_another_kind_is_named_with_its_field(file):
    write_text(file, '{"id": "x"}\n')
    with pytest.raises(InputError, match="line 1: not a Pair: question"):
        read_jsonl(file, Pair)


@pytest.mark.parametrize("content, words", [(b"\xff{}", "not UTF-8"), (None, "no such file")])
def test_a_file_that_is_no_text_says_so(tmp_path, content, words):
    path = tmp_path / "f.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_objects(path)


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    write_text(tmp_path / "f", "before")
    with pytest.raises(InputError, match="half a character"):
        write_text(tmp_path / "f", "after \ud800")
    assert (tmp_path / "f").read_text() == "before"


def test_a_folder_that_cannot_be_is_an_input_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_text(tmp_path / "file" / "below", "text")


@quick
@given(st.lists(JUDGEMENTS, min_size=1, max_size=4))
def test_a_frame_has_a_row_a_record_and_a_column_a_field(judgements):
    frame = to_frame(judgements)
    assert list(frame.columns) == list(Judgement.model_fields) and len(frame) == len(judgements)
    assert json.loads(frame.to_json(orient="records"))


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path):
    (tmp_path / "folder").mkdir()
    for name, text in (("new", "a \ud800 b"), ("folder", "text")):
        with pytest.raises(InputError):
            write_text(tmp_path / name, text)
    assert [file.name for file in tmp_path.iterdir()] == ["folder"]
