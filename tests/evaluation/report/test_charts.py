"""The smaller pictures: bars of labels, and values with intervals."""

from __future__ import annotations

import re

from vocation.evaluation.report.intervals_chart import interval_chart
from vocation.evaluation.report.label_chart import label_chart
from vocation.evaluation.report.results import chart_row
from vocation.evaluation.report.words import words_of


def texts(svg: str) -> list[str]:
    return re.findall(r">([^<>]+)</text>", svg)


def test_of_many_labels_the_most_and_the_least_frequent_are_drawn() -> None:
    drawn = label_chart({f"label{number:02d}": 100 - number for number in range(77)}, words_of("en"))
    shown = [text for text in texts(drawn.svg) if text.startswith("label")]
    assert shown == [f"label{number:02d}" for number in (*range(12), *range(65, 77))]
    assert drawn.note == "The 12 most and the 12 least frequent of 77 labels."


def test_few_labels_are_all_drawn_with_their_counts() -> None:
    drawn = label_chart({"甲": 1234, "乙": 7}, words_of("en"))
    assert {"甲", "乙", "1,234", "7"} <= set(texts(drawn.svg))
    assert drawn.note == ""


def test_rows_keep_their_order_and_the_scale_holds_every_interval() -> None:
    model = {"value": 0.8, "low": 0.72, "high": 0.9}
    rows = [chart_row(name, model, {**model, "low": 0.41}) for name in ("worst", "中间", "best")]
    found = texts(interval_chart(rows, words_of("en"), "title").svg)
    assert [text for text in found if text in ("worst", "中间", "best")] == ["worst", "中间", "best"]
    assert {"40", "100", "model", "baseline"} <= set(found)
    assert "30" not in found
