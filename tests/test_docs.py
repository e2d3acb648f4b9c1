"""The README is the home page, its links lead somewhere, and every notebook is on both and in the
sidebar.
"""

import ast
import enum
import importlib
import inspect
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parent.parent
import build
import commands
import narrow
import polish
import reference

README = (ROOT / "README.md").read_text(encoding="utf-8")
NOTEBOOKS = sorted(
    str(path.relative_to(ROOT / "nbs"))
    for path in (ROOT / "nbs").rglob("*.ipynb")
    if ".ipynb_checkpoints" not in path.parts
)


def test_readme_is_in_step():
    assert README == build.readme(), "run python docs/build.py and commit README.md"


def test_readme_links():
    targets = [
        target
        for target in re.findall(r"\]\(([^)\s]+)\)", README)
        if not re.match("[a-z]+:|#", target)
    ]
    assert len(targets) > 15 and not [target for target in targets if not (ROOT / target).exists()]


@pytest.mark.parametrize(
    "command",
    [
        'pip install -e ".[local]" -c constraints.txt && judge-distill run',
        'pip install -e ".[local,dev]" -c constraints.txt &&\n'
        "    pytest -n logical --dist loadgroup",
    ],
)
def test_the_two_commands(command):
    assert f"\n{command}\n" in README


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_notebook_is_listed(name):
    def leaves(value):
        if isinstance(value, str):
            yield value
        parts = value if isinstance(value, list) else getattr(value, "values", list)()
        for part in parts:
            yield from leaves(part)

    assert list(leaves(build.sidebar(ROOT / "nbs"))).count(name) == 1
    assert name == "index.ipynb" or f"](nbs/{name})" in README


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_is_clean(name):
    notebook = nbformat.read(ROOT / "nbs" / name, as_version=4)
    assert re.match(r"# [^\n]+\n+> [^\n]+", notebook.cells[0].source), (
        "open with an H1 and a one-line blockquote"
    )
    assert "widgets" not in notebook.metadata
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    for cell in notebook.cells:
        assert not cell.metadata and cell.get("execution_count") is None
        for output in cell.get("outputs", []):
            assert output.output_type != "error" and output.get("name") != "stderr"
            assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {})
            assert not re.search(
                r"\d+%\|.*\[\d\d:\d\d", str(output.get("data", {}).get("text/plain", ""))
            ), "a progress bar as bare text"
    text = (ROOT / "nbs" / name).read_text(encoding="utf-8")
    assert not re.search(r"/(root|work|home/\w+)/", text), "a path of one machine"


def test_pages_show_code_of_at_most_80_characters(tmp_path):
    for path in (ROOT / "nbs").rglob("*.ipynb"):
        copy = tmp_path / path.relative_to(ROOT / "nbs")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    narrow.narrow(tmp_path)
    assert not narrow.wide_lines(tmp_path)


def test_the_page_of_commands_shows_code_of_at_most_80_characters():
    blocks = [block[3] for block in narrow.FENCE.finditer(commands.page())]
    assert len(blocks) > 20
    assert not [line for block in blocks for line in block.split("\n") if len(line) > 80]


@pytest.mark.parametrize(
    "line",
    [
        f"print('{'bees dance ' * 9}')",
        f"print(f'{{1 + 1}} {'bees dance ' * 9}{{[2 for _ in (1, 2)]}}')",
        f"words = b'{'bees dance ' * 9}'.split()",
        f"named = {{'key': r'{'bees dance ' * 9}'}}",
        f"pair = ('one', '{'bees dance ' * 9}')",
    ],
)
def test_a_long_text_is_cut_into_the_same_text(tmp_path, line):
    cell = nbformat.v4.new_code_cell(line)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "one.ipynb")
    narrow.narrow(tmp_path)
    [cell] = nbformat.read(tmp_path / "one.ipynb", as_version=4).cells
    assert ast.dump(ast.parse(cell.source)) == ast.dump(ast.parse(line))
    assert max(map(len, cell.source.split("\n"))) <= 80


def test_broken_links_are_found(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "index.html").write_text(
        (
            "<p id='here'></p><a href='#here'></a><a href='sub/page.html#there'></a><a "
            "href='https://example.org'></a><a href='sub/'></a><img src='no.png'><a "
            "href='#gone'></a>"
        )
    )
    (tmp_path / "sub" / "page.html").write_text(
        (
            "<h1 id='there'></h1><a href='../index.html'></a><a href='/index.html#here'></a><a "
            "href='../index.html#lost'></a>"
        )
    )
    assert build.broken(tmp_path) == [
        "index.html: sub/",
        "index.html: no.png",
        "index.html: #gone",
        "sub/page.html: ../index.html#lost",
    ]


def test_every_notebooks_page_can_be_opened_in_colab_and_downloaded(tmp_path):
    (tmp_path / "nbs" / "views").mkdir(parents=True)
    (tmp_path / "nbs" / "views" / "01_one.ipynb").write_text("{}")
    (tmp_path / "site" / "views").mkdir(parents=True)
    page = tmp_path / "site" / "views" / "01_one.html"
    page.write_text("<header><h1>One</h1></header><!-- made --><p>text</p>")
    polish.take_away(tmp_path / "site", tmp_path / "nbs")
    text = page.read_text()
    colab = "https://colab.research.google.com/github/judge-distill/judge_distill/blob/main/nbs"
    assert f'href="{colab}/views/01_one.ipynb"' in text
    assert '/raw/main/nbs/views/01_one.ipynb" download' in text


def test_a_page_shows_how_to_install(tmp_path):
    cell = nbformat.v4.new_code_cell('#| eval: false\n%pip install -q "judge_distill[local]"')
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "one.ipynb")
    build.show_install(tmp_path / "one.ipynb")
    [cell] = nbformat.read(tmp_path / "one.ipynb", as_version=4).cells
    assert cell.source == '```sh\npip install "judge_distill[local]"\n```'


def test_an_option_is_not_cut_at_its_hyphen(tmp_path):
    page = tmp_path / "one.html"
    page.write_text("<pre><code>a --b-c</code></pre><p><code>train FILE --teacher NAME</code></p>")
    polish.whole_words(tmp_path)
    option = "<span class='whole-word'>--teacher</span>"
    assert f"<code>train FILE {option} NAME</code>" in page.read_text()
    assert "<pre><code>a --b-c</code></pre>" in page.read_text()


@pytest.mark.parametrize(("head", "is_list"), [("option", True), ("judge", False)])
def test_a_table_of_options_is_a_list_on_a_phone(tmp_path, head, is_list):
    page = tmp_path / "one.html"
    page.write_text(
        f'<div class="sd-table" tabindex="0"><table class="table">\n<thead>\n<tr>\n<th>{head}</th>'
    )
    polish.lists(tmp_path)
    assert ('"sd-table as-list names"' in page.read_text()) is is_list


def test_a_name_in_a_table_stays_whole_and_a_long_type_does_not(tmp_path):
    page = tmp_path / "one.html"
    row = "<tr>\n<td><code>a.b</code></td>\n<td><code>Sequence[Pair]</code></td></tr>"
    page.write_text(row)
    polish.line_ends(tmp_path)
    assert page.read_text() == row.replace("[", "[<wbr>")


def test_an_option_in_a_sentence_is_no_dash():
    assert commands.cell("at most --budget, or `--each`") == "at most `--budget`, or `--each`"


def test_every_field_and_member_of_the_reference_has_words():
    bare = []
    for module, symbols in reference.d["syms"].items():
        home = importlib.import_module(module)
        for name in getattr(home, "__all__", []):
            thing = getattr(home, name)
            if f"{module}.{name}" not in symbols or not inspect.isclass(thing):
                continue
            is_enum = issubclass(thing, enum.Enum)
            if is_enum or reference.is_record(thing):
                rows = reference.members(thing) if is_enum else reference.fields(thing)
                bare += [f"{name}.{row.name}" for row in rows if not row.words]
    assert not bare


def test_the_card_of_a_link_is_there():
    settings = yaml.safe_load((ROOT / "nbs" / "_quarto.yml").read_text())["website"]
    assert settings["open-graph"] and (ROOT / "nbs" / settings["image"]).exists()


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_no_link_has_a_name_in_backticks_as_its_text(name):
    "nbdev makes such a name a link of its own, and a link in a link is none."
    cells = nbformat.read(ROOT / "nbs" / name, as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert not re.findall(r"\[`\w+`\]\([^)]*\)", text)


@pytest.mark.parametrize("word", ["dear", "dearer", "mend", "mends", "rung"])
def test_pages_use_plain_words(word):
    texts = {
        name: "\n".join(
            re.sub(r"`[^`]*`|```.*?```", "", cell.source, flags=re.DOTALL)
            for cell in nbformat.read(ROOT / "nbs" / name, as_version=4).cells
            if cell.cell_type == "markdown"
        )
        for name in NOTEBOOKS
    }
    assert not [name for name, text in texts.items() if re.search(rf"\b{word}\b", text, re.I)]


def test_help():
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "build.py", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--check" in done.stdout
