from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.pages import Page
from vocation.evaluation.report import sections
from vocation.evaluation.report.evidence import gather
from vocation.evaluation.report.words import words_of
from vocation.evaluation.report.write import DataFindings, write_report


def report(run: Any, folder: Path, language: str = "en") -> str:
    page = folder / "report.html"
    recipe = run.recipe_yaml.replace("language: en", f"language: {language}")
    found = DataFindings([{"problem": "Odd rows.", "remedy": "see `corpus` <b>", "section": "losses"}], "data.html")
    stages = {"corpus": run.corpus, "tuning": run.tuning, "evaluation": run.evaluation}
    write_report(page, recipe_yaml=recipe, **stages, found=found)
    return page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def label_html(label_run: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    return report(label_run, tmp_path_factory.mktemp("label"))


@pytest.fixture(scope="module")
def span_html(span_run: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    return report(span_run, tmp_path_factory.mktemp("span"))


def test_the_page_is_well_formed_and_every_link_leads_somewhere(label_html: str, span_html: str) -> None:
    for html in (label_html, span_html):
        page = Page(html)
        names = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
        links = [str(attributes["href"]) for tag, attributes in page.tags if tag == "a"]
        assert [link for link in links if not link.startswith("#")] == ["data.html#losses", "data.html"]
        links = [link for link in links if link.startswith("#")]
        assert len(links) == 9
        assert {link.removeprefix("#") for link in links} <= names


def test_the_page_asks_nothing_of_any_server(label_html: str, span_html: str) -> None:
    for html in (label_html, span_html):
        page = Page(html)
        assert not {tag for tag, _ in page.tags} & {
            "script",
            "link",
            "img",
            "iframe",
            "object",
            "embed",
            "audio",
            "video",
        }
        for _, attributes in page.tags:
            for name in ("src", "href", "xlink:href", "action", "srcset"):
                assert not re.match(r"(https?:)?//", str(attributes.get(name, "")))
        assert "@import" not in html
        assert not re.search(r"url\(", html)
        policy = next(attributes for _, attributes in page.tags if attributes.get("http-equiv"))
        assert str(policy["content"]).startswith("default-src 'none'")


def test_texts_of_the_data_are_escaped(label_html: str, span_html: str) -> None:
    for html in (label_html, span_html):
        assert "<script" not in html.casefold()
        assert "<script>alert('text')</script> & \"quotes\"" in Page(html).words


def test_chinese_labels_stand_in_the_pictures(label_html: str) -> None:
    pictures = re.findall(r"<svg.*?</svg>", label_html, flags=re.DOTALL)
    assert len(pictures) == 7
    assert any("信用卡丢失" in picture for picture in pictures)
    assert all('role="img"' in picture and "<title>" in picture and "aria-label=" in picture for picture in pictures)


def test_pictures_take_their_colours_from_the_page(label_html: str) -> None:
    pictures = "".join(re.findall(r"<svg.*?</svg>", label_html, flags=re.DOTALL))
    colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', pictures))
    assert colours <= {"none", "transparent", "var(--ink)", "var(--muted)", "var(--rule)", "var(--model)"} | {
        "var(--baseline)",
        "var(--page)",
    }


def test_the_page_is_small_and_fits_a_phone(label_html: str) -> None:
    assert len(label_html.encode()) < 200_000
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in label_html
    assert "@media print" in label_html
    assert "prefers-color-scheme: dark" in label_html


def test_every_table_has_a_caption_and_headers_with_scope(label_html: str, span_html: str) -> None:
    for html in (label_html, span_html):
        tags = Page(html).tags
        tables = [tag for tag, _ in tags if tag == "table"]
        assert len(tables) == len([tag for tag, _ in tags if tag == "caption"]) >= 9
        assert all("scope" in attributes for tag, attributes in tags if tag == "th")


def test_results_stand_beside_the_baseline_with_intervals(label_run: Any, label_html: str) -> None:
    accuracy = label_run.evaluation.summary["model"]["accuracy"]
    words = Page(label_html).words
    assert "80.0" in words
    assert f"[{100 * accuracy['low']:.1f}, {100 * accuracy['high']:.1f}]" in words
    assert "macro F1" in words
    assert "The model is worse than the baseline." in words


def test_what_went_in_and_what_was_dropped_is_told_with_its_rows(label_html: str) -> None:
    words = Page(label_html).words
    for expected in (
        "data/train.csv",
        "Odd rows. more What to do: see corpus <b>.",
        "equal text",
        "train.csv:17",
        "重复",
        "text longer than max_length",
    ):
        assert expected in words


def test_training_is_told_with_its_best_point(label_html: str) -> None:
    words = Page(label_html).words
    assert "60 updates in 3 epochs. The best validation accuracy, 83.0 %, came after update 40 (epoch 2)" in words
    assert "Every evaluation during training" in words


def test_everything_needed_to_repeat_the_run_is_there(label_run: Any, label_html: str) -> None:
    words = Page(label_html).words
    for artifact in (label_run.corpus, label_run.tuning, label_run.evaluation):
        assert artifact.key in words
    for expected in ("model: starter:minilm", "ab" * 32, "transformers", "vocation run recipe.yaml"):
        assert expected in words


def test_entities_are_shown_in_their_text_with_type_and_sign(span_html: str) -> None:
    marks = re.findall(r'<mark class="span ([a-z-]+)">(.*?)</mark>', span_html)
    assert ("wrong-boundary", 'gastric cancer<span class="tag">Disease ↔</span>') in marks
    assert ("wrong-boundary", 'gastric cance<span class="tag">Disease ↔</span>') in marks
    assert ("wrong-type", '阿司匹林<span class="tag">药物 ≠</span>') in marks
    assert "wrong boundary" in Page(span_html).words


def test_the_page_can_be_written_in_chinese(label_run: Any, span_run: Any, tmp_path: Path) -> None:
    for run in (label_run, span_run):
        html = report(run, tmp_path, "zh")
        assert '<html lang="zh-CN">' in html
        words = Page(html).words
        assert "最难的错误" in words
        assert "The hardest mistakes" not in words


def test_no_value_is_shown_as_a_python_object(label_html: str, span_html: str) -> None:
    for html in (label_html, span_html):
        assert not re.search(r"built-in method|object at 0x|\bNone\b|\bnan\b", Page(html).words)


def test_a_page_that_was_there_is_replaced(label_run: Any, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("old", encoding="utf-8")
    assert report(label_run, tmp_path).startswith("<!doctype html>")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.parametrize(
    ("language", "reason", "expected"),
    [
        ("en", "no better f1 in 3 evaluations", "Training ended: no better accuracy in 3 evaluations."),
        ("zh", "no better f1 in 3 evaluations", "训练结束原因：连续 3 次评估后准确率没有提高。"),
        ("zh", "all epochs done", "训练结束原因：全部轮次已完成。"),
    ],
)
def test_why_training_ended_is_told_in_the_language_of_the_page(
    label_run: Any, language: str, reason: str, expected: str
) -> None:
    evidence = gather(label_run.recipe_yaml, label_run.corpus, label_run.tuning, label_run.evaluation)
    stopped = replace(evidence, history={**evidence.history, "stopped": reason})
    assert expected in sections.training(stopped, words_of(language))["sentence"]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            ["processes: 1; threads of each: 2", "On a processor the bits are equal with the same number of threads"],
        ),
        ("zh", ["进程数：1；每个进程的线程数：2", "求和顺序不同"]),
    ],
)
def test_what_a_repetition_may_change_is_told(
    label_run: Any, tmp_path: Path, language: str, expected: list[str]
) -> None:
    words = Page(report(label_run, tmp_path, language)).words
    assert all(part in words for part in expected)


def test_a_token_budget_that_memory_did_not_allow_is_told(label_run: Any, label_html: str) -> None:
    assert "2,048 → 1,024, as memory ran out at update 7" in Page(label_html).words
    tuning = label_run.tuning
    enough = replace(tuning, manifest={**tuning.manifest, "summary": {**tuning.summary, "shortages": []}})
    evidence = gather("", label_run.corpus, enough, label_run.evaluation)
    assert "token budget" not in dict(sections.training(evidence, words_of("en"))["facts"])


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            "Short trainings of 60 updates each (12.0 s together) chose freeze, layers: 2 by accuracy in %: "
            "layers: 0 → 80.0; "
            "layers: 2 → 79.5. Beside the first of them, the choice changed it by -0.5 points there.",
        ),
        (
            "zh",
            "选定：freeze, layers: 2。准确率（%）：layers: 0 → 80.0; layers: 2 → 79.5。"
            "与其中第一个相比，该选择使它变化 -0.5 个百分点。",
        ),
    ],
)
def test_what_short_trainings_chose_and_what_it_cost_is_told(label_run: Any, language: str, expected: str) -> None:
    tried = [
        {"alternative": alternative, "score": score, "updates": 60, "seconds": 6.0}
        for alternative, score in (("layers: 0", 0.8), ("layers: 2", 0.795))
    ]
    choices = [{"strategy": "freeze", "metric": "accuracy", "chosen": 1, "tried": tried}]
    tuning = label_run.tuning
    chosen = replace(tuning, manifest={**tuning.manifest, "summary": {**tuning.summary, "choices": choices}})
    plain, told = (
        sections.training(gather("", label_run.corpus, one, label_run.evaluation), words_of(language))["sentence"]
        for one in (tuning, chosen)
    )
    assert told.startswith(plain)
    assert expected in told
    assert expected not in plain
