"""The built site in a real browser: accessible, readable on a phone, in light and in dark, without
a word from another host.
"""

import functools
import http.server
import os
import re
import threading
from pathlib import Path

import pytest
from chromium import CHROMIUM, FLAGS

HERE = Path(__file__).parent.parent / "docs" / "site"
SITE = Path(os.environ.get("JUDGE_DISTILL_SITE", HERE))  # CI sets it: the site just built
PAGES = sorted(str(page.relative_to(SITE)) for page in SITE.rglob("*.html"))

pytestmark = [
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def address():
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=SITE)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(
    scope="module",
    params=[("light", 1300), ("dark", 390)],
    ids=["light and wide", "dark on a phone"],
)
def view(request, browser):
    scheme, width = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_page(view, address, name):
    from axe_playwright_python.sync_playwright import Axe

    asked = []
    view.on("request", lambda request: asked.append(request.url))
    view.goto(f"{address}/{name}")
    found = [
        v for v in Axe().run(view).response["violations"] if v["impact"] in ("serious", "critical")
    ]
    assert not found, [(v["id"], v["nodes"][0]["html"][:200]) for v in found]
    assert view.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    ), "wider than the screen"
    assert not [url for url in asked if not url.startswith((address, "data:"))], "asks another host"


def searched(page, words):
    "The pages that a search finds, the best first."
    page.locator("input[type=search]").first.fill(words)
    results = page.locator(".smalldocs-search-results a")
    results.first.wait_for(timeout=5000)
    return [link.get_attribute("href").lstrip("./") for link in results.all()]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("position bias", "agreement/"),
        ("push to hub", "students/"),
        ("how much does it cost", "calls/|commands|tutorials/distill_with_openai"),
        ("train a student", "tutorials/|students/|commands|recipe/"),
        ("csv", "data/|index|commands|tutorials/"),
    ],
)
def test_search_finds_where_it_is_answered(browser, address, words, answer):
    page = browser.new_page()
    page.goto(f"{address}/index.html")
    assert any(re.match(answer, href) for href in searched(page, words)[:3])


def test_search_works_on_pages_opened_from_disk(browser):
    page = browser.new_page()
    page.goto((SITE / "index.html").as_uri())
    assert searched(page, "agreement interval")


def test_search_is_readable(view, address):
    from axe_playwright_python.sync_playwright import Axe

    view.goto(f"{address}/index.html")
    if not view.locator("input[type=search]").first.is_visible():
        view.locator(".navbar-toggler").first.click()
        view.wait_for_timeout(500)
    searched(view, "agreement")
    found = Axe().run(view).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert not serious, [(v["id"], v["nodes"][0]["html"][:200]) for v in serious]


def test_a_menu_that_is_open_is_readable(view, address):
    from axe_playwright_python.sync_playwright import Axe

    view.goto(f"{address}/records/03_schema.html")
    buttons = view.locator(".navbar-toggler, .quarto-btn-toggle, .quarto-secondary-nav button")
    for button in [button for button in buttons.all() if button.is_visible()]:
        button.click()
        view.wait_for_timeout(500)  # the menu slides
    found = Axe().run(view).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert not serious, [(v["id"], v["nodes"][0]["html"][:200]) for v in serious]


def test_no_page_hides_a_record_behind_data():
    texts = {name: (SITE / name).read_text(encoding="utf-8") for name in PAGES}
    bare = {name: re.sub(r"<[^>]*>|\s", "", text) for name, text in texts.items()}
    assert not [name for name, text in bare.items() if "(**data:Any)" in text]


def test_every_page_says_the_version_and_leads_on():
    text = (SITE / "records" / "03_schema.html").read_text(encoding="utf-8")
    assert re.search(r"judge_distill \d+\.\d+\.\d+", text)
    assert "page-navigation" in text and "favicon" in text and "breadcrumb" in text
