"Texts that would run if they could, judged pairs to show, and a reader that lets nothing pass."

import re
from html.parser import HTMLParser
from unittest import mock

from judge_distill.records.schema import Answer, Judgement, Order, Outcome, Pair, Ruling, Verdict
from judge_distill.views import keys

NASTY = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"'><svg/onload=alert(1)>",
    "</details></td></table><iframe src=//x>",
    "&lt;b&gt; &amp;#60;",
    "<!-- ",
    "a\0b",
    "\u202eright to left\u2066",
    "\u05e9\u05dc\u05d5\u05dd",
    "\ud800 half a pair",
    "x" * 200_000,
    "$5 and $6",
    "[[A]] `code` **bold**",
    "javascript:alert(1)",
    "\x1b[31mred",
    "",
]
TAGS = {
    *"p br hr b i strong em s code pre blockquote ul ol li h1 h2 h3 h4 h5 h6".split(),
    "div",
    "p",
    "b",
    "i",
    "small",
    "code",
    "bdi",
    "br",
    "details",
    "summary",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "mark",
    "span",
    "progress",
    "ol",
    "li",
    "img",
}


class Strict(HTMLParser):
    "Notes every tag and attribute, and that tags are closed in order."

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.open, self.text = set(), set(), [], []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        assert tag != "img" or dict(attrs)["src"].startswith("data:image/svg+xml;base64,")
        if tag not in ("br", "hr", "img", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def parsed(page):
    "A page that holds only harmless tags, all of them closed."
    strict = Strict()
    strict.feed(page)
    strict.close()
    assert (
        not strict.open
        and strict.tags <= TAGS
        and strict.attributes
        <= {*"style class dir open role aria-label max value alt src tabindex data-head".split()}
    ), (strict.tags, strict.attributes)
    assert not re.search("[\0\u202a-\u202e\u2066-\u2069\ud800-\udfff\x1b]", page)
    return strict


def made(n=6):
    "Pairs, judgements of two judges and their rulings."
    pairs = [
        Pair.of(
            f"Question {i}?",
            f"source {i}",
            Answer(model="one", text=f"left {i}"),
            Answer(model="two", text=f"right {i}"),
            f"document {i % 2}",
        )
        for i in range(n)
    ]
    judgements = [
        Judgement(
            pair_id=p.id,
            judge=judge,
            order=order,
            verdict=None if judge == "torn" and i == 1 else Verdict.FIRST,
            problem="no verdict in the reply" if judge == "torn" and i == 1 else None,
            text=f"words of {judge} on {i}",
        )
        for i, p in enumerate(pairs)
        for judge in ("steady", "torn")
        for order in Order
    ]
    rulings = [
        Ruling(
            pair_id=p.id,
            judge=judge,
            outcome=Outcome.INVALID if judge == "torn" and i == 1 else Outcome.FIRST,
        )
        for i, p in enumerate(pairs)
        for judge in ("steady", "torn")
    ]
    return pairs, judgements, rulings


def displayed(view):
    "What a view puts below its cell: what is seen without a kernel, then the widget."
    with mock.patch.object(keys, "display") as display:
        view._ipython_display_()
    return [call.args[0] for call in display.call_args_list]
