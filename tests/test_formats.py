"""Judged data in everybody's formats: small files of our own in the real shapes, and everything
that goes wrong in them.
"""

import json
import os

import pandas as pd
import pytest

from judge_distill.data.collect import read_columns
from judge_distill.data.formats import (
    read_alpaca_eval,
    read_auto_j,
    read_folder,
    read_llamaindex,
    read_llmbar,
    read_mt_bench,
    read_pandalm,
)
from judge_distill.data.published import load
from judge_distill.data.reading import FORMATS, find_format, read_judged
from judge_distill.data.rows import array_rows, rows
from judge_distill.data.writers import write_chat, write_llamaindex, write_preferences
from judge_distill.judging.rulings import resolve
from judge_distill.records.errors import InputError, NotEnoughData
from judge_distill.records.files import write_jsonl
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

needs_data = pytest.mark.skipif(
    not os.environ.get("JUDGE_DISTILL_DATA"),
    reason="JUDGE_DISTILL_DATA is not set: the folder with the published data sets",
)
NAN = float("nan")


def lines(path, *values):
    path.write_text(
        "".join(
            (value if isinstance(value, str) else json.dumps(value)) + "\n" for value in values
        ),
        encoding="utf-8",
    )
    return path


def array(path, *values, indent=2):
    path.write_text(json.dumps(values, indent=indent), encoding="utf-8")
    return path


def outcomes(rulings):
    return [ruling.outcome.value for ruling in rulings]


def looked(found, judge):
    return [(j.order.value, j.verdict.value if j.verdict else None) for j in found.looks(judge)]


# rows and lines


@pytest.mark.parametrize("size", [3, 10, 1 << 20])
@pytest.mark.parametrize("indent", [None, 0, 3])
def test_array_rows_know_their_lines(tmp_path, size, indent):
    values = [{"a": "one\ntwo [é]", "b": [1, {"c": "]"}]}, {"a": "]"}, {}, 5, {"a": "x" * 50}]
    path = array(tmp_path / "x.json", *values, indent=indent)
    found = list(array_rows(path, size))
    assert [row for _, row in found if isinstance(row, dict)] == [
        v for v in values if isinstance(v, dict)
    ]
    text = path.read_text(encoding="utf-8")
    at = [text.index('{"a": "one' if indent is None else "{\n"), text.index("x" * 50)]
    assert (
        found[0][0] == text.count("\n", 0, at[0]) + 1
        and found[-1][0] <= text.count("\n", 0, at[1]) + 1
    )
    assert str(found[3][1]) == "expected a JSON object, found int"


@pytest.mark.parametrize(
    "text, words",
    [
        ('[{"a": 1}, {"a": ]', "line 1: not JSON"),
        ('[\n{"a": 1},\n{"a"', "line 3: not JSON"),
        ("[", "line 1"),
        ('[{"a": 1}\n', "line 2"),
    ],
)
def test_broken_arrays(tmp_path, text, words):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(InputError, match=words):
        list(rows(tmp_path / "x.json"))


def test_broken_lines_are_problems_of_their_own(tmp_path):
    path = tmp_path / "x.jsonl"
    good = json.dumps({"question": "?", "answer_1": "a", "answer_2": "b"}).encode()
    path.write_bytes(
        b"\xef\xbb\xbf"
        + good
        + b"\n\n{torn\n[1]\n"
        + b'{"question": "\xff"}\n'
        + good.replace(b"?", b"!")
        + b"\n"
        + good[:10]
    )
    found = read_columns(path)
    assert len(found.pairs) == 2 and [(p.line, p.what.split(" (")[0]) for p in found.problems] == [
        (3, "not JSON"),
        (4, "expected a JSON object, found list"),
        (5, "not UTF-8 text"),
        (7, "not JSON"),
    ]
    assert str(path) in str(found.problems[0]) and "4 problems" in repr(found)


def test_tables(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(
        'question,answer_1,answer_2,me\n"Two\nlines?",a,"b, c",1\nq,a,b,2,5\nq2,a\n'
        + f"q3,{'x' * 200_000},b,TIE \n",
        encoding="utf-8",
    )
    found = read_columns(path, labels={"me": "me"})
    assert (
        found.pairs[0].question == "Two\nlines?" and len(found.pairs[1].answers[0].text) == 200_000
    )
    assert outcomes(found.by("me")) == ["first", "tie"] and [p.line for p in found.problems] == [
        4,
        5,
    ]
    tabs = tmp_path / "x.tsv"
    tabs.write_text("question\tanswer_1\tanswer_2\nq\ta, b\tc\n")
    assert read_columns(tabs).pairs[0].answers[0].text == "a, b"
    (tmp_path / "latin.csv").write_bytes("question,answer_1,answer_2\né,a,b\n".encode("latin-1"))
    with pytest.raises(InputError, match="not UTF-8"):
        read_columns(tmp_path / "latin.csv")
    with pytest.raises(InputError, match="cannot be read"):
        read_columns(tmp_path)


@pytest.mark.parametrize(
    "value, text",
    [
        ("words", "words"),
        ("", ""),
        (True, "true"),
        (3, "3"),
        (2.5, "2.5"),
        (None, None),
        (NAN, None),
        (["a"], None),
        ({"a": 1}, None),
    ],
)
def test_answers_that_are_no_text(value, text):
    found = read_columns(
        [
            {"question": "q", "answer_1": value, "answer_2": "b"},
            {"question": "r", "answer_1": "a", "answer_2": "b"},
        ]
    )
    assert len(found.pairs) == (1 if text is None else 2) and len(found.problems) == (text is None)
    if text is not None:
        assert found.pairs[0].answers[0].text == text and bool(found.pairs[0].notes) == (
            not isinstance(value, str)
        )


@pytest.mark.parametrize(
    "value, outcome",
    [
        (1, "first"),
        (1.0, "first"),
        ("1", "first"),
        (" First ", "first"),
        ("model_b", "second"),
        ("B", "second"),
        ("draw", "tie"),
        ("inconclusive", "inconclusive"),
        (0, "invalid"),
        (NAN, "invalid"),
        (None, "invalid"),
        ("", "invalid"),
        ("both", "invalid"),
        ([], "invalid"),
    ],
)
def test_labels(value, outcome):
    found = read_columns(
        [{"question": "q", "answer_1": "a", "answer_2": "b", "j": value}],
        judges={"j": "j"},
        labels={"me": "j"},
    )
    assert outcomes(found.by("j")) == outcomes(found.by("me")) == [outcome]
    assert len(found.problems) == 2 * (outcome == "invalid")
    assert (found.judgements[0].verdict is None) == bool(found.judgements[0].problem)


def test_datasets_and_frames():
    class Dataset:  # what a datasets.Dataset is to us: it yields dictionaries
        def __iter__(self):
            yield from (
                {
                    "prompt": f"p{n}",
                    "x": "a",
                    "y": "b",
                    "w": n % 2,
                    "doc": n,
                    "ctx": None,
                    "m": "gpt",
                }
                for n in range(4)
            )

    found = read_columns(
        Dataset(),
        question="prompt",
        first="x",
        second="y",
        models=("m", "other"),
        judges={"j": "w"},
        values={0: Outcome.SECOND, 1: "first"},
        document="doc",
        context="ctx",
    )
    assert outcomes(found.by("j")) == ["second", "first"] * 2 and set(
        found.documents.values()
    ) == set("0123")
    assert [a.model for a in found.pairs[0].answers] == ["gpt", "other"] and found.pairs[
        0
    ].source == ""
    frame = pd.DataFrame(
        {"question": ["q", "r"], "answer_1": ["a", None], "answer_2": ["b", "c"], "me": [1.0, NAN]}
    )
    again = read_columns(frame.to_dict("records"), labels={"me": "me"})
    assert outcomes(again.by("me")) == ["first"] and [p.line for p in again.problems] == [2]


def test_a_second_word_on_a_pair_is_reported():
    row = {"question": "q", "answer_1": "a", "answer_2": "b", "j": 1}
    found = read_columns([row, row | {"j": 2}], judges={"j": "j"})
    assert (
        len(found.pairs) == 1
        and outcomes(found.by("j")) == ["first"]
        and "judged pair" in found.problems[0].what
    )


def test_parquet(tmp_path, monkeypatch):
    frame = pd.DataFrame({"question": ["q"], "answer_1": ["a"], "answer_2": ["b"], "me": [2]})
    monkeypatch.setattr(pd, "read_parquet", lambda path: frame)  # pyarrow is no requirement
    assert outcomes(read_columns(tmp_path / "x.parquet", labels={"me": "me"}).by("me")) == [
        "second"
    ]

    def missing(path):
        raise ImportError("no engine")

    monkeypatch.setattr(pd, "read_parquet", missing)
    with pytest.raises(InputError, match="pip install pyarrow"):
        read_columns(tmp_path / "x.parquet")


# the named formats

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
            "source of j is 'both'",
        ),
        (
            QA | {"evaluations": [{"llm": "j", "score": None, "source": "original"}]},
            "score of j is None",
        ),
        (QA | {"evaluations": [{"score": 1, "source": "original"}]}, "no text under 'llm'"),
    ],
)
def test_dirty_recipe_files(tmp_path, row, words):
    found = read_llamaindex(lines(tmp_path / "x.jsonl", QA | {"question": "fine"}, row))
    assert (
        len(found.problems) == 1 and found.problems[0].line == 2 and words in found.problems[0].what
    )
    if "score of" in words:
        assert outcomes(found.by("j")) == ["invalid"] and found.judgements[0].problem
    with pytest.raises(InputError, match="no frame"):
        read_llamaindex([QA], frame="mine")


def test_pandalm(tmp_path):
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
        tmp_path / "p.json",
        row,
        row | {"idx": 1, "cmp_key": "a"},
        row | {"idx": 2, "response1": "z", "annotator3": 0},
    )
    judge = array(
        tmp_path / "j.json",
        {"idx": 0, "x_result": "2", "x_reason": "r"},
        {"idx": 1, "x_result": 1},
        {"idx": 2, "x_result": "Tie"},
        {"idx": 2, "x_result": 1},
        {"x_reason": "?"},
    )
    found = read_pandalm(pairs, {"judge": judge})
    assert [a.model for a in found.pairs[0].answers] == ["a-7b", "b-7b"] and found.pairs[0].answers[
        0
    ].text == "false"
    assert outcomes(found.by("annotator3")) == ["invalid", "tie"] and outcomes(
        found.by("human majority")
    ) == ["inconclusive", "tie"]
    assert outcomes(found.by("judge")) == ["second", "tie"] and found.looks("judge")[0].text == "r"
    assert [os.path.basename(p.file) for p in found.problems] == ["p.json"] * 2 + [
        "j.json"
    ] * 3 and "annotator3" in found.problems[0].what
    assert len(set(found.documents.values())) == 1


def test_auto_j_keeps_lines_in_step(tmp_path):
    row = {"scenario": "x", "label": 0, "prompt": "p", "response 1": "a", "response 2": "b"}
    pairs = lines(
        tmp_path / "p.jsonl",
        row,
        "{torn",
        row | {"prompt": None},
        row | {"prompt": "q", "label": 5},
        row | {"prompt": "r", "label": "2"},
    )
    plain, exchanged = (
        lines(
            tmp_path / f"{n}.jsonl",
            {"output": 0},
            {"output": 1},
            {"output": 1},
            "oops",
            {"output": 2},
        )
        for n in ("plain", "exchanged")
    )
    found = read_auto_j(pairs, {"j": (plain, exchanged), "once": plain})
    assert outcomes(found.by("human")) == ["first", "invalid", "tie"]
    assert looked(found, "j") == [
        ("original", "first"),
        ("original", "tie"),
        ("flipped", "second"),
        ("flipped", "tie"),
    ]
    assert outcomes(found.by("once")) == ["first", "tie"] and outcomes(
        resolve(found.looks("j"))
    ) == ["inconclusive", "tie"]
    assert [p.line for p in found.problems if p.file == str(pairs)] == [2, 3, 4] and [
        p.line for p in found.problems if p.file == str(exchanged)
    ] == [2, 3, 4]
    with pytest.raises(InputError, match="has 1 outputs for the 5 rows"):
        read_auto_j(pairs, {"j": lines(tmp_path / "short.jsonl", {"output": 0})})
    with pytest.raises(InputError, match="in both orders; make rulings"):
        found.by("j")


def test_llmbar(tmp_path):
    row = {"input": "i", "output_1": "a", "output_2": "b", "label": 1}
    said = {
        f"swap = {swap}": {"prompt": "…", "completion": [f"words {swap}", "stop"], "winner": "2"}
        for swap in (False, True)
    }
    torn = {"swap = False": {"completion": ["?", "stop"], "winner": None}}
    found = read_llmbar(
        array(tmp_path / "d.json", row, row | {"input": "k", "label": 3}),
        {
            "rounds": array(
                tmp_path / "r.json",
                row | {"results": [torn, said]},
                row | {"input": "k", "results": ["a rubric", torn]},
            ),
            "strange": array(
                tmp_path / "s.json",
                row | {"input": "new", "results": [said]},
                row | {"results": []},
            ),
        },
    )
    assert outcomes(found.by("human")) == ["first", "invalid"]
    assert (
        looked(found, "rounds")
        == [("original", "second"), ("flipped", "second"), ("original", None)]
        and found.looks("rounds")[1].text == "words True"
    )
    assert [p.what for p in found.problems][1:] == [
        "no result of rounds for swap = True",
        f"this pair does not stand in {tmp_path / 'd.json'}; it has no label",
        "no results of strange",
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
        (2.5, "invalid", None, 1),
        ("good", "invalid", None, 1),
        ([1], "invalid", None, 1),
    ],
)
def test_alpaca_eval(tmp_path, preference, outcome, probabilities, problems):
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
    found = read_alpaca_eval(array(tmp_path / "a.json", row, row | {"instruction": None}))
    assert (
        outcomes(found.by("7")) == [outcome]
        and found.judgements[0].probabilities == probabilities
        and len(found.problems) == problems + 1
    )
    assert found.pairs[0].question == "i\n\nmore" and found.pairs[0].answers[1].model == "n"


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


def test_mt_bench(tmp_path):
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
    found = read_mt_bench(
        lines(
            tmp_path / "m.jsonl",
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
    assert [(p.question, p.answers[0].text, p.answers[1].text) for p in found.pairs[:3]] == [
        ("Q\n\n?", "a\n\na", "b"),
        ("Q2", "a", "b"),
        ("Q\n\nR", "a1\n\na2", "b1\n\nb2"),
    ]
    assert (
        found.pairs[1].source == "42"
        and found.pairs[1].notes
        and "r2" in found.pairs[3].source
        and not found.pairs[0].source
    )
    assert looked(found, "gpt-4")[:4] == [
        ("original", "first"),
        ("flipped", "tie"),
        ("original", None),
        ("flipped", "tie"),
    ]
    assert outcomes(resolve(found.looks("gpt-4"))) == [
        "first",
        "invalid",
        "first",
        "first",
        "invalid",
    ]
    assert [p.line for p in found.problems] == [5, 6] and found.pairs[0].document == found.pairs[
        2
    ].document != found.pairs[1].document


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
    found = read_judged(tmp_path)
    assert found == read_folder(tmp_path) and found.judges == ["j"] and len(found.looks("j")) == 2
    assert (
        find_format([QA]) == "llamaindex"
        and find_format([]) == "columns"
        and set(FORMATS) >= {"pandalm", "auto-j", "llmbar", "alpaca-eval", "mt-bench"}
    )
    with pytest.raises(InputError, match="no format"):
        read_judged([QA], "excel")
    with pytest.raises(InputError, match="unexpected keyword argument 'outputs'"):
        read_judged([QA], outputs={})
    for reader in FORMATS.values():
        with pytest.raises((InputError, NotEnoughData)):
            reader(tmp_path / "nowhere.json")
    with pytest.raises(NotEnoughData, match="line 1: no text under 'answer_2'"):
        read_columns([{"answer_1": "a"}])


# and back


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
    data = load("llamaindex-cities")
    test = data.only("test")
    write_llamaindex(tmp_path / "qa.jsonl", test.pairs, test.rulings, test.judgements)
    again = read_llamaindex(tmp_path / "qa.jsonl")
    assert again.pairs == test.pairs and again.rulings == test.rulings and not again.problems
    assert {(j.pair_id, j.judge, j.verdict, j.order, j.text) for j in again.judgements} == {
        (j.pair_id, j.judge, j.verdict, j.order, j.text) for j in test.judgements
    }
