"""The step `html`."""

from __future__ import annotations

import pytest

from vocation.cleaning.html import Html
from vocation.text import Span, Text


@pytest.mark.parametrize(
    ("marked_up", "plain"),
    [
        ("a &lt; b &amp; c", "a < b & c"),
        ("caf&eacute; &#8212; &#x4e2d;&nbsp;x", "café — 中 x"),
        ("R&amp;amp;D", "R&D"),
        ("<p class=\"x>y\" id='z'>one<br/>two</p>", "\none\ntwo\n"),
        ("<b>bold</b> and <a href=http://example.com>link</a>", "bold and link"),
        ("<td>1</td><td>2</td>", " 1  2 "),
        ("10<sup>3</sup> H<sub>2</sub>O Ca<sup>2+</sup>", "10³ H₂O Ca²⁺"),
        ("fact<sup>[1]</sup>", "fact[1]"),
        ("x<!-- a < b --><script type='a'>if (a<b) {}</script>y<STYLE>p{}</STYLE>", "xy"),
        ("<!DOCTYPE html><html>a</html>", "\na\n"),
        ("<input disabled value='1'>x", "x"),
        ("&lt;b&gt;escaped&lt;/b&gt;", "escaped"),
        ("&lt;p&gt;one&lt;br/&gt;two&lt;/p&gt;", "\none\ntwo\n"),
        ("&amp;lt;i&amp;gt;P&amp;lt;/i&amp;gt; &amp;lt; 0.05", "P < 0.05"),
        ("10&lt;sup&gt;3&lt;/sup&gt;", "10³"),
        ("中<br>文", "中\n文"),
    ],
)
def test_markup_becomes_text(marked_up: str, plain: str) -> None:
    assert Html()(Text(marked_up)).content == plain


@pytest.mark.parametrize(
    "content",
    [
        "<5 mg",
        "a < b > c",
        "p<0.05",
        "a<b and c>d",
        "x <y> z",
        "<Answer>",
        "AT&T; R&D",
        "&foo;",
        "&copy=1",
        "<http://example.com>",
        "<!--",
        "<b",
        "1 &lt 2",
    ],
)
def test_what_is_no_markup_stays(content: str) -> None:
    text = Text(content)
    assert Html()(text) is text


@pytest.mark.parametrize(
    ("content", "plain"),
    [
        ("use &lt;div&gt; here &amp; there", "use &lt;div&gt; here & there"),
        ("<p>use &lt;div&gt;</p>", "\nuse &lt;div&gt;\n"),
        ("&lt;br&gt; or &lt;hr&gt;, if 1 &lt; 2", "&lt;br&gt; or &lt;hr&gt;, if 1 < 2"),
        ("&amp;lt;div&amp;gt;", "&amp;lt;div&amp;gt;"),
        ("&lt;a href=&quot;x&quot;&gt; &quot;q&quot;", '&lt;a href=&quot;x&quot;&gt; "q"'),
        ("&lt;!-- a note", "&lt;!-- a note"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ],
)
def test_an_escaped_tag_that_the_text_speaks_of_stays(content: str, plain: str) -> None:
    once = Html()(Text(content))
    assert once.content == plain
    assert Html()(once) is once


def test_spans_keep_what_they_cover() -> None:
    text = Html()(Text("<p>Tom &amp; <b>Ann</b></p>", (Span(3, 12, "PAIR"), Span(13, 23, "ANN"))))
    assert text.content == "\nTom & Ann\n"
    assert [text.content[span.start : span.end] for span in text.spans] == ["Tom &", "Ann"]


def test_markup_that_a_span_begins_within_stays() -> None:
    text = Html()(Text("a &amp; b<br>", (Span(3, 5, "X"),)))
    assert text.content == "a &amp; b\n"
    assert text.cut == ()


def test_markup_that_is_never_closed_takes_no_quadratic_time() -> None:
    for opening in ("<!--", "<script>", "<b ", "&amp", "<a href='", "&lt;b&gt;", "&lt;!--", "&lt;"):
        Html()(Text(opening * 30_000))
