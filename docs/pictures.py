"""The home page's pictures of the view and of the report, from what the commands write.

python docs/pictures.py    nbs/images/view.png and nbs/images/report.png, anew

Needs Chromium, and in JUDGE_DISTILL_DATA the published set of PandaLM: the report is that of a
student that counts, on its verdicts by GPT-3.5 and three people's labels.
"""

import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

import judge_distill as jd
from judge_distill.cli import main as command
from judge_distill.testing.eight_questions import eight_pairs

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent / "tests"))
from chromium import CHROMIUM, FLAGS  # noqa: E402

IMAGES = DOCS.parent / "nbs" / "images"
WIDTH = 1000
AFTER_PEOPLE = "xpath=(//table)[2]/following::p[1]"


def opened(browser: Browser, page: Path) -> Page:
    "A page from disk, in the light theme: the site turns its light where it is dark."
    shown = browser.new_page(viewport={"width": WIDTH, "height": 900}, color_scheme="light")
    shown.goto(page.as_uri())
    return shown


def take(page: Page, until: str, name: str) -> None:
    "A picture of a page down to the end of the first thing of its kind."
    end = page.locator(until).first.evaluate("e => e.getBoundingClientRect().bottom + scrollY")
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": round(end) + 16}
    page.screenshot(path=IMAGES / name, clip=clip, full_page=True)
    Image.open(IMAGES / name).quantize(64).save(IMAGES / name, optimize=True)


def view(browser: Browser, folder: Path) -> None:
    "Eight pairs, two judges that differ on some; the first pair is open."
    judged = folder / "kitchen and garden"
    for judge in ("longer", "rubric"):
        jd.judge(eight_pairs(), judge, out=judged)
    command(["view", str(judged), "--out", str(folder / "view.html")])
    page = opened(browser, folder / "view.html")
    if not page.locator("article > details[open]").count():
        page.locator("article > details > summary").first.click()
    take(page, "article > details[open]", "view.png")


def report(browser: Browser, folder: Path) -> None:
    "A student's report, down to how far it agrees with people."
    student = folder / "my_judge"
    command(["train", "pandalm", "--kind", "features", "--out", str(student)])
    take(opened(browser, student / "report.html"), AFTER_PEOPLE, "report.png")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for picture in (view, report):
            picture(browser, Path(folder))
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
