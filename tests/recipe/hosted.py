"What tests share that run a recipe over HTTP: documents, and servers with habits of their own."

import hashlib
import random
import re
from pathlib import Path

from judge_distill.testing.desk import fault_body
from judge_distill.testing.protocol import ProtocolServer

SYLLABLES = ("ba", "lo", "mi", "ter", "sun", "ka", "ven", "dor", "pel", "ri")


def write_documents(count, sentences):
    "A folder of documents of made-up words, so that no two passages lead to the same question."
    dice = random.Random(0)

    def sentence():
        words = ("".join(dice.choices(SYLLABLES, k=3)) for _ in range(12))
        return " ".join(words).capitalize() + "."

    folder = Path("documents")
    folder.mkdir()
    for number in range(count):
        text = " ".join(sentence() for _ in range(sentences))
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    return str(folder)


def models_at(server):
    "Writer, embedding and two generators at a server, as a recipe names them."
    at = f"@{server.url}"
    return {
        "writer": f"openai:small-writer{at}",
        "embedding": f"openai:text-embedding-3-small{at}",
        "generators": {
            "one": f"openai:good{at}?max_tokens=60",
            "two": f"openai:small{at}?max_tokens=60",
        },
    }


class Faltering(ProtocolServer):
    "It has no reply to chats whose digest can be divided by `down`."

    down = 0

    def completion(self, body):
        digest = hashlib.sha256(body["messages"][-1]["content"].encode()).hexdigest()
        if self.down and int(digest, 16) % self.down == 0:
            return 500, fault_body("The server had an error", "server_error")
        return super().completion(body)


class Thinking(ProtocolServer):
    """Its gpt-5 and gpt-6 models think before they answer unless told not to, as OpenAI's do: then
    they take no temperature and give no log-probabilities, and few tokens are used up by
    thoughts.
    """

    def completion(self, body):
        if not re.match("gpt-[56]", body["model"]):
            return super().completion(body)
        thinks = body.get("reasoning_effort") != "none"
        for name in ("max_tokens", "temperature", "logprobs") if thinks else ("max_tokens",):
            if name in body:
                return 400, fault_body(
                    f"Unsupported parameter: '{name}' is not supported with this model.",
                    code="unsupported_parameter",
                    param=name,
                )
        status, answer = super().completion(body)
        if thinks and body.get("max_completion_tokens", 10**6) < 1000:
            choice = answer["choices"][0]
            empty = choice["message"] | {"content": ""}
            choice.update(finish_reason="length", message=empty)
        return status, answer
