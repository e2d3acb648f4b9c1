"Every kind of document is read, and what is no text for a reader is left out."

import subprocess
import sys

import pytest

from judge_distill.generate.documents import load_documents
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
            "<html><head><title>no</title></head><body><style>no</style><script>no</script><h1>Bees</h1><p>Bees "
            "<b>dance</b> to tell &#119;here food is.</p></body></html>"
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


def test_reading_leaves_the_log_alone(tmp_path):
    """In a process of its own: what LlamaIndex's readers do to the log they do when they are
    imported.
    """
    (tmp_path / "a.txt").write_text("Bees dance.")
    code = (
        "import logging, sys\nfrom judge_distill.generate.documents import "
        "load_documents\nload_documents(sys.argv[1:])\nassert 'llama_index.readers.file' "
        "in sys.modules and not logging.getLogger().handlers and logging.getLogger().level "
        "== logging.WARNING"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.txt")], check=True)
