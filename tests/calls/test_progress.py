"A bar promises nothing before it knows."

import os

import pytest

from judge_distill.calls import progress
from judge_distill.calls.progress import Bar


def moved(steps, total=8, batch=2):
    with Bar(total, "answers", batch=batch) as bar:
        for _ in range(steps):
            bar.update()
    return bar


def test_no_estimate_before_the_second_batch_is_through():
    assert "remaining" not in moved(3).bar_format


def test_estimate_after_the_second_batch():
    assert moved(4).bar_format is None


def test_bar_of_less_than_was_thought_ends_full():
    with Bar(8, "questions") as bar:
        bar.update(5)
        bar.fill()
    assert bar.n == bar.total == 5


def test_what_a_service_tells_is_no_estimate():
    with Bar(None, "batch") as bar:
        bar.reach(100, 128)
    assert (bar.n, bar.total) == (100, 128) and "remaining" not in bar.bar_format


@pytest.fixture
def notebook(monkeypatch):
    "What a notebook shows: of each output, its states."
    if os.environ.get("TQDM_DISABLE"):
        pytest.skip("TQDM_DISABLE is set: there are no bars")
    outputs = []

    class Handle:
        def display(self, data, raw):
            self.states = [data]
            outputs.append(self.states)

        def update(self, data, raw):
            self.states.append(data)

    monkeypatch.setattr("IPython.display.DisplayHandle", Handle)
    monkeypatch.setattr(progress, "in_notebook", lambda: True)
    return outputs


def test_in_a_notebook_a_bar_leaves_a_line_of_text(notebook, capsys):
    moved(8)
    [states] = notebook
    assert all(state.keys() == {"text/plain"} for state in states)
    assert states[-1]["text/plain"].startswith("answers: 100%") and "8/8" in str(states[-1])
    assert capsys.readouterr() == ("", "")  # nothing on pink ground


def test_two_bars_in_a_notebook_are_two_lines(notebook):
    with Bar(2, "outer"), Bar(2, "inner"):
        pass
    assert [states[-1]["text/plain"][:5] for states in notebook] == ["outer", "inner"]
