"Every notebook runs from top to bottom, on a copy: nothing in the tree changes."

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NBS = Path(__file__).parent.parent / "nbs"
NAMES = sorted(
    str(path.relative_to(NBS))
    for path in NBS.rglob("*.ipynb")
    if ".ipynb_checkpoints" not in path.parts
)


@pytest.mark.parametrize("name", NAMES)
def test_notebook(name, tmp_path, monkeypatch):
    copy = shutil.copytree(
        NBS, tmp_path / "nbs", ignore=shutil.ignore_patterns(".ipynb_checkpoints", "runs")
    )
    notebook = nbformat.read(copy / name, as_version=4)
    notebook.cells = [
        cell
        for cell in notebook.cells
        if not (cell.cell_type == "code" and "#| eval: false" in cell.source)
    ]
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    monkeypatch.setenv("TQDM_DISABLE", "1")
    NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": str((copy / name).parent)}},
    ).execute()


def test_there_are_notebooks():
    assert {"records/03_schema.ipynb", "recipe/08_pipeline.ipynb", "index.ipynb"} <= set(NAMES)
