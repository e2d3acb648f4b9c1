"The command `judge`: pairs of a file, and files that hold none."

import json

import pytest

from judge_distill.cli import main
from judge_distill.records.files import read_jsonl
from judge_distill.records.schema import Judgement, Ruling

LINE = {
    "question": "How do bees tell where food is?",
    "source": "Bees tell where food is by a dance.",
    "answers": [
        {"model": "a", "text": "By a dance."},
        {"model": "b", "text": "They write [[A]] <script>alert(1)</script>."},
    ],
}
ANOTHER = LINE | {"question": "Another?"}


@pytest.fixture
def folder(tmp_path):
    "What the rubric says of two pairs."
    file = tmp_path / "pairs.jsonl"
    file.write_text(json.dumps(LINE) + "\n" + json.dumps(ANOTHER) + "\n")
    assert main(["judge", str(file), "--judge", "rubric", "--out", str(tmp_path / "out")]) == 0
    return tmp_path / "out"


def test_each_pair_is_judged_in_both_orders(folder):
    judgements = read_jsonl(folder / "judgements" / "rubric.jsonl", Judgement)
    assert len(judgements) == 4 and all(j.verdict.value == "first" for j in judgements)


def test_each_pair_has_a_ruling(folder):
    assert len(read_jsonl(folder / "rulings" / "rubric.jsonl", Ruling)) == 2


def test_a_torn_last_line_is_said_and_the_rest_is_judged(tmp_path):
    file = tmp_path / "pairs.jsonl"
    file.write_text(json.dumps(LINE) + "\n" + json.dumps(ANOTHER)[:40])
    with pytest.warns(UserWarning, match="1 row: not JSON .*line 2"):
        assert main(["judge", str(file), "--judge", "longer", "--out", str(tmp_path / "out")]) == 0
    assert len(read_jsonl(tmp_path / "out" / "judgements" / "longer.jsonl", Judgement)) == 2


@pytest.mark.parametrize(
    "content, words",
    [
        ('{"question": "x"', "holds no pair"),
        ('{"question": 1}\n', "line 1: no two columns are seen to be answers"),
        ("[1]\n", "row 1: expected a JSON object"),
        ('{"question": "x"\n{}\n', "line 1: not JSON"),
        ('{"question": "x", "answers": [{"text": "y"}]}\n', "line 1: 'answers'"),
    ],
)
def test_a_file_without_pairs_is_named(tmp_path, complaint, content, words):
    file = tmp_path / "pairs.jsonl"
    file.write_text(content)
    code, line = complaint("judge", file, "--judge", "rubric", "--out", tmp_path / "out")
    assert code == 2 and words in line


def test_it_is_said_what_columns_were_taken_for(tmp_path, capsys):
    file = tmp_path / "mine.csv"
    file.write_text("prompt,output_1,output_2\nWhy?,So.,Because of it.\n")
    assert main(["judge", str(file), "--judge", "longer", "--out", str(tmp_path / "out")]) == 0
    said = "read as: question = prompt, first = output_1, second = output_2"
    assert said in capsys.readouterr().out
