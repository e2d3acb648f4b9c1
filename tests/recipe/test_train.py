"Verdicts that there are become a judge in a folder, and a report on how far it can be trusted."

import json

import pytest

from judge_distill.recipe.curve import curve_sizes
from judge_distill.recipe.judging import judge
from judge_distill.recipe.next import next_pairs
from judge_distill.recipe.teaching import majority_of, merge_judged, what_is_taught
from judge_distill.recipe.train import Training, train
from judge_distill.recipe.train_page import page_text
from judge_distill.recipe.training import hold_out
from judge_distill.records.errors import InputError, NotEnoughData
from judge_distill.records.schema import Outcome, Ruling

COUNTING = Training(kind="features")


@pytest.fixture(scope="module")
def trained(tmp_path_factory, judged):
    folder = tmp_path_factory.mktemp("train") / "my_judge"
    return folder, train(judged(), "gpt4", out=folder, training=COUNTING)


def test_folder_opens_as_a_judge(trained, judged):
    folder, report = trained
    verdicts = judge(judged().model_copy(update={"rulings": ()}), report.spec)
    assert len(verdicts.rulings) == 60


def test_folder_alone_names_the_judge(trained, judged):
    folder, _ = trained
    assert judge(list(judged(4).pairs), str(folder)).judges == [str(folder)]


def test_nothing_leaks(judged):
    sides = hold_out(judged().pairs, COUNTING)
    assert not {p.document for p in sides.train} & {p.document for p in sides.test}


def test_first_line_says_what_the_teacher_is(trained):
    assert "The teacher is gpt4" in str(trained[1]).splitlines()[2]


def test_formula_is_called_one(tmp_path, judged):
    data = judge(judged().model_copy(update={"rulings": ()}), "rubric")
    report = train(data, "rubric", out=tmp_path / "formula", training=COUNTING)
    assert "a formula" in report.about_teacher


def test_second_line_is_the_student_against_the_best_of_what_is_free(trained):
    report = trained[1]
    assert report.comparisons[0].b == report.best_free


def test_screen_has_no_line_over_80(trained):
    lines = str(trained[1]).splitlines()
    assert [line for line in lines if len(line) > 80 and not line.startswith("    ")] == []


def test_curve_has_five_sizes_with_intervals(trained):
    points = trained[1].curve.points
    assert len(points) >= 5 and all(p.low <= p.agreement <= p.high for p in points)


@pytest.mark.parametrize("n", [20, 40, 60, 350, 10_000])
def test_curve_sizes_end_with_all(n):
    assert len(curve_sizes(n)) >= 5 and curve_sizes(n)[-1] == n


def test_page_needs_no_script(trained):
    page = page_text(trained[1])
    assert "<script" not in page and "<svg" in page


def test_same_data_same_folder(trained, tmp_path, judged):
    folder, report = trained
    again = train(judged(), "gpt4", out=tmp_path / "my_judge", training=COUNTING)
    for name in ("features.json", "calibration.json", "held_out.json", "training.json"):
        assert (folder / name).read_bytes() == (tmp_path / "my_judge" / name).read_bytes()
    assert again.curve == report.curve and again.agreement == report.agreement


def test_finished_folder_is_returned(trained, judged):
    folder, report = trained
    assert train(judged(), "gpt4", out=folder, training=COUNTING) == report


def test_folder_of_other_data_is_refused(trained, judged):
    with pytest.raises(InputError, match="choose another --out"):
        train(judged(50), "gpt4", out=trained[0], training=COUNTING)


def test_few_verdicts_go_by_folds(tmp_path, judged):
    report = train(judged(24), "gpt4", out=tmp_path / "few", training=COUNTING)
    assert report.by_folds and report.train_pairs == report.test_pairs == 24


def test_one_document_is_split_by_question(judged):
    sides = hold_out(judged(60, document="one book").pairs, COUNTING)
    assert sides.train and sides.test and "one document" in sides.words


def test_majority_teaches(judged):
    data = judged(10, judges=("ada", "ben", "cy"))
    assert what_is_taught(data, ["ada", "ben", "cy"]).teacher == "majority of ada, ben, cy"


def test_draw_of_teachers_teaches_nothing():
    votes = {
        name: [Ruling(pair_id="1", judge=name, outcome=outcome, policy="file")]
        for name, outcome in (("ada", "first"), ("ben", "second"))
    }
    assert majority_of(votes)[0].outcome is Outcome.INCONCLUSIVE


def test_several_files_are_one(judged):
    both = merge_judged([judged(10), judged(14)])
    assert len(both.pairs) == len(both.rulings) == 14


@pytest.mark.parametrize(
    ("teacher", "people", "words"),
    [("gpt5", (), "gpt5"), ([], (), "needs a teacher"), ("gpt4", "ada", "ada")],
)
def test_unknown_names_are_told_before_training(tmp_path, teacher, people, words, judged):
    with pytest.raises(InputError, match=words):
        train(judged(), teacher, people, out=tmp_path / "none", training=COUNTING)
    assert not (tmp_path / "none").exists()


def test_too_few_verdicts_are_told(tmp_path, judged):
    with pytest.raises(NotEnoughData, match="too few"):
        train(judged(3), "gpt4", out=tmp_path / "none", training=COUNTING)


def test_report_json_has_the_reports_keys(trained):
    folder, report = trained
    keys = set(json.loads((folder / "report.json").read_text(encoding="utf-8")))
    assert keys == set(type(report).model_fields)


def test_next_pairs_keep_a_random_share(trained, judged):
    fresh = judged(100).model_copy(update={"rulings": ()})
    chosen = next_pairs(trained[1].open(), fresh, 20, control=0.25)
    assert len(chosen.pairs) == 20 and len(chosen.control) == 5


def test_next_pairs_leave_out_what_is_judged(trained, judged):
    with pytest.raises(NotEnoughData):
        next_pairs(trained[1].open(), judged(10), 5)


def test_report_says_how_hard_the_pairs_are(trained):
    # the right answer is always the shorter one, so `longer` is always wrong
    report = trained[1]
    assert report.hard.shorter_wins.n == report.hard.free_wrong["longer"].n == report.test_pairs
    assert "## Where it is hard" in str(report)


def test_second_line_says_what_may_not_be_used_commercially(trained):
    settings = {"kind": "prior", "prior": [{"name": "a", "pairs": 9, "licence": "CC BY-NC 4.0"}]}
    report = trained[1]
    student = report.student.model_copy(update={"settings": settings})
    paragraphs = str(report.model_copy(update={"student": student})).split("\n\n")
    assert paragraphs[2].startswith("For non-commercial use only: its prior learnt from a")
