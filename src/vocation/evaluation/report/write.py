"""Writes the report of a run: one HTML page, complete in itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocation.artifacts import Artifact
from vocation.evaluation.report import sections
from vocation.evaluation.report.evidence import Evidence, gather
from vocation.evaluation.report.results import judge, metric_name, percent, points
from vocation.evaluation.report.words import words_of

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = Path(__file__).parent


def write_report(page: Path, *, recipe_yaml: str, corpus: Artifact, tuning: Artifact, evaluation: Artifact) -> None:
    """Writes the page, whole or not at all, in the language that the recipe's `evaluation.language` names.

    Args:
        page: the HTML file.
        recipe_yaml: the resolved recipe.
        corpus: artifact of the corpus stage.
        tuning: artifact of the tuning stage.
        evaluation: artifact of the evaluation stage.

    Raises:
        OSError: an artifact lacks a file, or the page cannot be written.
    """
    evidence = gather(recipe_yaml, corpus, tuning, evaluation)
    words = words_of(evidence.recipe.get("evaluation", {}).get("language", "en"))
    html = _environment().get_template("page.html.j2").render(_content(evidence, words))
    temporary = page.with_name(f".{page.name}.partial")
    temporary.write_text(html, encoding="utf-8")
    temporary.replace(page)


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = percent
    environment.filters["points"] = points
    environment.filters["count"] = sections.number
    environment.filters["interval"] = lambda part: f"[{percent(part['low'])}, {percent(part['high'])}]"
    environment.filters["difference_interval"] = lambda part: f"[{points(part['low'])}, {points(part['high'])}]"
    return environment


def _content(evidence: Evidence, words: Mapping[str, str]) -> dict[str, Any]:
    task = evidence.recipe["task"]
    kind = task if isinstance(task, str) else task["kind"]
    judgement = judge(evidence, words)
    return {
        "t": words,
        "name": evidence.recipe["name"],
        "subtitle": words["subtitle"].format(
            model=evidence.tuning.summary["model"],
            task=words.get(f"task_{kind}", kind),
            date=evidence.evaluation.manifest["started"][:10],
        ),
        "judgement": judgement,
        "headline": _headline(evidence, words, judgement.metric),
        "data": sections.data(evidence, words),
        "losses": evidence.losses,
        "losses_rows": sections.losses(evidence, words),
        "training": sections.training(evidence, words),
        "results": sections.results(evidence, words),
        "mistakes": sections.mistakes(evidence, words),
        "repeat": sections.repeat(evidence, words),
    }


def _headline(evidence: Evidence, words: Mapping[str, str], metric: str) -> dict[str, Any]:
    metrics = evidence.metrics
    return {
        **{part: metrics[part][metric] for part in ("model", "baseline", "difference")},
        "scope": words["scope"].format(
            metric=metric_name(metric, words),
            records=sections.number(metrics["records"]),
            split=words.get(f"split_{metrics['split']}", metrics["split"]),
            baseline=words.get(f"baseline_{metrics['baseline']['kind']}", metrics["baseline"]["kind"]),
            confidence=percent(metrics["confidence"], digits=0),
            resamples=sections.number(metrics["resamples"]),
        ),
        "caution": words["validation_caution"] if metrics["split"] == "validation" else "",
    }
