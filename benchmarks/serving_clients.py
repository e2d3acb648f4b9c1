"""A served student asked by clients and tools that others wrote, each in an environment of its own.

    python benchmarks/serving_clients.py FOLDER --figures serving_clients
    python benchmarks/serving_clients.py FOLDER --only promptfoo DSPy

FOLDER is a student's folder. `judge-distill serve` serves it; each program of benchmarks/clients
asks it. promptfoo and LlamaIndex are asked by the three commands that the docs give, letter by
letter, in an environment that starts from nothing; port 8000 must be free. The environments are
made in a temporary folder, or in --environments, where they stay. It needs pip and npm, some
gigabytes for a short while, and half an hour.
"""

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from judge_distill.calls.ledger import Ledger
from judge_distill.judging.judge import judge_pairs
from judge_distill.recipe.parts import open_judge
from judge_distill.records.schema import Answer, Pair

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
FIGURES = ROOT / "nbs" / "figures"
PROMPTFOO = "0.123.1"
INSTALL, SERVE = "pip install 'judge_distill[serve]'", "judge-distill serve my_judge"
# the third command, and the file of benchmarks/clients that it needs
THIRD = {
    "promptfoo": (
        f"npx -y -p node@22 -p promptfoo@{PROMPTFOO} promptfoo eval -c promptfooconfig.yaml",
        "promptfooconfig.yaml",
    ),
    "LlamaIndex": ("python llamaindex_evaluator.py", "llamaindex_evaluator.py"),
}
LITELLM = "litellm[proxy]==1.104.2"  # the first with both forms of decisions


class Program(NamedTuple):
    "A program that asks a served student."

    file: str  # in benchmarks/clients
    packages: tuple[str, ...]  # what it needs, less the student's own
    shown: str  # the package whose version is told


PROGRAMS = {
    "openai": Program("openai_decisions.py", ("openai>=3.1,<4",), "openai"),
    "inspect_ai": Program("inspect_scorer.py", ("openai>=3.1,<4", "inspect_ai"), "inspect_ai"),
    "DSPy": Program("dspy_metric.py", ("dspy",), "dspy"),
    "MLflow": Program("mlflow_scorer.py", ("mlflow",), "mlflow"),
    "TRL": Program("trl_reward.py", ("torch==2.13.0", "transformers==5.23.0", "trl"), "trl"),
}


def free_port() -> int:
    "A port that nobody listens on."
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for(address: str, seconds: float = 240.0) -> None:
    "Wait until an address answers."
    until = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(address, timeout=10).read()
            return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            if time.monotonic() > until:
                raise
            time.sleep(0.5)


def environment(folder: Path, packages: tuple[str, ...]) -> Path:
    "The Python of a virtual environment with some packages; one that is there is taken."
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True)
    return python


def version(python: Path, package: str) -> str:
    "A package's version in an environment."
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    return subprocess.run([python, "-c", code], capture_output=True, text=True).stdout.strip()


def last_lines(command: list | str, keep: int = 2, **more) -> list[str]:
    "What a command prints at the end; what went wrong, where it failed."
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800, **more)
    if done.returncode:
        lines = done.stderr.strip().split("\n")
        return [f"failed: {lines[-1][:200]}"]
    plain = [line for line in done.stdout.strip().split("\n") if line.strip()]
    return plain[-keep:]


def with_program(program: Program, url: str, folder: Path) -> dict:
    "A program's own words about what the student answered."
    python = environment(folder, program.packages)
    variables = os.environ | {"JUDGE_URL": url, "TOKENIZERS_PARALLELISM": "false"}
    variables.pop("PYTHONPATH", None)
    if program.file.startswith("inspect"):  # it would fetch tiktoken's tables
        import llama_index.core

        tables = Path(llama_index.core.__file__).parent / "_static" / "tiktoken_cache"
        variables["TIKTOKEN_CACHE_DIR"] = str(tables)
    file = HERE / "clients" / program.file
    lines = last_lines([python, file], env=variables)
    wanted = 2 if program.file.startswith("trl") else 1
    return {
        "version": version(python, program.shown),
        "packages": program.packages,
        "program": file.read_text(),
        "printed": lines[-wanted:],
    }


def with_litellm(url: str, folder: Path) -> dict:
    "The LiteLLM proxy in front of the student, asked by the spec decisions: in both forms."
    python = environment(folder, (LITELLM,))
    parameters = {"model": "openai/student", "api_base": url, "api_key": "none"}
    configuration = folder / "litellm.json"
    models = [{"model_name": "student", "litellm_params": parameters}]
    configuration.write_text(json.dumps({"model_list": models}))
    variables = os.environ | {
        "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }
    variables.pop("PYTHONPATH", None)
    port = str(free_port())
    command = [python.parent / "litellm", "--config", configuration, "--port", port]
    log = (folder / "proxy.log").open("w")
    proxy = subprocess.Popen(
        [*command, "--host", "127.0.0.1"], env=variables, stdout=log, stderr=log
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/health/liveliness")
        printed = through(f"http://127.0.0.1:{port}/v1")
    finally:
        proxy.terminate()
        proxy.wait()
    return {"version": version(python, "litellm"), "printed": printed}


def through(url: str) -> list[str]:
    "What the student says of a pair by way of an address, in three forms."
    dance = Answer(model="a", text="They tell each other where food is with a waggle dance.")
    letters = Answer(model="b", text="They write.")
    source = "Honey bees tell each other where food is with a waggle dance."
    pair = Pair.of("How do bees tell where food is?", source, dance, letters)
    specs = {
        "chat completions": f"openai:student@{url}",
        "decisions": f"decisions:student@{url}",
        "System One": f"decisions:student@{url}?form=systemone",
    }
    lines = []
    for form, spec in specs.items():
        looks = judge_pairs([pair], open_judge(spec), Ledger())
        said = [look.verdict.value if look.verdict else str(look.problem) for look in looks]
        lines.append(f"{form}: {', '.join(said)}")
    return lines


def wheel(folder: Path) -> Path:
    "A folder with a wheel of this package, as pip would find it in an index."
    copy = folder / "source"
    left_out = shutil.ignore_patterns(".git", "nbs", "docs", "tests", "runs", "build", "*.egg-info")
    shutil.copytree(ROOT, copy, ignore=left_out, dirs_exist_ok=True)
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, copy]
    subprocess.run(build, check=True)
    return folder


def surroundings(folder: Path) -> dict[str, str]:
    "The variables of a shell in a fresh environment that knows nothing of this checkout."
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    known = os.environ | {
        "PATH": f"{folder / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PIP_FIND_LINKS": f"{os.environ.get('PIP_FIND_LINKS', '')} {wheel(folder / 'wheels')}",
        "npm_config_cache": str(folder / "npm"),
        "PROMPTFOO_CONFIG_DIR": str(folder / "promptfoo"),
        "PROMPTFOO_DISABLE_TELEMETRY": "1",
        "PROMPTFOO_DISABLE_UPDATE": "1",
    }
    known.pop("PYTHONPATH", None)
    return known


def in_three_commands(student: Path, folder: Path, name: str) -> dict:
    "What the docs' three commands print, from a trained folder and nothing else."
    shutil.rmtree(folder, ignore_errors=True)  # from nothing
    shutil.copytree(student, folder / "my_judge")
    known = surroundings(folder)
    subprocess.run(
        INSTALL, shell=True, cwd=folder, env=known, check=True, stdout=subprocess.DEVNULL
    )
    server = subprocess.Popen(f"exec {SERVE}", shell=True, cwd=folder, env=known)
    try:
        wait_for("http://127.0.0.1:8000/health")
        if server.poll() is not None:
            raise OSError("another server listens on port 8000")
        return third(name, folder, known)
    finally:
        server.terminate()
        server.wait()


def third(name: str, folder: Path, known: dict[str, str]) -> dict:
    "What the third command prints."
    command, file = THIRD[name]
    shutil.copy(HERE / "clients" / file, folder)
    lines = last_lines(command, keep=99, shell=True, cwd=folder, env=known)
    if name == "promptfoo":  # its table is wide and in colours; the sums are below it
        lines = [
            one.strip() for one in lines if re.search(r"\d (passed|failed|errors)|^failed:", one)
        ]
    python = folder / "venv" / "bin" / "python"
    return {
        "version": PROMPTFOO if name == "promptfoo" else version(python, "llama-index-core"),
        "commands": [INSTALL, f"{SERVE} &", command],
        "program": (HERE / "clients" / file).read_text(),
        "printed": lines,
    }


def attempt(ask: Callable[[], dict], name: str) -> dict:
    "What a client says, or why it could not be asked."
    try:
        result = ask()
    except (OSError, subprocess.SubprocessError, KeyError, ValueError) as error:
        result = {"printed": [f"failed: {type(error).__name__}: {str(error)[:200]}"]}
    print(name, result["printed"], flush=True)
    return result


def ask_all(student: Path, url: str, folder: Path, only: list[str]) -> dict[str, dict]:
    "What every client says."
    folder.mkdir(parents=True, exist_ok=True)
    names, results = only or [*THIRD, *PROGRAMS, "LiteLLM"], {}
    for name in names:
        place = folder / name.lower()
        if name in THIRD:
            results[name] = attempt(partial(in_three_commands, student, place, name), name)
        elif name in PROGRAMS:
            ask = partial(with_program, PROGRAMS[name], url, place)
            results[name] = attempt(ask, name)
        else:
            results[name] = attempt(partial(with_litellm, url, place), name)
    return results


def helper() -> dict:
    "The few lines that the programs share."
    file = HERE / "clients" / "better.py"
    return {"program": file.read_text(), "printed": []}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder")
    parser.add_argument("--only", nargs="+", default=[], help="some of the clients")
    parser.add_argument("--environments", type=Path, help="a folder that keeps the environments")
    parser.add_argument("--figures", help="write nbs/figures/NAME.json")
    given = parser.parse_args()
    port = free_port()
    command = [sys.executable, "-m", "judge_distill", "serve", given.folder, "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    scratch = given.environments or Path(tempfile.mkdtemp())
    try:
        wait_for(f"http://127.0.0.1:{port}/health")
        results = ask_all(
            Path(given.folder), f"http://127.0.0.1:{port}/v1", scratch.resolve(), given.only
        )
    finally:
        server.terminate()
        server.wait()
    if given.figures:
        results["better"] = helper()
        file = FIGURES / f"{given.figures}.json"
        before = json.loads(file.read_text()) if given.only and file.exists() else {}
        file.write_text(json.dumps(before | results, indent=1, ensure_ascii=False) + "\n")
    if not given.environments:  # some gigabytes, which takes its time
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
