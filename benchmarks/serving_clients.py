"""A served student asked by clients that others wrote, each in an environment of its own.

    python benchmarks/serving_clients.py FOLDER --figures serving_clients

FOLDER is a student's folder. Set up in a temporary folder and thrown away: the openai package 3.x
(its `decisions`), inspect_ai (a scorer that asks over HTTP), the LiteLLM proxy in front of the
student (all three forms), and promptfoo with its chat provider, on a Node.js of its own. It needs
pip and npm, and takes some minutes.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from judge_distill.recipe.parts import open_judge
from judge_distill.serving.serve import serving

FIGURES = Path(__file__).resolve().parent.parent / "nbs" / "figures"
STATE = {
    "question": "How do bees tell where food is?",
    "source": "Honey bees tell each other where food is with a waggle dance.",
    "answer_a": "They write.",
    "answer_b": "They tell each other where food is with a waggle dance.",
}
CHOICE = [{"value": "A"}, {"value": "B"}, {"value": "tie"}]
DECISIONS = f"""
import json, openai, sys
client = openai.OpenAI(base_url=sys.argv[1], api_key="none")
question = {{"type": "choice", "name": "better", "choices": {CHOICE}}}
reply = client.decisions.create(
    model="student", input=json.dumps({STATE}), questions=[question]
)
print(openai.__version__, reply.answers[0].choice)
"""
INSPECT = """
import json, sys, urllib.request
import inspect_ai
from inspect_ai import Task, eval as run
from inspect_ai.dataset import Sample
from inspect_ai.scorer import Score, accuracy, scorer
from inspect_ai.solver import generate

@scorer(metrics=[accuracy()])
def preferred():
    async def score(state, target):
        answers = [{"text": state.output.completion}, {"text": target.text}]
        ask = json.dumps({"pairs": [{"question": state.input_text, "answers": answers}]}).encode()
        reply = json.load(urllib.request.urlopen(sys.argv[1] + "/judge", ask))
        return Score(value=int(reply["rulings"][0]["outcome"] == "first"))
    return score

sample = Sample(input="Why?", target="Because.")
task = Task(dataset=[sample], solver=[generate()], scorer=preferred())
log = run(task, model="mockllm/model", display="none", log_dir=sys.argv[2])[0]
print(inspect_ai.__version__, log.status)
"""


def environment(folder: Path, *packages: str) -> Path:
    "A virtual environment's Python."
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True)
    return python


def said(command: list, **more) -> str:
    "The last line that a command prints; what went wrong, where it failed."
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, **more)
    lines = (done.stdout if done.returncode == 0 else done.stderr).strip().split("\n")
    return lines[-1] if done.returncode == 0 else f"failed: {lines[-1][:200]}"


def ask(url: str, body: dict) -> dict:
    "A reply to JSON."
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    return json.load(urllib.request.urlopen(request, timeout=30))


def with_openai(url: str, scratch: Path) -> str:
    "The openai package's decisions."
    python = environment(scratch / "openai", "openai>=3.1,<4")
    return said([python, "-c", DECISIONS, url])


def with_inspect(url: str, scratch: Path) -> str:
    "A scorer of inspect_ai."
    python = environment(scratch / "inspect", "openai>=3.1,<4", "inspect_ai")
    import llama_index.core

    tokens = Path(llama_index.core.__file__).parent / "_static" / "tiktoken_cache"
    variables = os.environ | {"TIKTOKEN_CACHE_DIR": str(tokens)}
    return said([python, "-c", INSPECT, url, str(scratch / "logs")], env=variables)


def with_litellm(url: str, scratch: Path) -> str:
    "The LiteLLM proxy in front, asked in all three forms."
    python = environment(scratch / "litellm", "litellm[proxy]==1.104.2")
    configuration = scratch / "litellm.yaml"
    parameters = {"model": "openai/student", "api_base": url, "api_key": "none"}
    model = {"model_name": "student", "litellm_params": parameters}
    configuration.write_text(json.dumps({"model_list": [model]}))
    variables = os.environ | {
        "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }
    command = [python.parent / "litellm", "--config", configuration, "--port", "4127"]
    proxy = subprocess.Popen(
        [*command, "--host", "127.0.0.1"],
        env=variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    front = "http://127.0.0.1:4127/v1"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(front.replace("/v1", "/health/liveliness"), timeout=5)
                break
            except (urllib.error.URLError, TimeoutError):
                time.sleep(1)
        message = {"role": "user", "content": json.dumps(STATE)}
        chat = ask(f"{front}/chat/completions", {"model": "student", "messages": [message]})
        choice = {"type": "choice", "choices": CHOICE}
        body = {"model": "student", "input": json.dumps(STATE), "questions": [choice]}
        decisions = ask(f"{front}/decisions", body)
        choice = {"type": "choice", "criteria": {"A": None, "B": None}}
        body = {"model": "student", "state": STATE, "questions": {"q": choice}}
        system_one = ask(f"{front}/systemone", body)
    finally:
        proxy.terminate()
        proxy.wait()
    answers = [
        chat["choices"][0]["message"]["content"],
        decisions["answers"][0]["choice"],
        system_one["answers"]["q"]["choice"],
    ]
    return "1.104.2 " + " ".join(answers)


def with_promptfoo(url: str, scratch: Path) -> str:
    "An evaluation of promptfoo with its chat provider."
    folder = scratch / "promptfoo"
    folder.mkdir()
    (folder / "package.json").write_text("{}")
    packages = ["node@22", "promptfoo@0.123.1"]
    quiet = ["--no-audit", "--no-fund", "--silent"]
    subprocess.run(["npm", "install", *quiet, *packages], cwd=folder, check=True)
    provider = {"id": "openai:chat:student", "config": {"apiBaseUrl": url, "apiKey": "none"}}
    pair = (
        "{{ {question: question, source: source, answer_a: answer_a, answer_b: answer_b} | dump }}"
    )
    test = {"vars": STATE, "assert": [{"type": "contains", "value": "[[B]]"}]}
    evaluation = {"prompts": [pair], "providers": [provider], "tests": [test]}
    (folder / "promptfooconfig.json").write_text(json.dumps(evaluation))
    variables = os.environ | {
        "PROMPTFOO_CONFIG_DIR": str(folder),
        "PROMPTFOO_DISABLE_TELEMETRY": "1",
        "PROMPTFOO_DISABLE_UPDATE": "1",
    }
    program = folder / "node_modules" / "promptfoo" / "dist" / "src" / "entrypoint.js"
    node = folder / "node_modules" / ".bin" / "node"
    command = [node, program, "eval", "--no-cache", "-o", "out.json", "-c", "promptfooconfig.json"]
    subprocess.run(command, cwd=folder, env=variables, capture_output=True, timeout=300)
    stats = json.loads((folder / "out.json").read_text())["results"]["stats"]
    return f"0.123.1 {stats['successes']} passed, {stats['failures'] + stats['errors']} failed"


CLIENTS = {
    "openai 3.x, decisions": with_openai,
    "inspect_ai, a scorer over HTTP": with_inspect,
    "LiteLLM proxy in front: chat, decisions, System One": with_litellm,
    "promptfoo, chat provider": with_promptfoo,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder")
    parser.add_argument("--figures", help="write nbs/figures/NAME.json")
    given = parser.parse_args()
    results = {}
    with (
        tempfile.TemporaryDirectory() as scratch,
        serving(open_judge(f"local:{given.folder}").student) as url,
    ):
        for name, client in CLIENTS.items():
            try:
                results[name] = client(url, Path(scratch))
            except (OSError, subprocess.SubprocessError, KeyError, ValueError) as error:
                results[name] = f"failed: {type(error).__name__}: {str(error)[:200]}"
            print(f"{name}: {results[name]}", flush=True)
    if given.figures:
        (FIGURES / f"{given.figures}.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
