"A judge with one opinion, and pairs to have it of."

from judge_distill.judging.judges import BaseJudge
from judge_distill.records.schema import Answer, Judgement, Pair, Verdict


class Fixed(BaseJudge):
    "A judge that always says the same, as sure as it is told."

    def __init__(self, name, verdict, sure=None, as_shown=False):
        self.name, self.verdict, self.sure, self.asked = name, verdict, sure, 0
        self.as_shown = as_shown  # its opinion is of what is shown first, not of the pair

    async def judge(self, pair, order, ledger, timeout=None):
        self.asked += 1
        rest = (1 - self.sure) / 2 if self.sure else 0
        shares = tuple(self.sure if v is self.verdict else rest for v in Verdict)
        return Judgement(
            pair_id=pair.id,
            judge=self.name,
            order=order,
            verdict=order.verdict(self.verdict) if self.as_shown else self.verdict,
            probabilities=shares if self.sure else None,
        )


PAIRS = [
    Pair.of(f"Which, {i}?", "", Answer(model="a", text="One"), Answer(model="b", text="Two"))
    for i in range(400)
]
