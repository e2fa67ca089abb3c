"""Writes the report of a run: one HTML page, complete in itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vocation.artifacts import Artifact
from vocation.evaluation.report import sections
from vocation.evaluation.report.evidence import Evidence, gather
from vocation.evaluation.report.losses import losses_rows
from vocation.evaluation.report.rendering import write_page
from vocation.evaluation.report.results import judge, metric_name, percent
from vocation.evaluation.report.words import words_of

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class DataFindings:
    """What is worth knowing of the data.

    Args:
        findings: each with `problem`, `remedy` and the `section` of the data page where more of it stands.
        page: the data page, relative to the report.
    """

    findings: Sequence[Mapping[str, str]]
    page: str


def write_report(
    page: Path, *, recipe_yaml: str, corpus: Artifact, tuning: Artifact, evaluation: Artifact, found: DataFindings
) -> None:
    """Writes the page, whole or not at all, in the language that the recipe's `evaluation.language` names.

    Args:
        page: the HTML file.
        recipe_yaml: the resolved recipe.
        corpus: artifact of the corpus stage.
        tuning: artifact of the tuning stage.
        evaluation: artifact of the evaluation stage.
        found: what is worth knowing of the data, in the same language.

    Raises:
        OSError: an artifact lacks a file, or the page cannot be written.
    """
    evidence = gather(recipe_yaml, corpus, tuning, evaluation)
    words = words_of(evidence.recipe.get("evaluation", {}).get("language", "en"))
    content = {**_content(evidence, words), "findings": found.findings, "data_page": found.page}
    write_page(page, _FOLDER, "page.html.j2", content)


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
        "data": sections.data(evidence.corpus.summary, words),
        "losses": evidence.losses,
        "losses_rows": losses_rows(evidence.losses, words),
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
