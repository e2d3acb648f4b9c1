"Every kind of document is read, and what is no text for a reader is left out."

import os
import re
import subprocess
import sys
import time
import zlib

import pytest

from judge_distill.generate.documents import load_documents, split_passages, unwrapped
from judge_distill.records.errors import InputError

WORDS = "Bees dance to tell where food is."


def pdf(path):
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    figure = plt.figure()
    figure.text(0.1, 0.5, WORDS)
    figure.savefig(path)
    plt.close(figure)


def test_every_kind(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.txt").write_text(WORDS)
    (tmp_path / "sub" / "b.md").write_text(f"# Bees\n\n{WORDS}")
    (tmp_path / "c.HTML").write_text(
        (
            "<html><head><title>no</title></head><body><style>no</style><script>no</script>"
            "<h1>Bees</h1><p>Bees <b>dance</b> to tell &#119;here food is.</p></body></html>"
        )
    )
    pdf(tmp_path / "d.pdf")
    (tmp_path / "e.png").write_bytes(b"no")
    documents = load_documents([tmp_path])
    assert len(documents) == 4 and all(
        WORDS in text and "no" not in text for text in documents.values()
    )
    assert list(documents.values())[1] == f"Bees\n{WORDS}"


def test_a_file_named_twice_is_read_once(tmp_path):
    (tmp_path / "a.txt").write_text(WORDS)
    assert len(load_documents([tmp_path, tmp_path / "a.txt"])) == 1


def test_default():
    documents = load_documents()
    assert len(documents) > 70 and "try" in documents


def test_page_without_text(tmp_path):
    (tmp_path / "a.html").write_text("<body><script>only()</script></body>")
    with pytest.raises(InputError, match="a.html: is empty"):
        load_documents([tmp_path])


def test_reading_loads_no_reader_of_llamaindex(tmp_path):
    """In a process of its own: importing LlamaIndex's readers writes log lines of libraries."""
    (tmp_path / "a.md").write_text("Bees dance.")
    code = (
        "import logging, sys\n"
        "from judge_distill.generate.documents import load_documents, split_passages, unwrapped\n"
        "load_documents(sys.argv[1:])\n"
        "assert 'llama_index.readers.file' not in sys.modules\n"
        "assert not logging.getLogger().handlers"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.md")], check=True)


def refused(path):
    "The one line that says why a document is not read, within its time."
    began = time.monotonic()
    with pytest.raises(InputError) as caught:
        load_documents(path)
    assert time.monotonic() - began < 10 + 30  # a process has to start, on a busy machine
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "a.txt")
    assert "is no regular file" in refused(tmp_path / "a.txt")


def test_a_pipe_in_a_folder_is_left_out(tmp_path):
    os.mkfifo(tmp_path / "a.txt")
    (tmp_path / "b.txt").write_text(WORDS)
    assert len(load_documents(tmp_path)) == 1


def test_a_device_is_refused(tmp_path):
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    assert "is no regular file" in refused(tmp_path / "zero.txt")


def test_a_name_is_a_path_and_not_letters():
    assert "no such file" in refused("text")


def test_a_huge_file_is_refused(tmp_path):
    with open(tmp_path / "a.txt", "wb") as file:
        file.truncate(2**33)
    assert "is larger than" in refused(tmp_path / "a.txt")


def test_a_deep_page_ends(tmp_path):
    (tmp_path / "a.html").write_text("<div>" * 50_000 + "bees")
    assert re.search("takes more than|nested too deep", refused(tmp_path / "a.html"))


def deflated(data):
    return b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(data) + data + b"\nendstream"


def test_a_page_that_unpacks_into_gigabytes_ends(tmp_path):
    squeeze = zlib.compressobj(9)
    blank = b" " * 2**20
    data = b"".join(squeeze.compress(blank) for _ in range(300)) + squeeze.flush()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
        deflated(data),
    ]
    body, at = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        at.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in at)
    end = b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(body)
    (tmp_path / "a.pdf").write_bytes(body + b"xref\n0 5\n0000000000 65535 f \n" + table + end)
    with pytest.raises(InputError, match="page 1 cannot be read .it unpacks to more than 75 MB"):
        load_documents(tmp_path / "a.pdf")


@pytest.mark.parametrize("piece", ["[[", "![", "<<", "> "])
def test_pathological_markdown_is_read_soon(tmp_path, piece):
    (tmp_path / "a.md").write_text(f"{WORDS}\n{piece * 100_000}")
    began = time.process_time()
    assert WORDS in load_documents(tmp_path / "a.md")[str(tmp_path / "a.md")]
    assert time.process_time() - began < 10


def test_lines_of_a_fixed_width_become_paragraphs():
    text = "Title\n*****\n\nBees dance to tell\nwhere food is.\n\n   code stays\n"
    assert unwrapped(text) == "Bees dance to tell where food is.\n\n   code stays"


def test_a_passage_of_two_documents_is_asked_about_once():
    words = "Bees dance to tell the others where food is. The dance lasts longer when food is far. "
    texts = {"a": words * 3, "b": words * 3}
    assert len(split_passages(texts)) == 1
