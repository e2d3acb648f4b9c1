"The programs that ask a served student: those that run here, and what the pages show of the rest."

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from judge_distill.serving.serve import serving

ROOT = Path(__file__).parent.parent.parent
CLIENTS = ROOT / "benchmarks" / "clients"
KEPT = json.loads((ROOT / "nbs" / "figures" / "serving_clients.json").read_text())


def test_what_a_page_shows_is_the_program_that_stands_in_the_repository():
    texts = {file.read_text() for file in CLIENTS.iterdir() if file.is_file()}
    assert {one["program"] for one in KEPT.values() if "program" in one} <= texts


@pytest.mark.parametrize("name", KEPT)
def test_no_client_failed(name):
    lines = KEPT[name]["printed"]
    assert not any(re.search(r"^failed:|[1-9]\d* (failed|errors)", line) for line in lines)


@pytest.mark.parametrize("name", ["promptfoo", "LlamaIndex"])
def test_three_commands_lead_from_a_trained_folder_to_an_evaluation(name):
    install, serve, evaluate = KEPT[name]["commands"]
    assert install.startswith("pip install") and serve == "judge-distill serve my_judge &"
    assert evaluate.split()[-1] in {file.name for file in CLIENTS.iterdir()}


def printed(program, url):
    "What a program prints that asks an address."
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"JUDGE_URL": url, "PYTHONPATH": str(CLIENTS)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.stdout.strip() or done.stderr


def test_a_few_lines_ask_over_http(student):
    program = "from better import better\nprint(better('Why?', 'Because of it.', 'So.'))"
    with serving(student) as url:
        assert float(printed(program, url)) == pytest.approx(0.8 + 0.05 / 2)


def test_llamaindexs_evaluator_asks_by_its_address_alone(student):
    with serving(student) as url:
        assert printed((CLIENTS / "llamaindex_evaluator.py").read_text(), url) == "score 1.0"
