"""Judged data in everybody's formats: small files of our own in the real shapes, and everything
that goes wrong in them.
"""

import os

import pytest
from data.judged_words import adds_up, looked, outcomes

from judge_distill.data.alpaca_eval import read_alpaca_eval
from judge_distill.data.auto_j import read_auto_j
from judge_distill.data.folder import read_folder
from judge_distill.data.llmbar import read_llmbar
from judge_distill.data.mt_bench import read_mt_bench
from judge_distill.data.pandalm import read_pandalm
from judge_distill.data.reading import FORMATS, find_format, read, read_judged
from judge_distill.data.recipe_files import read_llamaindex
from judge_distill.judging.rulings import resolve
from judge_distill.records.errors import InputError, NotEnoughData
from judge_distill.records.files import write_jsonl
from judge_distill.records.schema import Answer, Judgement, Order, Pair, Verdict

NAN = float("nan")

QA = {
    "question": "q",
    "answers": [{"model": "a", "text": "x"}, {"model": "b", "text": "y"}],
    "source": "s",
}


@pytest.mark.parametrize(
    "row, words",
    [
        ({"answers": QA["answers"]}, "no text under 'question'"),
        (QA | {"answers": [1, 2]}, "not a list of two objects"),
        (QA | {"answers": QA["answers"] * 2}, "not a list of two objects"),
        (QA | {"answers": [{"model": "a"}, {"model": "b", "text": "y"}]}, "no text under 'text'"),
        (QA | {"evaluations": ["good"]}, "an evaluation is not an object"),
        (
            QA | {"evaluations": [{"llm": "j", "score": 1, "source": "both"}]},
            "source of 'j' is 'both'",
        ),
        (
            QA | {"evaluations": [{"llm": "j", "score": None, "source": "original"}]},
            "score of 'j' is None",
        ),
        (QA | {"evaluations": [{"score": 1, "source": "original"}]}, "no text under 'llm'"),
    ],
)
def test_dirty_recipe_files(row, words, lines):
    judged = read_llamaindex(lines("x.jsonl", QA | {"question": "fine"}, row))
    assert (
        len(judged.problems) == 1
        and judged.problems[0].line == 2
        and words in judged.problems[0].what
    )
    if "score of" in words:
        assert outcomes(judged.by("j")) == ["invalid"] and judged.judgements[0].problem
    with pytest.raises(InputError, match="no frame"):
        read_llamaindex([QA], frame="mine")


def test_pandalm(array):
    row = {
        "idx": 0,
        "cmp_key": "a-7b_b-7b",
        "instruction": "Say.",
        "input": "",
        "response1": False,
        "response2": "y",
        "annotator1": 2,
        "annotator2": 0,
        "annotator3": 7,
    }
    pairs = array(
        "p.json",
        row,
        row | {"idx": 1, "cmp_key": "a"},
        row | {"idx": 2, "response1": "z", "annotator3": 0},
    )
    judge = array(
        "j.json",
        {"idx": 0, "x_result": "2", "x_reason": "r"},
        {"idx": 1, "x_result": 1},
        {"idx": 2, "x_result": "Tie"},
        {"idx": 2, "x_result": 1},
        {"x_reason": "?"},
    )
    judged = read_pandalm(pairs, {"judge": judge})
    assert [a.model for a in judged.pairs[0].answers] == ["a-7b", "b-7b"] and judged.pairs[
        0
    ].answers[0].text == "false"
    assert outcomes(judged.by("annotator3")) == ["tie"] and outcomes(
        judged.by("human majority")
    ) == ["inconclusive", "tie"]
    assert outcomes(judged.by("judge")) == ["second"] and judged.looks("judge")[0].text == "r"
    assert [os.path.basename(p.file) for p in judged.problems] == ["p.json"] * 2 + [
        "j.json"
    ] * 3 and "annotator3" in judged.problems[0].what
    assert len(set(judged.documents.values())) == 1


def test_auto_j_keeps_lines_in_step(lines):
    row = {"scenario": "x", "label": 0, "prompt": "p", "response 1": "a", "response 2": "b"}
    pairs = lines(
        "p.jsonl",
        row,
        "{torn",
        row | {"prompt": None},
        row | {"prompt": "q", "label": 5},
        row | {"prompt": "r", "label": "2"},
    )
    plain, exchanged = (
        lines(
            f"{n}.jsonl",
            {"output": 0},
            {"output": 1},
            {"output": 1},
            "oops",
            {"output": 2},
        )
        for n in ("plain", "exchanged")
    )
    judged = read_auto_j(pairs, {"j": (plain, exchanged), "once": plain})
    assert outcomes(judged.by("human")) == ["first", "tie"]
    assert looked(judged, "j") == [
        ("original", "first"),
        ("original", "tie"),
        ("flipped", "second"),
        ("flipped", "tie"),
    ]
    assert outcomes(judged.by("once")) == ["first", "tie"] and outcomes(
        resolve(judged.looks("j"))
    ) == ["inconclusive", "tie"]
    assert [p.line for p in judged.problems if p.file == str(pairs)] == [2, 3, 4] and [
        p.line for p in judged.problems if p.file == str(exchanged)
    ] == [2, 3, 4]
    with pytest.raises(InputError, match="has 1 outputs for the 5 rows"):
        read_auto_j(pairs, {"j": lines("short.jsonl", {"output": 0})})
    with pytest.raises(InputError, match="in both orders; make rulings"):
        judged.by("j")


def test_llmbar(tmp_path, array):
    row = {"input": "i", "output_1": "a", "output_2": "b", "label": 1}
    said = {
        f"swap = {swap}": {"prompt": "…", "completion": [f"words {swap}", "stop"], "winner": "2"}
        for swap in (False, True)
    }
    torn = {"swap = False": {"completion": ["?", "stop"], "winner": None}}
    judged = read_llmbar(
        array("d.json", row, row | {"input": "k", "label": 3}),
        {
            "rounds": array(
                "r.json",
                row | {"results": [torn, said]},
                row | {"input": "k", "results": ["a rubric", torn]},
            ),
            "strange": array(
                "s.json",
                row | {"input": "new", "results": [said]},
                row | {"results": []},
            ),
        },
    )
    assert outcomes(judged.by("human")) == ["first"]
    assert (
        looked(judged, "rounds")
        == [("original", "second"), ("flipped", "second"), ("original", None)]
        and judged.looks("rounds")[1].text == "words True"
    )
    assert [p.what for p in judged.problems][1:] == [
        "no result of 'rounds' for swap = True",
        f"this pair does not stand in {tmp_path / 'd.json'}; it has no label",
        "no results of 'strange'",
    ]


@pytest.mark.parametrize(
    "preference, outcome, probabilities, problems",
    [
        (1, "first", None, 0),
        (2.0, "second", None, 0),
        ("2", "second", None, 0),
        (1.25, "first", (0.75, 0.25, 0.0), 0),
        (1.5, "tie", None, 0),
        (0, "tie", None, 0),
        (None, "invalid", None, 0),
        (NAN, "invalid", None, 0),
    ],
)
def test_alpaca_eval(preference, outcome, probabilities, problems, array):
    row = {
        "instruction": "i",
        "input": "more",
        "output_1": "a",
        "generator_1": "m",
        "output_2": "b",
        "generator_2": "n",
        "annotator": 7,
        "preference": preference,
        "raw_completion": {},
    }
    judged = read_alpaca_eval(array("a.json", row, row | {"instruction": None}))
    assert (
        outcomes(judged.by("7")) == [outcome]
        and judged.judgements[0].probabilities == probabilities
        and len(judged.problems) == problems + 1
    )
    assert judged.pairs[0].question == "i\n\nmore" and judged.pairs[0].answers[1].model == "n"


def one_turn(question, a, b, reference=""):
    shown = "\n\n".join(
        f"[The Start of Assistant {x}'s Answer]\n{text}\n[The End of Assistant {x}'s Answer]"
        for x, text in (("A", a), ("B", b))
    )
    return (
        f"[User Question]\n{question}\n\n"
        + (
            f"[The Start of Reference Answer]\n{reference}\n[The End of Reference Answer]\n\n"
            if reference
            else ""
        )
        + shown
    )


def two_turns(questions, a, b, reference=None):
    def part(title, name, texts):
        return (
            f"<|The Start of {title}|>\n\n"
            + "\n\n".join(
                f"### User:\n{q}\n\n### {name}:\n{t}" for q, t in zip(questions, texts, strict=True)
            )
            + f"\n\n<|The End of {title}|>"
        )

    parts = [part("Reference Answer", "Reference answer", reference)] if reference else []
    return "\n\n\n".join(
        [
            *parts,
            *(
                part(f"Assistant {x}'s Conversation with User", f"Assistant {x}", texts)
                for x, texts in (("A", a), ("B", b))
            ),
        ]
    )


def test_mt_bench(lines):
    row = {
        "question_id": 81,
        "model_1": "m",
        "model_2": "n",
        "judge": ["gpt-4", "pair-v2"],
        "turn": 1,
        "g1_winner": "model_1",
        "g2_winner": "tie",
        "g1_judgment": "[[A]]",
        "g2_judgment": "[[C]]",
        "tstamp": 1.5,
    }
    judged = read_mt_bench(
        lines(
            "m.jsonl",
            row | {"g1_user_prompt": one_turn("Q\n\n?", "a\n\na", "b")},
            row
            | {
                "g1_user_prompt": one_turn("Q2", "a", "b", "42"),
                "question_id": 82,
                "g1_winner": "error",
            },
            row | {"g1_user_prompt": two_turns(("Q", "R"), ("a1", "a2"), ("b1", "b2")), "turn": 2},
            row
            | {"g1_user_prompt": two_turns(("Q3", "R"), ("a1", "a2"), ("b1", "b2"), ("r1", "r2"))},
            row | {"g1_user_prompt": one_turn("Q4", "a", "b"), "g2_winner": "model_3"},
            row,
        )
    )
    assert [(p.question, p.answers[0].text, p.answers[1].text) for p in judged.pairs[:3]] == [
        ("Q\n\n?", "a\n\na", "b"),
        ("Q2", "a", "b"),
        ("Q\n\nR", "a1\n\na2", "b1\n\nb2"),
    ]
    assert (
        judged.pairs[1].source == "42"
        and judged.pairs[1].notes
        and "r2" in judged.pairs[3].source
        and not judged.pairs[0].source
    )
    assert looked(judged, "gpt-4")[:4] == [
        ("original", "first"),
        ("flipped", "tie"),
        ("original", None),
        ("flipped", "tie"),
    ]
    assert outcomes(resolve(judged.looks("gpt-4"))) == [
        "first",
        "invalid",
        "first",
        "first",
        "invalid",
    ]
    assert [p.line for p in judged.problems] == [5, 6] and judged.pairs[0].document == judged.pairs[
        2
    ].document != judged.pairs[1].document


def test_our_own_folder_and_finding_formats(tmp_path):
    pair = Pair.of("q", "s", Answer(model="a", text="x"), Answer(model="b", text="y"))
    write_jsonl([pair], tmp_path / "pairs.jsonl")
    write_jsonl(
        [
            Judgement(pair_id=pair.id, judge="j", order=order, verdict=Verdict.TIE)
            for order in Order
        ],
        tmp_path / "judgements" / "j.jsonl",
    )
    judged = read_judged(tmp_path)
    assert (
        judged == read_folder(tmp_path) and judged.judges == ["j"] and len(judged.looks("j")) == 2
    )
    assert (
        find_format([QA]) == "llamaindex"
        and find_format([]) == "columns"
        and set(FORMATS) >= {"pandalm", "auto-j", "llmbar", "alpaca-eval", "mt-bench"}
    )
    with pytest.raises(InputError, match="no format"):
        read_judged([QA], "excel")
    with pytest.raises(InputError, match="takes no outputs"):
        read_judged([QA], outputs={"j": "x"})
    for reader in FORMATS.values():
        with pytest.raises((InputError, NotEnoughData)):
            reader(tmp_path / "nowhere.json")
    with pytest.raises(NotEnoughData, match="row 1: no text under 'answer_2'"):
        read([{"answer_1": "a", "answer_2": None}])


@pytest.mark.parametrize("preference", [2.5, "good", [1], -1])
def test_a_preference_that_is_none_is_a_problem_and_no_verdict(preference):
    row = {"instruction": "i", "output_1": "a", "output_2": "b", "annotator": "gpt"}
    judged = read([row | {"preference": 1}, row | {"instruction": "j", "preference": preference}])
    assert outcomes(judged.rulings) == ["first"] and judged.unknown[0].count == 1


@pytest.mark.parametrize("source", ["neither", "neither-inconclusive", "", None])
def test_old_names_of_inconclusive_pairs_are_inconclusive(source):
    row = QA | {"evaluations": [{"llm": "j", "score": 0.5, "text": "", "source": source}]}
    judged = read([row])
    assert outcomes(judged.by("j")) == ["inconclusive"] and not judged.problems


def test_notes_of_somebody_else_do_no_harm():
    judged = read([QA | {"notes": [1, {"by": "x"}]}])
    assert judged.pairs[0].notes == () and not judged.problems


def test_our_own_pairs_keep_their_notes(tmp_path):
    answers = Answer(model="a", text="x"), Answer(model="b", text="y")
    pair = Pair.of("q", "", *answers, notes=("shortened",))
    write_jsonl([pair], tmp_path / "pairs.jsonl")
    assert read(tmp_path / "pairs.jsonl").pairs == (pair,)


@pytest.mark.parametrize("key", ["llama_2_7b_bloom-7b", "a_b", "gpt_j_6b_opt_6b"])
def test_names_of_models_may_have_underscores(key):
    row = {"idx": 0, "cmp_key": key, "instruction": "i", "response1": "x", "response2": "y"}
    first, second = read([row]).pairs[0].answers
    assert f"{first.model}_{second.model}" == key


def test_an_idx_of_two_pairs_matches_neither():
    row = {"cmp_key": "a_b", "response1": "x", "response2": "y", "idx": 5}
    pairs = [
        row | {"instruction": "i"},
        row | {"instruction": "j"},
        row | {"instruction": "k", "idx": 6},
    ]
    verdicts = [{"idx": 5, "x_result": 1}, {"idx": 5, "x_result": 2}, {"idx": 6, "x_result": 1}]
    judged = read(pairs, outputs={"x": verdicts})
    assert len(judged.by("x")) == 1 and len(judged.problems) == 3 and adds_up(judged)


def test_a_judge_file_that_is_not_there_is_an_error(tmp_path):
    row = {"idx": 0, "cmp_key": "a_b", "instruction": "i", "response1": "x", "response2": "y"}
    with pytest.raises(InputError, match="no such file"):
        read([row], outputs={"gpt": tmp_path / "none.json"})


def test_games_without_prompts_are_read_from_columns():
    row = {"model_1": "m", "model_2": "n", "question": "q", "answer_1": "a", "answer_2": "b"}
    judged = read([row | {"judge_model": "gpt-4", "g1_winner": "tie", "g2_winner": "model_2"}])
    assert looked(judged, "gpt-4") == [("original", "tie"), ("flipped", "second")]


def test_votes_on_the_first_turn_are_over_the_first_turn():
    def talk(*texts):
        return [{"role": r, "content": t} for r, t in zip(("user", "assistant") * 2, texts)]

    row = {"model_a": "m", "model_b": "n", "judge": "expert_1", "winner": "model_b", "turn": 1}
    row |= {"conversation_a": talk("Q", "a", "R", "c"), "conversation_b": talk("Q", "b", "R", "d")}
    judged = read([row, row | {"turn": 2, "winner": "tie"}])
    assert [pair.question for pair in judged.pairs] == ["Q", "Q\n\nR"]
    assert outcomes(judged.by("expert_1")) == ["second", "tie"]


@pytest.mark.parametrize("second", ["A>B", None, "?"])
def test_nested_judgments_are_turned_into_the_frame(second):
    row = {"pair_id": "1", "question": "q", "response_A": "a", "response_B": "b", "label": "B>A"}
    looks = [{"decision": "B>A"}, second and {"decision": second}]
    judged = read([row | {"judge_name": "vanilla", "judgments": looks}])
    expected = {"A>B": [("flipped", "second")], None: [("flipped", None)], "?": []}[second]
    assert looked(judged, "vanilla") == [("original", "second"), *expected]
    assert outcomes(judged.by("label")) == ["second"] and judged.pairs[0].source == ""


def test_the_format_is_seen_behind_a_line_about_the_run():
    row = {"instruction": "i", "output_1": "a", "output_2": "b", "preference": 1}
    judged = read([{"spec": "run 7"}, row])
    assert judged.format == "alpaca-eval" and [p.line for p in judged.problems] == [1]
