from __future__ import annotations

import re

import pytest

from vocation.evaluation.report.matrix import confused_labels, confusion_chart, no_entity
from vocation.evaluation.report.words import words_of


def test_the_most_frequent_confusions_choose_the_labels() -> None:
    cells = {("a", "b"): 9, ("c", "d"): 5, ("e", "a"): 4, ("a", "a"): 99, ("f", "f"): 50}
    assert confused_labels(cells, most=4) == ["a", "b", "c", "d"]
    assert confused_labels(cells, most=5) == ["a", "b", "c", "d", "e"]
    assert confused_labels({("a", "a"): 3}) == []


def test_counts_stand_in_a_small_matrix_and_labels_in_a_large_one() -> None:
    words = words_of("en")
    small = confusion_chart({("甲", "乙"): 7, ("甲", "甲"): 11}, ["甲", "乙"], words, "small").svg
    assert {"7", "11", "甲", "乙"} <= set(re.findall(r">([^<>]+)</text>", small))
    labels = [f"标签{number:03d}" for number in range(77)]
    large = confusion_chart({(label, label): 3 for label in labels}, labels, words, "large").svg
    texts = re.findall(r">([^<>]+)</text>", large)
    assert all(texts.count(label) == 2 for label in labels)
    assert "3" not in texts
    assert len(large) < 100_000


def test_colours_are_shares_of_the_gold_label_and_of_the_answer_where_nothing_is_gold() -> None:
    words = words_of("en")
    nothing = no_entity(words)
    cells = {("Drug", "Drug"): 6, ("Drug", nothing): 2, (nothing, "Drug"): 2}
    drawn = confusion_chart(cells, [nothing, "Drug"], words, "title").svg
    opacities = sorted(float(value) for value in re.findall(r'fill-opacity="([\d.]+)"', drawn))
    # Shares of 1/4, 1/4 and 3/4 on a scale from 0.12 to 1.
    assert opacities == pytest.approx([0.34, 0.34, 0.78], abs=0.011)
