"Words that several tests of judged data use."

import os

import pytest

needs_data = pytest.mark.skipif(
    not os.environ.get("JUDGE_DISTILL_DATA"),
    reason="JUDGE_DISTILL_DATA is not set: the folder with the published data sets",
)
ASKED = {"question": "Why?", "answer_1": "So.", "answer_2": "Because."}


def outcomes(rulings):
    "What rulings say, in their order."
    return [ruling.outcome.value for ruling in rulings]


def looked(judged, judge):
    "A judge's looks as order and verdict."
    looks = judged.looks(judge)
    return [(look.order.value, look.verdict and look.verdict.value) for look in looks]


def adds_up(judged):
    "Whether every row was read or is a problem."
    return judged.read + len(judged.problems) == judged.rows
