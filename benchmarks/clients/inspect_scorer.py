import tempfile

from inspect_ai import Task
from inspect_ai import eval as run
from inspect_ai.dataset import Sample
from inspect_ai.scorer import Score, Target, mean, scorer
from inspect_ai.solver import TaskState, generate

from better import better


@scorer(metrics=[mean()])
def preferred():
    "How much better the model's answer is than the reference."

    async def score(state: TaskState, target: Target) -> Score:
        answer = state.output.completion
        return Score(value=better(state.input_text, answer, target.text))

    return score


sample = Sample(
    input="How do bees tell where food is?",
    target="They tell each other where food is with a waggle dance.",
)
task = Task(dataset=[sample], solver=[generate()], scorer=preferred())
[log] = run(
    task, model="mockllm/model", display="none", log_dir=tempfile.mkdtemp()
)
print(log.status, round(log.results.scores[0].metrics["mean"].value, 2))
