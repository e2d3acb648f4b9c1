"Labels that stand in a folder of ours are read with it."

import pytest

from judge_distill.agreement.estimate import estimate
from judge_distill.data.labels import Choice, Label, append, label_file
from judge_distill.data.reading import read
from judge_distill.records.errors import InputError
from judge_distill.records.files import write_jsonl
from judge_distill.records.schema import Answer, Judgement, Order, Outcome, Pair, Verdict


@pytest.fixture
def folder(tmp_path):
    "A folder with twelve pairs and a judge."
    pairs = [
        Pair.of(f"Why, {n}?", "", *(Answer(model=m, text=f"{m} {n}") for m in "ab"))
        for n in range(12)
    ]
    looks = [
        Judgement(pair_id=pair.id, judge="j", order=order, verdict=Verdict.FIRST)
        for pair in pairs
        for order in Order
    ]
    write_jsonl(pairs, tmp_path / "pairs.jsonl")
    write_jsonl(looks, tmp_path / "judgements" / "j.jsonl")
    return tmp_path


def say(folder, who, choices, drawn="random"):
    "A person's labels of the first pairs."
    for pair, choice in zip(read(folder).pairs, choices):
        line = Label(pair_id=pair.id, who=who, choice=choice, order=Order.ORIGINAL, drawn=drawn)
        append(label_file(folder / "labels", who), line)


def test_a_persons_labels_are_labels(folder):
    say(folder, "ada", [Choice.SECOND, Choice.BAD])
    assert [(r.judge, r.outcome.value) for r in read(folder).labels] == [
        ("ada", "second"),
        ("ada", "tie"),
    ]


def test_what_most_people_say_is_there_where_two_labelled(folder):
    say(folder, "ada", [Choice.SECOND, Choice.FIRST])
    say(folder, "ben", [Choice.SECOND])
    assert [r.outcome for r in read(folder).by("human majority")] == [Outcome.SECOND]


def test_what_was_taken_back_is_no_label(folder):
    say(folder, "ada", [Choice.SECOND])
    say(folder, "ada", [Choice.UNDO])
    assert read(folder).labels == ()


@pytest.mark.parametrize("line", ['{"a": 1}', "no JSON", '{"who": "ben", "choice": "first"}'])
def test_a_bad_line_is_a_problem_and_no_crash(folder, line):
    say(folder, "ada", [Choice.SECOND])
    with (folder / "labels" / "ada.jsonl").open("a") as file:
        file.write(line + "\n")
    judged = read(folder)
    assert len(judged.labels) == 1
    assert [problem.line for problem in judged.problems] == [2]


def test_a_label_in_another_persons_file_is_a_problem(folder):
    say(folder, "ada", [Choice.SECOND])
    (folder / "labels" / "ada.jsonl").rename(folder / "labels" / "ben.jsonl")
    assert "another's file" in str(read(folder).problems[0])


def test_an_estimate_takes_a_folders_random_labels(folder):
    say(folder, "ada", [Choice.FIRST, Choice.SECOND] * 3)
    assert estimate(folder, "j", "ada").labels == 6


def test_an_estimate_refuses_labels_of_hard_pairs_with_the_reason(folder):
    say(folder, "ada", [Choice.FIRST, Choice.SECOND] * 3, drawn="informative")
    with pytest.raises(InputError, match='hard; they say nothing of all pairs.*order="random"'):
        estimate(folder, "j", "ada")
