"What tests share that judge over HTTP, against the protocol server."

from judge_distill.judging.judges import LLMJudge
from judge_distill.models.load import load_llm
from judge_distill.records.schema import Answer, Pair


def pairs_of(count):
    "Pairs whose first answer is the right one."
    return [
        Pair.of(
            f"Where do the bees of hive {i} dance?",
            "Bees dance in the hive. They show where food is.",
            Answer(model="a", text="They dance in the hive."),
            Answer(model="b", text=f"Nobody knows, perhaps on moon {i}"),
        )
        for i in range(count)
    ]


def judge_at(server, **more):
    "The server's judge."
    return LLMJudge(load_llm(f"openai:scripted@{server.url}"), "teacher", temperature=0.0, **more)
