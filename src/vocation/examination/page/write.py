"""Writes the data page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vocation.evaluation.report.losses import losses_of, losses_rows
from vocation.evaluation.report.rendering import write_page
from vocation.evaluation.report.sections import data
from vocation.examination.examine import CLUSTERS
from vocation.examination.findings import Facts, findings
from vocation.examination.page import sections
from vocation.examination.words import Language, words_of
from vocation.ledger import read_counts

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Examined:
    """A corpus and its examination, as their stages left them.

    Args:
        corpus: folder of the corpus.
        corpus_summary: of its manifest.
        examination: folder of the examination.
        summary: of its manifest.
    """

    corpus: Path
    corpus_summary: Mapping[str, Any]
    examination: Path
    summary: Mapping[str, Any]

    @property
    def facts(self) -> Facts:
        """What findings are drawn from."""
        return Facts(self.corpus_summary, self.summary, read_counts(self.corpus))


@dataclass(frozen=True, slots=True)
class Title:
    """What stands above the page.

    Args:
        name: of the recipe.
        model: that it starts from.
        task: kind of its task.
        deidentified: whether the corpus was de-identified.
    """

    name: str
    model: str
    task: str
    deidentified: bool


def write_data_page(page: Path, examined: Examined, title: Title, language: Language) -> None:
    """Writes the page, whole or not at all.

    Args:
        page: the HTML file.
        examined: what it shows.
        title: what stands above it.
        language: of the page.

    Raises:
        OSError: a folder lacks a file, or the page cannot be written.
    """
    words = words_of(language)
    losses = [*losses_of("corpus", examined.corpus), *losses_of("examination", examined.examination)]
    clusters = json.loads((examined.examination / CLUSTERS).read_text(encoding="utf-8"))
    content = {
        "t": words,
        "name": title.name,
        "subtitle": words["data_subtitle"].format(model=title.model, task=words[f"task_{title.task}"]),
        "findings": findings(examined.facts, words),
        "data_page": "",
        "data": data(examined.corpus_summary, words),
        "lengths": sections.lengths(examined.summary, words),
        "duplicates": sections.duplicates(examined.corpus_summary, clusters, words),
        "splits": sections.splits(examined.corpus_summary, examined.summary, words),
        "identifiers": sections.identifiers(examined.summary["identifiers"], replaced=title.deidentified, words=words),
        "losses": losses,
        "losses_rows": losses_rows(losses, words),
    }
    write_page(page, _FOLDER, "data_page.html.j2", content)
