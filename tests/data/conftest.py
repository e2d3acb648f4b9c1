"Files of judged data."

import json

import pytest


@pytest.fixture
def lines(tmp_path):
    "Write a JSON Lines file: objects, or lines as they are."

    def write(name, *values):
        texts = [value if isinstance(value, str) else json.dumps(value) for value in values]
        (tmp_path / name).write_text("".join(t + "\n" for t in texts), encoding="utf-8")
        return tmp_path / name

    return write


@pytest.fixture
def array(tmp_path):
    "Write a JSON array."

    def write(name, *values, indent=2):
        (tmp_path / name).write_text(json.dumps(values, indent=indent), encoding="utf-8")
        return tmp_path / name

    return write
