"The house stays readable: short functions, small rooms, one definition a cell."

import ast
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "judge_distill").rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "nbs").rglob("*.ipynb"))
# functions of more than 40 lines, each with its reason
LONG_FUNCTIONS: dict[str, str] = {}


def cells(path, exported):
    "The code cells of a notebook."
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and (source.startswith("#| export") or not exported):
            yield source


def definitions(source):
    "The functions and classes that a cell defines."
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node.name for node in ast.parse(source).body if isinstance(node, kinds)]


EXPORTED = [source for path in NOTEBOOKS for source in cells(path, exported=True)]


def test_functions_have_at_most_40_lines():
    long = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                if node.end_lineno - node.lineno >= 40:
                    long.add(f"{path.stem}.{node.name}")
    assert long <= set(LONG_FUNCTIONS) and len(LONG_FUNCTIONS) <= 10


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_has_at_most_300_lines(path):
    lines = path.read_text(encoding="utf-8").split("\n")
    assert path.name == "_modidx.py" or sum(not x.startswith("# %%") for x in lines) <= 300


def test_few_cells_are_long():
    long = [source for source in EXPORTED if len(source.strip().split("\n")) - 1 > 30]
    assert len(long) < 0.05 * len(EXPORTED)


def test_few_cells_define_two_things():
    assert sum(len(definitions(source)) > 1 for source in EXPORTED) < 0.05 * len(EXPORTED)
