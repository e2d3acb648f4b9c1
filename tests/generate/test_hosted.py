"Questions and answers over HTTP: models that think, and calls without reply."

import warnings

import pytest
from recipe.hosted import Thinking, write_documents

from judge_distill.calls.ledger import Ledger
from judge_distill.generate.answers import Generator, make_pairs
from judge_distill.generate.documents import load_documents, split_passages
from judge_distill.generate.questions import Writing, write_questions
from judge_distill.models.load import load_llm
from judge_distill.models.spec import parse_spec
from judge_distill.records.errors import NotEnoughData

SILENT = parse_spec("openai:m?reasoning_effort=none").parameters


@pytest.fixture
def thinker(tmp_path, monkeypatch):
    "A model that thinks unless told not to, and passages to ask it about."
    monkeypatch.chdir(tmp_path)
    passages = split_passages(load_documents([write_documents(6, 3)]))
    with Thinking() as server, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parameters that are left out
        yield load_llm(f"openai:gpt-6-luna@{server.url}"), passages


def test_questions_that_thoughts_cut_off_are_dropped_under_that_name(thinker):
    llm, passages = thinker
    questions, drops = write_questions(passages, llm, Ledger(), Writing(count=6))
    assert not questions and drops == {"cut off; raise max_tokens": 6}


def test_without_thoughts_no_question_is_dropped(thinker):
    llm, passages = thinker
    questions, drops = write_questions(passages, llm, Ledger(), Writing(6, parameters=SILENT))
    assert len(questions) == 6 and not drops


def test_answers_that_thoughts_cut_off_are_dropped_under_that_name(thinker):
    llm, passages = thinker
    questions, _ = write_questions(passages, llm, Ledger(), Writing(6, parameters=SILENT))
    generators = [
        Generator("brief", llm, parameters={"max_tokens": 60}),
        Generator("plain", llm, parameters={"reasoning_effort": "none"}),
    ]
    with pytest.raises(NotEnoughData, match="6.*cut off; raise max_tokens|cut off.*6"):
        make_pairs(questions, ["Bees dance."] * 6, generators, Ledger())
