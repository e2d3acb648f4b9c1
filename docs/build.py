"""Builds README.md and the docs site from the notebooks, offline.

    python docs/build.py                  the site, in docs/site, links checked
    python docs/build.py --readme         README.md from nbs/index.ipynb
    python docs/build.py --readme-check   fails if README.md is out of step
"""
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat

ROOT = Path(__file__).parent.parent
SITE = ROOT / "docs" / "site"


def readme() -> str:
    "The index notebook as Markdown: its prose, and the text of its outputs."
    parts = []
    for cell in nbformat.read(ROOT / "nbs" / "index.ipynb", as_version=4).cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "text/markdown" in data:
                parts.append(data["text/markdown"].strip())
    return "<!-- made from nbs/index.ipynb by docs/build.py --readme; edit that -->\n\n" + "\n\n".join(parts) + "\n"


class Links(HTMLParser):
    "The links and anchors of a page."

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list) -> None:
        found = dict(attrs)
        self.links += [found[name] for name in ("href", "src") if found.get(name)]
        self.ids |= {found[name] for name in ("id", "name") if found.get(name)}


def broken() -> list[str]:
    "Links within the site that lead nowhere."
    pages = {}
    for page in SITE.rglob("*.html"):
        pages[page] = Links()
        pages[page].feed(page.read_text(encoding="utf-8"))
    found = []
    for page, parsed in pages.items():
        for link in parsed.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or not parts.path:
                continue
            path = unquote(parts.path)
            target = (SITE / path.lstrip("/") if path.startswith("/") else page.parent / path).resolve()
            if not target.exists():
                found.append(f"{page.relative_to(SITE)}: {link}")
    return found


def main() -> int:
    if "--readme" in sys.argv or "--readme-check" in sys.argv:
        if "--readme-check" in sys.argv and (ROOT / "README.md").read_text(encoding="utf-8") != readme():
            print("README.md is out of step with nbs/index.ipynb: run python docs/build.py --readme")
            return 1
        (ROOT / "README.md").write_text(readme(), encoding="utf-8")
        return 0
    shutil.rmtree(ROOT / "_proc", ignore_errors=True)
    subprocess.run(["nbdev_proc_nbs"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    tool = ["quarto", "render"] if shutil.which("quarto") else ["smalldocs", "render"]
    done = subprocess.run([*tool, "_proc"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout, done.stderr)
        return 1
    built = next((p for p in (ROOT / "_proc" / "_docs", ROOT / "_docs", ROOT / "_proc" / "_site") if p.is_dir()), None)
    if built is None:
        print("no site was built:", re.sub(r"\s+", " ", done.stdout)[-300:])
        return 1
    shutil.rmtree(SITE, ignore_errors=True)
    shutil.copytree(built, SITE)
    wrong = broken()
    print(f"{len(list(SITE.rglob('*.html')))} pages in docs/site,", f"{len(wrong)} broken links" if wrong else "no broken link")
    print("\n".join(wrong[:30]))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
