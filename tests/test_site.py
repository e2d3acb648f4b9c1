"""The built site in a real browser: accessible, readable on a phone, in light and in dark, without
a word from another host.
"""

import functools
import http.server
import shutil
import threading
from pathlib import Path

import pytest

SITE = Path(__file__).parent.parent / "docs" / "site"
CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
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


def test_search(browser, address):
    page = browser.new_page()
    page.goto(f"{address}/index.html")
    page.fill("input[type=search]", "position")
    page.wait_for_selector(".smalldocs-search-results a", timeout=5000)
