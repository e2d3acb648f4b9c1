"What the tests share: where several run at once, none takes more than one processor."

import os

if os.environ.get("PYTEST_XDIST_WORKER"):
    # before anybody imports numpy or torch; kernels and commands started by a test inherit it
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import pytest  # noqa: E402

from judge_distill.calls.limits import Limits  # noqa: E402


@pytest.fixture(autouse=True)
def _less_patience(monkeypatch):
    "A test that goes wrong is not tried for ten minutes."
    monkeypatch.setitem(Limits.__init__.__kwdefaults__, "patience", 60.0)
