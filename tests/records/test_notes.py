"What takes a while is said where a reader looks: in a notebook nothing of it is red."

import pytest

from judge_distill.records import notes


@pytest.mark.parametrize(
    ("notebook", "no_bars", "shown"),
    [
        (False, False, ("", "fetching\n")),
        (True, False, ("fetching\n", "")),
        (True, True, ("", "")),
    ],
)
def test_a_note_is_said_where_a_reader_looks(monkeypatch, capsys, notebook, no_bars, shown):
    monkeypatch.setattr(notes, "in_notebook", lambda: notebook)
    monkeypatch.setenv("TQDM_DISABLE", "1" if no_bars else "")
    notes.note("fetching")
    assert capsys.readouterr() == shown
