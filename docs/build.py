"""Builds README.md and the docs site from the notebooks, offline.

python docs/build.py             the site into docs/site, links checked; README.md from nbs/index
python docs/build.py --check     changes nothing; fails on a broken link or a README out of step
python docs/build.py --in-step   fails where docs/site is out of step, too
python docs/build.py --readme    README.md alone
python docs/build.py --quarto    the site with Quarto, where it is installed, into docs/site-quarto
"""

import argparse
import ast
import filecmp
import os
import re
import shutil
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import commands
import narrow
import nbformat
import plain
import polish
import yaml

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "docs" / "site"
# nbdev_proc_nbs without its first step, which would install Quarto as root where it is missing
PROC_NBS = (
    "import nbdev.quarto as q; q._ensure_quarto = lambda: None; "
    "q.nbdev_proc_nbs.__wrapped__(force=True)"
)


# the folders of nbs/ in the order in which a reader meets them, with the words of the sidebar
STORIES = {"tutorials": "Tutorials", "explanations": "Explanations"}
WINGS = {
    "records": "Records",
    "data": "Judged data",
    "calls": "Calls",
    "models": "Models",
    "generate": "Documents to pairs",
    "judging": "Judging",
    "students": "Students",
    "agreement": "Agreement",
    "views": "Views",
    "recipe": "The recipe",
    "serving": "Serving",
    "command": "Commands, from within",
    "testing": "Testing",
}
# what people come with: these tutorials stand first
FIRST = ["your_verdicts", "distill_locally", "look_and_label", "use_a_judge"]


def reading_order(page: Path) -> tuple[int, str]:
    "The four that most people need, then the others by their names."
    return FIRST.index(page.stem) if page.stem in FIRST else len(FIRST), page.name


def section(nbs: Path, folder: str, words: str) -> dict:
    "A folder's pages, in Quarto's form."
    pages = sorted((nbs / folder).glob("*.ipynb"), key=reading_order)
    return {"section": words, "contents": [page.relative_to(nbs).as_posix() for page in pages]}


def sidebar(nbs: Path) -> list[str | dict]:
    "The sidebar's contents, in Quarto's form: by the folders, with the reference folded away."
    return [
        {"text": "Home", "href": "index.ipynb"},
        *[section(nbs, *story) for story in STORIES.items()],
        {"section": "The command line", "contents": ["cli.ipynb", "commands.md"]},
        {"section": "Reference", "contents": [section(nbs, *wing) for wing in WINGS.items()]},
        "changelog.md",
    ]


def write_settings(nbs: Path, markdown: bool) -> None:
    "Put the sidebar into a copy's `_quarto.yml`; with `markdown`, every page is Markdown, too."
    path = nbs / "_quarto.yml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings["website"]["sidebar"]["contents"] = sidebar(nbs)
    settings["website"]["llms-txt"] = markdown
    path.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")


TABLE = "<!-- the table of the wings: docs/build.py -->"
WORDS = {
    "tutorials": "Stories",
    "explanations": "How to read figures",
    "records": "The nouns",
    "data": "Everybody's judged data",
    "calls": "What asking a model costs, once",
    "models": "A spec becomes a model",
    "generate": "Documents to pairs",
    "judging": "Verdicts, rulings, judges",
    "students": "Small judges",
    "agreement": "How far a judge can be trusted",
    "serving": "A judge at an address",
    "views": "What people look at",
    "recipe": "The whole, from documents to report",
    "command": "Every command, thin over the front door",
    "testing": "For tests and tutorials",
}


def title(path: Path) -> str:
    "A notebook's title."
    first = nbformat.read(path, as_version=4).cells[0].source
    return first.split("\n")[0].removeprefix("# ")


def wings(nbs: Path) -> str:
    "The table of the wings and their notebooks, in Markdown."
    lines = ["| wing | pages |", "|---|---|"]
    for folder, words in WORDS.items():
        pages = sorted((nbs / folder).glob("*.ipynb"), key=reading_order)
        links = [f"[{title(page)}]({page.relative_to(nbs).as_posix()})" for page in pages]
        lines.append(f"| **{folder}** {words} | {' · '.join(links)} |")
    lines.append("| **the command** `judge-distill` | [The command](cli.ipynb) |")
    return "\n".join(lines)


def readme() -> str:
    """The index notebook as Markdown: its prose, its code that is shown, and what that printed or
    showed as Markdown; links lead into nbs/.
    """
    parts = []
    for cell in nbformat.read(ROOT / "nbs" / "index.ipynb", as_version=4).cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source.replace(TABLE, wings(ROOT / "nbs")))
        if cell.cell_type == "code" and "#| echo: false" not in cell.source:
            code = re.sub(r"(?m)^#\| .*\n", "", cell.source)
            parts.append(f"```python\n{code}\n```")
        for output in cell.get("outputs", []):
            if "text/markdown" in output.get("data", {}):
                parts.append(output["data"]["text/markdown"].strip())
            elif output.get("name") == "stdout":
                parts.append(f"```text\n{output['text'].rstrip()}\n```")
    text = re.sub(r"\]\((?![a-z]+:|#|/)([^)\s]+)\)", r"](nbs/\1)", "\n\n".join(parts))
    return f"<!-- made from nbs/index.ipynb by docs/build.py --readme; edit that -->\n\n{text}\n"


class Page(HTMLParser):
    "The links and anchors of a page."

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list) -> None:
        found = dict(attrs)
        self.links += [found[name] for name in ("href", "src") if found.get(name)]
        self.anchors |= {found[name] for name in ("id", "name") if found.get(name)}


def broken(site: Path) -> list[str]:
    "Links within a site that lead to no file or to no anchor."
    pages = {path.resolve(): Page(path) for path in sorted(site.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            there = unquote(parts.path)
            target = (
                path
                if not there
                else (
                    site / there.lstrip("/") if there.startswith("/") else path.parent / there
                ).resolve()
            )
            target = target / "index.html" if target.is_dir() else target
            anchor = unquote(parts.fragment)
            if not target.exists() or (
                anchor and target in pages and anchor not in pages[target].anchors
            ):
                found.append(f"{path.relative_to(site.resolve())}: {link}")
    return found


def keep_introduction(path: Path) -> None:
    """nbdev turns a notebook's first cell into a page's title and description and drops what else
    stands in it: give that a cell of its own.
    """
    notebook = nbformat.read(path, as_version=4)
    found = re.fullmatch(r"(# [^\n]+\n+(?:> [^\n]*\n?)*)(.*)", notebook.cells[0].source, re.DOTALL)
    if found and found[2].strip():
        notebook.cells[0].source = found[1].strip()
        notebook.cells.insert(1, nbformat.v4.new_markdown_cell(found[2].strip(), id="introduction"))
        nbformat.write(notebook, path)


def show_install(path: Path) -> None:
    "nbdev drops what Jupyter runs by itself: a page shows how to install all the same."
    notebook = nbformat.read(path, as_version=4)
    for i, cell in enumerate(notebook.cells):
        found = re.search(r"(?m)^%(pip install) -q (.*)$", cell.source)
        if cell.cell_type == "code" and found:
            command = f"```sh\n{found[1]} {found[2]}\n```"
            notebook.cells[i] = nbformat.v4.new_markdown_cell(command, id=cell.id)
            nbformat.write(notebook, path)


def run_no_story(path: Path) -> None:
    """nbdev runs every cell that imports something, to show names in a page: of cells that do more
    than import, only those that are exported.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code" and "#| export" not in cell.source:
            lines = [line for line in cell.source.splitlines() if not line.startswith(("%", "!"))]
            try:
                body = ast.parse("\n".join(lines)).body
            except SyntaxError:
                continue
            if not all(isinstance(node, ast.Import | ast.ImportFrom) for node in body):
                cell.source = f"#| eval: false\n{cell.source}"
    nbformat.write(notebook, path)


def build(scratch: Path, tool: str) -> Path:
    "The site, built in a scratch folder so that nothing in the tree changes."
    for name in ("nbs", "judge_distill"):
        shutil.copytree(
            ROOT / name, scratch / name, ignore=shutil.ignore_patterns("__pycache__", ".*", "runs")
        )
    shutil.copy(ROOT / "README.md", scratch)
    settings = (ROOT / "settings.ini").read_text(encoding="utf-8")
    (scratch / "settings.ini").write_text(
        settings.rstrip() + "\nrenderer = reference.Reference\n", encoding="utf-8"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(scratch), str(ROOT / "docs")])}
    shutil.copy(ROOT / "CHANGELOG.md", scratch / "nbs" / "changelog.md")
    (scratch / "nbs" / "commands.md").write_text(commands.page(), encoding="utf-8")
    write_settings(scratch / "nbs", markdown=tool == "smalldocs")
    index = scratch / "nbs" / "index.ipynb"
    notebook = nbformat.read(index, as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace(TABLE, wings(scratch / "nbs"))
    nbformat.write(notebook, index)
    narrow.narrow(scratch / "nbs")
    for path in (scratch / "nbs").rglob("*.ipynb"):
        show_install(path)
        keep_introduction(path)
        run_no_story(path)
    for command in (
        [sys.executable, "-c", PROC_NBS],
        [tool, "render"] if tool == "quarto" else [tool, "render", "_proc"],
    ):
        done = subprocess.run(
            command,
            cwd=scratch / "_proc" if tool == command[0] == "quarto" else scratch,
            env=environment,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    found = [page.parent for page in scratch.glob("_*/**/index.html")]
    if not found:
        sys.exit(f"{tool} built no index.html:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    site = min(found, key=lambda folder: len(folder.parts))
    if tool == "smalldocs":
        polish.own_links(site)
        polish.reachable(site)
        polish.no_other_hosts(site)
        polish.search(site)
        polish.frame(site)
        polish.folds(site)
        polish.lost(site)
        polish.whole_words(site)
        polish.line_ends(site)
        polish.lists(site)
        polish.take_away(site, scratch / "nbs")
        plain.tidy(site)
        plain.index(site, sidebar(scratch / "nbs"))
        plain.linked(site)
    return site


def differences(one: Path, two: Path) -> list[str]:
    "Files that are not the same in two folders."
    names = sorted(
        {
            path.relative_to(folder)
            for folder in (one, two)
            for path in folder.rglob("*")
            if path.is_file()
        }
    )
    return [
        str(name)
        for name in names
        if not (
            (one / name).is_file()
            and (two / name).is_file()
            and filecmp.cmp(one / name, two / name, shallow=False)
        )
    ]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for option in ("check", "in-step", "readme", "quarto"):
        parser.add_argument(f"--{option}", action="store_true")
    parser.add_argument("--keep", metavar="DIR", type=Path, help="put the site here, too")
    options = parser.parse_args()
    options.check = options.check or options.in_step
    if options.check and (ROOT / "README.md").read_text(encoding="utf-8") != readme():
        print(
            "README.md is out of step with nbs/index.ipynb: run python docs/build.py --readme "
            "and commit it"
        )
        return 1
    if not options.check:
        (ROOT / "README.md").write_text(readme(), encoding="utf-8")
    if options.readme:
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        tool = "quarto" if options.quarto else "smalldocs"
        site = build(Path(scratch), tool)
        wrong = broken(site)
        print(
            f"{len(list(site.rglob('*.html')))} pages,",
            f"{len(wrong)} broken links:" if wrong else "no broken link",
        )
        print("\n".join(wrong[:30]), end="\n" if wrong else "")
        if options.keep:
            shutil.copytree(site, options.keep, dirs_exist_ok=True)
        if options.check:
            stale = differences(site, SITE) if options.in_step else []
            if stale:
                print(
                    "docs/site is out of step with the notebooks: run python docs/build.py and "
                    "commit it;",
                    ", ".join(stale[:10]),
                )
            return bool(wrong or stale)
        target = SITE.with_name("site-quarto") if options.quarto else SITE
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(site, target)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
