"The house stays readable: short functions, small rooms, one definition a cell."

import ast
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "judge_distill").rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "nbs").rglob("*.ipynb"))
# functions of more than 40 lines, each with its reason
LONG_FUNCTIONS = {
    "local.generate": "one loop over tokens with its caches",
    "service.start": "a job is asked for and noted down, step by step",
}


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
    assert long <= set(LONG_FUNCTIONS) and len(LONG_FUNCTIONS) <= 4


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_has_at_most_300_lines(path):
    lines = path.read_text(encoding="utf-8").split("\n")
    assert path.name == "_modidx.py" or sum(not x.startswith("# %%") for x in lines) <= 300


def test_few_cells_are_long():
    "One in twenty: classes most of them. This number may only fall."
    long = [source for source in EXPORTED if len(source.strip().split("\n")) - 1 > 30]
    assert len(long) < 0.05 * len(EXPORTED)


def test_numbers_are_unique_within_a_wing():
    numbers = [(path.parent.name, path.stem.split("_")[0]) for path in NOTEBOOKS]
    numbered = [one for one in numbers if one[1].isdigit()]
    assert len(set(numbered)) == len(numbered)


def test_a_room_comes_out_of_one_notebook():
    lines = [line for path in NOTEBOOKS for cell in cells(path, exported=False) for line in [cell]]
    rooms = [line.split()[2] for line in lines if line.startswith("#| default_exp")]
    assert len(set(rooms)) == len(rooms)


def test_few_cells_define_two_things():
    assert sum(len(definitions(source)) > 1 for source in EXPORTED) < 0.05 * len(EXPORTED)


def public_names(path):
    "What a module puts into its `__all__`."
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            yield from ast.literal_eval(node.value)


def test_a_name_is_public_on_purpose():
    "This number may only fall: a helper, a part of a record, a constant need no page of their own."
    wings = [path for path in MODULES if path.parent.name != "judge_distill" or path.stem == "cli"]
    assert sum(len([*public_names(path)]) for path in wings) <= 155
