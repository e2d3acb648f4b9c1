"""Builds README.md and the docs site from the notebooks, offline.

python docs/build.py                  the site into docs/site, links checked; and README.md from nbs/index.ipynb
python docs/build.py --check          changes nothing; fails on a broken link, or where README.md or docs/site is out of step
python docs/build.py --readme         README.md alone
python docs/build.py --quarto         the site with Quarto, where it is installed, into docs/site-quarto
"""

import argparse
import configparser
import filecmp
import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import latex2mathml.converter
import nbformat
import yaml

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "docs" / "site"
# nbdev_proc_nbs without its first step, which would install Quarto as root where it is missing
PROC_NBS = (
    "import nbdev.quarto as q; q._ensure_quarto = lambda: None; "
    "q.nbdev_proc_nbs.__wrapped__(force=True)"
)


# the folders of nbs/ in the order in which a reader meets them, with the words of the sidebar
SECTIONS = {
    "tutorials": "Tutorials",
    "explanations": "Explanations",
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
    "testing": "Testing",
}


def sidebar(nbs: Path) -> list[str | dict]:
    "The sidebar's contents, in Quarto's form: it follows the folders."
    contents: list[str | dict] = ["index.ipynb"]
    for folder, words in SECTIONS.items():
        pages = sorted(path.relative_to(nbs).as_posix() for path in (nbs / folder).glob("*.ipynb"))
        contents.append({"section": words, "contents": pages})
    return [*contents, "cli.ipynb", "changelog.md"]


def write_sidebar(nbs: Path) -> None:
    "Put the sidebar into a copy's `_quarto.yml`."
    path = nbs / "_quarto.yml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings["website"]["sidebar"]["contents"] = sidebar(nbs)
    path.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")


def readme() -> str:
    """The index notebook as Markdown: its prose, and its outputs that are Markdown; links lead into
    nbs/.
    """
    parts = []
    for cell in nbformat.read(ROOT / "nbs" / "index.ipynb", as_version=4).cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        for output in cell.get("outputs", []):
            if "text/markdown" in output.get("data", {}):
                parts.append(output["data"]["text/markdown"].strip())
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


def reachable(site: Path) -> None:
    "Let a box that scrolls be reached with the keyboard."
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        page.write_text(
            re.sub(
                r"""<(pre|div style=["']overflow-x:auto["']|div class="sd-table"|div class="cell-output cell-output-display")(?![^>]*tabindex)""",
                r'<\1 tabindex="0"',
                text,
            ),
            encoding="utf-8",
        )


def formulas(page: str) -> str:
    """A page whose formulas are MathML, which browsers show by themselves, and not left to a script
    from another host.
    """

    def mathml(found: re.Match) -> str:
        return latex2mathml.converter.convert(
            html.unescape(found[2]), display="block" if found[1] == "display" else "inline"
        )

    page = re.sub(r"<(?:link|script)[^>]*/katex@[^>]*>(?:</script>)?", "", page)
    return re.sub(
        r'<span class="math (inline|display)">\\[(\[](.*?)\\[)\]]</span>',
        mathml,
        page,
        flags=re.DOTALL,
    )


def no_other_hosts(site: Path) -> None:
    """The themes fetch their fonts, and pages their formulas, from another host: use what the
    reader has instead.
    """
    for page in site.rglob("*.html"):
        page.write_text(formulas(page.read_text(encoding="utf-8")), encoding="utf-8")
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        sheet.write_text(re.sub(r"@import url\([\"']?https?:[^)]*\);?", "", text), encoding="utf-8")


def own_links(site: Path) -> None:
    """nbdev links a name to the page `module.html` on the published host: lead to the page of that
    name here, and show plain text where a link was put into a signature.
    """
    config = configparser.ConfigParser(delimiters=["="])
    config.read(ROOT / "settings.ini", encoding="utf-8")
    host = re.escape(config["DEFAULT"]["doc_host"].rstrip("/"))
    pages = {
        re.sub(r"\d+_", "", page.relative_to(site).with_suffix("").as_posix()): page
        for page in site.rglob("*.html")
    }
    for file in [*site.rglob("*.html"), *site.rglob("search.json")]:

        def here(found: re.Match, file: Path = file) -> str:
            return (
                os.path.relpath(pages[found[1]], file.parent) + (found[2] or "")
                if found[1] in pages
                else found[0]
            )

        text = file.read_text(encoding="utf-8")
        text = re.sub(rf"\[`?([^\[\]`]+)`?\]\({host}/[^)\s]*\)", r"\1", text)
        file.write_text(re.sub(rf"{host}/([\w/]+)\.html(#[\w.-]+)?", here, text), encoding="utf-8")


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


def build(scratch: Path, tool: str) -> Path:
    "The site, built in a scratch folder so that nothing in the tree changes."
    for name in ("nbs", "judge_distill"):
        shutil.copytree(
            ROOT / name, scratch / name, ignore=shutil.ignore_patterns("__pycache__", ".*", "runs")
        )
    for name in ("settings.ini", "README.md"):
        shutil.copy(ROOT / name, scratch)
    shutil.copy(ROOT / "CHANGELOG.md", scratch / "nbs" / "changelog.md")
    write_sidebar(scratch / "nbs")
    for path in (scratch / "nbs").rglob("*.ipynb"):
        keep_introduction(path)
    for command in (
        [sys.executable, "-c", PROC_NBS],
        [tool, "render"] if tool == "quarto" else [tool, "render", "_proc"],
    ):
        done = subprocess.run(
            command,
            cwd=scratch / "_proc" if tool == command[0] == "quarto" else scratch,
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
        own_links(site)
        reachable(site)
        no_other_hosts(site)
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
    for option in ("check", "readme", "quarto"):
        parser.add_argument(f"--{option}", action="store_true")
    options = parser.parse_args()
    if options.check and (ROOT / "README.md").read_text(encoding="utf-8") != readme():
        print(
            (
                "README.md is out of step with nbs/index.ipynb: run python docs/build.py and "
                "commit it"
            )
        )
        return 1
    if not options.check:
        (ROOT / "README.md").write_text(readme(), encoding="utf-8")
    if options.readme:
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        site = build(Path(scratch), "quarto" if options.quarto else "smalldocs")
        wrong = broken(site)
        print(
            f"{len(list(site.rglob('*.html')))} pages,",
            f"{len(wrong)} broken links:" if wrong else "no broken link",
        )
        print("\n".join(wrong[:30]), end="\n" if wrong else "")
        if options.check:
            stale = differences(site, SITE) if SITE.exists() else []
            if stale:
                print(
                    (
                        "docs/site is out of step with the notebooks: run python docs/build.py "
                        "and commit it;"
                    ),
                    ", ".join(stale[:10]),
                )
            return bool(wrong or stale)
        target = SITE.with_name("site-quarto") if options.quarto else SITE
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(site, target)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
