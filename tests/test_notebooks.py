"Every notebook runs from top to bottom."
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NBS = Path(__file__).parent.parent / "nbs"


@pytest.mark.parametrize("name", sorted(str(p.relative_to(NBS)) for p in NBS.rglob("*.ipynb") if ".ipynb_checkpoints" not in str(p)))
def test_notebook(name, tmp_path, monkeypatch):
    copy = tmp_path / "nbs"
    shutil.copytree(NBS, copy)
    notebook = nbformat.read(copy / name, as_version=4)
    notebook.cells = [c for c in notebook.cells if not (c.cell_type == "code" and "#| eval: false" in c.source)]
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str((copy / name).parent)}}).execute()
