"The frame: what is turned twice is as it was; a pair's id is its content's."

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from records.strategies import ANSWERS, PAIRS, SHARES, TEXTS, quick

from judge_distill.records.schema import Answer, Order, Outcome, Pair, Verdict


@quick
@given(st.sampled_from(Order), st.sampled_from(Verdict))
def test_a_verdict_seen_from_its_order_and_back_is_itself(order, verdict):
    assert order.verdict(order.verdict(verdict)) is verdict


@pytest.mark.parametrize("order", Order)
def test_no_verdict_has_no_frame(order):
    assert order.verdict(None) is None


@quick
@given(st.sampled_from(Order), SHARES)
def test_probabilities_seen_from_their_order_and_back_are_themselves(order, shares):
    assert order.shares(order.shares(shares)) == shares


@quick
@given(st.sampled_from(Order), SHARES)
def test_a_tie_is_as_likely_in_either_order(order, shares):
    assert order.shares(shares)[2] == shares[2]


@quick
@given(st.sampled_from(Order), SHARES)
def test_the_likeliest_verdict_turns_with_its_probabilities(order, shares):
    names = list(Verdict)
    turned = order.shares(shares)
    for verdict in Verdict:
        assert turned[names.index(order.verdict(verdict))] == shares[names.index(verdict)]


@quick
@given(st.sampled_from(Order), PAIRS)
def test_answers_turn_as_verdicts_do(order, pair):
    first = pair.shown(order)[0]
    winner = order.verdict(Verdict.FIRST)
    assert first is pair.answers[winner is Verdict.SECOND]


@quick
@given(TEXTS, TEXTS, TEXTS)
def test_any_text_makes_a_pair_that_utf_8_can_hold(question, source, text):
    pair = Pair.of(question, source, Answer(model="a", text=text), Answer(model="b", text=text))
    assert pair.model_dump_json().encode("utf-8")


@quick
@given(PAIRS)
def test_a_pair_read_from_its_own_json_is_equal(pair):
    assert Pair.model_validate_json(pair.model_dump_json()) == pair


@quick
@given(st.text(max_size=20), ANSWERS, ANSWERS, st.text(max_size=9))
def test_document_and_notes_are_no_part_of_a_pairs_id(question, first, second, document):
    plain = Pair.of(question, "", first, second)
    assert Pair.of(question, "", first, second, document, ("shortened",)).id == plain.id


@quick
@given(st.text(max_size=20), ANSWERS, ANSWERS)
def test_a_pair_whose_answers_change_places_has_another_id(question, first, second):
    there, back = Pair.of(question, "", first, second), Pair.of(question, "", second, first)
    assert (there.id == back.id) == (first == second)


def test_a_record_cannot_be_changed():
    answer = Answer(model="a", text="x")
    with pytest.raises(ValidationError, match="frozen"):
        answer.text = "y"


def test_a_record_takes_no_unknown_field():
    with pytest.raises(ValidationError, match="Extra inputs"):
        Answer(model="a", text="x", score=1)


@quick
@given(PAIRS)
def test_a_record_prints_itself_short(pair):
    assert len(str(pair)) < 1000


@pytest.mark.parametrize("outcome", Outcome)
def test_only_three_outcomes_are_verdicts(outcome):
    of = {Outcome.FIRST: Verdict.FIRST, Outcome.SECOND: Verdict.SECOND, Outcome.TIE: Verdict.TIE}
    assert outcome.verdict is of.get(outcome)
