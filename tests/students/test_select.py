"The choice among levels: folds, the test part, the ladder in a run, published judgements."

import json
from pathlib import Path

import numpy as np
import pytest

from judge_distill.calls.ledger import Ledger
from judge_distill.data import published
from judge_distill.judging.judge import judge_pairs
from judge_distill.judging.promises import folder_threshold
from judge_distill.judging.prompts import Shown, verdict_messages
from judge_distill.judging.rules import rule_judge
from judge_distill.recipe.parts import open_judge
from judge_distill.recipe.recipe import Recipe
from judge_distill.recipe.run import Run
from judge_distill.recipe.run_student import run_training
from judge_distill.records.errors import InputError, NotEnoughData
from judge_distill.records.files import write_jsonl
from judge_distill.records.schema import Outcome
from judge_distill.students.examples import make_examples
from judge_distill.students.lessons import make_lessons
from judge_distill.students.levels import LadderSettings, Member, offered, read_ladder_settings
from judge_distill.students.select import _tried, choose, ladder, read_ladder
from judge_distill.students.split import groups, split_pairs
from judge_distill.students.students import open_student

CHEAP = read_ladder_settings({"rungs": ["length", "features"]})


def begun(folder, pairs, training):
    "A run whose teacher has judged."
    run = Run(folder, Recipe(kind="best", training=training))
    judgements = judge_pairs(pairs, rule_judge("rubric"), Ledger())
    write_jsonl(judgements, run.out / "judgements" / "teacher.jsonl")
    return run


@pytest.fixture(scope="module")
def trained(tmp_path_factory, pairs, teacher):
    "A run with its split and the student that was chosen."
    folder = tmp_path_factory.mktemp("run")
    run = begun(folder, pairs, {"rungs": ["length", "features"]})
    split = split_pairs(pairs)
    return run, split, run_training(run, pairs, split, teacher)


def test_the_ladder_in_a_run_tries_the_training_part(trained):
    run, split, student = trained
    tried = read_ladder(run.out / "student")
    assert tried.pairs == len(split.train) and tried.chosen == "features"
    assert student.settings["kind"] == "features"


def test_a_finished_training_is_not_done_again(trained, pairs, teacher):
    run, split, student = trained
    assert run_training(run, pairs, split, teacher) == student


def test_the_chosen_student_works_in_a_cascade(trained, pairs):
    run, split, _ = trained
    place = run.out / "student"
    judge = open_judge(f"cascade:local:{place}?promise=0.8>rubric")
    assert judge.threshold == folder_threshold(place, 0.8).threshold <= 1
    test = [p for p in pairs if p.id in set(split.test)]
    judgements = judge_pairs(test, judge, Ledger())
    assert any("alone" in j.text for j in judgements) and all(j.verdict for j in judgements)


@pytest.mark.parametrize(
    "training, words",
    [({"epochs": 2}, "no setting of"), ({"rungs": ["length+features"]}, "at least one")],
)
def test_wrong_settings_of_a_choice_are_named(tmp_path, pairs, teacher, training, words):
    with pytest.raises(InputError, match=words):
        run = begun(tmp_path, pairs, training)
        run_training(run, pairs, split_pairs(pairs), teacher)


def test_finished_folds_are_not_done_again(tmp_path, lessons):
    first = ladder(lessons, tmp_path / "a", CHEAP)
    times = {file: file.stat().st_mtime_ns for file in (tmp_path / "a-folds").rglob("*.json")}
    assert len(times) == 10
    (tmp_path / "a" / "student.json").unlink()
    assert ladder(lessons, tmp_path / "a", CHEAP) == first
    assert all(file.stat().st_mtime_ns == then for file, then in times.items())


def test_pairs_that_were_not_taught_change_nothing(tmp_path, pairs, examples):
    part = [e for e in examples if e.pair_id in {p.id for p in pairs[:30]}]
    for name, some in (("all", pairs), ("part", pairs[:30])):
        ladder(make_lessons(part, some), tmp_path / name, CHEAP)
    one, two = (read_ladder(tmp_path / name) for name in ("all", "part"))
    assert one.rungs[0].right == two.rungs[0].right
    texts = {(tmp_path / name / "features.json").read_text() for name in ("all", "part")}
    assert len(texts) == 1


def test_one_document_cannot_be_held_out(tmp_path, pairs, examples):
    with pytest.raises(NotEnoughData):
        ladder(make_lessons(examples[:2], pairs), tmp_path / "three", CHEAP)


def test_features_on_cities_are_the_published_figures(tmp_path, data_folder):
    data = published.load("llamaindex-cities")
    train, test = data.part("train"), data.part("test")
    together = {p.id: str(n) for n, group in enumerate(groups(train)) for p in group}
    examples = make_examples(train, data.by("gpt_4", "train"), verdict_messages)
    levels = read_ladder_settings({"rungs": {"features": {}}})
    ladder(make_lessons(examples, train), tmp_path / "s", levels, together)
    truth = {r.pair_id: r.outcome for r in data.by("gpt_4", "test") if r.outcome.verdict}
    shown = [Shown(p.question, p.source, *(a.text for a in p.answers)) for p in test]
    given = open_student(tmp_path / "s").predict_proba(shown)
    outcomes = (Outcome.FIRST, Outcome.SECOND, Outcome.TIE)
    right = sum(outcomes[int(np.argmax(p))] is truth.get(pair.id) for pair, p in zip(test, given))
    file = Path(__file__).parents[2] / "nbs" / "figures" / "priors_cities.json"
    assert right == json.loads(file.read_text())["runs"][0]["right"]["features"]


def test_below_150_verdicts_no_bare_probe_and_no_trained_model_is_offered():
    few, many = (list(_tried(LadderSettings(), n)) for n in (149, 150))
    assert "score" not in few and "length+probe" not in few and "probe+prior" in few
    assert {"score", "length+probe", "probe"} <= set(many)
    assert not offered([Member(cost=1)], 149) and offered([Member(cost=1)], 150)


def test_levels_that_a_person_names_are_all_tried():
    named = read_ladder_settings({"rungs": ["length", "probe", "length+probe"]})
    assert list(_tried(named, 30)) == ["length", "probe", "length+probe"]


def test_the_error_of_a_choice_takes_documents_whole():
    "What is clear for twenty documents may be luck in two documents of ten pairs."
    cheap, good = [1.0, 0.2] * 10, [0.5, 0.3] * 10
    alone = choose({"a": cheap, "b": good}, {"a": 0, "b": 1}, list(range(20)))
    together = choose({"a": cheap, "b": good}, {"a": 0, "b": 1}, [0, 1] * 10)
    assert (alone, together) == ("b", "a")
