import asyncio
import os

from llama_index.core.evaluation import PairwiseComparisonEvaluator
from llama_index.llms.openai_like import OpenAILike

url = os.environ.get("JUDGE_URL", "http://127.0.0.1:8000/v1")
llm = OpenAILike("student", api_base=url, api_key="none", is_chat_model=True)
dance = "tell each other where food is with a waggle dance."
result = asyncio.run(
    PairwiseComparisonEvaluator(llm=llm).aevaluate(
        query="How do bees tell where food is?",
        response=f"They {dance}",
        second_response="They write.",
        reference=f"Honey bees {dance}",
    )
)
print("score", result.score)
