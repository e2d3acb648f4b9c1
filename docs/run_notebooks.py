"""Runs notebooks from top to bottom, and compares or renews the outputs that they show.

python docs/run_notebooks.py                every notebook: says which outputs no fresh run gives
python docs/run_notebooks.py NB ...         these notebooks
python docs/run_notebooks.py NB ... --renew puts a fresh run's outputs into them

A cell's printed lines, values and Markdown are compared: words to the letter, whole numbers
exactly, decimals up to 2 % or one unit in the last place shown. Of pictures and HTML only the
presence is compared. A cell that cannot say the same twice says why: `#| outputs: vary (times)`.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from itertools import zip_longest
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

NBS = Path(__file__).resolve().parent.parent / "nbs"
DATA = "JUDGE_DISTILL_DATA"  # the folder of published data; where it is not set, outputs stay
VARY = "#| outputs: vary"
TOLERANCE = 0.02  # of a decimal number, relative
NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
WIDGET = "application/vnd.jupyter.widget-view+json"
ENVIRONMENT = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "TQDM_DISABLE": "1",  # a bar is no output
    "COLUMNS": "80",
}


def notebooks() -> list[str]:
    "Every notebook, by its path below nbs/."
    paths = [path for path in NBS.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts]
    return sorted(path.relative_to(NBS).as_posix() for path in paths)


def is_run(cell: NotebookNode) -> bool:
    "Whether a cell is executed."
    return cell.cell_type == "code" and "#| eval: false" not in cell.source


def execute(notebook: NotebookNode, resources: dict, starts: int = 3) -> None:
    "Run a notebook's cells. Of two kernels that choose the same port one dies at once: start anew."
    client = NotebookClient(notebook, timeout=600, kernel_name="python3", resources=resources)
    try:
        client.execute()
    except RuntimeError as error:
        if starts == 1 or "before replying to kernel_info" not in str(error):
            raise
        execute(notebook, resources, starts - 1)


def fresh(name: str, scratch: Path) -> NotebookNode:
    "A notebook as a run on a copy of nbs/ leaves it: nothing in the tree changes."
    ignored = shutil.ignore_patterns(".ipynb_checkpoints", "runs")
    path = shutil.copytree(NBS, scratch / "nbs", ignore=ignored) / name
    notebook = nbformat.read(path, as_version=4)
    run = nbformat.from_dict({**notebook, "cells": [c for c in notebook.cells if is_run(c)]})
    resources = {"metadata": {"path": str(path.parent)}}
    before = {key: os.environ.get(key) for key in ENVIRONMENT}
    os.environ.update(ENVIRONMENT)
    try:
        execute(run, resources)
    finally:
        for key, value in before.items():
            os.environ.pop(key) if value is None else os.environ.update({key: value})
    return run


def shown(cell: NotebookNode) -> dict[str, str]:
    "What a cell shows, by kind; of a picture and of HTML no more than that it is there."
    parts: dict[str, list[str]] = {}
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            if output.name == "stdout":
                parts.setdefault("printed lines", []).append(output.text)
            continue
        data = output.get("data", {})
        rich = {"text/html", "text/markdown", WIDGET} & {*data}
        for kind, value in data.items():
            if kind == "text/markdown":
                parts.setdefault("Markdown", []).append(value)
            elif kind == "text/html" or kind.startswith("image/"):
                parts.setdefault(kind, []).append("there")
            elif kind == "text/plain" and not rich and not any("image" in k for k in data):
                parts.setdefault("value", []).append(value)
    return {kind: "\n".join(texts) for kind, texts in parts.items()}


def close(one: str, two: str) -> bool:
    "Whether two numbers, as written, are equal within the tolerance."
    if one == two:
        return True
    if not {*".eE"} & {*one, *two}:
        return False  # a count
    places = max((len(n.partition(".")[2]) for n in (one, two) if not {*"eE"} & {*n}), default=99)
    allowed = max(10.0**-places * 1.01, TOLERANCE * max(abs(float(one)), abs(float(two))))
    return abs(float(one) - float(two)) <= allowed


def same(one: str, two: str) -> bool:
    "Whether two texts are equal but for spaces and, within the tolerance, their numbers."
    texts = [re.sub(r" at 0x[0-9a-f]+", " at 0x", text) for text in (one, two)]
    # the rules and spaces of a table are as wide as its numbers
    words = [re.sub(r"[-─=]{3,}", "---", NUMBER.sub("#", text)).split() for text in texts]
    numbers = [NUMBER.findall(text) for text in texts]
    return words[0] == words[1] and all(map(close, *numbers))


def stale(saved: NotebookNode, run: NotebookNode) -> list[str]:
    "Where a notebook shows something else than its fresh run."
    told = []
    executed = {cell.id: cell for cell in run.cells}
    for cell in saved.cells:
        if not is_run(cell) or VARY in cell.source:
            continue
        before, after = shown(cell), shown(executed[cell.id])
        for kind in before | after:
            old, new = before.get(kind, ""), after.get(kind, "")
            if not same(old, new):
                told.append(f"cell {cell.id}, {kind}: {first_difference(old, new)}")
    return told


def first_difference(old: str, new: str) -> str:
    "The first line that is not the same, shortened."
    for one, two in zip_longest(old.splitlines(), new.splitlines(), fillvalue=""):
        if not same(one, two):
            return f"saved {one.strip()[:150]!r}, fresh {two.strip()[:150]!r}"
    return "the lines are parted otherwise"


def needs_data(notebook: NotebookNode) -> bool:
    "Whether what a notebook shows depends on published data that are not here."
    return DATA not in os.environ and any(DATA in cell.source for cell in notebook.cells)


def lasts(output: NotebookNode) -> bool:
    "Whether an output is worth keeping: no warning, no progress bar."
    bar = WIDGET in output.get("data", {}) and "text/html" not in output.data
    return output.get("name") != "stderr" and not bar


def renew(name: str, run: NotebookNode) -> None:
    "Put a fresh run's outputs into a notebook, without warnings and counters."
    notebook = nbformat.read(NBS / name, as_version=4)
    executed = {cell.id: cell for cell in run.cells}
    for cell in notebook.cells:
        if is_run(cell) and not (VARY in cell.source and cell.outputs):
            cell.outputs = [o for o in executed[cell.id].outputs if lasts(o)]
            for output in cell.outputs:
                output.get("data", {}).pop(WIDGET, None)  # nothing is there without its kernel
            cell.execution_count = None
    nbformat.write(notebook, NBS / name)
    subprocess.run(["nbdev_clean", "--fname", str(NBS / name)], check=True, cwd=NBS.parent)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("notebooks", nargs="*", metavar="NB", help="all of them by default")
    parser.add_argument("--renew", action="store_true", help="keep what the fresh run shows")
    options = parser.parse_args()
    names = [Path(nb).resolve().relative_to(NBS).as_posix() for nb in options.notebooks]
    wrong = 0
    for name in names or notebooks():
        saved = nbformat.read(NBS / name, as_version=4)
        if needs_data(saved):
            print(f"{name}: its outputs stay, for {DATA} is not set")
            continue
        with tempfile.TemporaryDirectory() as scratch:
            run = fresh(name, Path(scratch))
        told = stale(saved, run)
        wrong += bool(told)
        print("\n".join([f"{name}: {'in step' if not told else 'out of step'}", *told]), flush=True)
        if options.renew:
            renew(name, run)
    return bool(wrong and not options.renew)


if __name__ == "__main__":
    sys.exit(main())
