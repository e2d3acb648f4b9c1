"The wings import downwards, without a circle, and importing is light."

import ast
import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "judge_distill"
# each may import those before it, never those behind it
WINGS = "records data calls models generate judging students agreement views recipe".split()
ABOVE = ("serving", "command", "cli", "testing")  # what stands on the house
FLOORS = {wing: floor for floor, wing in enumerate([*WINGS, *ABOVE])}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if not path.name.startswith("_"))


def dotted(path):
    "A module's name below the package: `judging.verdicts`."
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def imported(path):
    "The modules of this package that a module imports, anywhere in it."
    here = ["judge_distill", *dotted(path).split(".")]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            above = here[: len(here) - node.level] if node.level else []
            name = ".".join([*above, *([node.module] if node.module else [])])
            names = [f"{name}.{alias.name}" for alias in node.names] + [name]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            module = name.removeprefix("judge_distill.")
            if module != name and (PACKAGE / (module.replace(".", "/") + ".py")).exists():
                yield module


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_imports_lead_down(path):
    floor = FLOORS[dotted(path).split(".")[0]]
    assert not [name for name in imported(path) if FLOORS[name.split(".")[0]] > floor]


def test_no_circle():
    above = {dotted(path): set(imported(path)) for path in MODULES}
    while free := [name for name, needs in above.items() if not needs & above.keys()]:
        for name in free:
            del above[name]
    assert not above


def test_every_wing_is_there():
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name[0] != "_"}
    assert folders == {*WINGS, *ABOVE} - {"cli"}


HELP = """
from judge_distill.cli import main
try: main(["--help"])
except SystemExit as end: assert end.code == 0
"""


@pytest.mark.parametrize("code", ["import judge_distill", HELP], ids=["import", "help"])
def test_import_is_light(code):
    code += "\nimport sys; assert 'torch' not in sys.modules and 'transformers' not in sys.modules"
    times = []
    for _ in range(3):  # the quickest, in seconds of the processor: the machine may be busy
        before = os.times()
        done = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        )
        after = os.times()
        times.append(after[2] + after[3] - before[2] - before[3])
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
                "import judge_distill.recipe.pipeline, judge_distill.data.published, sys; assert "
                "'torch' not in sys.modules"
            ),
        ],
        check=True,
    )
