"""What would stop a newcomer within the first minutes. Eight such frictions, each held by a test.

1  the first lines do not run as they stand: `test_the_table_on_the_home_page_is_read_as_it_says`
2  the next command of the page is not taken: `test_commands_of_the_home_page_are_taken`
3  an error without what to do next: `test_a_first_mistake_is_answered`
4  a picture is missing: `test_pictures_of_the_home_page_are_there_and_said_in_words`
5  search cannot be read, or is dead on a page from disk: tests/test_site.py, `test_search_…`
6  no way back from a wrong address: `test_a_wrong_address_leads_home`
7  a page wider than the phone: tests/test_site.py, `test_page`
8  a fold that only a mouse opens: tests/test_site.py, `test_a_fold_opens_by_the_keyboard`
"""

import re
import shlex
from pathlib import Path

import nbformat
import polish
import pytest

import judge_distill as jd
from judge_distill.cli import main, make_parser

NBS = Path(__file__).parent.parent / "nbs"
HOME = "\n".join(cell.source for cell in nbformat.read(NBS / "index.ipynb", as_version=4).cells)


@pytest.fixture
def verdicts(tmp_path, monkeypatch):
    "The home page's table as a file, in the folder where one stands."
    monkeypatch.chdir(tmp_path)
    table = re.search(r"```text\n(question,.*?)```", HOME, re.DOTALL)[1]
    Path("verdicts.csv").write_text(table)
    return "verdicts.csv"


def test_the_table_on_the_home_page_is_read_as_it_says(verdicts):
    judged = jd.read(verdicts)
    [pair] = judged.pairs
    said = {ruling.judge: ruling.outcome.value for ruling in judged.rulings}
    said |= {label.person: label.outcome.value for label in judged.labels}
    assert pair.answers[0].text == "On the comb."
    assert said == {"gpt4": "first", "mini": "second", "ada": "first"}


def test_commands_of_the_home_page_are_taken():
    blocks = re.findall(r"```sh\n(.*?)```", HOME, re.DOTALL)
    lines = [line for block in blocks for line in re.split(r"\n|&&", block)]
    commands = [line for line in map(str.strip, lines) if line.startswith("judge-distill ")]
    assert len(commands) >= 5
    for command in commands:
        make_parser().parse_args(shlex.split(command)[1:])  # exits where it is no command


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("train nothing.csv --teacher gpt4", "nothing.csv: no such file"),
        ("train verdicts.csv --teacher gpt5", "there are gpt4, mini, ada"),
        ("agreement verdicts.csv --teacher bob", "there are gpt4, mini, ada"),
        ("judge verdicts.csv --judge local:nowhere --out judged", "Give the path of a folder"),
    ],
)
def test_a_first_mistake_is_answered(verdicts, capsys, command, answer):
    assert main(command.split()) != 0
    said = capsys.readouterr().err
    assert answer in said and "Traceback" not in said


def test_pictures_of_the_home_page_are_there_and_said_in_words():
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", HOME)
    assert {"images/view.png", "images/report.png"} <= {place for _, place in pictures}
    assert all((NBS / place).exists() and len(words) > 10 for words, place in pictures)


def test_a_wrong_address_leads_home(tmp_path):
    (tmp_path / "404.html").write_text("<html><head></head><a href='index.html'>home</a></html>")
    polish.lost(tmp_path)
    text = (tmp_path / "404.html").read_text()
    assert text.index("<base href='/'>") < text.index("index.html")
