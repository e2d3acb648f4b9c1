"Any reply becomes a verdict or a named problem."

import json
import os
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judging.replies import ENDED, HUGE, RIGHT

from judge_distill.judging.spellings import LETTERS, spell
from judge_distill.judging.verdicts import read_verdict
from judge_distill.records.schema import Verdict

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("verdict"), inner),
).map(json.dumps)


@pytest.mark.parametrize(("text", "letter"), RIGHT.values(), ids=RIGHT)
def test_a_reply_is_read_as_it_is_meant(text, letter):
    assert read_verdict(text).verdict is LETTERS.get(letter)


@pytest.mark.parametrize("finish", ENDED)
def test_a_reply_that_was_ended_holds_no_verdict(finish):
    assert read_verdict("B is better. [[B]]", finish).verdict is None


@pytest.mark.parametrize("verdict", Verdict)
def test_what_is_written_is_read(verdict):
    assert read_verdict(spell(verdict)).verdict is verdict


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ('Sure! {"verdict": "B"} Does it help?', "B"),
        ('Assistant A replied {"verdict": "A"}, so:\n{"verdict": "B"}', "B"),
        ('[[A]] at first.\n{"verdict": "B"} That is all.', "B"),
        ('{"verdict": "A"}\n{"verdict": "B"}', None),
        ('{"verdict": "A"} or {"verdict": "B"}', None),
        ("[[B]]", "B"),
    ],
)
def test_json_that_was_asked_for_counts_anywhere(text, letter):
    assert read_verdict(text, json_asked=True).verdict is LETTERS.get(letter)


@settings(deadline=None, max_examples=300)
@given(st.text() | JSON, st.none() | st.text(), st.booleans())
def test_nothing_raises_and_one_of_both_is_set(text, finish, json_asked):
    spoken = read_verdict(text, finish, json_asked)
    assert (spoken.verdict is None) != (spoken.problem is None)


@pytest.mark.parametrize("text", HUGE, ids=lambda text: text[:8])
def test_depth_and_length_cost_no_more_than_seconds(text):
    began = time.process_time()
    read_verdict(text)
    assert time.process_time() - began < 5


def published_replies():
    folder = Path(os.environ["JUDGE_DISTILL_DATA"]) / "llamaindex_pairwise"
    for file in folder.glob("*events.jsonl"):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)["messages"][-1]["content"]
    for file in folder.glob("*_qa*.jsonl"):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield from (e["text"] for e in json.loads(line).get("evaluations", ()))


@pytest.mark.skipif("JUDGE_DISTILL_DATA" not in os.environ, reason="JUDGE_DISTILL_DATA is not set")
def test_replies_of_gpt_4_read_as_ever():
    replies = set(published_replies())
    named = {text: set(re.findall(r"\[\[([ABC])\]\]", text)) for text in replies}
    alone = {text: LETTERS[letters.pop()] for text, letters in named.items() if len(letters) == 1}
    assert {text: read_verdict(text).verdict for text in alone} == alone
    assert (len(replies), len(alone)) == (299, 298)
