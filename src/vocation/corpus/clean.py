"""The cleaning chain on whole records: what becomes of each, and what was dropped and edited on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from vocation.cleaning import CleaningStep, Drop, Pieces
from vocation.ledger import Action, Ledger
from vocation.records import Record
from vocation.text import Text

if TYPE_CHECKING:
    from vocation.deidentification.deidentifier import Deidentifier

DEIDENTIFICATION = "deidentification"
Act = Callable[[Text], Text | Drop | Pieces]
_Note = tuple[Action, str, str]


@dataclass(frozen=True, slots=True)
class Link:
    """A step of the chain as it acts: the component itself, or what a learning step made of the corpus.

    Args:
        kind: of the step, for the ledger.
        act: cleans a text.
        divides: whether it may give pieces.
    """

    kind: str
    act: Act
    divides: bool = False

    @classmethod
    def of(cls, step: CleaningStep) -> Link:
        """A step that has nothing to learn, or has not learned yet."""
        return cls(step.kind, step, step.divides)


@dataclass(frozen=True, slots=True)
class Loss:
    """Why a record goes.

    Args:
        step: kind of the step that dropped it.
        reason: a few words that are counted.
        detail: what was seen in this one.
    """

    step: str
    reason: str
    detail: str = ""


@dataclass(slots=True)
class Cleaned:
    """What became of a batch of records.

    Args:
        records: for each record what it became: one record, several pieces, or none.
        losses: for each record why it became none; None where it stays.
        shown: by place, lost records as the ledger may keep them, where that is not as they were read.
        counts: by action, step and reason: how many texts each step changed, how many identifiers of each category
            were replaced, how many pieces of texts were dropped.
    """

    records: list[tuple[Record, ...]] = field(default_factory=list)
    losses: list[Loss | None] = field(default_factory=list)
    shown: dict[int, Record] = field(default_factory=dict)
    counts: Counter[tuple[Action, str, str]] = field(default_factory=Counter)

    def enter(self, sources: Sequence[Record], splits: Mapping[str, str | None], ledger: Ledger) -> None:
        """Writes losses and edits into the ledger, with the records as they were read, less their identifiers.

        Args:
            sources: the records as they were read.
            splits: the split that the recipe gives to each file, by the file's name.
            ledger: takes them.
        """
        for place, (source, loss) in enumerate(zip(sources, self.losses, strict=True)):
            if loss:
                shown = self.shown.get(place, source)
                ledger.add("dropped", loss.step, loss.reason, shown, split=splits[source.file], detail=loss.detail)
        for (action, step, reason), count in self.counts.items():
            ledger.count(action, step, reason, count)


@dataclass(frozen=True)
class Chain:
    """Cleaning steps in order, then de-identification; picklable, and the same for each record whatever its batch.

    A record goes when a step drops one of its texts, or when an edit cuts through one of its labelled spans: the
    answer would no longer be the whole answer.

    Args:
        links: the steps.
        deidentifier: replaces identifiers in what is left, if anything does.
        whole: whether texts may not be divided, because the answer is one for the whole text.
    """

    links: tuple[Link, ...]
    deidentifier: Deidentifier | None = None
    whole: bool = False

    def __call__(self, records: Sequence[Record]) -> Cleaned:
        """Cleans a batch."""
        cleaned = Cleaned()
        for record in records:
            notes: list[_Note] = []
            result = self._one(record, notes, self.links)
            if isinstance(result, Loss):
                cleaned.records.append(())
                cleaned.losses.append(result)
            else:
                cleaned.counts.update(notes)
                cleaned.records.append(tuple(map(_without_history, result)))
                cleaned.losses.append(None)
        if self.deidentifier:
            self._deidentify(cleaned)
            lost = [place for place, loss in enumerate(cleaned.losses) if loss]
            without, _ = self._without_identifiers([records[place] for place in lost])
            cleaned.shown = dict(zip(lost, without, strict=True))
        return cleaned

    def observe(self, records: Sequence[Record], step: CleaningStep) -> tuple[Counter[int], int]:
        """What a learning step wants counted in the texts of a batch, and how many texts there were."""
        counts: Counter[int] = Counter()
        texts = [text for results in self(records).records for record in results for text in record.texts.values()]
        for text in texts:
            counts.update(set(step.observe(text)))
        return counts, len(texts)

    def _one(self, record: Record, notes: list[_Note], links: Sequence[Link]) -> list[Record] | Loss:
        texts = dict(record.texts)
        for place, link in enumerate(links):
            if link.divides and self.whole:
                continue
            for name, text in texts.items():
                result = link.act(text)
                if isinstance(result, Drop):
                    return Loss(link.kind, result.reason, result.detail)
                if isinstance(result, Pieces):
                    return self._divided(record, name, result, notes, links[place + 1 :], link)
                if len(result.cut) > len(text.cut):
                    cut = ", ".join(f"{span.label} at {span.start}:{span.end}" for span in result.cut)
                    return Loss(link.kind, "a labelled span was cut", cut)
                if result is not text:
                    notes.append(("edited", link.kind, "texts changed"))
                    texts[name] = result
        unchanged = all(texts[name] is text for name, text in record.texts.items())
        return [record if unchanged else replace(record, texts=texts)]

    def _divided(
        self, record: Record, name: str, pieces: Pieces, notes: list[_Note], links: Sequence[Link], link: Link
    ) -> list[Record] | Loss:
        """Each piece as a record of its own, after the rest of the chain; those that a later step drops are counted."""
        made: list[Record] = []
        if len(record.texts) > 1:
            raise TypeError(
                f"the step {link.kind} divides texts, and the records have several: {', '.join(record.texts)}"
            )
        loss = Loss(link.kind, "nothing is left of the text")
        for number, piece in enumerate(pieces.texts, start=1):
            part = replace(record, id=f"{record.id}#{number}", texts={name: piece})
            result = self._one(part, notes, links)
            if isinstance(result, Loss):
                loss = result
                notes.append(("dropped", loss.step, f"{loss.reason} (a piece)"))
            else:
                made += result
        if len(pieces.texts) > 1:
            notes.append(("edited", link.kind, "texts divided"))
        return made or loss

    def _deidentify(self, cleaned: Cleaned) -> None:
        """Replaces identifiers in what stays; a record whose label goes with one goes as well."""
        flat = [record for results in cleaned.records for record in results]
        without, replaced = self._without_identifiers(flat)
        cleaned.counts.update(("edited", DEIDENTIFICATION, f"{category} replaced") for category in replaced)
        remaining = iter(without)
        for place, results in enumerate(cleaned.records):
            done = tuple(islice(remaining, len(results)))
            cut = [span for record in done for text in record.texts.values() for span in text.cut]
            cleaned.records[place] = () if cut else done
            if cut:
                labels = ", ".join(f"{span.label} at {span.start}:{span.end}" for span in cut)
                cleaned.losses[place] = Loss(DEIDENTIFICATION, "a labelled span was cut", labels)

    def _without_identifiers(self, records: Sequence[Record]) -> tuple[list[Record], list[str]]:
        """The records with their identifiers replaced, and the category of each that was."""
        assert self.deidentifier is not None
        flat = [(record, name) for record in records for name in record.texts]
        done = self.deidentifier.process(
            [record.texts[name] for record, name in flat],
            [record.id for record, _ in flat],
            [record.group or record.id for record, _ in flat],
        )
        texts = iter(_plain(result.text) for result in done)
        without = [replace(record, texts={name: next(texts) for name in record.texts}) for record in records]
        return without, [one.category for result in done for one in result.replacements]


def _without_history(record: Record) -> Record:
    """Nothing asks for the edits of a record again, and they would travel between processes."""
    if not any(text.history or text.protected for text in record.texts.values()):
        return record
    return replace(record, texts={name: _plain(text) for name, text in record.texts.items()})


def _plain(text: Text) -> Text:
    return Text(text.content, text.spans, text.cut)
