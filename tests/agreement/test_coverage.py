"""The intervals keep their word in some settings of benchmarks/coverage.py, with few draws."""

import importlib.util
from pathlib import Path

import pytest

PATH = Path(__file__).parents[2] / "benchmarks" / "coverage.py"


@pytest.fixture(scope="module")
def coverage():
    "The benchmark as a module."
    spec = importlib.util.spec_from_file_location("coverage_benchmark", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("interval", ["share", "difference", "kappa", "alpha", "F1"])
@pytest.mark.parametrize("where", [(60, 60, 0.0), (200, 20, 0.1)], ids=["alone", "documents"])
def test_an_interval_covers_as_often_as_it_says(coverage, interval, where):
    numbers = (0.3, 0.1) if interval == "difference" else (0.75,)
    setting = coverage.Setting(interval, *where, "few draws", numbers)
    row = coverage.measure(setting, 150, 42)
    # 95 % of 150, less four of its standard errors; the draws are the same each time
    assert row["coverage"] > 0.95 - 4 * (0.95 * 0.05 / 150) ** 0.5


def test_a_useless_difference_is_seldom_called_better(coverage):
    setting = coverage.Setting("difference", 60, 20, 0.1, "none", (0.3, 0.0))
    assert coverage.measure(setting, 150, 42)["false_better"] < 0.08
