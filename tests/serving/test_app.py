"The addresses in front of a student."

import random

import pytest

from judge_distill.judging.prompts import judge_messages
from judge_distill.serving.app import ServeSettings, make_app

PAIR = {
    "id": "p",
    "question": "Why?",
    "source": "",
    "answers": [{"text": "So."}, {"text": "Because."}],
}
CHAT = {"model": "m", "messages": judge_messages("Why?", "", "So.", "Because.")}
STATE = {"question": "Why?", "answer_a": "So.", "answer_b": "Because."}
CHOICE = {"type": "choice", "choices": [{"value": "A"}, {"value": "B"}]}
ASKS = {
    "/v1/chat/completions": CHAT,
    "/v1/decisions": {
        "model": "m",
        "input": [{"role": "user", "content": str(STATE).replace("'", '"')}],
        "questions": [CHOICE],
    },
    "/v1/systemone": {
        "model": "m",
        "state": STATE,
        "questions": {"q": {"type": "choice", "criteria": {"A": None, "B": None}}},
    },
    "/v1/judge": {"pairs": [PAIR]},
}


@pytest.mark.parametrize("path", ASKS)
def test_every_address_answers(client, path):
    assert client.post(path, json=ASKS[path]).status_code == 200


def test_chat_names_the_better_answer(client):
    reply = client.post("/v1/chat/completions", json=CHAT).json()
    assert reply["choices"][0]["message"]["content"] == "[[B]]"


def test_a_ruling_is_in_the_pairs_frame(client):
    [ruling] = client.post("/v1/judge", json={"pairs": [PAIR]}).json()["rulings"]
    assert (ruling["pair_id"], ruling["outcome"]) == ("p", "second")
    assert ruling["probabilities"] == pytest.approx({"first": 0.15, "second": 0.8, "tie": 0.05})


def test_both_orders_of_all_pairs_share_batches(client, student):
    client.post("/v1/judge", json={"pairs": [PAIR] * 30})
    assert student.batches == [60]


@pytest.mark.parametrize("path", ASKS)
def test_without_the_key_nobody_is_answered(with_key, path):
    wrong = [{}, {"Authorization": "Bearer x"}, {"Authorization": "k" * 40}]
    assert {with_key.post(path, json=ASKS[path], headers=h).status_code for h in wrong} == {401}


def test_with_the_key_one_is_answered(with_key):
    headers = {"Authorization": "Bearer " + "k" * 40}
    assert with_key.post("/v1/judge", json={"pairs": [PAIR]}, headers=headers).status_code == 200


def test_a_request_that_is_too_large_is_refused(with_key):
    headers = {"Authorization": "Bearer " + "k" * 40}
    body = {"pairs": [PAIR | {"source": "x" * 3000}]}
    assert with_key.post("/v1/judge", json=body, headers=headers).status_code == 413


def test_too_many_pairs_are_told_to_come_again(student):
    from starlette.testclient import TestClient

    app = make_app(student, ServeSettings(waiting=4))
    with TestClient(app) as client:
        assert client.post("/v1/judge", json={"pairs": [PAIR] * 3}).status_code == 400


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("/v1/chat/completions", {"stream": True}),
        ("/v1/chat/completions", {"n": 2}),
        ("/v1/chat/completions", {"messages": []}),
        ("/v1/decisions", {"questions": []}),
        ("/v1/decisions", {"questions": [{"type": "score", "levels": ["low", "high"]}]}),
        ("/v1/decisions", {"input": "Hello"}),
        ("/v1/systemone", {"questions": {"q": {"type": "noul", "instructions": "Is it urgent?"}}}),
        ("/v1/judge", {"policy": "mood"}),
        ("/v1/judge", {"pairs": [{"question": "Why?"}]}),
    ],
)
def test_a_bad_request_is_refused_in_a_sentence(client, path, change):
    reply = client.post(path, json=ASKS[path] | change)
    assert reply.status_code == 400 and len(reply.json()["error"]["message"]) > 10


def mutations(text, count, seed):
    "Texts with bytes changed, dropped or doubled."
    draw = random.Random(seed)
    for _ in range(count):
        data = bytearray(text)
        for _ in range(draw.randint(1, 6)):
            at = draw.randrange(len(data))
            data[at : at + draw.randint(0, 3)] = draw.randbytes(draw.randint(0, 3))
        yield bytes(data)


@pytest.mark.parametrize("path", ASKS)
def test_malformed_requests_never_fail_the_server(client, path):
    import json

    text = json.dumps(ASKS[path]).encode()
    codes = {client.post(path, content=body).status_code for body in mutations(text, 125, 1)}
    assert codes <= {200, 400} and 400 in codes


def test_health_names_the_student(client):
    assert client.get("/health").json() == {"status": "ok", "model": "student", "digest": "longer"}


def test_metrics_count_requests(client):
    client.post("/v1/judge", json={"pairs": [PAIR]})
    text = client.get("/metrics").text
    assert 'judge_requests_total{path="/v1/judge",status="200"} 1.0' in text


def test_models_are_listed(client):
    assert [one["id"] for one in client.get("/v1/models").json()["data"]] == ["student"]
