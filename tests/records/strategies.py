"Texts, answers, pairs and verdicts of all kinds, for hypothesis."

from hypothesis import settings
from hypothesis import strategies as st

from judge_distill.records.schema import Answer, Judgement, Order, Pair, Verdict

# the same cases each time, and no bound on time: the machine may be busy
quick = settings(max_examples=100, deadline=None, derandomize=True)
TEXTS = st.text(st.characters(codec=None), max_size=40)  # lone surrogates and NUL among them
SHARES = st.tuples(*[st.floats(0, 1)] * 3)
ANSWERS = st.builds(Answer, model=st.text(max_size=9), text=st.text(max_size=40))
PAIRS = st.builds(Pair.of, st.text(max_size=40), st.text(max_size=40), ANSWERS, ANSWERS)
JUDGEMENTS = st.builds(
    Judgement,
    pair_id=st.text(max_size=16),
    judge=st.text(max_size=9),
    order=st.sampled_from(Order),
    verdict=st.sampled_from(Verdict),
    probabilities=st.none() | SHARES,
    text=st.text(max_size=40),
)
