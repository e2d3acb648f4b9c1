import tempfile

import mlflow
from mlflow.genai.scorers import scorer

from better import better


@scorer
def preferred(inputs: dict, outputs: str, expectations: dict) -> float:
    "How much better an answer is than the expected one."
    return better(
        inputs["question"], outputs, expectations["expected_response"]
    )


mlflow.set_tracking_uri(f"sqlite:///{tempfile.mkdtemp()}/runs.db")
dance = "They tell each other where food is with a waggle dance."
row = {
    "inputs": {"question": "How do bees tell where food is?"},
    "outputs": "They write.",
    "expectations": {"expected_response": dance},
}
result = mlflow.genai.evaluate(data=[row], scorers=[preferred])
print({name: round(float(value), 2) for name, value in result.metrics.items()})
