"Markdown is rendered, and nothing in it runs."

import pytest
from views.harmless import NASTY, parsed

from judge_distill.records.schema import Answer, Pair
from judge_distill.views.html import answers_html, marked, rendered, safe


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("**bold** words", "<strong>bold</strong>"),
        ("1. one\n2. two", "<li>two</li>"),
        ("```python\nprint('<b>')\n```", "<pre><code>print('&lt;b&gt;')"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "<td>2</td>"),
        ("# Title\n\nText", "<h1>Title</h1>"),
        ("two\n  plain lines", "white-space:pre-wrap"),
    ],
)
def test_markdown_is_rendered(text, inside):
    assert inside in rendered(text)


@pytest.mark.parametrize(
    "text",
    [
        "**x** <script>alert(1)</script>",
        "**x** ![](https://example.org/spy.png)",
        "**x** [go](javascript:alert(1)) <https://example.org>",
        "- <a href='https://example.org' onclick='x()'>go</a>",
        "**x**\n\n<style>*{display:none}</style>",
        "| <iframe src=//x> |\n|---|\n| **y** |",
        "`" * 5000 + "**x**",
        "> " * 3000 + "**x**",
        "[" * 5000 + "**x**",
        *(f"**{text}** {text}" for text in NASTY if len(text) < 1000),
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_nothing_in_markdown_runs_or_leads_away(text):
    strict = parsed(rendered(text))
    assert not {"img", "a"} & strict.tags and strict.attributes <= {"style"}


def test_a_very_long_text_is_shown_as_it_is():
    assert "<strong>" not in rendered("**x** " * 10_000)


def test_words_are_marked_between_tags_only():
    page = marked("<strong>strong tea</strong> &amp; amp", hits=["strong", "amp"])
    assert page.startswith("<strong><mark") and page.count("<mark") == 2
    assert "&amp;" in page


def test_as_written_shows_the_marks_of_markdown():
    pair = Pair.of("Q?", "", Answer(model="a", text="**b**"), Answer(model="b", text="c"))
    assert "**b**" in answers_html(pair, ("A", "B"), raw=True)
    assert "<strong>b</strong>" in answers_html(pair, ("A", "B"))


def test_safe_names_what_cannot_be_seen():
    assert safe("a\0b") == "a[U+0000]b"
