"The third step of a cascade: people, whose labels stand in a folder."

import numpy as np
import pytest
from judging.fixed import PAIRS, Fixed

from judge_distill.agreement.baselines import all_rulings
from judge_distill.agreement.drift import drift_of_cascade
from judge_distill.calls.ledger import Ledger
from judge_distill.cli import main
from judge_distill.data.labels import Choice, Label, append, label_file
from judge_distill.data.reading import read
from judge_distill.judging.cascade import CascadeJudge, Promise, audit_rulings, is_audited
from judge_distill.judging.judge import judge_pairs
from judge_distill.judging.people import PeopleJudge
from judge_distill.judging.promises import folder_threshold
from judge_distill.judging.rules import rule_judge
from judge_distill.recipe.judging import file_name, judge_newly
from judge_distill.recipe.parts import open_judge
from judge_distill.records.errors import InputError, NotEnoughData
from judge_distill.records.files import read_jsonl, write_jsonl, write_text
from judge_distill.records.schema import Answer, Order, Outcome, Pair, StudentRecord, Verdict
from judge_distill.students.counting import FeatureStudent
from judge_distill.students.features import SURFACE
from judge_distill.students.fitting import Weights
from judge_distill.views.label import label


def say(folder, pair, choice, who="ada", drawn="random"):
    "Put a person's label on the disk."
    line = Label(pair_id=pair.id, who=who, choice=choice, order=Order.ORIGINAL, drawn=drawn)
    append(label_file(folder, who), line)


def unsure(folder, promise=Promise()):
    "A cascade whose student is never sure and whose teacher prefers what is shown first."
    student = Fixed("student", Verdict.FIRST, 0.4)
    teacher = Fixed("teacher", Verdict.FIRST, as_shown=True)
    return CascadeJudge(student, teacher, "cascade", 0.8, promise, PeopleJudge(folder))


def outcomes(judge, pairs=PAIRS[:1]):
    "What a judge's looks say, in both orders."
    return [look.verdict for look in judge_pairs(pairs, judge, Ledger())]


def test_until_somebody_labels_a_pair_the_teachers_looks_stand(tmp_path):
    assert outcomes(unsure(tmp_path)) == [Verdict.FIRST, Verdict.SECOND]


def test_what_people_say_is_the_cascades_verdict(tmp_path):
    say(tmp_path, PAIRS[0], Choice.SECOND)
    assert outcomes(unsure(tmp_path)) == [Verdict.SECOND, Verdict.SECOND]


def test_most_people_decide(tmp_path):
    for who, choice in zip("abc", (Choice.TIE, Choice.FIRST, Choice.TIE)):
        say(tmp_path, PAIRS[0], choice, who)
    assert outcomes(unsure(tmp_path)) == [Verdict.TIE, Verdict.TIE]


def test_a_pair_that_people_skipped_still_waits(tmp_path):
    say(tmp_path, PAIRS[0], Choice.SKIP)
    judge = unsure(tmp_path)
    assert list(judge.waiting(judge_pairs(PAIRS[:1], judge, Ledger()))) == [PAIRS[0].id]


def test_a_teacher_that_decides_is_not_taken_to_people(tmp_path):
    judge = unsure(tmp_path)
    judge.teacher = Fixed("teacher", Verdict.TIE)
    say(tmp_path, PAIRS[0], Choice.FIRST)
    looks = judge_pairs(PAIRS[:1], judge, Ledger())
    assert {look.verdict for look in looks} == {Verdict.TIE} and not judge.waiting(looks)


def test_a_person_is_not_asked_what_the_student_is_sure_of(tmp_path):
    judge = unsure(tmp_path, Promise(audit=0))
    judge.student = Fixed("student", Verdict.FIRST, 0.9)
    assert not judge.waiting(judge_pairs(PAIRS[:20], judge, Ledger()))


def test_a_promise_to_people_is_audited_by_people(tmp_path):
    judge = unsure(tmp_path, Promise(0.9, "people"))
    judge.student = Fixed("student", Verdict.FIRST, 0.9)
    watched = [pair for pair in PAIRS if is_audited(pair)]
    waiting = judge.waiting(judge_pairs(PAIRS, judge, Ledger()))
    assert list(waiting) == [pair.id for pair in watched]
    assert judge.teacher.asked == 0
    for pair in watched:
        say(tmp_path, pair, Choice.SECOND)
    audit = audit_rulings(judge_pairs(PAIRS, unsure_again(judge, tmp_path), Ledger()))
    assert {ruling.outcome for ruling in audit.alone} == {Outcome.FIRST}
    assert {(r.outcome, r.judge) for r in audit.asked} == {(Outcome.SECOND, "people")}


def unsure_again(judge, folder):
    "The same cascade in another run, which reads the labels anew."
    judge.people = PeopleJudge(folder)
    return judge


@pytest.mark.parametrize("sign", [",", ">"])
@pytest.mark.parametrize(
    ("last", "folder"),
    [("people", "labels"), ("people:mine", "mine"), ("people?audit=0", "labels")],
)
def test_every_spelling_of_the_third_step(sign, last, folder):
    judge = open_judge(f"cascade:prior?threshold=0.8{sign}rubric{sign}{last}")
    assert (judge.people.folder.name, judge.teacher.name) == (folder, "rubric")


def test_a_teacher_whose_name_begins_like_people_is_a_teacher():
    judge = open_judge("cascade:prior?threshold=0.8,openai:peoples@http://127.0.0.1:1/v1")
    assert judge.people is None


def test_people_alone_are_no_teacher():
    with pytest.raises(InputError, match="is no cascade"):
        open_judge("cascade:prior?threshold=0.8,people:labels")


def test_labels_of_chosen_pairs_are_not_called_random(tmp_path):
    judge_newly(PAIRS[:3], unsure(tmp_path / "labels"), out=tmp_path / "out")
    ada = label(tmp_path / "out" / "to_label.jsonl", tmp_path / "labels", "ada")
    assert ada.choose("A").drawn == "informative"


def save_student(folder):
    "A student that counts words, with its record."
    FeatureStudent.of(Weights(np.eye(len(SURFACE))[0], 0.1, 1.0)).save(folder)
    record = StudentRecord(
        backend="local",
        base_model="",
        model=str(folder),
        examples_digest="",
        settings={"kind": "features"},
    )
    write_text(folder / "student.json", record.model_dump_json())


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    "A run folder: a student that counts words, a teacher that agrees, people who mostly do."
    folder, draw = tmp_path_factory.mktemp("run"), np.random.default_rng(1)
    pairs = []
    for n in range(400):
        sizes = draw.permutation([2, int(draw.integers(3, 30))])
        one, two = (Answer(model=m, text=" ".join(["bees"] * k)) for m, k in zip("ab", sizes))
        pairs.append(Pair.of(f"Why, {n}?", "bees", one, two))
    save_student(folder / "student")
    write_jsonl(pairs, folder / "pairs.jsonl")
    for name, judge in (
        ("trained", open_judge(f"local:{folder / 'student'}")),
        ("teacher", rule_judge("longer")),
    ):
        looks = [
            look.model_copy(update={"judge": name})
            for look in judge_pairs(pairs[:300], judge, Ledger())
        ]
        write_jsonl(looks, folder / "judgements" / f"{name}.jsonl")
    ada = label(folder, folder / "labels", "ada", order="random")
    longer = {r.pair_id: r.outcome for r in judge_newly(pairs, "longer").rulings}
    for n in range(200):
        answer = longer[ada.current.id] is Outcome.FIRST
        left = ada.shown(ada.current) is Order.ORIGINAL
        ada.choose("tie" if n % 20 == 0 else "A" if answer == left else "B")
    return folder


def test_a_promise_to_people_is_chosen_from_a_run_folder(run):
    point = folder_threshold(run / "student", 0.85, "people")
    judge = open_judge(f"cascade:local:{run / 'student'},longer?promise=0.85&to=people&audit=0")
    assert judge.threshold == point.threshold < 1
    assert 100 < point.pairs < 200 and point.agreement > 0.85


def test_more_than_the_teacher_keeps_is_not_promised_from_a_run_folder(run):
    with pytest.raises(NotEnoughData, match="teacher alone agrees with people on"):
        open_judge(f"cascade:local:{run / 'student'},longer?promise=0.97&to=people")


def test_labels_of_hard_pairs_promise_nothing(run, tmp_path):
    (tmp_path / "judgements").mkdir()
    for name in ("trained", "teacher"):
        text = (run / "judgements" / f"{name}.jsonl").read_text()
        (tmp_path / "judgements" / f"{name}.jsonl").write_text(text)
    for pair in read_jsonl(run / "pairs.jsonl", Pair)[:50]:
        say(tmp_path / "labels", pair, Choice.FIRST, drawn="informative")
    with pytest.raises(InputError, match="because they are hard"):
        folder_threshold(tmp_path / "student", 0.85, "people")


def test_a_folder_that_a_cascade_wrote_is_all_that_drift_needs(run, tmp_path, capsys):
    spec = f"cascade:local:{run / 'student'},longer?threshold=0.9&promise=0.85"
    assert main(["judge", str(run), "--judge", spec, "--out", str(tmp_path / "out")]) == 0
    assert main(["drift", str(tmp_path / "out")]) == 0
    words = capsys.readouterr().out
    assert "agrees with longer on 100.0%" in words and "below the promised 85%" in words


def test_a_cascade_of_three_steps_end_to_end(run, tmp_path, capsys):
    labels, out = tmp_path / "labels", tmp_path / "out"
    student = f"local:{run / 'student'}"
    spec = f"cascade:{student},first,people:{labels}?threshold=0.9&promise=0.9&to=people"
    write_jsonl(read_jsonl(run / "pairs.jsonl", Pair)[:80], tmp_path / "pairs.jsonl")
    arguments = ["judge", str(tmp_path / "pairs.jsonl"), "--judge", spec, "--out", str(out)]
    assert main(arguments) == 0
    assert "pairs wait for people" in capsys.readouterr().out
    waiting = read(out / "to_label.jsonl").pairs
    before = read(out)
    assert 0 < len(waiting) < len(before.pairs)
    ada = label(out / "to_label.jsonl", labels, "ada")
    while ada.current:
        ada.choose("tie")
    assert main(arguments) == 0
    assert (out / "to_label.jsonl").read_text() == ""
    by_people = {r.pair_id for r in all_rulings(read(out))[spec] if r.outcome is Outcome.TIE}
    assert {pair.id for pair in waiting} <= by_people
    assert drift_of_cascade(read(out)).documents == sum(map(is_audited, before.pairs))


def test_a_long_spec_is_a_short_file():
    assert len(file_name("cascade:local:" + "x" * 300)) < 200 and file_name("a:b") == "a_b"


def test_nothing_audited_is_said(run):
    with pytest.raises(NotEnoughData, match="no audited pair"):
        drift_of_cascade(read(run))
