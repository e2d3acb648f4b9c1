"A cascade keeps its promise, to the teacher or to people, and audits itself."

import json

import numpy as np
import pytest
from judging.fixed import PAIRS, Fixed

from judge_distill.calls.ledger import Ledger
from judge_distill.judging.cascade import CascadeJudge, Promise, audit_rulings, is_audited
from judge_distill.judging.judge import judge_pairs
from judge_distill.judging.promises import (
    choose_threshold,
    folder_threshold,
    held_against_people,
    save_held_out,
)
from judge_distill.recipe.parts import load_cascade
from judge_distill.records.errors import InputError, NotEnoughData
from judge_distill.records.schema import Outcome, Ruling, Verdict


def cascade(sure, audit):
    student, teacher = Fixed("student", Verdict.FIRST, sure), Fixed("teacher", Verdict.SECOND)
    return CascadeJudge(student, teacher, "cascade", 0.8, Promise(audit=audit))


def test_one_sure_pair_in_twenty_goes_to_the_teacher():
    judge = cascade(0.9, 0.05)
    judge_pairs(PAIRS, judge, Ledger())
    assert judge.teacher.asked == 2 * sum(map(is_audited, PAIRS))
    assert 0.02 < judge.teacher.asked / 800 < 0.09


def test_without_an_audit_no_sure_pair_is_asked_about():
    judge = cascade(0.9, 0.0)
    judge_pairs(PAIRS, judge, Ledger())
    assert judge.teacher.asked == 0


def test_an_audit_gives_what_both_said():
    audit = audit_rulings(judge_pairs(PAIRS[:50], cascade(0.9, 1.0), Ledger()))
    assert {r.outcome for r in audit.alone} == {Outcome.FIRST}
    assert {r.outcome for r in audit.asked} == {Outcome.SECOND}


def test_an_audit_is_of_all_pairs_so_an_unsure_one_agrees():
    audit = audit_rulings(judge_pairs(PAIRS, cascade(0.5, 0.05), Ledger()))
    assert [r.pair_id for r in audit.asked] == [p.id for p in PAIRS if is_audited(p)]
    assert {r.outcome for r in audit.alone} == {r.outcome for r in audit.asked}


def test_an_audit_says_what_was_promised():
    judge = cascade(0.9, 1.0)
    judge.promise = Promise(0.975, "teacher", 1.0)
    assert audit_rulings(judge_pairs(PAIRS[:5], judge, Ledger())).promise == 0.975


def drawn(seed, n, teacher_right):
    "Held-out pairs whose student is as often right as it is sure."
    random = np.random.default_rng(seed)
    sure = random.uniform(0.4, 1, n)
    return sure, random.random(n) < sure, random.random(n) < teacher_right


def test_a_promise_to_people_is_kept_in_19_of_20_samples():
    every = drawn(0, 200_000, 0.95)
    broken = chosen = 0
    for seed in range(1, 201):
        sure, right, teacher = drawn(seed, 400, 0.95)
        point = choose_threshold(sure, right, 0.85, teacher=teacher)
        agrees = np.where(every[0] >= point.threshold, every[1], every[2])
        broken += agrees.mean() < 0.85
        chosen += point.alone > 0
    assert broken <= 17 and chosen > 100  # 5 % of 200 is 10; 17 is its upper 2 % limit


def test_what_the_teacher_does_not_keep_is_not_promised():
    with pytest.raises(NotEnoughData, match="teacher alone agrees with people on"):
        choose_threshold(*drawn(1, 100, 0.7)[:2], 0.9, teacher=drawn(1, 100, 0.7)[2])


def test_people_are_held_against_both():
    looks = judge_pairs(PAIRS[:4], Fixed("student", Verdict.FIRST, 0.9), Ledger())
    teacher = [Ruling(pair_id=p.id, judge="t", outcome=Outcome.SECOND) for p in PAIRS[:4]]
    people = [Ruling(pair_id=p.id, judge="p", outcome=Outcome.FIRST) for p in PAIRS[:2]]
    people += [Ruling(pair_id=PAIRS[2].id, judge="p", outcome=Outcome.INCONCLUSIVE)]
    held = held_against_people(looks, teacher, people)
    assert (held.sure, held.right, held.teacher) == ([0.9] * 2, [True] * 2, [False] * 2)


@pytest.mark.parametrize(
    "spelled",
    [
        "cascade:local:{0}?promise=0.8>rubric",
        "cascade:local:{0}>rubric?promise=0.8",
        "cascade:local:{0},rubric?promise=0.8",
        "cascade:local:{0}?promise=0.8,rubric",
    ],
)
def test_every_spelling_of_a_cascade_is_the_same(tmp_path, spelled):
    save_held_out(tmp_path, *drawn(1, 600, 1.0)[:2])
    judge = load_cascade(spelled.format(tmp_path))
    assert judge.threshold == folder_threshold(tmp_path, 0.8).threshold < 1


def test_options_of_both_kinds_stand_beside_each_other(tmp_path):
    spec = f"cascade:local:{tmp_path},openai:m@http://127.0.0.1:1/v1?max_tokens=9&threshold=0.7"
    judge = load_cascade(spec + "&audit=0")
    assert (judge.threshold, judge.promise.audit) == (0.7, 0)
    assert judge.teacher.parameters["max_tokens"] == 9


def test_a_promise_to_people_comes_from_the_folder(tmp_path):
    sure, right, teacher = (list(map(float, part)) for part in drawn(2, 400, 0.95))
    (tmp_path / "people.json").write_text(
        json.dumps({"sure": sure, "right": right, "teacher": teacher})
    )
    judge = load_cascade(f"cascade:local:{tmp_path},rubric?promise=0.85&to=people&audit=0")
    assert judge.threshold == choose_threshold(sure, right, 0.85, teacher=teacher).threshold


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("to=people", "label some, drawn at random"),
        ("to=bees", "is none"),
        ("threshold=0.9&to=people", "third step, cascade:<student>,<teacher>,people:labels"),
        ("promise=x", "are numbers"),
    ],
)
def test_what_cannot_be_promised_is_said(tmp_path, options, words):
    with pytest.raises(InputError, match=words):
        load_cascade(f"cascade:local:{tmp_path / 'student'},rubric?{options}")
