"What the tests of serving share: a student that likes the longer answer, and a client."

import numpy as np
import pytest
from starlette.testclient import TestClient

from judge_distill.serving.app import ServeSettings, make_app
from judge_distill.serving.serve import serving


class Longer:
    "Likes the longer answer; of equal ones neither. Counts its batches."

    digest = "longer"

    def __init__(self):
        self.batches: list[int] = []

    def predict_proba(self, shown):
        self.batches.append(len(shown))
        rows = {1: (0.8, 0.15, 0.05), -1: (0.15, 0.8, 0.05), 0: (0.1, 0.1, 0.8)}
        return np.array([rows[int(np.sign(len(s.first) - len(s.second)))] for s in shown])


@pytest.fixture
def student():
    return Longer()


@pytest.fixture
def client(student):
    with TestClient(make_app(student)) as client:
        yield client


@pytest.fixture
def with_key(student):
    with TestClient(make_app(student, ServeSettings(key="k" * 40, largest=2000))) as client:
        yield client


@pytest.fixture(scope="module")
def port():
    "The port of a server that is there for all of a file's tests."
    with serving(Longer()) as url:
        yield int(url.rpartition(":")[2].partition("/")[0])
