"""The audit of a de-identification: what a privacy officer asks for, as a page, as JSON, and as a sample to check."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from vocation.deidentification.audit_words import words_of
from vocation.deidentification.deidentifier import Deidentified
from vocation.deidentification.review import Agreement, Place, ReviewSample
from vocation.deidentification.risk import Residual
from vocation.deidentification.rules import ARTICLES, SAFE_HARBOR
from vocation.deidentification.settings import Deidentification
from vocation.errors import ArtifactError
from vocation.text import Text
from vocation.whole_files import open_private, written_beside

Language = Literal["en", "zh"]
PAGE, _DATA, _SAMPLE = "audit.html", "audit.json", "review.csv"


class Audit:
    """Takes what was found, text by text, and writes the audit.

    Page and JSON hold counts and rules, no text. The sample for review holds what was found, with what stands beside
    it, and is as private as the data: it is readable by its owner alone.

    Args:
        settings: what was looked for, and what took its place.
        each: findings of each category, and texts without any, in the sample.
    """

    def __init__(self, settings: Deidentification, each: int = 50) -> None:
        self._settings = settings
        self._sample = ReviewSample(each)
        self._found: Counter[tuple[str, str]] = Counter()
        self._replaced: Counter[tuple[str, str]] = Counter()
        self._texts: Counter[str] = Counter()
        self._touched: Counter[str] = Counter()
        self._cut = 0

    def add(self, place: Place, text: Text, result: Deidentified) -> None:
        """Takes one text.

        Args:
            place: where it stands.
            text: before.
            result: what came of it.
        """
        name = place.field
        self._texts[name] += 1
        self._touched[name] += bool(result.findings)
        self._found.update((name, finding.category) for finding in result.findings)
        kept = self._settings.keep
        self._replaced.update((name, one.category) for one in result.findings if one.category not in kept)
        self._cut += len(result.text.cut) - len(text.cut)
        self._sample.add(place, text.content, result.findings)

    def write(
        self,
        folder: Path,
        *,
        source: str,
        language: Language = "en",
        risk: Residual | None = None,
        agreement: Agreement | None = None,
    ) -> Path:
        """Writes `audit.html`, `audit.json` and `review.csv`, and returns the page.

        A `review.csv` that is there already stays when an agreement is given: it is the one that people filled in.

        Args:
            folder: where to; it is made.
            source: name of what was de-identified.
            language: of the page.
            risk: measured on a labelled set; None where there is none, and the page says so.
            agreement: of a filled sample; None where there is none, and the page says so.

        Raises:
            ArtifactError: the folder cannot be written.
        """
        data = {**self._facts(source), "risk": _plain(risk), "agreement": _plain(agreement)}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if agreement is None:
                with (
                    written_beside(folder / _SAMPLE) as place,
                    open_private(place, encoding="utf-8-sig", newline="") as file,
                ):
                    self._sample.write(file)
            _write(folder / _DATA, json.dumps(data, ensure_ascii=False, indent=1) + "\n")
            _write(folder / PAGE, _page(data, language))
        except OSError as error:
            raise ArtifactError(f"{folder} cannot be written: {error.strerror or error}") from error
        return folder / PAGE

    def _facts(self, source: str) -> dict[str, Any]:
        settings = self._settings
        detectors = settings.chosen_detectors()
        looked = sorted({category for detector in detectors for category in detector.found_categories()})
        removed = {category for category in looked if category not in settings.keep}
        methods = [settings.method_of(category) for category in sorted(removed)]
        return {
            "source": source,
            "written": datetime.now(UTC).isoformat(timespec="seconds"),
            "scope": settings.scope,
            "minimum_score": settings.minimum_score,
            "looked_for": [
                {
                    "category": category,
                    "detectors": [one.kind for one in detectors if category in one.found_categories()],
                    "method": "kept" if category in settings.keep else settings.method_of(category).kind,
                    "found": sum(count for (_, name), count in self._found.items() if name == category),
                    "replaced": sum(count for (_, name), count in self._replaced.items() if name == category),
                }
                for category in sorted({*looked, *(name for _, name in self._found)})
            ],
            "fields": [
                {
                    "field": name,
                    "texts": self._texts[name],
                    "touched": self._touched[name],
                    "found": {
                        category: count for (field, category), count in sorted(self._found.items()) if field == name
                    },
                }
                for name in sorted(self._texts)
            ],
            "labels_cut": self._cut,
            "safe_harbor": [
                {
                    "letter": one.letter,
                    "name": one.name,
                    "cover": one.cover(removed),
                    "absent": one.absent(removed),
                    "note": one.note,
                }
                for one in SAFE_HARBOR
            ],
            "articles": [
                {
                    "law": one.law,
                    "place": one.place,
                    "asks": one.asks,
                    "serves": one.serves,
                    "served": one.served(methods),
                }
                for one in ARTICLES
            ],
        }


def _plain(value: Residual | Agreement | None) -> dict[str, Any] | None:
    return None if value is None else asdict(value)


def _write(path: Path, content: str) -> None:
    with written_beside(path) as temporary:
        temporary.write_text(content, encoding="utf-8")


def _page(data: Mapping[str, Any], language: Language) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["share"] = lambda one: "–" if one is None or not one["total"] else _percent(one)
    environment.filters["spoken"] = lambda pair: pair[("en", "zh").index(language)]
    return environment.get_template("audit.html.j2").render(t=words_of(language), **data)


def _percent(share: Mapping[str, Any]) -> str:
    value, low, high = (f"{100 * share[name]:.1f}" for name in ("value", "low", "high"))
    return f"{value} % [{low}, {high}] ({share['count']:,}/{share['total']:,})"
