"Every notebook runs from top to bottom, on a copy, and shows what it showed when it was saved."

from pathlib import Path

import nbformat
import pytest

NBS = Path(__file__).parent.parent / "nbs"
import run_notebooks

# these load models: one after another, for two at a time take longer than both in turn
HEAVY = ("import torch", "local_llm", "smollm", "run_recipe", "local:", "MiniLM")


def group(name):
    text = (NBS / name).read_text(encoding="utf-8")
    marks = pytest.mark.xdist_group("models") if any(word in text for word in HEAVY) else ()
    return pytest.param(name, marks=marks)


@pytest.mark.parametrize("name", [*map(group, run_notebooks.notebooks())])
def test_notebook_runs_and_shows_what_it_showed(name, tmp_path):
    run = run_notebooks.fresh(name, tmp_path)
    saved = nbformat.read(NBS / name, as_version=4)
    told = [] if run_notebooks.needs_data(saved) else run_notebooks.stale(saved, run)
    assert not told, "\n".join([f"renew: python docs/run_notebooks.py nbs/{name} --renew", *told])
    if name.startswith("tutorials/"):
        assert not red_or_pink(run), "Run All leaves a pink warning or a red bar"


def red_or_pink(run):
    "What a reader would see in red or pink: warnings, errors and bars that did not end well."
    outputs = [output for cell in run.cells for output in cell.get("outputs", [])]
    texts = [o.text for o in outputs if o.get("name") == "stderr"]
    return texts + [str(o) for o in outputs if "danger" in str(o.get("data", ""))]


def test_there_are_notebooks():
    names = {"records/03_schema.ipynb", "recipe/22_pipeline.ipynb", "index.ipynb"}
    assert names <= {*run_notebooks.notebooks()}


@pytest.mark.parametrize(
    ("saved", "fresh", "equal"),
    [
        ("38 of 60", "39 of 60", False),  # a count is exact
        ("agreement 0.87", "agreement 0.88", True),  # one unit in the last place
        ("agreement 0.87", "agreement 0.91", False),
        ("p = 2.3e-10", "p = 2.31e-10", True),
        ("loss 123.4", "loss 125.0", True),  # 2 %
        ("| 1.00 | a |", "| 0.99  | a |", True),
        ("one word", "another word", False),
        ("1.5 and 2.5", "1.5", False),
        ("<object at 0x7f31>", "<object at 0x8a02>", True),
    ],
)
def test_outputs_are_compared_within_tolerances(saved, fresh, equal):
    assert run_notebooks.same(saved, fresh) is equal


def notebook(source, text):
    cell = nbformat.v4.new_code_cell(source, id="one")
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)]
    return nbformat.v4.new_notebook(cells=[cell])


def test_a_stale_output_is_told_with_its_cell():
    [told] = run_notebooks.stale(notebook("f()", "ok\nit is 3"), notebook("f()", "ok\nit is 4"))
    assert told == "cell one, printed lines: saved 'it is 3', fresh 'it is 4'"


def test_a_cell_that_says_so_may_vary():
    source = "#| outputs: vary (times)\nf()"
    assert not run_notebooks.stale(notebook(source, "3 s"), notebook(source, "4 s"))


def test_without_the_data_their_outputs_stay(monkeypatch):
    monkeypatch.delenv("JUDGE_DISTILL_DATA", raising=False)
    assert run_notebooks.needs_data(notebook("os.environ['JUDGE_DISTILL_DATA']", ""))
