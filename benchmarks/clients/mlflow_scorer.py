import tempfile

import mlflow
from better import better
from mlflow.genai.scorers import scorer


@scorer
def preferred(inputs: dict, outputs: str, expectations: dict) -> float:
    "How much better an answer is than the expected one."
    return better(inputs["question"], outputs, expectations["expected_response"])


mlflow.set_tracking_uri(f"sqlite:///{tempfile.mkdtemp()}/runs.db")
row = {
    "inputs": {"question": "How do bees tell where food is?"},
    "outputs": "They write.",
    "expectations": {
        "expected_response": "They tell each other where food is with a waggle dance."
    },
}
result = mlflow.genai.evaluate(data=[row], scorers=[preferred])
print({name: round(float(value), 2) for name, value in result.metrics.items()})
