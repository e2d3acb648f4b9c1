"""What is done to the pages that smalldocs renders: every box can be reached, nothing is asked of
another host, names link to pages that are here, and search works from disk.
"""

import configparser
import html
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import latex2mathml.converter

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
SCROLLS = (
    r"pre"
    r"""|div style=["']overflow-x:auto["']"""
    r'|div class="sd-table"'
    r'|div class="cell-output cell-output-display"'
)


def edit(path: Path, change: Callable[[str], str]) -> None:
    "Rewrite a file."
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def reachable(site: Path) -> None:
    "Let a box that scrolls be reached with the keyboard."
    for page in site.rglob("*.html"):
        edit(
            page, lambda text: re.sub(rf"<({SCROLLS})(?![^>]*tabindex)", r'<\1 tabindex="0"', text)
        )


def search(site: Path) -> None:
    """Search by words, over an index that is a script: a page that is opened from disk may load no
    JSON.
    """
    index = (site / "search.json").read_text(encoding="utf-8")
    (site / "site_libs" / "index.js").write_text(
        f"window.judgeDistillIndex = {index};\n", encoding="utf-8"
    )
    (site / "search.json").unlink()
    shutil.copy(DOCS / "search.js", site / "site_libs" / "search.js")
    shutil.rmtree(site / "site_libs" / "fuse")

    def script(text: str) -> str:
        for old, new in SEARCH.items():
            if old not in text:
                raise SystemExit(f"smalldocs.js has changed: {old!r} is not in it")
            text = text.replace(old, new)
        return text

    edit(site / "site_libs" / "smalldocs.js", script)
    for page in site.rglob("*.html"):
        edit(
            page, lambda text: re.sub(r"site_libs/fuse/fuse\.min\.js", "site_libs/search.js", text)
        )


# what smalldocs does → what is done here
SEARCH = {
    "snippet(e.text, q)": "snippet(e.text, window.judgeDistillWords(q, e.text))",
    'const r = await fetch(offset + "search.json");\n      index = await r.json();': (
        "await new Promise((done, failed) => {\n"
        '        const tag = document.createElement("script");\n'
        '        tag.src = offset + "site_libs/index.js";\n'
        "        tag.onload = done;\n"
        "        tag.onerror = failed;\n"
        "        document.head.append(tag);\n"
        "      });\n"
        "      index = window.judgeDistillIndex;"
    ),
    "const hits = fuse ?": (
        "const hits = window.judgeDistillSearch\n"
        "        ? window.judgeDistillSearch(q, index, limit) : fuse ?"
    ),
}


def frame(site: Path) -> None:
    "The version in the footer, and what the theme leaves without a name or a date."
    version = settings()["version"]
    for page in site.rglob("*.html"):
        edit(page, lambda text: text.replace("judge_distill VERSION", f"judge_distill {version}"))
    (site / "sitemap.xml").unlink(missing_ok=True)  # it holds the time of the build


def folds(site: Path) -> None:
    """Let a fold of the sidebar be opened with the keyboard, which passes a link without an address
    by. A page that stands in no fold shows the first, the tutorials.
    """
    toggle = r'<a (class="sidebar-item-[^"]*" data-bs-toggle="collapse" data-bs-target="(#[^"]*)")'
    first = r'(data-bs-target="#quarto-sidebar-section-1" role=)"\w+" aria-expanded="false"'
    inside = re.compile(r'<ul id="quarto-sidebar-section[^>]* show"')
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        if not inside.search(text):
            text = re.sub(first, r'\1"navigation" aria-expanded="true"', text)
            text = re.sub(r' collapsed(" [^>]*"#quarto-sidebar-section-1")', r"\1", text)
            text = re.sub(r'(<ul id="quarto-sidebar-section-1" class="[^"]*)"', r'\1 show"', text)
        text = re.sub(rf'{toggle} role="navigation"', r'<a href="\2" \1 role="button"', text)
        page.write_text(text, encoding="utf-8")


def lost(site: Path) -> None:
    "The page for what is not there is shown at any address: its links begin at the site's root."
    base = f"<base href='{settings()['doc_baseurl']}'>"
    script = f'<script>if (location.protocol !== "file:") document.write("{base}");</script>'
    edit(site / "404.html", lambda text: text.replace("<head>", f"<head>{script}", 1))


def whole_words(site: Path) -> None:
    "Keep options and names with a hyphen in one piece where a line of text ends."

    def kept(found: re.Match) -> str:
        if found[2] is None:  # a block of code
            return found[0]
        # what is longer than this fits no column of a phone
        short = r"(?<!\S)(?=\S*-)\S{1,28}(?!\S)"
        words = re.sub(short, r"<span class='whole-word'>\g<0></span>", found[2])
        return f"<code>{words}</code>" if len(found[2]) > 10 else found[0]

    for page in site.rglob("*.html"):
        edit(
            page,
            lambda text: re.sub(
                r"(<pre\b.*?</pre>)|<code>([^<]*-[^<]*)</code>", kept, text, flags=re.DOTALL
            ),
        )


def line_ends(site: Path) -> None:
    """Say where long code in a table may go on in the next line: behind a bracket, a comma, a dot.
    Names, in the first column, stay whole.
    """
    long = re.compile(r"<code>[^<\s]{33,}</code>")

    def mark(found: re.Match) -> str:
        return found[1] or f"{found[2]}<wbr>"

    def ends(found: re.Match) -> str:
        if "<code>" not in found[2] or found[1] and not long.search(found[2]):
            return found[0]
        inner = re.sub(r"(<[^>]*>)|([\[(,./:=?|]|&amp;)(?=[\w'])", mark, found[2])
        return f"{found[1] or ''}{inner}"

    cell = r"(<tr[^>]*>\s*)?(<td\b[^>]*>.*?</td>)"
    for page in site.rglob("*.html"):
        edit(page, lambda text: re.sub(cell, ends, text, flags=re.DOTALL))


# what the first column of a table is called whose lines are read one by one, not compared
NAMES = "option|parameter|field|member|key|setting"
ONE_BY_ONE = f"{NAMES}|name|file|you have|you want|spec"


def lists(site: Path) -> None:
    "Mark tables that a phone shows as a list, one option or file under the other; names are whole."
    table = r"[^>]*>\s*<table[^>]*>\s*<thead>\s*<tr[^>]*>"
    head = rf'<div class="sd-table"(?={table}\s*<th[^>]*>({ONE_BY_ONE})</th>)'

    def marked(found: re.Match) -> str:
        names = " names" if found[1] in NAMES.split("|") else ""
        return f'<div class="sd-table as-list{names}"'

    for page in site.rglob("*.html"):
        edit(page, lambda text: re.sub(head, marked, text))


def take_away(site: Path, nbs: Path) -> None:
    "Under the title of each notebook's page: open it in Colab, or take it along."
    repository, branch = settings()["git_url"], settings()["branch"]
    place = repository.removeprefix("https://github.com/")
    colab = f"https://colab.research.google.com/github/{place}/blob/{branch}/nbs"
    for notebook in nbs.rglob("*.ipynb"):
        name = notebook.relative_to(nbs).as_posix()
        links = (
            '<div class="take-away">'
            f'<a href="{colab}/{name}">Open in Colab</a> '
            f'<a href="{repository}/raw/{branch}/nbs/{name}" download>Download the notebook</a>'
            "</div></header>"
        )
        edit(
            (site / name).with_suffix(".html"),
            lambda text, links=links: text.replace("</header><!--", f"{links}<!--", 1),
        )


def settings() -> configparser.SectionProxy:
    "What stands in settings.ini."
    config = configparser.ConfigParser(delimiters=["="])
    config.read(ROOT / "settings.ini", encoding="utf-8")
    return config["DEFAULT"]


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


def published() -> str:
    "The published host, as a pattern."
    return re.escape(settings()["doc_host"].rstrip("/"))


def pages_of(site: Path) -> dict[str, Path]:
    "Module → its page."
    return {
        re.sub(r"\d+_", "", page.relative_to(site).with_suffix("").as_posix()): page
        for page in site.rglob("*.html")
    }


def own_links(site: Path) -> None:
    """nbdev links a name to the page `module.html` on the published host: lead to the name on the
    page here, and show plain text where no page tells of it or a link was put into a signature.
    """
    host, pages = published(), pages_of(site)
    places = {
        name: {"", *re.findall(r"""\bid=["']([^"']+)""", page.read_text(encoding="utf-8"))}
        for name, page in pages.items()
    }
    address = rf"{host}/([\w/]+)\.html(?:#([\w.-]*))?"
    for file in [*site.rglob("*.html"), *site.rglob("search.json")]:

        def told(found: re.Match, file: Path = file) -> str:
            return found[0] if (found[2] or "") in places.get(found[1], ()) else found[3]

        def here(found: re.Match, file: Path = file) -> str:
            if found[1] not in pages:
                return found[0]
            place = f"#{found[2]}" if found[2] in places[found[1]] and found[2] else ""
            return os.path.relpath(pages[found[1]], file.parent) + place

        text = file.read_text(encoding="utf-8")
        text = re.sub(rf"\[`?([^\[\]`]+)`?\]\({host}/[^)\s]*\)", r"\1", text)
        # a field or parameter is not the function of its name
        own = rf'(<tr>\s*<td[^>]*>)<a href="{host}/[^"]*"[^>]*>(<code>[^<]*</code>)</a>'
        text = re.sub(own, r"\1\2", text)
        text = re.sub(rf'<a href="{address}"[^>]*>(.*?)</a>', told, text, flags=re.DOTALL)
        file.write_text(re.sub(address, here, text), encoding="utf-8")
