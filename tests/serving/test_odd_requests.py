"Requests that no client should send: never a 5xx, no traceback, and the server goes on."

import gzip
import json
import logging
import socket
import time

import pytest

from judge_distill.judging.prompts import Shown
from judge_distill.serving.forms import read_text
from judge_distill.students.features import differences

PAIR = {"question": "Why?", "answer_a": "So.", "answer_b": "Because."}
BODY = json.dumps({"pairs": [PAIR]}).encode()
MARKS = (
    "\n[The Start of Assistant A's Answer]\nx\n[The End of Assistant A's Answer]"
    "\n[The Start of Assistant B's Answer]\ny\n[The End of Assistant B's Answer]"
)


@pytest.fixture
def errors(caplog):
    "What the server writes of its own failures."
    logger = logging.getLogger("uvicorn.error")  # which hands nothing on to the root
    logger.addHandler(caplog.handler)
    yield lambda: [one for one in caplog.records if one.levelno >= logging.ERROR]
    logger.removeHandler(caplog.handler)


def talk(port, sent, half=False):
    "The statuses of what comes back to some bytes; `half`: nothing more is sent, and nothing read."
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(sent)
        if half:
            return []
        back = b""
        while part := line.recv(65536):
            back += part
    return [int(part[:3]) for part in back.split(b"HTTP/1.1 ")[1:]]


def request(body=BODY, method="POST", path="/v1/judge", length=None, close=True, **headers):
    "The bytes of a request."
    lines = [f"{method} {path} HTTP/1.1", "Host: here"]
    lines += [f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += ["Connection: close"] if close else []
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def chunked(*parts):
    "A body in chunks."
    head = request(b"").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    return head + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def question(name):
    "A decision whose question has a name."
    asked = f'{{"type": "choice", "name": {name}, "choices": [{{"value": "A"}}, {{"value": "B"}}]}}'
    return f'{{"input": {json.dumps(json.dumps(PAIR))}, "questions": [{asked}]}}'.encode()


def with_id(value):
    "A pair with an id."
    return BODY.replace(b'{"question"', b'{"id": ' + value + b', "question"')


WELL = {
    "as a form": request(Content_Type="application/x-www-form-urlencoded"),
    "without a type": request(),
    "in another alphabet's name": request(Content_Type="application/json; charset=utf-16"),
    "in chunks": chunked(BODY[:7], BODY[7:9], BODY[9:]),
    "after 100-continue": request(Expect="100-continue"),
    "two of a key": request(BODY.replace(b'"Why?"', b'"What?", "question": "Why?"')),
    "an emoji in two halves": request(with_id(b'"\\ud83d\\ude00"')),
    "an id of lists": request(with_id(b"[" * 300 + b"]" * 300)),
    "a header of 20,000 letters": request(X_Long="x" * 20_000),
}
ILL = {
    "nothing": request(b""),
    "gzip": request(gzip.compress(BODY), Content_Encoding="gzip"),
    "UTF-16": request(BODY.decode().encode("utf-16")),
    "Latin-1": request(BODY.replace(b"Why?", b"Warum \xfc?")),
    "a byte order mark": request(b"\xef\xbb\xbf" + BODY),
    "NaN": request(question("NaN"), path="/v1/decisions"),
    "minus infinity": request(question("-Infinity"), path="/v1/decisions"),
    "a number beyond bounds": request(question("1e999"), path="/v1/decisions"),
    "half an emoji for a name": request(question('"\\ud83d"'), path="/v1/decisions"),
    "half an emoji for an id": request(with_id(b'"\\uDC00"')),
    "a number of 9,000 digits": request(with_id(b"9" * 9000)),
    "lists in lists": request(b'{"pairs": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "objects in objects": request(b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
    "more than a megabyte": request(b" " * 1_000_001),
    "another address": request(path="/v1/embeddings"),
    "GET": request(b"", method="GET"),
    "PUT": request(method="PUT"),
    "an unheard-of method": request(method="BREW"),
    "a path of control characters": request(path="/v1/%00%0a"),
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "a length that is no number": request(length="many"),
    "a length below nothing": request(length=-5),
    "a chunk of no length": request(b"").replace(
        b"Content-Length: 0", b"Transfer-Encoding: chunked"
    )
    + b"zz\r\n",
}


@pytest.mark.parametrize("name", WELL)
def test_an_odd_way_to_ask_is_answered(port, name):
    assert talk(port, WELL[name])[-1] == 200


@pytest.mark.parametrize("name", ILL)
def test_what_cannot_be_answered_is_the_clients_fault(port, errors, name):
    assert {status // 100 for status in talk(port, ILL[name])} == {4}
    assert not errors() and talk(port, request()) == [200]


def test_head_of_an_address_that_is_asked_has_no_body(port):
    assert talk(port, request(b"", method="HEAD")) == [405]


def test_requests_behind_one_another_are_all_answered(port):
    sent = request(close=False) + request(b"{", close=False) + request()
    assert talk(port, sent) == [200, 400, 200]


def test_a_client_that_goes_away_in_the_middle_disturbs_nobody(port, errors):
    for _ in range(20):
        talk(port, request(BODY[:9], length=len(BODY)), half=True)
        talk(port, request(), half=True)
    assert talk(port, request()) == [200] and not errors()


def test_a_client_that_went_away_is_counted(port):
    talk(port, request(BODY[:9], length=len(BODY)), half=True)
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
            line.sendall(request(b"", method="GET", path="/metrics"))
            text = b"".join(iter(lambda: line.recv(65536), b""))
        if b'status="499"' in text:
            return
        time.sleep(0.05)
    raise AssertionError("no 499 was counted")


def test_a_wrong_address_is_refused_in_the_form_that_clients_understand(client):
    error = client.post("/v1/embeddings", json={}).json()["error"]
    assert error["message"] == "POST /v1/embeddings: Not Found"


# texts for which an expression with two stars in a row would take hours
SPACES = "[User Question]a" + " " * 300_000 + "b"
LABELS = "Source:\n" + "\n\nQuestion: " * 20_000 + "\n\nAnswer A: x\n\nAnswer B: y"
SIGNS = {
    "exclamations": "!" * 300_000 + "x",
    "empty lines": "x" + "\n" * 300_000 + "x",
    "commas": "1" + "," * 300_000,
    "spaces": "x" + " " * 300_000 + "x",
}


def test_a_question_with_many_spaces_is_read_at_once():
    assert len(read_text(SPACES + MARKS).question) == 300_002


def test_a_prompt_of_many_labels_is_read_at_once():
    assert read_text(LABELS + "\n\nWhich answer is better?").first == "x"


@pytest.mark.parametrize("name", SIGNS)
def test_an_answer_of_many_signs_is_counted_at_once(name):
    assert differences([Shown("q", "s", SIGNS[name], "y")]).shape[0] == 1
