import dspy
from better import better
from dspy.utils import DummyLM


def preferred(example: dspy.Example, prediction: dspy.Prediction, trace=None) -> float:
    "How much better an answer is than the example's."
    return better(example.question, prediction.answer, example.answer)


dspy.configure(lm=DummyLM([{"answer": "They write."}]))
example = dspy.Example(
    question="How do bees tell where food is?",
    answer="They tell each other where food is with a waggle dance.",
).with_inputs("question")
evaluate = dspy.Evaluate(devset=[example], metric=preferred, display_progress=False)
print("score", round(evaluate(dspy.Predict("question -> answer")).score, 1), "of 100")
