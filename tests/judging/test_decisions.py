"A decision model judges over HTTP, in both forms: frame, probabilities, cost, failures, secrets."

import sqlite3

import numpy as np
import pytest

import judge_distill as jd
from judge_distill.calls.ledger import Ledger
from judge_distill.calls.limits import Limits
from judge_distill.calls.prices import Price, Purse, find_price
from judge_distill.judging.decisions import DecisionsJudge
from judge_distill.judging.judge import judge_pairs
from judge_distill.models.decisions import load_decisions
from judge_distill.models.destination import address, destination
from judge_distill.models.load import load_llm
from judge_distill.models.spec import parse_spec
from judge_distill.recipe.checks import check_recipe
from judge_distill.recipe.judging import Asking
from judge_distill.recipe.parts import open_judge
from judge_distill.recipe.teaching import what_is_taught
from judge_distill.records.errors import InputError, ModelError, OverBudget
from judge_distill.records.schema import Answer, Order, Pair, Verdict
from judge_distill.serving.serve import serving
from judge_distill.testing.decisions import decided
from judge_distill.testing.protocol import ProtocolServer

FORMS = ("decisions", "systemone")


def pairs_of(count):
    "The first answer rests on the source, the second is longer."
    return [
        Pair.of(
            f"Where do the bees of hive {i} dance?",
            "Bees dance in the hive. They show where food is.",
            Answer(model="a", text="They dance in the hive."),
            Answer(
                model="b", text=f"Nobody knows for certain, perhaps on the far moon number {i}."
            ),
        )
        for i in range(count)
    ]


def judge_at(url, form="decisions", **more):
    return DecisionsJudge(load_decisions(f"decisions:m@{url}?form={form}"), "decider", **more)


class Longer:
    "A student that likes the longer answer."

    digest = "longer"

    def predict_proba(self, shown):
        return np.array(
            [
                (0.8, 0.15, 0.05) if len(s.first) > len(s.second) else (0.15, 0.8, 0.05)
                for s in shown
            ]
        )


@pytest.mark.parametrize("form", FORMS)
def test_both_orders_give_the_same_verdict_in_the_pairs_frame(form):
    with ProtocolServer() as server:
        looks = judge_pairs(pairs_of(3), judge_at(server.url, form), Ledger())
    assert [look.verdict for look in looks] == [Verdict.FIRST] * 6
    assert [look.order for look in looks] == list(Order) * 3


@pytest.mark.parametrize("form", FORMS)
def test_requests_are_as_documented(form):
    with ProtocolServer() as server:
        judge_pairs(pairs_of(1), judge_at(server.url, form), Ledger())
    assert not server.invalid
    assert {path for path, _ in server.requests} == {f"/v1/{form}"}


@pytest.mark.parametrize("form", FORMS)
def test_a_served_student_is_a_decision_model(form):
    with serving(Longer()) as url:
        looks = judge_pairs(pairs_of(2), judge_at(url, form), Ledger())
    for look in looks:
        assert look.probabilities == pytest.approx((0.15, 0.8, 0.05))


@pytest.mark.parametrize("form", FORMS)
def test_its_probabilities_become_soft_labels(form, tmp_path):
    with serving(Longer()) as url:
        judged = jd.judge(pairs_of(4), f"decisions:m@{url}?form={form}", out=tmp_path)
    from judge_distill.students.lessons import soft_labels

    soft = soft_labels(judged.judgements)
    assert len(soft) == 4
    for shares in soft.values():
        assert shares == pytest.approx((0.15, 0.8, 0.05))


def test_a_second_run_asks_nothing(tmp_path):
    with ProtocolServer() as server:
        for _ in range(2):
            judge_pairs(pairs_of(3), judge_at(server.url), Ledger(tmp_path / "ledger.sqlite"))
    assert len(server.requests) == 6


def test_the_two_forms_are_two_calls():
    ledger = Ledger()
    with ProtocolServer() as server:
        for form in FORMS:
            judge_pairs(pairs_of(1), judge_at(server.url, form), ledger)
    assert len(server.requests) == 4


def test_faults_that_pass_cost_no_judgement():
    limits = Limits(attempts=20, pause=0.02, longest=0.2, timeout=5.0)
    kinds = ("429", "500", "dropped", "truncated")
    with ProtocolServer(faults=0.3, kinds=kinds, retry_after=0.05, seed=3) as server:
        looks = judge_pairs(pairs_of(12), judge_at(server.url), Ledger(limits=limits))
    assert [look.problem for look in looks] == [None] * 24
    assert sum(server.faulted.values()) > 0
    assert server.counts()["answered_twice"] == 0


def test_an_answer_without_probabilities_is_paid_once_and_named():
    with ProtocolServer(faults=1.0, kinds=("empty",)) as server:
        ledger = Ledger()
        [one, _] = judge_pairs(pairs_of(1), judge_at(server.url), ledger)
    assert one.verdict is None and "no probabilities" in one.problem
    assert len(server.requests) == 2


def test_a_refusal_is_no_verdict():
    def refused(form, body):
        return {"model": "m", "answers": [{"type": "refusal", "name": "verdict"}], "usage": {}}

    with ProtocolServer() as server:
        server.decide = refused
        looks = judge_pairs(pairs_of(1), judge_at(server.url), Ledger())
    assert [look.verdict for look in looks] == [None, None]
    assert looks[0].problem == "the model declined to answer"


def test_an_option_that_nobody_asked_for_counts_for_nothing():
    def invented(form, body):
        reply = decided(form, body)
        reply["answers"][0]["probabilities"] = [
            {"value": "A", "probability": 0.6},
            {"value": "B", "probability": 0.39},
            {"value": "nope", "probability": 0.99},
        ]
        return reply

    with ProtocolServer() as server:
        server.decide = invented
        [one, _] = judge_pairs(pairs_of(1), judge_at(server.url), Ledger())
    assert one.probabilities == pytest.approx((0.6 / 0.99, 0.39 / 0.99, 0.0))


def test_a_model_that_does_not_exist_stops_the_run():
    with ProtocolServer(models=("other",)) as server:
        with pytest.raises(ModelError, match="does not exist"):
            judge_pairs(pairs_of(3), judge_at(server.url), Ledger())


def test_the_cap_holds():
    purse = Purse({"m": Price(1000.0, 0.0)}, budget=0.5)
    with ProtocolServer(latency=0.01) as server:
        with pytest.raises(OverBudget):
            judge_pairs(pairs_of(40), judge_at(server.url), Ledger(purse=purse))
    assert 0 < purse.spent <= 0.5


def test_only_the_input_is_paid():
    url = "https://api.openai.com/v1"
    assert find_price(f"decisions:gpt-6-luna@{url}") == Price(0.1, 0.0, 1_050_000)
    assert find_price(f"OpenAILike:gpt-6-luna@{url}").output == 0.5


def test_a_quote_names_dollars_of_the_input(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "planted-key-0123456789")
    quote = open_judge("decisions:gpt-6-luna").quote(pairs_of(10), Ledger())
    assert quote.calls == 20 and quote.tokens_out == 0
    assert quote.dollars == pytest.approx(quote.tokens_in * 0.1 / 1e6)


def test_the_key_is_sent_and_kept_nowhere(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("DECIDER_KEY", "planted-key-0123456789")
    file = tmp_path / "ledger.sqlite"
    with ProtocolServer(key="planted-key-0123456789") as server:
        model = load_decisions(f"decisions:m@{server.url}?key=DECIDER_KEY")
        judge_pairs(pairs_of(1), DecisionsJudge(model, "decider"), Ledger(file))
    assert server.keys == {"planted-key-0123456789"}
    assert "planted-key" not in repr(model) + "".join(capsys.readouterr())
    assert not any("planted-key" in line for line in sqlite3.connect(file).iterdump())


def test_a_files_word_names_no_address():
    spec = parse_spec("decisions:m@https://example.org/v1", "file")
    with pytest.raises(InputError, match="stands in a file"):
        address(spec)


def test_without_an_address_it_is_openais(monkeypatch):
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    place = destination(parse_spec("decisions:gpt-6-luna"))
    assert (place.url, place.key) == ("https://api.openai.com/v1", "OPENAI_API_KEY")


@pytest.mark.parametrize(
    "word",
    ["decisions:m?temperature=0", "decisions:m?schema=yes", "openai:m?form=systemone"]
    + ["decisions:m?form=other"],
)
def test_an_option_that_it_does_not_have_is_refused(word):
    with pytest.raises(InputError, match="form"):
        parse_spec(word)


def test_it_writes_no_text():
    with pytest.raises(InputError, match="writes no text"):
        load_llm("decisions:m@http://127.0.0.1:9/v1")
    recipe = jd.Recipe(writer="decisions:m@http://127.0.0.1:9/v1")
    with pytest.raises(InputError, match="writes no text"):
        check_recipe(recipe)


def test_it_is_not_asked_by_batch(tmp_path):
    with pytest.raises(InputError, match="only chat models"):
        asking = Asking(batch=True)
        jd.judge(pairs_of(1), judge_at("http://127.0.0.1:9/v1"), out=tmp_path, asking=asking)


def test_a_student_is_taught_its_probabilities():
    with serving(Longer()) as url:
        judged = jd.judge(pairs_of(4), f"decisions:m@{url}")
    taught = what_is_taught(judged, ["decisions:m"], "consensus")
    assert len(taught.rulings) == len(taught.soft) == 4
