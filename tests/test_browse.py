"The browser shows everything, runs nothing and builds only what is seen."
import random
import re
from html.parser import HTMLParser

import pytest

from judge_distill.browse import browse, browser_widget, pair_html, static_html
from judge_distill.schema import Answer, InputError, Judgement, NotEnoughData, Order, Outcome, Pair, Ruling, Verdict

NASTY = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"'><svg/onload=alert(1)>", "</details></td></table><iframe src=//x>", "&lt;b&gt; &amp;#60;", "<!-- ", "a\0b",
         "\u202eright to left\u2066", "\u05e9\u05dc\u05d5\u05dd", "\ud800 half a pair", "x" * 200_000, "$5 and $6", "[[A]] `code` **bold**", "javascript:alert(1)", "\x1b[31mred", ""]
TAGS = {"div", "p", "b", "i", "small", "code", "bdi", "br", "details", "summary", "table", "thead", "tbody", "tr", "th", "td"}


class Strict(HTMLParser):
    "Notes every tag and attribute, and that tags are closed in order."
    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.open, self.text = set(), set(), [], []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "br":
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
    assert not strict.open and strict.tags <= TAGS and strict.attributes <= {"style", "class", "dir", "open"}, (strict.tags, strict.attributes)
    assert not re.search("[\0\u202a-\u202e\u2066-\u2069\ud800-\udfff\x1b]", page)
    return strict


def made(n=6):
    "Pairs, judgements of two judges and their rulings."
    pairs = [Pair.of(f"Question {i}?", f"source {i}", Answer(model="one", text=f"left {i}"), Answer(model="two", text=f"right {i}"), f"document {i % 2}") for i in range(n)]
    judgements = [Judgement(pair_id=p.id, judge=judge, order=order, verdict=None if judge == "torn" and i == 1 else Verdict.FIRST, problem="no verdict in the reply" if judge == "torn" and i == 1 else None,
                            text=f"words of {judge} on {i}") for i, p in enumerate(pairs) for judge in ("steady", "torn") for order in Order]
    rulings = [Ruling(pair_id=p.id, judge=judge, outcome=Outcome.INVALID if judge == "torn" and i == 1 else Outcome.FIRST) for i, p in enumerate(pairs) for judge in ("steady", "torn")]
    return pairs, judgements, rulings


def parts(browser):
    "The controls of the view by name."
    box = browser_widget(browser)
    filters, (back, forth, jump, count) = box.children[0].children, box.children[1].children
    return {control.description: control for control in filters} | {"back": back, "forth": forth, "jump": jump, "count": count, "view": box.children[2]}


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_nothing_runs(text):
    pair = Pair(id=text, question=text, source=text, answers=(Answer(model=text, text=text), Answer(model=text, text=text)), document=text, notes=(text,))
    judgements = [Judgement(pair_id=text, judge=text, order=Order.ORIGINAL, problem=text or "none", text=text), Judgement(pair_id=text, judge=text, order=Order.FLIPPED, verdict=Verdict.TIE, text=text)]
    rulings = [Ruling(pair_id=text, judge=text, outcome=Outcome.INVALID, policy=text)]
    shown = parsed(pair_html(pair, judgements, rulings))
    parsed(static_html([pair], judgements, rulings))
    if text.isprintable():
        assert "".join(shown.text).count(text) >= 8 or not text
    view = parts(browse([pair], judgements, rulings))["view"]
    parsed(view.value)


def test_random_texts():
    dice, alphabet = random.Random(4), "<>&\"'/=ab \n\0\u202e\u05d0[]`$#x;!-"
    for _ in range(200):
        text = "".join(dice.choices(alphabet, k=dice.randrange(60)))
        parsed(pair_html(Pair.of(text, text, Answer(model=text, text=text), Answer(model=text, text=text)), [Judgement(pair_id="p", judge=text, order=Order.FLIPPED, verdict=Verdict.FIRST, text=text)]))


def test_everything_is_shown():
    pairs, judgements, rulings = made(2)
    judgements[0] = judgements[0].model_copy(update={"probabilities": (0.7, 0.2, 0.1)})
    page = browse(pairs, judgements, rulings).html(pairs[1])
    for words in ("Question 1?", "source 1", "left 1", "right 1", "one", "two", "document 1", pairs[1].id, "words of steady on 1", "no verdict: no verdict in the reply", "invalid", "consensus"):
        assert words in page
    assert "first 0.70, second 0.20, tie 0.10" in browse(pairs, judgements, rulings).html(pairs[0])
    assert page.index("left 1") < page.index("right 1")
    twice = [*judgements, judgements[0].model_copy(update={"text": "a second look"})]
    assert "a second look" in browse(pairs, twice).html(pairs[0]) and "words of steady on 0" in browse(pairs, twice).html(pairs[0])


def test_rulings_alone():
    pairs, _, rulings = made(2)
    browser = browse(pairs, [], rulings)
    assert browser.judges == ["steady", "torn"] and browser.find(judge="torn", outcome="invalid") == [pairs[1]]
    assert "invalid" in browser.html(pairs[1])
    assert "not judged" in browse(pairs, []).html(pairs[0])


def test_find():
    pairs, judgements, rulings = made()
    browser = browse(pairs, judgements, rulings)
    assert browser.find() == pairs and browser.find(judge="steady", outcome="invalid") == []
    assert browser.find(problem="*") == browser.find(problem="in the reply") == browser.find(outcome="invalid") == [pairs[1]]
    assert browser.find(document="document 1", words="SOURCE 3") == [pairs[3]]
    assert browser.find(words="words of torn on 4") == [pairs[4]] and browser.find(judge="steady", words="words of torn on 4") == []
    assert browser.find(words=pairs[2].id) == [pairs[2]] and browser.at(pairs[2].id) is pairs[2]


def test_refused():
    pairs, judgements, rulings = made()
    with pytest.raises(NotEnoughData, match="no pairs"):
        browse([], judgements)
    with pytest.raises(InputError, match="that were judged"):
        browse(pairs[:1], [j for j in judgements if j.pair_id != pairs[0].id])
    browser = browse(pairs, judgements, rulings)
    for call, words in [(lambda: browser.find(outcome="won"), "inconclusive"), (lambda: browser.find(judge="nobody"), "steady"), (lambda: browser.at("?"), "whole id"), (lambda: browser.at(""), "whole id")]:
        with pytest.raises(InputError, match=words):
            call()


def test_view():
    pairs, judgements, rulings = made()
    browser = browse(pairs, judgements, rulings)
    view, other = parts(browser), parts(browser)
    assert view["count"].value == "1 of 6 that fit, 6 in all" and "Question 0?" in view["view"].value
    view["forth"].click()
    view["forth"].click()
    view["back"].click()
    assert "Question 1?" in view["view"].value and "Question 0?" in other["view"].value
    view["back"].click()
    view["back"].click()
    assert view["count"].value == "6 of 6 that fit, 6 in all"
    view["judge"].value, view["ruling"].value = "torn", "invalid"
    assert view["count"].value == "1 of 1 that fit, 6 in all" and "Question 1?" in view["view"].value
    view["words"].value = "nowhere"
    assert view["count"].value == "0 of 0 that fit, 6 in all" and view["view"].value == "<p>No pair fits.</p>"
    view["forth"].click()
    view["jump"].value = "zzz"
    assert "zzz" in view["count"].value
    view["jump"].value = pairs[4].id
    assert "Question 4?" in view["view"].value and view["count"].value == "5 of 6 that fit, 6 in all" and view["words"].value == ""
    view["document"].value = "document 1"
    assert view["count"].value == "1 of 3 that fit, 6 in all"
    view["document"].value, view["problem"].value = "", "*"
    assert "Question 1?" in view["view"].value


def test_only_what_is_seen_is_built(monkeypatch):
    pairs, judgements, rulings = made(3000)
    built = []
    monkeypatch.setattr("judge_distill.browse.pair_html", lambda pair, *_: built.append(pair.id) or "<p></p>")
    browser = browse(pairs, judgements, rulings)
    view = parts(browser)
    assert len(built) == 1
    view["forth"].click()
    assert len(built) == 2
    assert static_html(pairs, judgements, rulings, limit=5).startswith("<p>5 of 3000 pairs</p>") and len(built) == 7


def test_mimebundle():
    bundle = browse(*made())._repr_mimebundle_()
    assert bundle["text/html"].startswith("<p>6 of 6 pairs</p>") and bundle["text/plain"] == "Browser(6 pairs, judges: steady, torn)"
    assert "application/vnd.jupyter.widget-view+json" in bundle
    parsed(bundle["text/html"])
