"A run is documents, and then what `train` does with anybody's verdicts."

import pytest

from judge_distill.agreement.shares import Share
from judge_distill.calls.ledger import Ledger
from judge_distill.judging.judge import judge_pairs
from judge_distill.judging.rules import rule_judge
from judge_distill.judging.rulings import resolve
from judge_distill.recipe.checks import plan_lines
from judge_distill.recipe.examining import author_rulings
from judge_distill.recipe.judging import judge
from judge_distill.recipe.recipe import Recipe
from judge_distill.recipe.run import Run
from judge_distill.recipe.run_student import run_split, run_training, train_here
from judge_distill.recipe.train import Training, _saved, train
from judge_distill.recipe.training import make_plan
from judge_distill.records.files import write_jsonl

COUNTING = Training(kind="features")


@pytest.fixture(scope="module")
def ran(tmp_path_factory, judged):
    "A run whose pairs were made up, and whose student is trained."
    run = Run(tmp_path_factory.mktemp("run") / "demo", Recipe(kind="features"))
    pairs = judged(40).pairs
    looks = judge_pairs(pairs, rule_judge("rubric", "teacher"), Ledger())
    write_jsonl(looks, run.out / "judgements" / "teacher.jsonl")
    teacher, split = resolve(looks), run_split(run, pairs)
    run_training(run, pairs, split, teacher)
    return run, pairs, split, teacher


def test_run_and_train_make_the_same_student(ran, judged, tmp_path):
    data = judge(judged(40).model_copy(update={"rulings": ()}), "rubric")
    train(data, "rubric", out=tmp_path / "student", training=COUNTING)
    for name in ("features.json", "calibration.json", "held_out.json"):
        ours = (ran[0].out / "student" / name).read_bytes()
        assert ours == (tmp_path / "student" / name).read_bytes()


def test_run_says_first_that_its_teacher_is_a_formula(ran):
    report = train_here(*ran)
    assert report.about_teacher.startswith("The teacher is rubric, a formula")


def test_student_of_an_earlier_version_stays_as_it_is(ran, tmp_path):
    run, pairs, split, teacher = ran
    old = Run(tmp_path / "old", Recipe(kind="features"))
    (old.out / "student").mkdir()
    student = (run.out / "student" / "student.json").read_bytes()
    (old.out / "student" / "student.json").write_bytes(student)
    assert train_here(old, pairs, split, teacher) is None


def plan_of(data, tmp_path, **settings):
    training = Training(kind="features", **settings)
    return make_plan(data, [data.rulings[0].judge], tmp_path, training)


def test_rule_that_knows_only_the_author_is_right_where_one_author_wins(judged, tmp_path):
    data = judged(40)
    turned = [p.model_copy(update={"answers": p.answers[::-1]}) for p in data.pairs[:20]]
    plan = plan_of(data.model_copy(update={"pairs": (*turned, *data.pairs[20:])}), tmp_path)
    rulings = author_rulings(plan)["author-only"]
    assert {ruling.pair_id for ruling in rulings} == {pair.id for pair in plan.sides.test}


def test_authors_that_never_vary_make_no_rule(judged, tmp_path):
    assert author_rulings(plan_of(judged(40), tmp_path)) == {}


def test_cascade_saves_dollars_where_the_price_is_known(judged, tmp_path):
    plan = plan_of(judged(40, judges=("gpt-4o",)), tmp_path)
    saved = _saved(plan, Share.of(20, 40))
    assert saved.teacher > 0 and f"${saved.teacher / 2:.2f}" in str(saved)


def test_cascade_saves_dollars_at_your_own_price(judged, tmp_path):
    plan = plan_of(judged(40), tmp_path, prices={"gpt4": {"input": 2.0, "output": 10.0}})
    assert _saved(plan, Share.of(20, 40)).model == "gpt4"


def test_no_price_no_dollars(judged, tmp_path):
    assert _saved(plan_of(judged(40), tmp_path), Share.of(20, 40)) is None


def test_plan_of_a_run_has_its_total_first():
    lines = plan_lines(Recipe(questions=10))
    assert lines[0].startswith("6 stages, at most 62 ") and len(lines) == 7


@pytest.mark.parametrize("kind", ["probe", "score"])
def test_one_kind_is_tried_whatever_the_number_of_verdicts(judged, tmp_path, kind):
    settings = make_plan(judged(40), ["gpt4"], tmp_path, Training(kind=kind)).settings
    assert settings.named and list(settings.rungs) == [kind]
