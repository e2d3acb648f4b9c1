"Columns of any names: what is guessed is said, what is named must be there, labels are counted."

import pandas as pd
import pytest
from data.judged_words import ASKED, adds_up, looked, outcomes

from judge_distill.data.guess import guess_columns
from judge_distill.data.reading import read
from judge_distill.records.errors import InputError, NotEnoughData
from judge_distill.records.schema import Answer, Outcome, Pair

NAN = float("nan")


@pytest.mark.parametrize(
    "row, first, judges",
    [
        ({"prompt": "?", "response_a": "x", "response_b": "y", "vote": "A"}, "response_a", "vote"),
        ({"Question": "?", "Answer 1": "x", "Answer 2": "y", "vote": "1"}, "Answer 1", "vote"),
        ({"query": "?", "outputA": "x", "outputB": "y", "label": "tie"}, "outputA", "label"),
        ({"task": "?", "model_1_output": "x", "model_2_output": "y"}, "model_1_output", ""),
        ({"query": "?", "left_text": "x", "right_text": "y", "c": "left"}, "left_text", "c"),
        ({"question": "?", "a": "x", "b": "y", "human_preference": "b"}, "a", "human_preference"),
        ({"prompt": "?", "response_0": "x", "response_1": "y", "better_response_id": 0},
         "response_0", "better_response_id"),
        ({"prompt": "?", "text_a": "x", "text_b": "y", "stars": 1}, "text_a", ""),
    ],
)  # fmt: skip
def test_columns_are_guessed_from_their_names(row, first, judges):
    columns = guess_columns([row])
    assert columns.first == first
    assert ",".join(judge.judge for judge in columns.judges) == judges
    assert f"first = {first}" in read([row]).read_as


def test_a_topic_under_label_is_no_judge():
    assert not guess_columns([ASKED | {"label": "history"}]).judges


def test_answers_counted_from_zero_make_zero_the_first():
    row = {"prompt": "?", "response_0": "x", "response_1": "y", "better_response_id": 0}
    assert outcomes(read([row]).rulings) == ["first"]


def test_chosen_and_rejected_are_not_always_first_and_second():
    rows = [{"prompt": f"{n}?", "chosen": f"good {n}", "rejected": "bad"} for n in range(40)]
    judged = read(rows)
    better = [
        pair.answers[0 if ruling.outcome is Outcome.FIRST else 1].text
        for pair, ruling in zip(judged.pairs, judged.rulings, strict=True)
    ]
    assert better == [row["chosen"] for row in rows]
    assert 8 < outcomes(judged.rulings).count("first") < 32


def test_scores_of_both_answers_are_a_verdict():
    rows = [ASKED | {"question": f"{a}{b}", "score_1": a, "score_2": b}
            for a, b in ((3, 1), ("2", 4.5), (1, 1), ("?", 2))]  # fmt: skip
    judged = read(rows)
    assert outcomes(judged.rulings) == ["first", "second", "tie"] and len(judged.problems) == 1


def test_three_flags_are_a_verdict():
    flags = {"winner_model_a": 0, "winner_model_b": 1, "winner_tie": 0}
    row = {"prompt": "?", "response_a": "x", "response_b": "y"} | flags
    assert outcomes(read([row]).rulings) == ["second"]


def test_a_label_may_be_a_model_name():
    row = ASKED | {"model_1": "gpt-4", "model_2": "vicuna", "winner": "Vicuna"}
    judged = read([row])
    assert outcomes(judged.rulings) == ["second"] and judged.pairs[0].answers[0].model == "gpt-4"


def test_one_row_a_rater_keeps_every_label():
    rows = [
        ASKED | {"question": f"{q}?", "worker": f"w{w}", "label": "left" if w < 3 else "right"}
        for q in range(6)
        for w in range(4)
    ]
    judged = read(rows)
    assert len(judged.pairs) == 6 and not judged.problems
    assert [len(judged.by(f"w{w}")) for w in range(4)] == [6, 6, 6, 6]
    assert outcomes(judged.by("human majority")) == ["first"] * 6
    assert {label.policy for label in judged.by("human majority")} == {"majority of people"}


def test_a_judge_named_like_the_raters_column_is_their_majority():
    rows = [ASKED | {"rater": f"r{n}", "label": x} for n, x in enumerate("AAB")]
    judged = read(rows, columns={"rater": "label"})
    assert outcomes(judged.by("rater")) == ["first"] and "r2" in judged.judges


def test_judges_in_a_column_are_judges():
    rows = [ASKED | {"judge_model": f"m{n}", "verdict": "B"} for n in range(2)]
    judged = read(rows)
    assert judged.judges == ["m0", "m1"] and not judged.labels


def test_rows_with_exchanged_answers_are_looks_in_both_orders():
    turned = ASKED | {"answer_1": ASKED["answer_2"], "answer_2": ASKED["answer_1"]}
    judged = read([ASKED | {"gpt": "A", "human": "A"}, turned | {"gpt": "A", "human": "B"}])
    assert len(judged.pairs) == 1 and not judged.problems
    assert looked(judged, "gpt") == [("original", "first"), ("flipped", "second")]
    assert not judged.rulings and outcomes(judged.by("human")) == ["first"]


def test_two_columns_are_both_orders():
    row = ASKED | {"gpt_ab": "A", "gpt_ba": "A"}
    for judged in (read([row]), read([row], columns={"gpt": "gpt_ab,gpt_ba"})):
        assert looked(judged, "gpt") == [("original", "first"), ("flipped", "second")]


@pytest.mark.parametrize("name", ["first", "second", "question", "context", "document"])
def test_a_judge_may_be_called_like_a_role(name):
    judged = read([ASKED | {"v": "B"}], columns={f"judge:{name}": "v"})
    assert judged.judges == [name] and outcomes(judged.by(name)) == ["second"]


@pytest.mark.parametrize("columns", [{"gpt": "gtp"}, {"document": "documnet"}, {"first": "anser"}])
def test_a_column_that_no_row_has_is_an_error(columns):
    with pytest.raises(InputError, match="no row has a column"):
        read([ASKED | {"gpt": "A"}], columns=columns)


@pytest.mark.parametrize(
    "labels, words",
    [
        (["good", "bad"], "none of the labels of 'gpt' can be read"),
        ([0, 1, 1], "0 means the first answer in some files"),
        ([True, False], "say what true and false mean"),
        (["", None], "has no label in any row"),
        (["x" * 10**6], "none of the labels"),
    ],
)
def test_a_judge_whose_labels_are_not_understood_is_an_error(labels, words):
    rows = [ASKED | {"question": f"{n}", "gpt": label} for n, label in enumerate(labels)]
    with pytest.raises(InputError, match=words) as error:
        read(rows, columns={"gpt": "gpt"})
    assert len(str(error.value)) < 500


def test_unknown_labels_are_counted_by_judge_and_make_no_verdict():
    rows = [ASKED | {"question": f"{n}", "gpt": label} for n, label in enumerate("AAB??!")]
    judged = read(rows, columns={"gpt": "gpt"})
    assert outcomes(judged.by("gpt")) == ["first", "first", "second"]
    assert [(one.judge, one.label, one.count) for one in judged.unknown] == [
        ("gpt", "'?'", 2),
        ("gpt", "'!'", 1),
    ]
    assert str(judged).splitlines()[1:4:2] == [
        "6 rows: 3 read, 3 with a problem",
        "labels not understood: gpt 3 ('?' 2, '!' 1)",
    ]


@pytest.mark.parametrize(
    "label, outcome",
    [
        (1, "first"),
        (1.0, "first"),
        ("1.0", "first"),
        (" First ", "first"),
        ("[[A>>B]]", "first"),
        ("Ａ", "first"),
        ("Assistant A", "first"),
        ("model_b", "second"),
        ("B>A", "second"),
        ("B is better", "second"),
        ("A=B", "tie"),
        ("draw", "tie"),
        ("tie (bothbad)", "tie"),
        ("tie (inconsistent)", "inconclusive"),
        ("inconclusive", "inconclusive"),
        ("error", "invalid"),
        (NAN, "invalid"),
        (None, "invalid"),
        ("", "invalid"),
    ],
)
def test_a_label_is_read_however_it_is_written(label, outcome):
    known = ASKED | {"question": "other", "j": "A"}
    judged = read([known, ASKED | {"j": label}], columns={"judge:j": "j", "person:me": "j"})
    assert outcomes(judged.by("j"))[1:] == outcomes(judged.by("me"))[1:] == [outcome]


@pytest.mark.parametrize("label", ["both", [], {"a": 1}, 3, "A and B"])
def test_a_label_that_is_not_known_is_a_problem(label):
    known = ASKED | {"question": "other", "j": "A"}
    judged = read([known, ASKED | {"j": label}], columns={"j": "j"})
    assert outcomes(judged.by("j")) == ["first"] and len(judged.problems) == 1


def test_labels_of_ones_own():
    rows = [ASKED | {"question": str(n), "w": n % 3 / 2} for n in range(3)]
    judged = read(rows, columns={"j": "w"}, values={0: "second", "1": Outcome.FIRST, 0.5: "tie"})
    assert outcomes(judged.by("j")) == ["second", "tie", "first"]


@pytest.mark.parametrize("values", [{"x": "good"}, {1: "first", "1.0": "second"}])
def test_values_that_are_no_outcome_are_refused(values):
    with pytest.raises(InputError):
        read([ASKED | {"j": "x"}], columns={"j": "j"}, values=values)


def test_a_second_word_is_a_problem_and_a_contradiction_counts_for_neither():
    rows = [ASKED | {"j": "A"}, ASKED | {"j": "A"}, ASKED | {"question": "?", "j": "A"}]
    judged = read([*rows, rows[2] | {"j": "B"}], columns={"j": "j"})
    assert outcomes(judged.by("j")) == ["first"] and len(judged.judgements) == 1
    assert "with the same verdict" in judged.problems[0].what
    assert "another verdict, so neither counts" in judged.problems[1].what


def test_repeated_pairs_are_grouped():
    judged = read([ASKED] * 31)
    assert len(judged.pairs) == 1 and judged.sums[-1].startswith("30 rows: repeats a pair")


@pytest.mark.parametrize(
    "value, text",
    [("words", "words"), ("", ""), (True, "true"), (3, "3"), (2.5, "2.5"), (None, None),
     (NAN, None), (["a"], "a"), ({"a": 1}, None), ([{"role": "user", "content": "x"}], None)],
)  # fmt: skip
def test_an_answer_that_is_no_text_is_noted_or_a_problem(value, text):
    judged = read([ASKED | {"answer_1": value}, ASKED])
    assert len(judged.pairs) == (1 if text is None else 2)
    assert len(judged.problems) == (text is None) and adds_up(judged)
    if text is not None:
        assert judged.pairs[0].answers[0].text == text
        assert bool(judged.pairs[0].notes) == (not isinstance(value, str))


def chat(*texts):
    return [{"role": r, "content": t} for r, t in zip(("user", "assistant") * 9, texts)]


def test_conversations_become_the_question_and_what_the_assistant_said():
    row = ASKED | {
        "answer_1": chat("Why?", "a", "And?", "b"),
        "answer_2": chat("Why?", "c", "And?", "d"),
    }
    pair = read([row]).pairs[0]
    assert pair.question == "Why?\n\nAnd?"
    assert [answer.text for answer in pair.answers] == ["a\n\nb", "c\n\nd"]


def test_conversations_with_different_questions_are_no_pair():
    row = {"answer_1": chat("Why?", "a"), "answer_2": chat("Who?", "c")}
    with pytest.raises(NotEnoughData, match="different questions"):
        read([row])


def test_a_history_keeps_its_speakers():
    row = ASKED | {"question": [*chat("Hi", "Hello"), {"from": "human", "value": "Why?"}]}
    assert read([row]).pairs[0].question == "User: Hi\n\nAssistant: Hello\n\nUser: Why?"


def test_passages_are_joined():
    row = ASKED | {"source": ["One.", {"title": "t", "text": "Two."}]}
    assert read([row]).pairs[0].source == "One.\n\nTwo."


def test_a_list_is_never_its_python_spelling(tmp_path):
    row = ASKED | {
        "context": ["One.", "Two."],
        "answer_1": chat("Why?", "a"),
        "answer_2": chat("Why?", "b"),
    }
    frame = pd.DataFrame([row])
    frame.to_parquet(tmp_path / "x.parquet")
    expected = read([row]).pairs
    assert read(frame).pairs == read(tmp_path / "x.parquet").pairs == expected
    assert "[" not in str(expected[0].model_dump(include={"question", "source"}))


def test_a_dataset_gives_what_its_rows_give():
    class Dataset:  # what a datasets.Dataset is to us: it yields dictionaries
        def __iter__(self):
            yield from (ASKED | {"question": f"{n}", "w": "AB"[n % 2], "doc": n} for n in range(4))

    judged = read(Dataset(), columns={"j": "w", "document": "doc"})
    assert outcomes(judged.by("j")) == ["first", "second"] * 2
    assert set(judged.documents.values()) == set("0123")


def test_pairs_and_judged_data_are_taken_as_they_are():
    pair = Pair.of("q", "", Answer(model="a", text="x"), Answer(model="b", text="y"))
    judged = read([pair, pair])
    assert judged.pairs == (pair,) and read(judged) is judged


@pytest.mark.parametrize(
    "options, words",
    [
        ({"format": "pandalm", "columns": {"j": "j"}}, "contradict each other"),
        ({"format": "excel"}, "no format"),
        ({"outputs": {"j": "x"}}, "takes no outputs"),
        ({"frame": "published"}, "takes no frame"),
        ({"values": {"x": "first"}}, "values go with a column of verdicts"),
    ],
)
def test_an_option_is_never_left_alone(options, words):
    with pytest.raises(InputError, match=words):
        read([ASKED], **options)


UNSEEN = ["\u200b", "\ufeff", "\u00a0", "\u00ad", "\u200e", "\u202a", "\u2060"]


@pytest.mark.parametrize("sign", UNSEEN, ids=ascii)
@pytest.mark.parametrize("label", ["{}A", "A{}", "Model{} A", "{}[[A]]{}"])
def test_what_nobody_sees_changes_no_label(label, sign):
    blank = sign == "\u00a0" and "{}" in label[1:-2]
    label = label.replace(" ", "") if blank else label
    judged = read([ASKED | {"gpt": label.format(sign, sign)}])
    assert outcomes(judged.by("gpt")) == ["first"]


@pytest.mark.parametrize("sign", UNSEEN, ids=ascii)
def test_what_nobody_sees_is_no_label(sign):
    judged = read([ASKED | {"gpt": sign}, ASKED | {"question": "2?", "gpt": "B"}])
    assert outcomes(judged.by("gpt")) == ["invalid", "second"]


@pytest.mark.parametrize("sign", UNSEEN, ids=ascii)
def test_what_nobody_sees_changes_no_column_and_no_number(tmp_path, sign):
    (tmp_path / "x.csv").write_text(
        f"question,{sign}answer_1,answer_2{sign},score_1,score_2\n?,x,y,{sign}4,3{sign}\n", "utf-8"
    )
    assert outcomes(read(tmp_path / "x.csv").rulings) == ["first"]


WORDS = [
    ASKED | {"question": f"{n}?", "topic": "ab"[n % 2] * 3, "urteil": word}
    for n, word in enumerate(["links", "rechts", "gleich", "links"])
]


def test_a_column_of_unknown_name_and_words_is_said_to_be_passed_over():
    (note,) = read(WORDS).notes
    assert note.startswith("not read: column 'urteil' ('links', 'rechts', 'gleich'); if a judge's")
    assert "columns={'urteil': 'urteil'}" in note and "topic" not in note


def test_what_the_line_on_a_column_says_helps():
    words = {"links": "first", "rechts": "second", "gleich": "tie"}
    judged = read(WORDS, columns={"urteil": "urteil"}, values=words)
    assert outcomes(judged.by("urteil")) == ["first", "second", "tie", "first"]
    assert not judged.notes
