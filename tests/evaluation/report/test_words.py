from __future__ import annotations

import re
from pathlib import Path

import pytest

from vocation.component import kinds
from vocation.evaluation.report import write
from vocation.evaluation.report.words import LANGUAGES, words_of
from vocation.evaluation.span_errors import CATEGORIES
from vocation.metrics import metrics_for, score
from vocation.text import Span
from vocation.training.determinism import LIMITS

FOLDER = Path(write.__file__).parent


def test_all_languages_have_the_same_texts_with_the_same_places_to_fill() -> None:
    assert sorted(LANGUAGES) == ["en", "zh"]
    places = {
        language: {key: sorted(set(re.findall(r"\{(\w+)\}", text))) for key, text in words.items()}
        for language, words in LANGUAGES.items()
    }
    assert places["en"] == places["zh"]


def test_every_text_that_a_template_names_exists_and_is_not_hidden_by_a_method() -> None:
    named = {key for path in FOLDER.glob("*.j2") for key in re.findall(r"\bt\.(\w+)", path.read_text(encoding="utf-8"))}
    named -= {"items", "format"}
    assert len(named) > 60
    assert named <= set(words_of("en"))
    assert not [key for key in words_of("en") if hasattr(dict, key)]


def test_a_kind_without_a_text_is_called_by_its_name_and_any_other_missing_text_is_an_error() -> None:
    assert words_of("zh")["metric_exact_match"] == "exact match"
    with pytest.raises(KeyError):
        words_of("en")["headlin"]


def test_every_metric_task_baseline_and_category_has_a_name() -> None:
    words = words_of("en")
    spans = score([(Span(0, 1, "x"),)], [()], ["x"], "spans")
    labels = score(["x"], ["x"], ["x"], "label")
    names = {name for name in (*spans, *labels) if ":" not in name and not name.endswith("_micro")}
    assert {f"metric_{name}" for name in names} <= set(words)
    assert len([*metrics_for("label"), *metrics_for("spans")]) == 3
    assert {f"task_{kind}" for kind in kinds("vocation.tasks")} <= set(words)
    assert {f"baseline_{kind}" for kind in kinds("vocation.evaluation.baselines")} <= set(words)
    assert {f"limit_{name}" for name in LIMITS} <= set(words)
    assert {f"category_{name}" for name in CATEGORIES} <= set(words)
