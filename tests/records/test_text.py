"Anybody's words, made harmless for ids, terminals, Markdown and file names."

import re

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from records.strategies import TEXTS, quick

from judge_distill.records.text import (
    clean_text,
    content_id,
    file_name,
    normalise,
    one_line,
    plain,
    plain_markdown,
)


@quick
@given(TEXTS)
def test_an_id_is_sixteen_hexadecimal_digits(text):
    assert re.fullmatch("[0-9a-f]{16}", content_id(text))


@quick
@given(TEXTS, TEXTS)
def test_parts_are_not_run_together_in_an_id(one, two):
    assert content_id(one, two) != content_id(one + two)


@quick
@given(TEXTS)
def test_what_is_normalised_normalises_to_itself(text):
    assert normalise(normalise(text)) == normalise(text)


@quick
@given(TEXTS)
def test_cleaned_text_is_utf_8_without_nul(text):
    assert b"\0" not in clean_text(text).encode("utf-8")


@quick
@given(TEXTS)
def test_text_is_cleaned_once(text):
    assert clean_text(clean_text(text)) == clean_text(text)


@quick
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40))
def test_text_that_every_file_can_hold_stays_as_it_is(text):
    assert clean_text(text) == text


@quick
@given(TEXTS)
def test_a_terminal_is_given_no_unseen_character(text):
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202e\ufeff]", plain(text))


@quick
@given(TEXTS, st.integers(1, 30))
def test_one_line_is_one_line_and_no_longer_than_asked(text, most):
    line = one_line(text, most)
    assert len(line) <= most and len(line.splitlines()) <= 1


@quick
@given(st.text(st.sampled_from("#*_`<>[]()!-+=|~$\\&: \t\n1.ax"), max_size=30))
def test_markdown_shows_a_text_as_paragraphs_and_no_more(text):
    tokens = MarkdownIt("commonmark").enable("table").parse(plain_markdown(text))
    inner = {child.type for token in tokens for child in token.children or ()}
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
    assert inner <= {"text", "text_special", "softbreak", "hardbreak"}


@quick
@given(TEXTS)
def test_a_file_name_leads_nowhere_else(text):
    name = file_name(text)
    assert name and len(name) <= 100 and not name.startswith(".") and not set(name) & set("/\\:\0")


@quick
@given(st.text("ab", min_size=101, max_size=130), st.text("ab", min_size=101, max_size=130))
def test_long_names_that_differ_have_files_that_differ(one, two):
    assert (file_name(one) == file_name(two)) == (one == two)
