import json
import os

import openai

pair = {
    "question": "How do bees tell where food is?",
    "source": "Honey bees tell each other where food is with a waggle dance.",
    "answer_a": "They write.",
    "answer_b": "They tell each other where food is with a waggle dance.",
}
question = {
    "type": "choice",
    "name": "better",
    "instructions": "Which answer is better?",
    "choices": [{"value": "A"}, {"value": "B"}, {"value": "tie"}],
}
url = os.environ.get("JUDGE_URL", "http://127.0.0.1:8000/v1")
client = openai.OpenAI(base_url=url, api_key="none")
reply = client.decisions.create(
    model="student", input=json.dumps(pair), questions=[question]
)
[answer] = reply.answers
shares = {one.value: round(one.probability, 2) for one in answer.probabilities}
print(answer.choice, shares)
