"Priors: learnt from what others judged, saved as text, shipped, opened as a spec."

import json

import numpy as np
import pytest

from judge_distill.calls.ledger import Ledger
from judge_distill.data.judged import Judged
from judge_distill.judging.judge import judge_pairs
from judge_distill.judging.prompts import Shown
from judge_distill.recipe.parts import open_judge
from judge_distill.records.errors import InputError, NotEnoughData
from judge_distill.records.schema import Order, Outcome, Ruling, StudentRecord
from judge_distill.students.base import Ties
from judge_distill.students.card import model_card, prior_notes
from judge_distill.students.counting import FeatureStudent
from judge_distill.students.features import SURFACE
from judge_distill.students.lessons import Lessons
from judge_distill.students.prior import PriorStudent, learn_prior, voices
from judge_distill.students.prior_record import SHIPPED, PriorSource
from judge_distill.students.priors import make_prior
from judge_distill.students.settings import FeatureSettings, PriorSettings
from judge_distill.students.students import open_student
from judge_distill.students.trees import grow_trees, trees_as_lists

NC = PriorSource(name="others", pairs=80, judges=("people",), licence="CC BY-NC 4.0")


@pytest.fixture(scope="module")
def judged():
    "Eighty invented pairs; people prefer the answer that comes from the source."
    from judge_distill.records.schema import Answer, Pair

    pairs, labels = [], []
    for n in range(80):
        fact = f"Place {n} is known for {n % 7} bridges and {n % 5} towers."
        answers = [Answer(model="m", text=text) for text in (fact, "Nobody can say, perhaps?")]
        pairs.append(Pair.of(f"What is {n} known for?", fact, *answers[:: (-1) ** n]))
        outcome = Outcome.FIRST if n % 2 == 0 else Outcome.SECOND
        labels.append(Ruling(pair_id=pairs[-1].id, judge="people", outcome=outcome))
    return Judged(name="others", format="json", pairs=tuple(pairs), labels=tuple(labels))


@pytest.fixture(scope="module")
def prior(judged):
    return learn_prior([judged], [NC])


def test_several_voices_make_soft_labels(judged):
    one = judged.labels[0]
    more = [one.model_copy(update={"judge": "b", "outcome": Outcome.TIE}), one]
    _, targets = voices(judged.model_copy(update={"labels": (*judged.labels, *more)}))
    assert targets[0].tolist() == pytest.approx([2 / 3, 0, 1 / 3])


def test_too_few_pairs_are_refused(judged):
    few = judged.model_copy(update={"labels": judged.labels[:9]})
    with pytest.raises(NotEnoughData, match="9 decided pairs"):
        learn_prior([few], [NC])


def test_the_same_judgements_give_the_same_file(judged, prior, tmp_path):
    for name, student in (("a", prior), ("b", learn_prior([judged], [NC]))):
        student.save(tmp_path / name)
    for file in ("prior.json", "student.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_a_saved_prior_says_what_it_said(prior, lessons, tmp_path):
    prior.save(tmp_path)
    again = open_student(tmp_path).predict_proba(lessons.shown)
    assert (again == prior.predict_proba(lessons.shown)).all()


def test_trees_say_what_scikit_learns_say():
    from sklearn.ensemble import HistGradientBoostingClassifier

    rng = np.random.default_rng(0)
    rows = rng.normal(size=(300, 4))
    targets = np.eye(3)[rng.integers(0, 3, 300)]
    trees = grow_trees(rows, targets, rounds=20)
    first, second = (targets[:, :2] + targets[:, 2:] / 2).T
    sides, label = np.concatenate([rows, -rows, rows, -rows]), np.repeat([1, 0, 0, 1], 300)
    weight = np.concatenate([first, first, second, second])
    model = HistGradientBoostingClassifier(
        learning_rate=0.05, max_iter=20, max_leaf_nodes=7, early_stopping=False, random_state=0
    )
    used = weight > 0
    model.fit(sides[used], label[used], sample_weight=weight[used])
    theirs = (model.decision_function(rows) - model.decision_function(-rows)) / 2
    assert np.allclose(trees.differences(rows), theirs, atol=2e-5)


def test_a_prior_is_mirrored_exactly():
    shown = Shown("q", "Bees dance in May.", "Bees dance.", "Nobody knows at all, perhaps.")
    there, back = open_student("prior").predict_proba([shown, shown.mirrored])
    assert there.tolist() == back[[1, 0, 2]].tolist()


def test_fit_leaves_the_trees_alone(lessons):
    student = PriorStudent(PriorSettings()).fit(lessons)
    shipped = PriorStudent.load(SHIPPED).learnt_
    assert trees_as_lists(student.learnt_.trees) == trees_as_lists(shipped.trees)


def without_ties(n):
    "So many invented lessons, half of which go against the length of an answer, and none is a tie."
    short, long = "Yes.", "Because the city lies by the sea and has been a port for long."
    shown = tuple(Shown(f"Question {i}?", "", short, f"{long} {i}") for i in range(n))
    names = tuple(map(str, range(n)))
    targets = np.eye(3)[[i % 2 for i in range(n)]]
    orders = (Order.ORIGINAL,) * n
    return Lessons(shown, targets, np.zeros(n, bool), orders, names, names, "invented")


def test_ten_verdicts_hardly_move_what_the_shipped_prior_knows_of_ties():
    own = open_student(SHIPPED).learnt_.weights
    for ties in ("band", "likeness"):
        learnt = PriorStudent(PriorSettings(ties=ties)).fit(without_ties(10)).learnt_.weights
        if learnt.ties:
            assert abs(learnt.ties.intercept - own.ties.intercept) < 1
            assert abs(learnt.ties.slope - own.ties.slope) < 1
        else:
            assert own.band / 4 < learnt.band < own.band * 4


def test_a_prior_that_hardly_saw_a_tie_says_nothing_of_anothers_ties(prior, tmp_path):
    weights = prior.learnt_.weights._replace(ties=Ties(-16.0, 16.0), band=0.001)
    other = PriorStudent()
    other.learnt_ = prior.learnt_._replace(weights=weights)
    other.save(tmp_path)
    many = without_ties(40)
    many = many._replace(targets=np.eye(3)[[2 if i % 4 == 0 else 1 for i in range(40)]])
    settings = PriorSettings(prior=str(tmp_path), ties="likeness")
    learnt = PriorStudent(settings).fit(many).learnt_.weights
    assert learnt.ties.halfway > 0.05


def test_the_prior_is_a_judge_and_the_start_of_a_cascade(pairs):
    for spec in ("prior", "cascade:prior?threshold=0.6,rubric"):
        judgements = judge_pairs(pairs[:3], open_judge(spec), Ledger())
        assert len(judgements) == 6 and all(j.verdict for j in judgements)


def test_the_prior_cannot_keep_a_promise_on_pairs_that_it_has_not_seen():
    with pytest.raises(InputError, match="threshold"):
        open_judge("cascade:prior?promise=0.9,rubric")


def test_the_shipped_prior_may_ship():
    student = PriorStudent.load(SHIPPED)
    assert [source.licence for source in student.learnt_.sources] == ["Apache-2.0"]
    assert "Apache-2.0" in (SHIPPED / "README.md").read_text()


def test_the_shipped_prior_is_built_anew_to_the_byte(tmp_path, data_folder):
    make_prior(["pandalm"], tmp_path / "prior")
    for file in SHIPPED.iterdir():
        assert file.read_bytes() == (tmp_path / "prior" / file.name).read_bytes(), file.name


def test_a_prior_is_not_written_over_another(tmp_path):
    (tmp_path / "prior.json").write_text("{}")
    with pytest.raises(InputError, match="already"):
        make_prior(["pandalm"], tmp_path)


@pytest.mark.parametrize(
    "change",
    [{"features": ["charm"]}, {"trees": {}}, {"ties": {"slope": 1}}, {"sources": [{"name": "x"}]}],
)
def test_a_prior_that_is_not_whole_is_named(prior, tmp_path, change):
    prior.save(tmp_path)
    file = tmp_path / "prior.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(InputError, match="is no prior of this version"):
        PriorStudent.load(tmp_path)


def test_a_students_card_names_its_prior_and_its_licence(prior, tmp_path, lessons):
    prior.save(tmp_path / "others")
    student = PriorStudent(PriorSettings(prior=str(tmp_path / "others"))).fit(lessons)
    student.save(tmp_path / "own")
    record = StudentRecord.model_validate_json((tmp_path / "own" / "student.json").read_text())
    assert "non-commercial" in prior_notes(record)[0]
    card = model_card(record, teacher="rubric", data="40 pairs", figures="| a |")
    assert "CC BY-NC 4.0" in card and "worse than chance" in card


@pytest.fixture(scope="module")
def beside(lessons):
    "A student for which the shipped prior's word is one more count."
    return FeatureStudent(FeatureSettings(with_prior="prior", strength=0.01)).fit(lessons)


def test_a_prior_can_be_one_more_count(beside):
    assert len(beside.learnt_.weights) == len(SURFACE) + 1
    assert beside.names[-1] == "what the prior says"


def test_a_student_with_a_prior_is_mirrored_exactly(beside):
    shown = Shown("q", "Bees dance in May.", "Bees dance.", "Nobody knows at all, perhaps.")
    there, back = beside.predict_proba([shown, shown.mirrored])
    assert there.tolist() == back[[1, 0, 2]].tolist()


def test_its_folder_holds_the_prior(beside, lessons, tmp_path):
    beside.save(tmp_path)
    again = open_student(tmp_path)
    assert again.digest == beside.digest
    assert (again.predict_proba(lessons.shown) == beside.predict_proba(lessons.shown)).all()


def test_its_card_names_the_prior(beside):
    assert prior_notes(beside.record_)[0].startswith("Prior: pandalm")


def test_it_starts_from_one_thing(lessons):
    with pytest.raises(InputError, match="name only one"):
        FeatureStudent(FeatureSettings(with_prior="prior", warm="elsewhere")).fit(lessons)


def test_a_folder_without_its_prior_is_refused(beside, tmp_path):
    beside.save(tmp_path)
    (tmp_path / "prior" / "prior.json").unlink()
    with pytest.raises(InputError, match="no prior"):
        FeatureStudent.load(tmp_path)


def test_longer_answers_are_left_out(judged):
    # the longer answer of every pair has eight words or more
    with pytest.raises(NotEnoughData, match="0 decided pairs"):
        learn_prior([judged], [NC], longest=5)
