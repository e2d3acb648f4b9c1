"What a service says, and what it means for the run: one kind of answer a test."

import socket
import ssl
import time

import pytest

from judge_distill.calls.failures import ServiceError, cause, failure, said
from judge_distill.calls.waits import retry_after
from judge_distill.records.errors import ModelError

from .conftest import Odd, completion, error, judge_at, judged, number_of, right, rights


def ok(body):
    return 200, completion(right(body))


def first_time(status, content, headers=None):
    "A server that answers each call in this way once, and then as it should."

    def answer(body, time):
        return (status, content, headers or {}) if time == 1 else ok(body)

    return answer


def for_one_pair(status, content):
    "A server that turns down both orders of pair 3."
    return lambda body, time: (status, content) if number_of(body) == 3 else ok(body)


@pytest.mark.parametrize(
    "status, content, headers",
    [
        (429, error("RPM: Limit 3. See /billing", type="requests", code="rate_limit_exceeded"), {}),
        (429, error("Resource has been exhausted (e.g. check quota).", code=429), {}),
        (429, error("slow"), {"Retry-After": "nan"}),
        (429, error("slow"), {"Retry-After": "-30"}),
        (429, error("slow"), {"Retry-After": "0.1"}),
        (503, {"error": "model is loading"}, {}),
        (200, error("upstream", code=502), {}),
        (200, b"", {}),
        (200, {"choices": None}, {}),
        (502, b"<html><h1>Bad gateway</h1></html>", {"Content-Type": "text/html"}),
        (200, b'{"choices": [{"message"', {}),
    ],
)
def test_what_passes_is_asked_again(status, content, headers):
    with Odd(first_time(status, content, headers)) as server:
        assert rights(judged(server)) == 16


@pytest.mark.parametrize(
    "status, content",
    [
        (400, error("Input tokens exceed the configured limit of 272000 tokens.")),
        (400, error("input length and `max_tokens` exceed context limit: 179413 > 200000")),
        (422, {"error": "`inputs` tokens must be <= 4096", "error_type": "validation"}),
        (400, error("Gemini blocked the request: PROHIBITED_CONTENT", code=400)),
        (403, error("Request blocked by guardrail", code="guardrail")),
        (429, error("Request too large: Limit 30000, Requested 40000", type="tokens")),
        (451, error("unavailable for legal reasons")),
    ],
)
def test_a_call_that_is_turned_down_is_skipped_and_the_rest_goes_on(status, content):
    with Odd(for_one_pair(status, content)) as server:
        judgements = judged(server)
    assert rights(judgements) == 14
    assert {bool(j.problem) for j in judgements[6:8]} == {True}


@pytest.mark.parametrize(
    "status, content, words",
    [
        (429, error("You exceeded your current quota", code="insufficient_quota"), "quota"),
        (402, error("Insufficient credits"), "Insufficient credits"),
        (401, error("Incorrect API key provided"), "Incorrect API key"),
        (200, error("No credits left on this key", code=402), "No credits left"),
        (200, b"<html>Log in to the portal</html>", "a web page came instead of JSON: Log in"),
        (400, error("bad things"), "bad things"),
        (404, b"<html><h1>404 Not Found</h1></html>", "404 Not Found"),
        (307, b"", "sends us on"),
    ],
)
def test_where_every_call_fails_the_run_stops_in_the_services_words(status, content, words):
    began = time.monotonic()
    with Odd(lambda body, time: (status, content)) as server:
        with pytest.raises(ModelError, match=words) as caught:
            judged(server, 50)
        assert len(server.bodies) <= 32
    assert "\n" not in str(caught.value) and time.monotonic() - began < 50


def test_a_wait_of_a_day_is_said_at_once():
    answer = (429, error("daily limit reached"), {"Retry-After": "86400"})
    with Odd(lambda body, time: answer) as server:
        with pytest.raises(ModelError, match="wait 1 day.*run the same command again then"):
            judged(server)


def test_a_wait_in_minutes_is_waited_for():
    words = "Please try again in 6m0s."
    assert failure(ServiceError(429, error(words, code="rate_limit_exceeded"))).wait == 360.0
    assert failure(ServiceError(429, error("Please retry in 34.07s"))).wait == 34.07
    assert failure(ServiceError(429, error(words))).then == "again"


@pytest.mark.parametrize("text", ["nan", "inf", "-30", "soon, please", ""])
def test_what_is_no_time_is_not_said(text):
    assert retry_after({"retry-after": text}) is None


def test_an_address_without_v1_is_asked_about():
    with Odd(lambda body, time: (404, {"detail": "Not Found"})) as server:
        server.url = server.url.removesuffix("/v1")
        with pytest.raises(ModelError, match="does the address lack /v1"):
            judged(server)


def test_where_nobody_listens_the_run_stops_within_seconds():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    began = time.monotonic()
    with pytest.raises(ModelError, match="cannot be reached: nobody listens there"):
        judged(type("Nobody", (), {"url": url}))
    assert time.monotonic() - began < 50


@pytest.mark.parametrize(
    "error, words",
    [
        (ssl.SSLCertVerificationError(1, "self signed"), "certificate"),
        (ssl.SSLError(1, "wrong version number"), "encrypted"),
        (socket.gaierror(-2, "Name or service not known"), "name is not found"),
        (ConnectionRefusedError(111, "refused"), "nobody listens"),
    ],
)
def test_a_cause_deep_in_the_chain_is_said(error, words):
    outer = RuntimeError("Connection error.")
    outer.__cause__ = OSError("all attempts failed")
    outer.__cause__.os_error = error
    assert words in cause(outer)


def test_codes_come_before_words():
    words = "Limit reached. Add a payment method: /account/billing. You exceeded your current quota"
    assert failure(ServiceError(429, error(words, code="rate_limit_exceeded"))).then == "again"
    assert failure(ServiceError(429, error("busy", code="insufficient_quota"))).then == "stop"


@pytest.mark.parametrize("body", [None, "", [], [7], {}, {"error": None}, {"detail": [1]}, 5])
def test_no_body_breaks_the_reading_of_an_error(body):
    assert isinstance(said(ServiceError(400, body)).words, str)


def test_fewer_at_once_where_a_server_takes_one():
    with Odd(lambda body, time: ok(body), latency=0.01) as server:
        usual = server.answer

        def answer(body, time):
            busy = server.under_way > 1
            return (429, error("too many concurrent requests")) if busy else usual(body, time)

        server.answer = answer
        assert rights(judged(server)) == 16
    assert len(server.bodies) < 16 * 12


def test_a_key_of_any_length_is_in_no_error(monkeypatch):
    for key in ("zq7", "planted-9f3b7c21d4e8a605"):
        monkeypatch.setenv("MY_KEY", key)
        with Odd(lambda body, time: (401, error(f"Incorrect API key: {key}."))) as server:
            with pytest.raises(ModelError) as caught:
                judged(type("At", (), {"url": server.url + "?key=MY_KEY"}))
            assert server.headers[0]["Authorization"] == f"Bearer {key}"
        assert key not in str(caught.value) and "Incorrect API key" in str(caught.value)


@pytest.mark.parametrize(
    "name, status, content",
    [
        ("temperature", 400, error("invalid temperature: only 1 is allowed for this model")),
        ("logprobs", 400, error("Logprobs is not enabled for models/gemini", code=400)),
        ("logprobs", 500, error("UnsupportedParamsError: does not support parameters: logprobs")),
        ("top_logprobs", 422, {"detail": [{"loc": ["body", "top_logprobs"], "msg": "Extra"}]}),
    ],
)
def test_a_parameter_that_the_server_names_is_left_out_for_the_run(name, status, content):
    with Odd(lambda body, time: (status, content) if name in body else ok(body)) as server:
        with pytest.warns(UserWarning, match=f"refuses {name}"):
            assert rights(judged(server, concurrency=4, logprobs=True)) == 16


def test_one_pairs_text_changes_no_parameter_of_the_others():
    words = "Prompt not allowed by our usage policy: 'what temperature does the hive have'"
    with Odd(for_one_pair(400, error(words, code="policy"))) as server:
        assert rights(judged(server)) == 14
        assert all("temperature" in b for b in server.bodies if number_of(b) != 3)


def test_an_answer_that_fills_the_memory_is_turned_down():
    long = (200, completion("x" * 2**21))
    with Odd(lambda body, time: long if number_of(body) == 3 else ok(body)) as server:
        judgements = judged(server, max_tokens=16)
    assert rights(judgements) == 14 and "too long" in judgements[6].problem


def test_no_redirect_is_followed():
    with Odd(lambda body, time: ok(body)) as other:
        headers = {"Location": other.url + "/chat/completions"}
        with Odd(lambda body, time: (307, b"", headers)) as server:
            with pytest.raises(ModelError, match="name that address"):
                judged(server)
        assert not other.bodies


def test_the_client_is_not_shown_with_its_key(monkeypatch):
    monkeypatch.setenv("MY_KEY", "planted-9f3b7c21d4e8a605")
    llm = judge_at("http://127.0.0.1:9/v1?key=MY_KEY").llm
    assert "planted" not in repr(llm) + str(llm)
