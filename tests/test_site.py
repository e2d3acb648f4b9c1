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


def screen(*screens):
    "A fixture: a page on each of these screens, a colour scheme and a width."

    @pytest.fixture(scope="module", params=screens, ids=lambda one: f"{one[0]} {one[1]}")
    def opened(request, browser):
        scheme, width = request.param
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            reduced_motion="reduce",
        )
        yield context.new_page()
        context.close()

    return opened


# every page is looked at on two screens, one of each kind on the two others
view = screen(("light", 1280), ("dark", 390))
other = screen(("light", 390), ("dark", 1280))
each = screen(("light", 1280), ("light", 390), ("dark", 1280), ("dark", 390))
KINDS = [
    "index.html",
    "404.html",
    "commands.html",
    "tutorials/your_verdicts.html",
    "explanations/how_to_read_agreement.html",
    "records/03_schema.html",
    "recipe/01_recipe.html",
    "agreement/12_plots.html",
    "views/07_browse.html",
]


def serious(page):
    "What axe finds at serious or critical."
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    bad = [v for v in found if v["impact"] in ("serious", "critical")]
    return [(v["id"], v["nodes"][0]["html"][:200]) for v in bad]


def is_wider(page):
    "Whether a page scrolls sideways."
    root = "document.documentElement"
    return page.evaluate(f"{root}.scrollWidth > {root}.clientWidth")


@pytest.mark.parametrize("name", PAGES)
def test_page(view, address, name):
    asked = []
    view.on("request", lambda request: asked.append(request.url))
    view.goto(f"{address}/{name}")
    assert not serious(view)
    assert not is_wider(view), "wider than the screen"
    assert not [url for url in asked if not url.startswith((address, "data:"))], "asks another host"


@pytest.mark.parametrize("name", KINDS)
def test_a_page_of_each_kind_on_the_other_screens(other, address, name):
    other.goto(f"{address}/{name}")
    assert not serious(other)
    assert not is_wider(other), "wider than the screen"


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


def test_search_is_readable(each, address):
    each.goto(f"{address}/index.html")
    if not each.locator("input[type=search]").first.is_visible():
        each.locator(".navbar-toggler").first.click()
        each.wait_for_timeout(500)
    searched(each, "agreement")
    assert not serious(each)


def test_a_menu_that_is_open_is_readable(each, address):
    each.goto(f"{address}/records/03_schema.html")
    buttons = each.locator(".navbar-toggler, .quarto-btn-toggle, .quarto-secondary-nav button")
    for button in [button for button in buttons.all() if button.is_visible()]:
        button.click()
        each.wait_for_timeout(500)  # the menu slides
    assert not serious(each)


def test_a_fold_opens_by_the_keyboard(browser, address):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}/index.html")
    inside = page.get_by_role("link", name="Many machines").first
    assert not inside.is_visible()
    page.locator("#quarto-sidebar a", has_text="Explanations").first.focus()
    page.keyboard.press("Enter")
    inside.wait_for(state="visible", timeout=5000)
    page.close()


def test_the_home_page_shows_the_tutorials_and_folds_the_reference(browser, address):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}/index.html")
    sidebar = page.locator("#quarto-sidebar")
    assert sidebar.get_by_text("Your verdicts in, a judge out").is_visible()
    assert not sidebar.get_by_text("Spellings", exact=True).is_visible()
    page.close()


def test_tables_of_the_reference_fit_a_screen(browser, address):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}/recipe/01_recipe.html")
    wide = "tables => tables.filter(t => t.scrollWidth > t.clientWidth + 1).length"
    assert page.eval_on_selector_all(".sd-table", wide) == 0
    page.close()


def test_every_link_of_llms_txt_leads_to_a_page_as_markdown():
    links = re.findall(r"\]\(([^)]+)\)", (SITE / "llms.txt").read_text(encoding="utf-8"))
    pages = {name.replace(".html", ".llms.md") for name in PAGES} - {"404.llms.md"}
    assert len(links) == len(set(links)) and set(links) == pages


@pytest.mark.parametrize("name", KINDS[2:])
def test_a_page_as_markdown_has_its_words(name):
    text = (SITE / name).read_text(encoding="utf-8")
    article = re.search(r"<main.*?</main>", text, re.DOTALL)[0]
    article = re.sub(r"<(script|style|nav|header)\b.*?</\1>", "", article, flags=re.DOTALL)
    there = set(re.findall(r"[a-z]{5,}", re.sub(r"<[^>]*>", " ", article)))
    copy = (SITE / name.replace(".html", ".llms.md")).read_text(encoding="utf-8")
    assert len(there - set(re.findall(r"[a-z]{5,}", copy))) <= len(there) / 20
    assert "judge-distill.github.io" not in copy and "AUTOGENERATED" not in copy


def test_no_page_hides_a_record_behind_data():
    texts = {name: (SITE / name).read_text(encoding="utf-8") for name in PAGES}
    bare = {name: re.sub(r"<[^>]*>|\s", "", text) for name, text in texts.items()}
    assert not [name for name, text in bare.items() if "(**data:Any)" in text]


def test_every_page_says_the_version_and_leads_on():
    text = (SITE / "records" / "03_schema.html").read_text(encoding="utf-8")
    assert re.search(r"judge_distill \d+\.\d+\.\d+", text)
    assert "page-navigation" in text and "favicon" in text and "breadcrumb" in text
