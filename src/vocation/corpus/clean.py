"""The cleaning chain on whole records, with what it drops and edits in the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from vocation.cleaning import CleaningStep, Drop
from vocation.ledger import Ledger
from vocation.records import Record


class Cleaner:
    """Applies cleaning steps to records, in order.

    A record goes when a step drops one of its texts, or when an edit cuts through one of its labelled spans: the
    answer would no longer be the whole answer.

    Args:
        steps: the chain.
        ledger: takes what is dropped, with the texts as they were read; the edited texts of
            records that stay are counted by `finish`.
    """

    def __init__(self, steps: Sequence[CleaningStep], ledger: Ledger) -> None:
        self._steps, self._ledger = steps, ledger
        self._edited: Counter[str] = Counter()

    def __call__(self, record: Record, split: str | None) -> Record | None:
        """The cleaned record, or None when it goes."""
        texts, edited = dict(record.texts), list[str]()
        for step in self._steps:
            for name, text in texts.items():
                cleaned = step(text)
                if isinstance(cleaned, Drop):
                    self._ledger.add("dropped", step.kind, cleaned.reason, record, split=split, detail=cleaned.detail)
                    return None
                if len(cleaned.cut) > len(text.cut):
                    cut = ", ".join(f"{span.label} at {span.start}:{span.end}" for span in cleaned.cut)
                    self._ledger.add("dropped", step.kind, "a labelled span was cut", record, split=split, detail=cut)
                    return None
                if cleaned is not text:
                    edited.append(step.kind)
                    texts[name] = cleaned
        self._edited.update(edited)
        return replace(record, texts=texts)

    def finish(self) -> None:
        """Enters how many texts each step edited."""
        for kind, count in self._edited.items():
            self._ledger.count("edited", kind, "texts changed", count)
