import dspy
from dspy.utils import DummyLM

from better import better


def preferred(
    example: dspy.Example, prediction: dspy.Prediction, trace=None
) -> float:
    "How much better an answer is than the example's."
    return better(example.question, prediction.answer, example.answer)


dspy.configure(lm=DummyLM([{"answer": "They write."}]))
example = dspy.Example(
    question="How do bees tell where food is?",
    answer="They tell each other where food is with a waggle dance.",
).with_inputs("question")
evaluate = dspy.Evaluate(
    devset=[example], metric=preferred, display_progress=False
)
result = evaluate(dspy.Predict("question -> answer"))
print("score", round(result.score, 1), "of 100")
