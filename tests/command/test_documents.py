"Documents that cannot be used get one line that says what and what to do, and exit code 2."

import pytest


@pytest.mark.parametrize(
    "name, content, words",
    [
        ("missing.txt", None, "no such file"),
        ("empty.txt", b"", "is empty"),
        ("binary.txt", b"\0\1\2", "is binary"),
        ("latin.txt", "é".encode("latin-1") * 9, "not UTF-8"),
        ("broken.pdf", b"%PDF-1.4 nothing", "cannot be read"),
        ("picture.png", b"x", "documents are"),
    ],
)
def test_a_file_without_text_is_named(tmp_path, complaint, name, content, words):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    code, line = complaint("questions", "--documents", path, "--out", tmp_path / "run")
    assert code == 2 and words in line and name in line


def test_an_empty_folder_holds_no_documents(tmp_path, complaint):
    (tmp_path / "docs").mkdir()
    code, line = complaint("run", "--documents", tmp_path / "docs", "--out", tmp_path / "run")
    assert code == 2 and "holds no" in line


def test_a_short_line_is_no_passage(tmp_path, complaint):
    (tmp_path / "a.txt").write_text("One short line.")
    code, line = complaint("run", "--documents", tmp_path / "a.txt", "--out", tmp_path / "run")
    assert code == 2 and "no passage" in line


def test_too_few_questions_ask_for_more_documents(tmp_path, complaint):
    (tmp_path / "a.txt").write_text("Honey bees tell each other where food is with a dance. " * 4)
    code, line = complaint("run", "--documents", tmp_path / "a.txt", "--out", tmp_path / "run")
    assert code == 2 and "too few for a split" in line and "more documents" in line


def test_a_document_without_rights_cannot_be_read(open_folder, complaint, anybody):
    document = open_folder / "a.txt"
    document.write_text("One short line.")
    # all is imported now
    complaint("questions", "--documents", document, "--out", open_folder / "good")
    document.chmod(0)
    (open_folder / "out").mkdir()
    (open_folder / "out").chmod(0o777)
    with anybody():
        code, line = complaint(
            "questions", "--documents", document, "--out", open_folder / "out" / "run"
        )
    assert code == 2 and "a.txt: cannot be read" in line
