"`judge-distill judge` against a server whose judge writes as judges do."

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from judge_distill.cli import main
from judge_distill.records.files import read_jsonl
from judge_distill.records.schema import Judgement, Order, Verdict


@pytest.fixture
def served():
    "A function from the replies to an address; the n-th distinct request gets the n-th reply."
    servers = []

    def serve(replies):
        known = {}

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *words):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                text, finish = replies[known.setdefault(body, len(known)) % len(replies)]
                message = {"role": "assistant", "content": text}
                choice = {"index": 0, "finish_reason": finish, "message": message}
                whole = {"id": "c", "object": "chat.completion", "created": 0, "model": "m"}
                reply = json.dumps(whole | {"choices": [choice]}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/v1"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def judged(tmp_path, served):
    "A function from replies to the judgements that the command writes."

    def judge(replies, options=""):
        file = tmp_path / "in.jsonl"
        answers = [{"model": "a", "text": "In May."}, {"model": "b", "text": "In June."}]
        rows = [{"question": f"When, {i}?", "source": "", "answers": answers} for i in range(6)]
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
        spec = f"openai:m@{served(replies)}{options}"
        for _ in range(2):  # the same command goes on from the ledger
            code = main(["judge", str(file), "--judge", spec, "--out", str(tmp_path / "out")])
            assert code in (0, 3)  # 3: not all of them have a verdict
        [written] = (tmp_path / "out" / "judgements").glob("*.jsonl")
        return read_jsonl(written, Judgement)

    return judge


def shown(judgements):
    return [j.order.verdict(j.verdict) for j in judgements]


def test_fenced_json_is_a_verdict(judged):
    reply = '```json\n{"explanation": "fuller", "verdict": "A"}\n```'
    assert shown(judged([(reply, "stop")])) == [Verdict.FIRST] * 12


def test_what_is_thought_is_no_verdict(judged):
    reply = "<think>At first sight [[A]], yet the date in A is off.</think>\nB is right. [[B]]"
    assert shown(judged([(reply, "stop")])) == [Verdict.SECOND] * 12


def test_a_draft_that_was_cut_off_is_no_verdict(judged):
    found = judged([("<think>At first sight [[A]]. The first one", "length")])
    assert {j.problem for j in found} == {"cut off before a verdict; raise max_tokens"}


def test_json_of_another_shape_loses_one_look_only(judged):
    odd = ('{"explanation": "fuller", "verdict": ["A"]}', "stop")
    found = judged([("All fine. [[A]]", "stop")] * 5 + [odd] + [("ok [[B]]", "stop")] * 6)
    assert [j.problem for j in found if j.problem] == ["names no verdict"]


def test_both_orders_are_in_the_pairs_frame(judged):
    found = judged([("[[A]]", "stop")])
    frames = {order: {j.verdict for j in found if j.order is order} for order in Order}
    assert frames == {Order.ORIGINAL: {Verdict.FIRST}, Order.FLIPPED: {Verdict.SECOND}}
