"A judge's requests as a file, and its replies read back: the same judgements as asked directly."

import json
import random

import pytest
from llama_index.core.llms import ChatMessage, ChatResponse

from judge_distill.calls.ledger import Ledger
from judge_distill.calls.replies import Body
from judge_distill.cli import main
from judge_distill.judging.batch_files import LedgerJudge, read_batch, write_batch
from judge_distill.judging.judge import judge_pairs
from judge_distill.judging.judges import LLMJudge
from judge_distill.judging.rulings import resolve
from judge_distill.models.endpoint import Endpoint
from judge_distill.records.errors import InputError
from judge_distill.records.files import write_jsonl
from judge_distill.records.schema import Answer, Pair
from judge_distill.testing.protocol import ProtocolServer

WORDS = ("Both are fine. [[C]]", "[[A]]", "B, for \u2028 its dates. [[B]]", '{"verdict": "A"}', "?")


def completion(body):
    "What a scripted engine answers: the same to the same request."
    choose = random.Random(json.dumps(body["messages"], sort_keys=True))
    letter = choose.choice("ABC")
    likely = [{"token": t, "logprob": -choose.random()} for t in "ABC"]
    tokens = [{"token": "[[", "logprob": 0, "top_logprobs": []}]
    tokens += [{"token": letter, "logprob": -0.1, "top_logprobs": likely}]
    text = choose.choice((f"[[{letter}]]", *WORDS))
    choice = {"index": 0, "finish_reason": choose.choice(["stop"] * 9 + ["length"])}
    choice |= {"message": {"role": "assistant", "content": text}, "logprobs": {"content": tokens}}
    used = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
    whole = {"id": "x", "object": "chat.completion", "created": 0, "model": body["model"]}
    return whole | {"choices": [choice], "usage": used}


class Scripted(Endpoint):
    "A model whose replies come from the scripted engine at once."

    async def achat(self, messages, **parameters):
        whole = json.loads(json.dumps(completion(self.body(messages, **parameters))))
        raw = json.loads(json.dumps(whole), object_hook=Body)
        text = raw["choices"][0]["message"]["content"]
        return ChatResponse(message=ChatMessage(role="assistant", content=text), raw=raw)


def judge():
    llm = Scripted(model="m", api_base="http://127.0.0.1:1/v1", api_key="none")
    return LLMJudge(llm, "m", logprobs=True, temperature=0.0)


def run_batch(requests, replies):
    "What an engine does: each line answered, in an order of its own."
    lines = []
    for line in requests.read_text(encoding="utf-8").splitlines():
        request = json.loads(line)
        answer = {"status_code": 200, "request_id": "r", "body": completion(request["body"])}
        lines.append({"id": "b", "custom_id": request["custom_id"], "response": answer})
    random.Random(0).shuffle(lines)
    text = "".join(json.dumps(line | {"error": None}) + "\n" for line in lines)
    replies.write_text(text, encoding="utf-8")
    return len(lines)


def make_pairs(n):
    answers = Answer(model="a", text="They dance."), Answer(model="b", text="They sing.")
    return [Pair.of(f"What do the bees of hive {i} do?", "", *answers) for i in range(n)]


def test_ten_thousand_pairs_are_ruled_on_as_if_asked_directly(tmp_path):
    pairs, ledger = make_pairs(10_000), Ledger()
    assert write_batch(pairs, judge(), ledger, tmp_path / "requests.jsonl") == 20_000
    run_batch(tmp_path / "requests.jsonl", tmp_path / "replies.jsonl")
    read = read_batch(tmp_path / "replies.jsonl", pairs, judge(), ledger)
    assert (read.replies, sum(read)) == (20_000, 20_000)
    by_file = judge_pairs(pairs, LedgerJudge(judge()), ledger)
    directly = judge_pairs(pairs, judge(), Ledger())
    for records in ("judgements", "rulings"):
        for name, found in (("file", by_file), ("directly", directly)):
            rows = found if records == "judgements" else resolve(found)
            write_jsonl(rows, tmp_path / name / f"{records}.jsonl")
        one, two = ((tmp_path / name / f"{records}.jsonl") for name in ("file", "directly"))
        assert one.read_bytes() == two.read_bytes()


def test_nothing_in_an_output_stops_it(tmp_path):
    pairs, ledger, file = make_pairs(2), Ledger(), tmp_path / "replies.jsonl"
    write_batch(pairs, judge(), ledger, tmp_path / "requests.jsonl")
    lines = (tmp_path / "requests.jsonl").read_text().splitlines()
    keys = [json.loads(line)["custom_id"] for line in lines]
    odd = [{"response": {"status_code": 200, "body": 3}}, {"response": [1]}, {"error": "no"}]
    odd += [{"response": {"status_code": 200, "body": {"choices": [{"message": 7}]}}}]
    rows = [{"custom_id": key} | answer for key, answer in zip(keys, odd)]
    rows += [{"custom_id": "of another judge"}, {"custom_id": 3}, [1], "x"]
    text = "".join(json.dumps(row) + "\n" for row in rows) + "[" * 100_000 + "\nnot JSON\n\n"
    file.write_text(text)
    read = read_batch(file, pairs, judge(), ledger)
    assert (read.failed, read.others, read.unread, sum(read)) == (4, 1, 5, 10)


def test_what_had_no_reply_is_written_again(tmp_path):
    pairs, ledger = make_pairs(3), Ledger()
    write_batch(pairs, judge(), ledger, tmp_path / "requests.jsonl")
    run_batch(tmp_path / "requests.jsonl", tmp_path / "replies.jsonl")
    lines = (tmp_path / "replies.jsonl").read_text().splitlines()
    (tmp_path / "replies.jsonl").write_text("\n".join(lines[:4]))
    read_batch(tmp_path / "replies.jsonl", pairs, judge(), ledger)
    assert write_batch(pairs, judge(), ledger, tmp_path / "rest.jsonl") == 2
    rest = judge_pairs(pairs, LedgerJudge(judge()), ledger)
    assert sum("--write-batch" in (j.problem or "") for j in rest) == 2


def test_an_output_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_batch(tmp_path / "none.jsonl", make_pairs(1), judge(), Ledger())


def test_the_command_asks_nothing(tmp_path):
    with ProtocolServer() as server:
        write_jsonl(make_pairs(4), tmp_path / "in.jsonl")
        file, spec = str(tmp_path / "in.jsonl"), f"openai:m@{server.url}"
        command = ["judge", file, "--judge", spec, "--out", str(tmp_path / "out")]
        requests, replies = tmp_path / "requests.jsonl", tmp_path / "replies.jsonl"
        assert main([*command, "--write-batch", str(requests)]) == 0
        assert run_batch(requests, replies) == 8
        assert main([*command, "--read-batch", str(replies)]) == 0
        assert not server.requests
    [rulings] = (tmp_path / "out" / "rulings").glob("*.jsonl")
    assert len(rulings.read_text().splitlines()) == 4
