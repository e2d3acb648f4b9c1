"""How much better an answer is than another, asked of a served student."""

import json
import os
import urllib.request

URL = os.environ.get("JUDGE_URL", "http://127.0.0.1:8000/v1")


def better(question: str, answer: str, other: str, source: str = "") -> float:
    "From 0 (the other one is better) to 1, in both orders; a tie is one half."
    pair = {
        "question": question,
        "source": source,
        "answer_a": answer,
        "answer_b": other,
    }
    body = json.dumps({"pairs": [pair]}).encode()
    request = urllib.request.Request(
        URL + "/judge", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as reply:
        shares = json.load(reply)["rulings"][0]["probabilities"]
    return shares["first"] + shares["tie"] / 2
