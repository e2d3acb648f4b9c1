"What the tests of the commands share."

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from judge_distill.cli import main


@pytest.fixture
def complaint(capsys):
    "A function that runs a command that goes wrong: its exit code and its one line of error."

    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        errors = capsys.readouterr().err.splitlines()
        lines = [line for line in errors if line.startswith("judge-distill:")]
        assert len(lines) == 1, lines
        return code, lines[0]

    return run


@contextmanager
def _anybody():
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.fixture
def anybody():
    "What runs a block without root's rights, which no permission stops."
    return _anybody


@pytest.fixture
def open_folder():
    "A folder that everybody may look into."
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)
        os.chmod(folder, 0o755)
