"The direction of imports, and a light import."

import ast
import subprocess
import sys
import time
from importlib.metadata import entry_points
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "judge_distill"
RECORDS = {"schema"}
STAGE = {"schema", "ledger"}
ALLOWED = {
    "schema": set(),
    "limits": RECORDS,
    "prices": RECORDS,
    "ledger": RECORDS | {"limits", "prices"},
    "endpoint": STAGE | {"limits"},
    "weights": RECORDS,
    "local": STAGE | {"weights"},
    "models": RECORDS | {"local", "endpoint", "prices"},
    "reader": RECORDS | {"weights"},
    "calibrate": RECORDS,
    "cascade": RECORDS,
    "card": RECORDS,
    "features": RECORDS | {"weights", "reader"},
    "students": RECORDS | {"weights", "reader", "features", "calibrate"},
    "questions": STAGE,
    "answers": STAGE,
    "judge": STAGE,
    "batch": STAGE | {"limits", "prices", "endpoint", "judge"},
    "examples": RECORDS,
    "finetune": RECORDS | {"students", "features", "weights"},
    "service": STAGE | {"examples", "models"},
    "ladder": RECORDS | {"calibrate", "cascade", "features", "finetune", "students"},
    "standalone": RECORDS | {"students"},
    "agreement": RECORDS,
    "bias": RECORDS | {"agreement"},
    "compare": RECORDS | {"agreement"},
    "plots": RECORDS | {"agreement", "bias"},
    "browse": RECORDS,
    "judged": RECORDS,
    "formats": RECORDS | {"judged"},
    "writers": RECORDS,
    "published": RECORDS | {"judged", "formats"},
    "report": RECORDS | {"judged", "judge", "agreement", "bias", "compare"},
}
# what is seen stands in view
ALLOWED |= (
    {"view": RECORDS}
    | dict.fromkeys(("browse", "people", "explore"), RECORDS | {"view"})
    | {"label": RECORDS | {"view", "people"}}
)


def imported(file):
    "Modules of this package that a module imports, anywhere in it."
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and (
            node.level or (node.module or "").startswith("judge_distill")
        ):
            name = (node.module or "").removeprefix("judge_distill").strip(".")
            yield from ([name.split(".")[0]] if name else [alias.name for alias in node.names])
        if isinstance(node, ast.Import):
            yield from (
                alias.name.split(".")[1]
                for alias in node.names
                if alias.name.startswith("judge_distill.")
            )


@pytest.mark.parametrize(
    "file",
    sorted(p for p in PACKAGE.glob("*.py") if not p.name.startswith("_")),
    ids=lambda p: p.stem,
)
def test_direction(file):
    if file.stem == "cli":
        return
    found = set(imported(file))
    if file.stem in ("recipe", "run", "pipeline"):  # these join the stages
        assert not found & {"cli", "report", "pipeline"} - {file.stem}
    else:
        assert found <= ALLOWED[file.stem], f"{file.stem} imports {found - ALLOWED[file.stem]}"


HELP = """
from judge_distill.cli import main
try: main(["--help"])
except SystemExit as end: assert end.code == 0
"""


@pytest.mark.parametrize("code", ["import judge_distill", HELP], ids=["import", "help"])
def test_import_is_light(code):
    code += "\nimport sys; assert 'torch' not in sys.modules and 'transformers' not in sys.modules"
    times = []
    for _ in range(3):  # the quickest: the machine may be busy
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        )
        times.append(time.monotonic() - started)
    assert min(times) < 2
    assert ("usage: judge-distill" in done.stdout) == (code.startswith(HELP))


def test_command_is_installed():
    [entry] = [e for e in entry_points(group="console_scripts") if e.name == "judge-distill"]
    assert entry.value == "judge_distill.cli:main"


def test_pipeline_loads_no_torch():
    subprocess.run(
        [
            sys.executable,
            "-c",
            (
                "import judge_distill.pipeline, judge_distill.published, sys; assert "
                "'torch' not in sys.modules"
            ),
        ],
        check=True,
    )


def test_walk_sees_imports(tmp_path):
    file = tmp_path / "stage.py"
    file.write_text(
        (
            "from .schema import Pair\nfrom . import judge\nimport judge_distill.ledger\ndef "
            "f():\n    from judge_distill.pipeline import Run\n    from judge_distill import "
            "cli\nimport json\n"
        )
    )
    assert set(imported(file)) == {"schema", "judge", "ledger", "pipeline", "cli"}
