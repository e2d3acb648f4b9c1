"What is written reads the same, and leaves out what carries no preference."

import json

import pytest
from data.judged_words import needs_data

from judge_distill.data.published import load_published
from judge_distill.data.recipe_files import read_llamaindex
from judge_distill.data.writers import write_chat, write_llamaindex, write_preferences
from judge_distill.records.errors import NotEnoughData
from judge_distill.records.schema import (
    Answer,
    Example,
    Judgement,
    Order,
    Outcome,
    Pair,
    Ruling,
    Verdict,
)


def test_what_is_written_reads_the_same(tmp_path):
    pairs = [
        Pair.of(
            f"q{n} é",
            "s" * (n % 2),
            Answer(model="a", text=f"x{n}"),
            Answer(model="b", text="y\ud800"),
            "d",
        )
        for n in range(5)
    ]
    rulings = [
        Ruling(pair_id=p.id, judge="j", outcome=o) for p, o in zip(pairs, Outcome, strict=True)
    ]
    looks = [
        Judgement(pair_id=p.id, judge="j", order=order, verdict=v, text=f"{order.value} {n}")
        for n, (p, v) in enumerate(zip(pairs, Verdict))
        for order in Order
    ]
    assert write_llamaindex(tmp_path / "qa.jsonl", pairs, rulings, looks) == {
        o.value: 1 for o in Outcome
    }
    again = read_llamaindex(tmp_path / "qa.jsonl")
    assert (
        again.pairs == tuple(pairs)
        and again.rulings == tuple(rulings)
        and again.judgements[0].text == "original 0"
    )
    assert write_preferences(tmp_path / "p.jsonl", pairs, rulings) == {
        "written": 2,
        "tie": 1,
        "inconclusive": 1,
        "invalid": 1,
    }
    written = [
        json.loads(line) for line in (tmp_path / "p.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert [(w["prompt"], w["chosen"][0], w["rejected"][0]) for w in written] == [
        ("q0 é", "x", "y"),
        ("s\n\nq1 é", "y", "x"),
    ]
    messages = ({"role": "user", "content": "?"}, {"role": "assistant", "content": "[[A]]"})
    write_chat(
        tmp_path / "c.jsonl", [Example(pair_id="p", order=Order.ORIGINAL, messages=messages)]
    )
    assert json.loads((tmp_path / "c.jsonl").read_text()) == {"messages": list(messages)}


@needs_data
def test_the_cities_written_and_read(tmp_path):
    data = load_published("llamaindex-cities")
    test = data.only("test")
    write_llamaindex(tmp_path / "qa.jsonl", test.pairs, test.rulings, test.judgements)
    again = read_llamaindex(tmp_path / "qa.jsonl")
    assert again.pairs == test.pairs and again.rulings == test.rulings and not again.problems
    assert {(j.pair_id, j.judge, j.verdict, j.order, j.text) for j in again.judgements} == {
        (j.pair_id, j.judge, j.verdict, j.order, j.text) for j in test.judgements
    }


def preferences(path, *texts):
    "Write pairs of these answers, the first of which is better."
    pairs = [
        Pair.of(q, "", Answer(model="a", text=a), Answer(model="b", text=b)) for q, a, b in texts
    ]
    rulings = [Ruling(pair_id=p.id, judge="j", outcome=Outcome.FIRST) for p in pairs]
    return write_preferences(path, pairs, rulings)


def test_identical_answers_are_left_out_and_counted(tmp_path):
    counts = preferences(
        tmp_path / "p.jsonl", ("q", "one", "one"), ("r", " x ", "x"), ("s", "a", "b")
    )
    assert counts == {"written": 1, "identical answers": 2}
    with pytest.raises(NotEnoughData):
        preferences(tmp_path / "p.jsonl", ("q", "one", "one"))


def test_empty_texts_are_counted_in_a_warning(tmp_path):
    with pytest.warns(UserWarning, match="1 empty rejected, 1 empty prompt"):
        counts = preferences(tmp_path / "p.jsonl", ("q", "one", " "), ("", "a", "b"))
    assert counts == {"written": 2, "empty rejected": 1, "empty prompt": 1}


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\x0b", "\x1e"])
def test_no_sign_within_a_text_ends_its_line(tmp_path, mark):
    preferences(tmp_path / "p.jsonl", ("q", f"one{mark}two", "three"))
    text = (tmp_path / "p.jsonl").read_text(encoding="utf-8")
    assert len(text.splitlines()) == 1 and json.loads(text)["chosen"] == f"one{mark}two"
