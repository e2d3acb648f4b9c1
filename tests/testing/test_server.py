"The protocol server is as strict as the service, and starts as a command."

import json
import os
import signal
import subprocess
import sys
from urllib.request import Request, urlopen

import pytest

from judge_distill.judging.prompts import judge_messages
from judge_distill.testing.description import complaints
from judge_distill.testing.protocol import ProtocolServer
from judge_distill.testing.replies import read_judged, scripted

REQUEST = "CreateChatCompletionRequest"
described = pytest.mark.skipif(
    not os.environ.get("JUDGE_DISTILL_SPEC"),
    reason="JUDGE_DISTILL_SPEC names no OpenAPI description: requests are not checked against it",
)


def asked(**more):
    return {"model": "m", "messages": [{"role": "user", "content": "x"}], **more}


def post(url, body):
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(request) as reply:
        return json.load(reply)


@described
def test_a_chat_without_messages_is_invalid():
    assert complaints(REQUEST, {"model": "m", "messages": []})


@described
def test_an_unknown_property_is_invalid():
    assert complaints(REQUEST, asked(wings=2)) == ["unknown property wings"]


@described
def test_a_judges_request_and_the_reply_are_valid():
    messages = judge_messages("q", "s", "a", "b")
    body = {"model": "m", "messages": messages, "logprobs": True, "top_logprobs": 3}
    assert complaints(REQUEST, body) == []
    assert complaints("CreateChatCompletionResponse", ProtocolServer().completion(body)[1]) == []


def test_a_published_prompt_is_read():
    shown = read_judged(judge_messages("q?", "the source", "one", "two")[-1]["content"])
    assert shown == ("q?", "the source", "one", "two")


def test_the_same_request_gets_the_same_reply():
    body = {"model": "m", "messages": judge_messages("q?", "salt melts ice", "salt", "no")}
    assert scripted(body) == scripted(body)


def test_the_command_serves():
    command = [sys.executable, "-m", "judge_distill.testing"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().strip()
        assert post(f"{url}/chat/completions", asked())["choices"]
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=120)


def test_a_missing_extra_is_one_line():
    program = (
        "import sys; sys.modules['aiohttp'] = None; sys.argv = ['testing']\n"
        "from judge_distill.testing.__main__ import main; sys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.strip().endswith("pip install 'judge_distill[testing]'")
    assert len(done.stderr.strip().splitlines()) == 1
