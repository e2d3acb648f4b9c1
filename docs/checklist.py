"""The built site, line by line of what it is to do: a picture of each in light and dark, 1280 and
390 pixels wide, to look at, and what can be counted, in `facts.json` and `facts.md`.

python docs/checklist.py FOLDER                   docs/site, every line
python docs/checklist.py FOLDER --site DIR        another build
python docs/checklist.py FOLDER --only search     lines whose name has this word
python docs/checklist.py FOLDER --pages           every page, too: wider than the screen? axe?
"""

import argparse
import functools
import http.server
import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent / "tests"))
from chromium import CHROMIUM, FLAGS  # noqa: E402

SCREENS = [(scheme, width) for scheme in ("light", "dark") for width in (1280, 390)]
QUESTIONS = ["push to hub", "how much does it cost", "train a student", "csv"]


class Site(NamedTuple):
    "Where the site is."

    address: str
    folder: Path


Line = Callable[[Page, Site], dict[str, Any] | None]
LINES: list[Line] = []


def line(look: Line) -> Line:
    """A line of the list: it brings what is to be seen on the screen, and may return what it
    counted there. Its name is that of the picture; its words stand above it.
    """
    LINES.append(look)
    return look


# The site, a function a line


@line
def home(page: Page, site: Site) -> dict[str, Any]:
    "What for whom, at the first glance; seconds until the page is there."
    start = time.perf_counter()
    page.goto(f"{site.address}/index.html")
    return {"seconds": round(time.perf_counter() - start, 2)}


@line
def home_five_lines(page: Page, site: Site) -> None:
    "Five lines of Python with their output."
    page.goto(f"{site.address}/index.html#five-lines")


@line
def home_pictures(page: Page, site: Site) -> None:
    "The view and the report."
    page.goto(f"{site.address}/index.html")
    show(page, "img[src$='images/view.png']")


@line
def home_report(page: Page, site: Site) -> None:
    "The report."
    page.goto(f"{site.address}/index.html")
    show(page, "img[src$='images/report.png']")


@line
def home_commands(page: Page, site: Site) -> None:
    "Two commands, and the ten names of the front door."
    page.goto(f"{site.address}/index.html#two-commands")


@line
def search_open(page: Page, site: Site) -> dict[str, Any]:
    "Search while it is open; what it finds first."
    page.goto(f"{site.address}/index.html")
    first = {words: searched(page, words)[:3] for words in QUESTIONS}
    return {"first": first, "axe": serious(page)}


@line
def search_from_disk(page: Page, site: Site) -> dict[str, Any]:
    "The same on a page that is opened from disk."
    page.goto((site.folder / "index.html").as_uri())
    return {"first": {words: searched(page, words)[:3] for words in QUESTIONS}}


@line
def menu_open(page: Page, site: Site) -> dict[str, Any]:
    "On a phone the menu and the contents, open; on a screen the sidebar's folds, open."
    page.goto(f"{site.address}/records/03_schema.html")
    open_menus(page)
    return {"axe": serious(page)}


@line
def reference_record(page: Page, site: Site) -> None:
    "A record's fields with types and words."
    page.goto(f"{site.address}/records/03_schema.html#pair")


@line
def reference_function(page: Page, site: Site) -> None:
    "A function's parameters in one table."
    page.goto(f"{site.address}/recipe/15_train.html#train")


@line
def reference_recipe(page: Page, site: Site) -> None:
    "The recipe's keys as a table."
    page.goto(f"{site.address}/recipe/01_recipe.html#recipe")


@line
def command_line(page: Page, site: Site) -> None:
    "A command with every option."
    page.goto(f"{site.address}/commands.html#train")


@line
def tutorial(page: Page, site: Site) -> None:
    "The tutorial for those who have a file; breadcrumbs, Colab and download."
    page.goto(f"{site.address}/tutorials/your_verdicts.html")


@line
def table_wide(page: Page, site: Site) -> None:
    "A table of many columns."
    page.goto(f"{site.address}/explanations/how_to_read_agreement.html#of-which-pairs")


@line
def plot(page: Page, site: Site) -> None:
    "A plot in the theme's light."
    page.goto(f"{site.address}/agreement/12_plots.html")
    show(page, ".cell-output-display img")


@line
def footer(page: Page, site: Site) -> None:
    "Previous and next, version, changelog, report an issue."
    page.goto(f"{site.address}/tutorials/your_verdicts.html")
    page.evaluate("scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")


@line
def not_found(page: Page, site: Site) -> None:
    "An address that leads nowhere, two folders deep."
    page.goto(f"{site.address}/no/such/page.html")


@line
def words(page: Page, site: Site) -> None:
    "A and B, and the other words, explained."
    page.goto(f"{site.address}/records/03_schema.html#verdict")


# The notebooks and the views: lines about what is no page of the site are put here


# What the lines share


def show(page: Page, selector: str) -> None:
    "Scroll a thing under the bar."
    place = (
        "e => scrollTo({top: e.getBoundingClientRect().top + scrollY - 80, behavior: 'instant'})"
    )
    page.locator(selector).first.evaluate(place)


def searched(page: Page, words: str) -> list[str]:
    "The pages that a search finds, the best first; on a phone its box stands in the menu."
    box = page.locator("input[type=search]").first
    if not box.is_visible():
        page.locator(".navbar-toggler").first.click()
        page.wait_for_timeout(500)  # the menu slides
    box.fill(words)
    page.wait_for_timeout(400)  # what was found before goes
    results = page.locator(".smalldocs-search-results a")
    results.first.wait_for(timeout=10000)
    return [link.get_attribute("href").lstrip("./") for link in results.all()]


def open_menus(page: Page) -> None:
    "Open what is folded in the bars: by the keyboard, where a fold has to be reached by it."
    bars = page.locator(".navbar-toggler, .quarto-btn-toggle, .quarto-secondary-nav button")
    for button in [button for button in bars.all() if button.is_visible()]:
        button.click()
        page.wait_for_timeout(500)  # the menu slides
    fold = page.locator("#quarto-sidebar a.sidebar-item-text[role=button]").first
    if fold.is_visible():
        fold.focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(500)


def serious(page: Page) -> list[str]:
    "What axe finds at serious or critical."
    found = Axe().run(page).response["violations"]
    bad = [v for v in found if v["impact"] in ("serious", "critical")]
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in bad]


def opened(browser: Browser, scheme: str, width: int) -> Page:
    "A page of a screen; nothing on it glides."
    screen = {"width": width, "height": 900}
    return browser.new_page(viewport=screen, color_scheme=scheme, reduced_motion="reduce")


def is_wider(page: Page) -> bool:
    "Whether a page scrolls sideways."
    root = "document.documentElement"
    return page.evaluate(f"{root}.scrollWidth > {root}.clientWidth")


def every_page(browser: Browser, site: Site) -> dict[str, Any]:
    "Pages that scroll sideways, and those that axe finds something serious on."
    names = sorted(path.relative_to(site.folder).as_posix() for path in site.folder.rglob("*.html"))
    wide, bad = [], {}
    for scheme, width in SCREENS:
        page = opened(browser, scheme, width)
        for name in names:
            page.goto(f"{site.address}/{name}")
            wide += [f"{name} at {width}"] if is_wider(page) else []
            if found := serious(page):
                bad[f"{name} {scheme} {width}"] = found
        page.close()
    return {"pages": len(names), "scroll sideways": wide, "axe": bad}


def take(browser: Browser, site: Site, look: Line, folder: Path) -> dict[str, Any]:
    "A line's four pictures and what it counted."
    facts = {}
    for scheme, width in SCREENS:
        page = opened(browser, scheme, width)
        counted = look(page, site) or {}
        page.wait_for_timeout(300)
        facts[f"{scheme} {width}"] = {**counted, "scrolls sideways": is_wider(page)}
        page.screenshot(path=folder / f"{look.__name__}_{scheme}_{width}.png")
        page.close()
    return facts


def markdown(facts: dict[str, Any]) -> str:
    "The list to look through: a line, its pictures, what was counted."
    parts = ["# The site, line by line"]
    for look in LINES:
        if look.__name__ in facts:
            parts.append(f"## {look.__name__}: {look.__doc__}")
            for screen, counted in facts[look.__name__].items():
                picture = f"{look.__name__}_{screen.replace(' ', '_')}.png"
                parts.append(f"![{screen}]({picture})\n\n`{json.dumps(counted)}`")
    if "pages" in facts:
        parts.append(f"## Every page\n\n```json\n{json.dumps(facts['pages'], indent=1)}\n```")
    return "\n\n".join(parts) + "\n"


class Served(http.server.SimpleHTTPRequestHandler):
    "The site as a host shows it: the page for what is not there at any address."

    def log_message(self, *_: object) -> None:
        "Nothing."

    def send_error(self, code: int, *_: object, **__: object) -> None:
        "The page 404."
        body = (Path(self.directory) / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="for pictures and facts")
    parser.add_argument("--site", type=Path, default=DOCS / "site")
    parser.add_argument("--only", default="", metavar="WORD")
    parser.add_argument("--pages", action="store_true")
    options = parser.parse_args()
    folder = options.site.resolve()
    options.folder.mkdir(parents=True, exist_ok=True)
    handler = functools.partial(Served, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site = Site(f"http://127.0.0.1:{server.server_port}", folder)
    facts: dict[str, Any] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for look in LINES:
            if options.only in look.__name__:
                facts[look.__name__] = take(browser, site, look, options.folder)
        if options.pages:
            facts["pages"] = every_page(browser, site)
        browser.close()
    server.shutdown()
    server.server_close()
    (options.folder / "facts.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
    (options.folder / "facts.md").write_text(markdown(facts), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
