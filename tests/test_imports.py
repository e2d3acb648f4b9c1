"The direction of imports, and a light import."
import ast
import subprocess
import sys
import time
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "judge_distill"
RECORDS = {"schema"}
STAGE = {"schema", "ledger"}
ALLOWED = {
    "schema": set(), "ledger": RECORDS, "weights": RECORDS, "local": STAGE | {"weights"}, "models": RECORDS | {"local"}, "students": RECORDS | {"weights"},
    "questions": STAGE, "answers": STAGE, "judge": STAGE, "examples": RECORDS, "finetune": RECORDS | {"students", "weights"},
    "agreement": RECORDS, "browse": RECORDS, "published": RECORDS,
}


def imported(file):
    "Modules of this package that a module imports, anywhere in it."
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").startswith("judge_distill")):
            name = (node.module or "").removeprefix("judge_distill").strip(".")
            yield from ([name.split(".")[0]] if name else [alias.name for alias in node.names])
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("judge_distill."))


@pytest.mark.parametrize("file", sorted(p for p in PACKAGE.glob("*.py") if not p.name.startswith("_")), ids=lambda p: p.stem)
def test_direction(file):
    if file.stem == "cli":
        return
    found = set(imported(file))
    if file.stem == "pipeline":
        assert "cli" not in found
    else:
        assert found <= ALLOWED[file.stem], f"{file.stem} imports {found - ALLOWED[file.stem]}"


@pytest.mark.parametrize("code", ["import judge_distill", "from judge_distill import cli; cli.make_parser().format_help()"])
def test_import_is_light(code):
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", code + "; import sys; assert 'torch' not in sys.modules"], check=True)
    assert time.monotonic() - started < 2


def test_pipeline_loads_no_torch():
    subprocess.run([sys.executable, "-c", "import judge_distill.pipeline, judge_distill.published, sys; assert 'torch' not in sys.modules"], check=True)
