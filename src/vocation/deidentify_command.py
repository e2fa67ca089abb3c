"""What `vocation deidentify` was asked for: its options made into settings, and the work done in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from vocation.deidentification.audit import PAGE, Audit
from vocation.deidentification.review import read_agreement
from vocation.deidentification.settings import Deidentification
from vocation.deidentify_file import AuditJob, FileJob, Summary, measured_risk
from vocation.deidentify_restore import restore_file
from vocation.errors import RecipeError
from vocation.progress import SILENT, Progress
from vocation.recipe_source import RecipeSource


@dataclass(frozen=True, slots=True)
class Request:
    """The options of the command, as they were given.

    Args:
        source: the file.
        out: the file to write.
        method: kind of the method for all categories.
        settings_file: YAML with the settings, or a recipe that has them in `corpus.deidentification`.
        overrides: single settings, as "minimum_score=0.3" with YAML values.
        key_file: where the key is.
        columns: fields to look into.
        whole: fields of which every value is an identifier, as "field=CATEGORY".
        group: the field whose equal values are one person.
        vault: where pseudonyms are kept.
        restore: whether pseudonyms are put back.
        audit: the folder of the audit.
        labelled: a labelled set for the audit.
        agreement: a filled sample for the audit.
        language: of the audit's page.
        force: whether files that are there already are replaced.
        processes: how many work at once; None for one a core where that is faster.
    """

    source: Path
    out: Path | None = None
    method: str | None = None
    settings_file: Path | None = None
    overrides: Sequence[str] = ()
    key_file: Path | None = None
    columns: Sequence[str] = ()
    whole: Sequence[str] = ()
    group: str | None = None
    vault: Path | None = None
    restore: bool = False
    audit: Path | None = None
    labelled: Path | None = None
    agreement: Path | None = None
    language: Literal["en", "zh"] = "en"
    force: bool = False
    processes: int | None = None

    def run(self, progress: Progress = SILENT) -> list[str]:
        """Does it and says in sentences what came of it.

        Raises:
            RecipeError: options contradict each other, or a setting is wrong.
            DataError: a file cannot be used.
            ArtifactError: something cannot be written, or a vault cannot be opened.
        """
        settings = self.settings()
        if self.restore:
            if self.out is None or self.vault is None:
                raise RecipeError("--restore needs --vault (where the pseudonyms are) and --out (the file to write).")
            summary = restore_file(self.source, self.out, self.vault, settings, overwrite=self.force, progress=progress)
            return [
                f"Wrote {summary.rows:,} rows to {self.out}; pseudonyms were put back in {summary.touched:,} of them."
            ]
        if self.out is None and self.audit is None:
            raise RecipeError(
                "There is nothing to write.\n"
                "  allowed: --out FILE for the new file, --audit FOLDER for the audit, or both"
            )
        if self.audit is None and (self.labelled or self.agreement):
            raise RecipeError("--labelled and --agreement are for an audit.\n  what to do: add --audit FOLDER")
        job = FileJob(
            self.source,
            self.out,
            settings,
            tuple(self.columns),
            self._whole(),
            self.group,
            self.vault,
            self.force,
            self._audit(settings),
            self.processes,
        )
        sentences = list(_told(job.run(progress)))
        if self.audit:
            page = self.audit / PAGE
            sentences.append(f"Audit: {page} (review.csv beside it holds texts: keep it as private as the data)")
        return sentences

    def _audit(self, settings: Deidentification) -> AuditJob | None:
        """The audit, with what it says of other files."""
        if not self.audit:
            return None
        risk = measured_risk(self.labelled, settings) if self.labelled else None
        agreement = read_agreement(self.agreement) if self.agreement else None
        return AuditJob(Audit(settings), self.audit, self.language, risk, agreement)

    def settings(self) -> Deidentification:
        """The settings that the options make.

        Raises:
            RecipeError: a setting is wrong.
        """
        place = self.settings_file or Path("--set")
        source = RecipeSource.read(place) if self.settings_file else RecipeSource(place, {}, {(): 1})
        inside = source.data.get("corpus")
        data: dict[str, Any] = inside.get("deidentification", {}) if isinstance(inside, dict) else source.data
        source = RecipeSource(place, dict(data or {}), {(): 1})
        for assignment in self.overrides:
            source.override(assignment)
        if self.method:
            source.data["method"] = self.method
        if self.key_file:
            source.data["key"] = {"file": str(self.key_file)}
        try:
            return Deidentification.model_validate(source.data)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = ".".join(str(part) for part in first["loc"])
            raise RecipeError(
                f"{place}{f', {name}' if name else ''}: {first['msg'].removeprefix('Value error, ')}"
            ) from None

    def _whole(self) -> Mapping[str, str]:
        pairs = [entry.partition("=") for entry in self.whole]
        for name, _, category in pairs:
            if not name or not category:
                raise RecipeError(
                    f"--whole {name or category}\n  allowed: --whole FIELD=CATEGORY, as --whole name=PERSON"
                )
        return {name: category for name, _, category in pairs}


def _told(summary: Summary) -> Iterator[str]:
    where = f"Wrote {summary.rows:,} rows to {summary.target}" if summary.target else f"Read {summary.rows:,} rows"
    yield f"{where}; identifiers were found in {summary.touched:,} of them."
    width = max((len(category) for category, _ in summary.by_category()), default=0)
    yield from (f"  {category:<{width}}  {count:>9,}" for category, count in summary.by_category())
    if summary.vault:
        yield f"Vault: {summary.vault} (it opens with the key alone; keep both away from the file)"
