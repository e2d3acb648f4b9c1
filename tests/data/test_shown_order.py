"""A column that says in which order the answers were shown: verdicts as shown are turned, and what
the rows do not tell is refused by the column's name.
"""

import json

import pytest

from judge_distill.agreement.report import agree
from judge_distill.data.reading import read
from judge_distill.records.errors import InputError
from judge_distill.records.schema import Order

GOOD = "ABBABAAB"  # the better answer of each pair, as the answers stand
TURNED = {"A": "B", "B": "A", "tie": "tie"}


def rows(flag=(False, True), name="swapped", say=None, **more):
    "Eight pairs, each shown both ways; the judge is always right, and its verdict is as shown."
    say = say or (lambda good, is_turned: TURNED[good] if is_turned else good)
    return [
        {"question": f"{n}?", "answer_a": "x", "answer_b": "y", "gpt": say(good, turned),
         name: flag[turned], **{key: value(good) for key, value in more.items()}}
        for turned in (0, 1)
        for n, good in enumerate(GOOD)
    ]  # fmt: skip


FLAGS = {
    "swapped": (False, True),
    "is_flipped": ("false", "true"),
    "reversed": (0, 1),
    "answers_swapped": ("no", "yes"),
    "order": ("AB", "BA"),
    "presentation_order": ("original", "swapped"),
}


@pytest.mark.parametrize("name", FLAGS)
def test_verdicts_as_shown_are_put_into_the_pairs_frame(name):
    judged = read(rows(FLAGS[name], name))
    looks = {(look.pair_id, look.order): look.verdict for look in judged.judgements}
    assert len(looks) == 16 and not judged.problems
    for pair, good in zip(judged.pairs, GOOD, strict=True):
        for order in Order:
            assert looks[pair.id, order] == {"A": "first", "B": "second"}[good]


def test_the_flag_is_said_to_be_read(tmp_path):
    assert "swapped = swapped" in read(rows()).read_as


def test_peoples_labels_on_both_rows_stay_as_they_stand():
    judged = read(rows(human=str))
    assert [one.outcome.value for one in judged.by("human")] == [
        {"A": "first", "B": "second"}[good] for good in GOOD
    ]
    report = agree(judged, "human", judges=["gpt"])
    assert report.agreement[0].agreement_all.count == 8


def test_rows_whose_answers_are_exchanged_are_as_shown():
    some = rows(say=lambda good, is_turned: TURNED[good] if is_turned else good)
    for row in some[8:]:
        row |= {"answer_a": "y", "answer_b": "x"}
    judged = read(some)
    assert not judged.problems and len(judged.pairs) == 8
    assert {look.order for look in judged.judgements} == set(Order)
    assert len({(look.pair_id, look.verdict) for look in judged.judgements}) == 8


def test_a_models_name_is_no_place():
    some = rows(say=lambda good, is_turned: {"A": "m", "B": "n"}[good])
    judged = read([row | {"model_a": "m", "model_b": "n"} for row in some])
    assert len({(look.pair_id, look.verdict) for look in judged.judgements}) == 8


def test_a_flag_over_pairs_that_stand_there_once_is_refused_by_name():
    some = [row for n, row in enumerate(rows()) if n % 2 == n // 8]
    with pytest.raises(InputError, match=r"column 'swapped'.*swapped=swapped.*turned_back="):
        read(some)


@pytest.mark.parametrize(
    "named, verdicts",
    [("swapped", "AABB"), ("turned_back", "ABBA"), ("", "ABBA")],
)
def test_a_person_says_what_a_flag_means(named, verdicts):
    # the verdict is A, B, B, A; rows 1 and 3 were shown exchanged
    some = [
        {"question": f"{n}?", "answer_a": "x", "answer_b": "y", "gpt": word, "swapped": n % 2 == 1}
        for n, word in enumerate("ABBA")
    ]
    columns = {named or "swapped": "swapped" if named else "", "gpt": "gpt"}
    judged = read(some, columns=columns)
    letters = {"first": "A", "second": "B"}
    assert "".join(letters[look.verdict.value] for look in judged.judgements) == verdicts


def test_verdicts_that_may_be_turned_back_already_are_refused_by_name():
    with pytest.raises(InputError, match="'gpt' names the same place under both flags in 8 of 8"):
        read(rows(say=lambda good, is_turned: good))


def test_a_cell_that_does_not_say_the_order_is_a_problem():
    some = rows()
    some[9]["swapped"] = None
    judged = read(some)
    assert "'swapped' does not say in which order" in judged.problems[0].what
    assert judged.read + len(judged.problems) == judged.rows


def test_the_command_takes_the_flag(tmp_path, capsys):
    from judge_distill.cli import main

    (tmp_path / "x.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows(human=str)))
    main(["agreement", str(tmp_path / "x.jsonl"), "--teacher", "human", "--judges", "gpt"])
    assert "8 of 8" in capsys.readouterr().out
