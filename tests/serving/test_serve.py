"A student behind a real address, asked by clients that others wrote."

import asyncio
import socket
import threading

import httpx2 as httpx
import openai
import pytest

from judge_distill.judging.prompts import judge_messages
from judge_distill.records.errors import InputError
from judge_distill.serving.serve import check_host, read_key, serve, serving


def test_the_openai_package_reads_the_verdict(student):
    with serving(student) as url:
        reply = openai.OpenAI(base_url=url, api_key="none").chat.completions.create(
            model="student",
            messages=judge_messages("Why?", "", "So.", "Because."),
            logprobs=True,
            top_logprobs=3,
        )
    assert reply.choices[0].message.content == "[[B]]"
    assert reply.choices[0].logprobs.content[1].token == "B"


def test_llamaindexs_evaluator_is_served(student):
    from llama_index.core.evaluation import PairwiseComparisonEvaluator
    from llama_index.llms.openai_like import OpenAILike

    with serving(student) as url:
        llm = OpenAILike("s", api_base=url, api_key="x", is_chat_model=True, context_window=8192)
        result = asyncio.run(
            PairwiseComparisonEvaluator(llm=llm).aevaluate(
                query="Why?", response="So.", second_response="Because.", reference="r"
            )
        )
    assert result.score == 0.0


def test_many_at_once_are_all_answered(student):
    async def ask(url):
        async with httpx.AsyncClient(timeout=60) as client:
            body = {"messages": judge_messages("Why?", "", "So.", "Because.")}
            replies = await asyncio.gather(
                *(client.post(f"{url}/chat/completions", json=body) for _ in range(300))
            )
        return {reply.status_code for reply in replies}

    with serving(student) as url:
        assert asyncio.run(ask(url)) == {200}


def test_a_port_in_use_is_said(student):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match="in use"):
            serve(student, port=taken.getsockname()[1])


def test_the_server_stops_when_the_block_ends(student):
    before = threading.active_count()
    with serving(student) as url:
        pass
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/models")
    assert threading.active_count() <= before + 1


def test_strangers_need_a_key():
    with pytest.raises(InputError, match="API key"):
        check_host("0.0.0.0", None)


def test_a_key_that_is_not_set_is_said(monkeypatch):
    monkeypatch.delenv("JUDGE_KEY", raising=False)
    with pytest.raises(InputError, match="JUDGE_KEY is not set"):
        read_key("JUDGE_KEY")
