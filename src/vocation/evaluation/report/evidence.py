"""Everything that the report says, gathered from the artifacts of a run."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vocation.artifacts import Artifact
from vocation.evaluation.report.losses import Loss, losses_of

Gathered = Mapping[str, Any]
"""Plain JSON values, as a stage wrote them."""


@dataclass(frozen=True)
class Evidence:
    """The artifacts of a run, read.

    Args:
        recipe_yaml: the resolved recipe.
        recipe: the same, parsed.
        corpus: clean, split records.
        tuning: the model and the course of its training.
        evaluation: what the model is worth.
        history: `history.json` of tuning.
        metrics: `metrics.json` of evaluation.
        mistakes: `mistakes.json` of evaluation.
        losses: the ledgers of all stages.
    """

    recipe_yaml: str
    recipe: Gathered
    corpus: Artifact
    tuning: Artifact
    evaluation: Artifact
    history: Gathered
    metrics: Gathered
    mistakes: Gathered
    losses: tuple[Loss, ...]

    @property
    def overall(self) -> list[str]:
        """Names of the metrics over all labels, the main one first."""
        names = [name for name in self.metrics["model"] if ":" not in name]
        # With one label a record, micro precision, recall and F1 all equal the accuracy.
        names = [name for name in names if not (name.endswith("_micro") and "accuracy" in names)]
        return sorted(names, key=lambda name: name != self.metrics["primary"])

    @property
    def support(self) -> Counter[str]:
        """How many gold answers of the evaluated split have each label."""
        counts: Counter[str] = Counter()
        for cell in self.metrics["confusion"]:
            if cell["gold"] is not None:
                counts[cell["gold"]] += cell["count"]
        return counts


def gather(recipe_yaml: str, corpus: Artifact, tuning: Artifact, evaluation: Artifact) -> Evidence:
    """Reads what the stages left in their folders."""
    import yaml

    return Evidence(
        recipe_yaml=recipe_yaml,
        recipe=yaml.safe_load(recipe_yaml),
        corpus=corpus,
        tuning=tuning,
        evaluation=evaluation,
        history=_read(tuning, "history.json"),
        metrics=_read(evaluation, "metrics.json"),
        mistakes=_read(evaluation, "mistakes.json"),
        losses=tuple(
            loss
            for stage, artifact in (("corpus", corpus), ("tuning", tuning), ("evaluation", evaluation))
            for loss in losses_of(stage, artifact.folder)
        ),
    )


def _read(artifact: Artifact, name: str) -> Gathered:
    content: Gathered = json.loads((artifact.folder / name).read_text(encoding="utf-8"))
    return content
