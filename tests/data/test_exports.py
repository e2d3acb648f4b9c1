"Exports of evaluation people's tools: read as they are meant, or told in one line; never wrong."

import json

import pytest
from data.judged_words import ASKED, outcomes

from judge_distill.data.reading import read
from judge_distill.records.schema import Outcome

TRUTH = "ABTABA"  # which answer is better: the first text, the second, or neither


def rows(make):
    "A row a pair, by its number and what is right."
    return [make(f"What is {n}?", f"one {n}", f"two {n}", t) for n, t in enumerate(TRUTH)]


def one(truth, first, second, tie="tie"):
    return {"A": first, "B": second, "T": tie}[truth]


def better(judged, judge):
    "Whose text is better by a judge: A, B or T, in the order of the file."
    pairs = {pair.id: pair for pair in judged.pairs}
    words = []
    for ruling in judged.by(judge):
        if ruling.outcome is Outcome.TIE:
            words.append("T")
        else:
            answer = pairs[ruling.pair_id].answers[ruling.outcome is Outcome.SECOND]
            words.append("A" if answer.text.startswith("one") else "B")
    return "".join(words)


RIGHT = {
    "ranks, the best first": lambda q, a, b, t: {
        "prompt": q,
        "answers": [
            {"answer": a, "rank": one(t, 1.0, 2.0, 1.0)},
            {"answer": b, "rank": one(t, 2.0, 1.0, 1.0)},
        ],
    },
    "ratings as fractions": lambda q, a, b, t: {
        "prompt": q,
        "response_1": a,
        "response_2": b,
        "rating_1": one(t, "5/5", "2/5", "3/5"),
        "rating_2": one(t, "1/5", "4/5", "3/5"),
    },
    "a tie in German": lambda q, a, b, t: {
        "question": q,
        "answer_a": a,
        "answer_b": b,
        "winner": one(t, "Antwort A", "Antwort B", "Unentschieden"),
    },
    "labels in Chinese": lambda q, a, b, t: {
        "question": q,
        "answer_a": a,
        "answer_b": b,
        "winner": one(t, "回答A", "回答 B", "平局"),
    },
    "two texts in a list, and a winner": lambda q, a, b, t: {
        "question": q,
        "answers": [a, b],
        "winner": one(t, 1, 2),
    },
    "who won and who lost": lambda q, a, b, t: {
        "question": q,
        "answer_a": a,
        "answer_b": b,
        "model_a": "x",
        "model_b": "y",
        "winner": one(t, "x", "y"),
        "loser_model": one(t, "y", "x", ""),
    },
    "a judge that is a candidate": lambda q, a, b, t: {
        "question": q,
        "answer_a": a,
        "answer_b": b,
        "model_a": "x",
        "model_b": "y",
        "winner": one(t, "model_a", "model_b"),
        "reference_model": "x",
    },
}


@pytest.mark.parametrize("make", RIGHT.values(), ids=RIGHT)
def test_an_export_is_read_as_it_is_meant(make, tmp_path):
    (tmp_path / "x.json").write_text(json.dumps(rows(make)))
    judged = read(tmp_path / "x.json")
    assert [better(judged, judge) for judge in judged.judges] == [TRUTH]
    assert not judged.problems


@pytest.mark.parametrize(
    "names",
    [("chosen_response", "rejected_response"), ("response_chosen", "response_rejected"),
     ("winning_response", "losing_response"), ("accepted_answer", "rejected_answer"),
     ("winner_text", "loser_text"), ("preferred_output", "dispreferred_output")],
)  # fmt: skip
def test_what_was_chosen_is_known_by_more_names(names):
    chosen, rejected = names
    data = [{"prompt": f"{n}?", chosen: f"one {n}", rejected: f"two {n}"} for n in range(6)]
    assert better(read(data), "chosen") == "AAAAAA"


def test_the_third_of_three_answers_is_no_tie():
    data = [ASKED | {"question": f"{n}?", "answer_3": "z", "w": w} for n, w in enumerate("AABC")]
    judged = read(data)
    assert outcomes(judged.by("w")) == ["first", "first", "second"]
    assert judged.notes == ("not read: 'answer_3', a third answer; a pair has two",)


@pytest.mark.parametrize(
    "more",
    [{"elo_1": 1000.5, "elo_2": 900.0}, {"answer": "accept"}, {"p_1": "0.75", "p_2": "0.25"}],
)
def test_numbers_and_words_that_may_be_verdicts_are_not_dropped_in_silence(more):
    judged = read([ASKED | {"question": f"{n}?"} | more for n in range(3)])
    assert not judged.judges and all(f"'{name}' (" in judged.notes[0] for name in more)
