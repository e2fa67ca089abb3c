"""A data file without its identifiers: what `vocation deidentify` does."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from vocation.component import kinds
from vocation.corpus import opening
from vocation.corpus.formats import Format, WritableFormat
from vocation.corpus.read_errors import read_errors
from vocation.deidentification.audit import Audit
from vocation.deidentification.deidentifier import Deidentified, Deidentifier
from vocation.deidentification.review import Place as ReviewPlace
from vocation.deidentification.risk import Residual, residual_risk
from vocation.deidentification.row_texts import texts_of, with_texts
from vocation.deidentification.settings import Deidentification
from vocation.deidentification.vault import read_vault, restore, write_vault
from vocation.errors import ArtifactError, DataError, RecipeError, did_you_mean
from vocation.progress import SILENT, Progress
from vocation.records import Row
from vocation.text import Span, Text

_BATCH = 256  # Rows de-identified together.
_FAMILY = "vocation.corpus.formats"
_TEXT_SUFFIX = ".txt"

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class FileJob:
    """A file to be de-identified, and how.

    Args:
        source: the file to read.
        target: the file to write, of the same format or another that can be written; None only to look.
        settings: what is looked for, and what takes its place.
        columns: the fields to look into; all where there are none.
        whole: fields of which every value is an identifier, as `field: category` (a column of names).
        group: the field of which equal values are one person, whose names and dates go together; else each row is a
            document of its own (each file, of a text file).
        vault: where pseudonyms are kept; the target's name with .vault behind it unless given.
        overwrite: whether a target that is there already is replaced.
        audit: takes what is found, for its report; None for no audit.
    """

    source: Path
    target: Path | None
    settings: Deidentification
    columns: tuple[str, ...] = ()
    whole: Mapping[str, str] = field(default_factory=dict)
    group: str | None = None
    vault: Path | None = None
    overwrite: bool = False
    audit: Audit | None = None

    def run(self, progress: Progress = SILENT) -> Summary:
        """De-identifies the file; the target is whole or absent.

        Raises:
            RecipeError: a method needs a key and there is none, or an ending says no format.
            DataError: the source cannot be read, or lacks a column.
            ArtifactError: the target is there already, or cannot be written.
            MissingExtraError: a package of the extra `deidentification` is missing.
        """
        worker = _Worker(self, Deidentifier(self.settings))
        with progress.bar("de-identifying", None, "rows") as bar:
            if self.target is None:
                deque(worker.rows(_rows(self.source), bar.advance), maxlen=0)
            else:
                _check_target(self.source, self.target, overwrite=self.overwrite)
                _rewrite(self.source, self.target, lambda rows: worker.rows(rows, bar.advance))
        vault = None
        if self.target is not None and self.settings.reversible():
            vault = self.vault or self.target.with_name(f"{self.target.name}.vault")
            write_vault(vault, worker.pseudonyms.items(), self.settings.key.read())
        return Summary(self.target, worker.total, worker.touched, dict(worker.counts), vault)


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of it.

    Args:
        target: the file that was written; None where none was asked for.
        rows: how many rows it has.
        touched: in how many of them something was found.
        counts: how often each category was found in each field, by (field, category).
        vault: where the pseudonyms are; None where there are none.
    """

    target: Path | None
    rows: int
    touched: int
    counts: Mapping[tuple[str, str], int]
    vault: Path | None

    def by_category(self) -> list[tuple[str, int]]:
        """How often each category was found, the most frequent first."""
        sums = Counter[str]()
        for (_, category), count in self.counts.items():
            sums[category] += count
        return sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))


class _Worker:
    """De-identifies rows in batches and counts what it finds."""

    def __init__(self, job: FileJob, deidentifier: Deidentifier) -> None:
        self._job, self._deidentifier = job, deidentifier
        self.counts: Counter[tuple[str, str]] = Counter()
        self.pseudonyms: dict[str, str] = {}
        self.total, self.touched = 0, 0

    def rows(self, rows: Iterable[Row], advance: Callable[[int], None]) -> Iterator[Fields]:
        """The rows' fields without identifiers."""
        source = iter(rows)
        while batch := list(islice(source, _BATCH)):
            yield from self._batch(batch)
            self.total += len(batch)
            advance(len(batch))

    def _batch(self, batch: Sequence[Row]) -> Iterator[Fields]:
        columns, whole = self._job.columns, self._job.whole
        texts, documents, owners = [], list[str](), list[tuple[int, Any]]()
        for number, row in enumerate(batch):
            _require(row, (*columns, *whole, *((self._job.group,) if self._job.group else ())))
            document = self._document(row)
            for place, text in texts_of(row.fields, (*columns, *whole) if columns else ()):
                texts.append(text)
                documents.append(document)
                owners.append((number, place))
        categories = [whole.get(str(place[0])) if len(place) == 1 else None for _, place in owners]
        done = self._deidentifier.process(texts, documents, whole=categories)
        new: list[dict[Any, Text]] = [{} for _ in batch]
        touched = set()
        for (number, place), text, result in zip(owners, texts, done, strict=True):
            new[number][place] = result.text
            self.pseudonyms |= result.pseudonyms
            if result.findings:
                touched.add(number)
            self._count(batch[number].number, str(place[0]), text, result)
        self.touched += len(touched)
        for row, replaced in zip(batch, new, strict=True):
            yield with_texts(row.fields, replaced)

    def _document(self, row: Row) -> str:
        if self._job.group:
            return str(row.fields[self._job.group])
        one = opening.content_suffix(self._job.source) == _TEXT_SUFFIX
        return self._job.source.name if one else f"{self._job.source.name}:{row.number}"

    def _count(self, row: int, name: str, text: Text, result: Deidentified) -> None:
        self.counts.update((name, finding.category) for finding in result.findings)
        if self._job.audit:
            self._job.audit.add(ReviewPlace(self._job.source.name, row, name), text, result)


def restore_file(
    source: Path, target: Path, vault: Path, settings: Deidentification, *, overwrite: bool = False
) -> Summary:
    """Puts back what the pseudonyms of a file stand for.

    Args:
        source: a file that was de-identified with the method `pseudonym`.
        target: the file to write.
        vault: where the pseudonyms are kept.
        settings: of which only the key is used.
        overwrite: whether a target that is there already is replaced.

    Raises:
        ArtifactError: the vault cannot be opened with the key, or the target cannot be written.
        DataError: the source cannot be read.
        RecipeError: there is no key.
    """
    _check_target(source, target, overwrite=overwrite)
    entries = read_vault(vault, settings.key.read())
    counts: Counter[tuple[str, str]] = Counter()
    total, touched = 0, 0

    def restored(rows: Iterable[Row]) -> Iterator[Fields]:
        nonlocal total, touched
        for row in rows:
            _require(row, ())
            texts = dict(texts_of(row.fields))
            new = {place: restore(text, entries) for place, text in texts.items()}
            changed = [place for place in texts if new[place] is not texts[place]]
            counts.update((str(place[0]), "restored") for place in changed)
            total, touched = total + 1, touched + bool(changed)
            yield with_texts(row.fields, new)

    _rewrite(source, target, restored)
    return Summary(target, total, touched, dict(counts), vault)


def measured_risk(path: Path, settings: Deidentification) -> Residual:
    """What is left of the identifiers that people marked in a file.

    Args:
        path: rows with `text` and `spans`, whose labels are categories such as PERSON.
        settings: what is looked for. Kept categories count as left.

    Raises:
        DataError: the file cannot be read, or a row has no text with spans.
    """
    deidentifier = Deidentifier(settings)

    def labelled() -> Iterator[tuple[Text, Sequence[Any]]]:
        rows = iter(_rows(path))
        while batch := list(islice(rows, _BATCH)):
            texts = [_labelled(row, path) for row in batch]
            for text, result in zip(texts, deidentifier.process(texts, [""] * len(texts)), strict=True):
                yield text, [one for one in result.findings if one.category not in settings.keep]

    return residual_risk(labelled())


def _labelled(row: Row, path: Path) -> Text:
    content, spans = row.fields.get("text"), row.fields.get("spans")
    try:
        if row.fault:
            raise row.fault
        if not isinstance(content, str) or not isinstance(spans, list):
            raise TypeError("a row needs a text and a list of spans")
        return Text(content, tuple(Span(int(one["start"]), int(one["end"]), str(one["label"])) for one in spans))
    except (TypeError, ValueError, KeyError) as error:
        raise DataError(
            "A row of the labelled set cannot be used",
            file=path,
            row=row.number,
            received=str(error)[:60],
            allowed='{"text": "…", "spans": [{"start": 0, "end": 2, "label": "PERSON"}]}',
        ) from error


def _rewrite(source: Path, target: Path, change: Callable[[Iterable[Row]], Iterator[Fields]]) -> None:
    if opening.content_suffix(target) == _TEXT_SUFFIX:
        if opening.content_suffix(source) != _TEXT_SUFFIX:
            raise RecipeError(f"{target} is a text file, and {source} is none.\n  what to do: give it another ending")
        with opening.writing(target) as file:
            file.writelines(str(fields["text"]) for fields in change(_rows(source)))
        return
    writer = _format(target, WritableFormat)
    rows = change(_rows(source))
    if writer.tabular:
        # A table has the columns of its first row; rows of a stream may have others, so that all are known first.
        names = tuple(dict.fromkeys(name for row in _rows(source) for name in row.fields))
        rows = ({name: fields.get(name) for name in names} for fields in rows)
    writer.write(target, rows)


def _rows(path: Path) -> Iterator[Row]:
    """The rows of a file; of a text file its paragraphs, with their line ends and the blank lines behind them."""
    if not path.is_file():
        siblings = [sibling.name for sibling in path.parent.glob("*")] if path.parent.is_dir() else []
        raise DataError(f"The file does not exist.{did_you_mean(path.name, siblings)}", file=path)
    reader = _format(path, Format)
    with read_errors(path):
        if opening.content_suffix(path) == _TEXT_SUFFIX:
            yield from _paragraphs(reader, path)
        else:
            yield from reader.rows(path)


def _paragraphs(reader: Format, path: Path) -> Iterator[Row]:
    with reader.open(path, newline="") as file:
        first, held, blank = 1, list[str](), False
        for number, line in opening.lines(file, path):
            if held and blank and line.strip():
                yield Row(first, {"text": "".join(held)})
                first, held = number, []
            held.append(line)
            blank = not line.strip()
        if held:
            yield Row(first, {"text": "".join(held)})


def _format(path: Path, family: type[Any]) -> Any:
    suffix = opening.content_suffix(path)
    fitting = {
        name: kind for name, kind in kinds(_FAMILY).items() if issubclass(kind, family) and suffix in _endings(kind)
    }
    chosen = fitting.get(suffix[1:]) or next(iter(fitting.values()), None)
    if chosen is None:
        known = sorted(
            {ending for kind in kinds(_FAMILY).values() if issubclass(kind, family) for ending in _endings(kind)}
        )
        raise RecipeError(f"The ending of {path} says no format.\n  allowed: {', '.join(known)}")
    return chosen.model_validate({"path": str(path)})


def _endings(kind: Any) -> tuple[str, ...]:
    return tuple(kind.suffixes)


def _require(row: Row, names: Sequence[str]) -> None:
    if row.fault:
        raise row.fault
    for name in names:
        if name not in row.fields:
            present = [str(column) for column in row.fields]
            raise DataError(
                f"There is no column {name!r}.{did_you_mean(name, present)}",
                row=row.number,
                received=", ".join(present)[:200],
                remedy="correct --columns, --whole or --group",
            )


def _check_target(source: Path, target: Path, *, overwrite: bool) -> None:
    if target.exists() and target.resolve() == source.resolve():
        raise ArtifactError(f"{target} is the file that is read.\n  what to do: give the new file another name")
    if target.exists() and not overwrite:
        raise ArtifactError(f"{target} is there already.\n  what to do: give another name, or --force to replace it")
