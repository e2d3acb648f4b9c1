"""Students: odd texts, the ladder in a run, the cascade as a spec, published judgements, pairs read
together.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from judge_distill.calls.ledger import Ledger
from judge_distill.data import published
from judge_distill.judging.cascade import folder_threshold
from judge_distill.judging.judge import judge_pairs
from judge_distill.judging.prompts import verdict_messages
from judge_distill.judging.rules import rule_judge
from judge_distill.judging.rulings import resolve
from judge_distill.models.weights import SMOL
from judge_distill.recipe.parts import open_judge
from judge_distill.recipe.pipeline import run_training
from judge_distill.recipe.recipe import Recipe
from judge_distill.recipe.report import card_of
from judge_distill.recipe.run import Run
from judge_distill.records.errors import InputError, NotEnoughData
from judge_distill.records.files import write_jsonl
from judge_distill.records.schema import Answer, Outcome, Pair
from judge_distill.students.counting import FeatureStudent, Weights
from judge_distill.students.examples import make_examples
from judge_distill.students.features import SURFACE
from judge_distill.students.lora import finetune
from judge_distill.students.select import RUNGS, ladder, read_ladder
from judge_distill.students.split import groups, split_pairs
from judge_distill.students.students import open_student

FACTS = (
    "bees dance wicks burn salt melts moons pull iron rusts hashes point rivers bend stars "
    "shine ropes fray lamps glow"
).split()


def some_pairs(n=40):
    "Pairs in which one answer keeps to the source, in either place."
    for i in range(n):
        fact = (
            f"The {FACTS[i % 20]} of place {i} are known for {FACTS[(i * 7 + 3) % 20]} and "
            f"for {FACTS[(i * 3 + 1) % 20]}."
        )
        texts = [fact, f"Nobody can say what place {i + 50} is known for, perhaps nothing."][
            :: (-1) ** i
        ]
        yield Pair.of(
            f"What is place {i} known for?",
            fact,
            *[Answer(model="m", text=text) for text in texts],
            f"document {i // 2}",
        )


PAIRS = list(some_pairs())
TEACHER = resolve(judge_pairs(PAIRS, rule_judge("rubric"), Ledger()))
EXAMPLES = make_examples(PAIRS, TEACHER, verdict_messages)
CHEAP = ["length", "features"]


@pytest.mark.parametrize(
    "first, second",
    [
        ("", "A."),
        (" \n\t", ""),
        ("🐝" * 500, "a" * 20000),
        ("\u202e!?", "1. x\n2. y\n- z"),
        ("same", "same"),
        ("<b>&amp;", "{0} %s \\"),
    ],
)
def test_odd_texts_are_mirrored_exactly(first, second):
    student = FeatureStudent(Weights(np.linspace(-1, 1, len(SURFACE)), 0.2, 0.01))
    there, back = student.probabilities(
        [("q?", "Source.", first, second), ("q?", "Source.", second, first)]
    )
    assert there == (back[1], back[0], back[2]) and abs(sum(there) - 1) < 1e-9 and min(there) > 0


def test_no_torch_for_counting():
    code = (
        "from judge_distill.students.counting import *; "
        "from judge_distill.students.features import *; "
        "from judge_distill.students.select import ladder; "
        "import numpy as np, sys;"
        "FeatureStudent(Weights(np.zeros(len(SURFACE)), .1, "
        "1)).probabilities([('q', 's', 'a', 'b')]); assert 'torch' not in "
        "sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_ladder_in_a_run(tmp_path):
    run = Run(tmp_path / "run", Recipe(kind="best", training={"rungs": CHEAP}))
    write_jsonl(
        judge_pairs(PAIRS, rule_judge("rubric"), Ledger()), run.out / "judgements" / "teacher.jsonl"
    )
    split = split_pairs(PAIRS)
    student = run_training(run, PAIRS, split, TEACHER)
    place = run.out / "student"
    tried = read_ladder(place)
    assert (
        tried.pairs == len(split.train)
        and tried.chosen == "length"
        and student.settings["kind"] == "features"
    )
    assert run_training(run, PAIRS, split, TEACHER) == student  # finished: nothing is done again
    judge = open_judge(f"cascade:local:{place}?promise=0.8>rubric")
    assert judge.threshold == folder_threshold(place, 0.8).threshold <= 1
    said = judge_pairs([p for p in PAIRS if p.id in set(split.test)], judge, Ledger())
    assert any("alone" in j.text for j in said) and all(j.verdict for j in said)
    share = {"judge": "x", "sentence": "s"}
    card = card_of(
        student,
        {
            "evaluation": {
                "table": "| a |",
                "comparisons": [share],
                "test_pairs": 1,
                "test_documents": 1,
            },
            "train_pairs": 3,
            "recipe_digest": "d",
            "recipe": {"teacher": "rubric"},
            "ladder": "## How\n\n",
        },
    )
    assert str(tmp_path) not in card and "stands in" in card
    for wrong, words in (
        ({"epochs": 2}, "no setting of ladder"),
        ({"rungs": ["length+features"]}, "at least one"),
    ):
        with pytest.raises(InputError, match=words):
            other = Run(tmp_path / str(len(words)), Recipe(kind="best", training=wrong))
            write_jsonl([], other.out / "judgements" / "teacher.jsonl")
            run_training(other, PAIRS, split, TEACHER)


def test_folds_are_kept_and_the_test_part_is_not_seen(tmp_path):
    first = ladder(EXAMPLES, PAIRS, "", tmp_path / "a", rungs=CHEAP)
    kept = {file: file.stat().st_mtime_ns for file in (tmp_path / "a-folds").rglob("*.json")}
    assert len(kept) == 10
    (tmp_path / "a" / "student.json").unlink()
    again = ladder(EXAMPLES, PAIRS, "", tmp_path / "a", rungs=CHEAP)
    assert again == first and kept == {
        file: file.stat().st_mtime_ns for file in (tmp_path / "a-folds").rglob("*.json")
    }
    train = [p.id for p in PAIRS[:30]]
    part = [e for e in EXAMPLES if e.pair_id in train]
    # all pairs are there, examples of the training part only
    one = ladder(part, PAIRS, "", tmp_path / "b", rungs=CHEAP)
    two = ladder(part, PAIRS[:30], "", tmp_path / "c", rungs=CHEAP)
    assert (
        read_ladder(tmp_path / "b").rungs[0].right == read_ladder(tmp_path / "c").rungs[0].right
        and one.settings == two.settings
    )
    assert (tmp_path / "b" / "features.json").read_text() == (
        tmp_path / "c" / "features.json"
    ).read_text()


def test_settings_of_a_features_student(tmp_path):
    finetune(
        EXAMPLES,
        PAIRS,
        "",
        tmp_path / "one",
        kind="features",
        **{k: v for k, v in RUNGS["length"].items() if k != "kind"},
    )
    weights = json.loads((tmp_path / "one" / "features.json").read_text())["weights"]
    assert {name for name, weight in weights.items() if weight} <= {"words", "own words"}
    with pytest.raises(InputError, match="no feature"):
        finetune(EXAMPLES, PAIRS, "", tmp_path / "two", kind="features", only=["charm"])
    warm = finetune(
        EXAMPLES[:8],
        PAIRS,
        "",
        tmp_path / "warm",
        kind="features",
        warm=tmp_path / "one",
        strength=1e-6,
    )
    near = json.loads((tmp_path / "warm" / "features.json").read_text())["weights"]
    assert (
        all(abs(near[name] - weights[name]) < 0.01 for name in weights)
        and warm.settings["warmed_on"]["weights"] == open_student(tmp_path / "one").digest
    )
    with pytest.raises(InputError, match="another shape"):
        finetune(
            EXAMPLES,
            PAIRS,
            "",
            tmp_path / "two",
            kind="features",
            embedding="x",
            warm=tmp_path / "one",
        )
    with pytest.raises(InputError, match="no student's folder"):
        finetune(EXAMPLES, PAIRS, "", tmp_path / "two", kind="features", warm=tmp_path / "nowhere")
    with pytest.raises(NotEnoughData):
        ladder(EXAMPLES[:2], PAIRS, "", tmp_path / "three", rungs=CHEAP)


@pytest.mark.skipif(
    not os.environ.get("JUDGE_DISTILL_DATA"), reason="JUDGE_DISTILL_DATA is not set"
)
def test_features_on_cities(tmp_path):
    data = published.load("llamaindex-cities")
    train, test = data.part("train"), data.part("test")
    together = {p.id: str(n) for n, group in enumerate(groups(train)) for p in group}
    ladder(
        make_examples(train, data.by("gpt_4", "train"), verdict_messages),
        train,
        "",
        tmp_path / "s",
        rungs=["features"],
        groups=together,
    )
    truth = {r.pair_id: r.outcome for r in data.by("gpt_4", "test") if r.outcome.verdict}
    found = open_student(tmp_path / "s").probabilities(
        [(p.question, p.source, p.answers[0].text, p.answers[1].text) for p in test]
    )
    right = sum(
        (Outcome.FIRST, Outcome.SECOND, Outcome.TIE)[int(np.argmax(f))] is truth.get(p.id)
        for p, f in zip(test, found)
    )
    figures = json.loads(
        (Path(__file__).parent.parent / "nbs" / "figures" / "ladder_cities.json").read_text()
    )
    assert right == figures["runs"][0]["right"]["features"]


def test_pairs_read_together(monkeypatch):
    """In float32 several pairs in a pass get what each gets alone; and a processor without bfloat16
    is served.
    """
    torch = pytest.importorskip("torch")
    monkeypatch.setattr("judge_distill.students.reader.number_type", lambda device: torch.float32)
    shown = [
        (p.question, p.source * (1 + i % 3), *(a.text for a in p.answers))
        for i, p in enumerate(PAIRS[:6])
    ]
    for kind in ("score", "verdict"):
        student = open_student(SMOL, kind)
        if kind == "score":
            student.head["weight"] = torch.linspace(-1, 1, student.head["weight"].numel())
        alone, together = student.probabilities(shown), student.probabilities(shown, together=4)
        assert np.allclose(alone, together, atol=1e-4) and np.ptp(alone) > 0.1
