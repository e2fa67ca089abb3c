from __future__ import annotations

from xml.etree import ElementTree as ET

import altair as alt

from vocation.evaluation.report.pictures import picture

HOSTILE = '<b onclick="x"> role="y" 1.234567 & 标签'


def test_text_in_a_picture_is_escaped_and_left_whole() -> None:
    points = alt.InlineData(values=[{"name": HOSTILE, "value": 1}])
    drawn = picture(
        alt.Chart(points)
        .mark_bar(color="var(--model)")
        .encode(x="value:Q", y=alt.Y("name:N", axis=alt.Axis(labelLimit=900))),
        HOSTILE,
    )
    root = ET.fromstring(drawn.svg)
    assert root.tag == "svg"
    assert root.get("aria-label") == HOSTILE
    texts = [element.text for element in root.iter("text")]
    assert HOSTILE in texts
    assert root.findtext("title") == HOSTILE
    assert not list(root.iter("b"))


def test_what_the_page_says_already_is_left_out() -> None:
    points = alt.InlineData(values=[{"value": 1 / 3}])
    drawn = picture(alt.Chart(points).mark_point().encode(x="value:Q"), "title", "how to read it")
    for noise in ("xmlns", "font-family", "aria-roledescription", ' opacity="1"'):
        assert noise not in drawn.svg
    assert "<desc>how to read it</desc>" in drawn.svg
