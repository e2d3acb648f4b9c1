"Questions are checked against what they ask about; answers are whole; sources hold their passage."

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge_distill.calls.ledger import Ledger
from judge_distill.calls.replies import Reply
from judge_distill.generate.answers import (
    answer_messages,
    answer_problem,
    goes_round,
    retrieve,
    whole_answer,
    with_own,
)
from judge_distill.generate.questions import Writing, write_questions
from judge_distill.generate.wording import question_start, statement_problem
from judge_distill.models.load import load_embedding, load_llm
from judge_distill.records.schema import Passage, Question
from judge_distill.testing.protocol import ProtocolServer

RULE = "If a dancer turns to the left of the sun, the others leave the hive and search there."


@pytest.mark.parametrize(
    ("statement", "start"),
    [
        (RULE, "What happens if"),
        ("Whenever the queen dies in the hive, the workers raise another.", "What happens when"),
        (
            "The method sort() returns the pieces of the list in order.",
            "What does the method sort() return",
        ),
        (
            "Indexing past the end of the list raises an IndexError at once.",
            "Which exception is raised",
        ),
        ("Roads are salted in winter so that rain does not turn to ice.", "Why"),
        (
            "Lists are formed by placing expressions between square brackets.",
            "How are lists formed",
        ),
        (
            "Slice objects are used to represent slices of a sequence.",
            "What are slice objects used for",
        ),
        ("This is used to represent slices of a whole sequence.", None),
        ("The names below are described in another section of the text.", None),
        ("Too short.", None),
    ],
)
def test_how_a_question_begins_follows_from_the_statement(statement, start):
    assert question_start(statement) == start


@pytest.mark.parametrize(
    ("question", "problem"),
    [
        ("What happens if a dancer turns to the left of the sun?", None),
        ("What happens if a bee is hungry and sings?", "speaks of something else"),
        ("What happens if a dancer turns and turns to the sun?", "says something twice"),
        ("What happens?", "too vague"),
        (RULE.replace(".", "?"), "leaves nothing to be answered"),
    ],
)
def test_a_question_is_checked_against_its_statement(question, problem):
    assert statement_problem(question, RULE) == problem


def test_no_opening_has_more_than_its_share():
    def reply(body):
        statement = body["messages"][-1]["content"].split("\nBegin")[0].partition("Statement: ")[2]
        return f"What happens {statement.split(',')[0].lower()}?", None

    words = "red blue green white black brown early late young old quick slow".split()
    passages = [
        Passage.of("bees", f"If a {word} dancer turns left, the others leave the hive and search.")
        for word in words
    ]
    with ProtocolServer(reply=reply) as server:
        writing = Writing(count=12, statements=True)
        questions, drops = write_questions(
            passages, load_llm(f"openai:m@{server.url}"), Ledger(), writing
        )
    assert len(questions) == 4
    assert drops == {"a third of the questions begin like it": 8}


@given(
    st.lists(st.text("abc", min_size=1, max_size=1), unique=True, min_size=1),
    st.text("abcx", min_size=1, max_size=1),
)
def test_a_source_holds_the_passage_that_was_asked_about(nearest, own):
    ids = with_own(nearest, own)
    assert own in ids
    assert len(ids) == len(nearest)


def test_retrieval_holds_the_passage_that_was_asked_about():
    near = Passage.of("a", "Does salt melt ice on roads? Salt melts ice on roads.")
    asked = Passage.of("b", "Bees dance to tell the others where food is.")
    question = Question.of("Does salt melt ice on roads?", asked)
    with ProtocolServer() as server:
        embedding = load_embedding(f"openai:m@{server.url}")
        sources = retrieve([question], [near, asked], embedding, Ledger(), top_k=1)
    assert sources == [asked.text]


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("Bees dance. They turn to the", "Bees dance."),
        ("Bees dance.", "Bees dance."),
        ("yes", "yes"),
        ("Bees dance.\n\nQuestion: Why?\nThey", "Bees dance."),
        ('They say "dance." And', 'They say "dance."'),
        ("", ""),
    ],
)
def test_an_answer_ends_at_a_whole_sentence(reply, answer):
    assert whole_answer(reply) == answer


def test_an_answer_ends_before_it_goes_round():
    text = "Bees dance. " + "The primary of the primary is the primary. " * 5
    assert not goes_round(whole_answer(text))


def test_a_circle_is_no_answer():
    reply = Reply(text="the primary of the primary of " * 5)
    assert answer_problem(reply, Reply(text="No.")) == "an answer goes in a circle"


def test_examples_are_shown_where_a_generator_wants_them():
    assert len(answer_messages("q?", "s", shots=True)) > len(answer_messages("q?", "s"))
