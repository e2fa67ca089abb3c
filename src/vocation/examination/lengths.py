"""How long the texts are beside what the model reads at once, and what would be cut."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vocation.ledger import Ledger
from vocation.progress import Bar
from vocation.records import SPLITS, Record, read_in_batches
from vocation.tasks import Task

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

_BINS = 24
_WINDOWS = 2  # The histogram ends here, in windows of the model; longer texts are counted in its last bin.


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The rows of one split as the model would meet them.

    Args:
        tokens: [N] of each row, with the special ones, before anything is cut.
        examples: model inputs that they make.
        cut_rows: rows that lose something.
        cuts: for each reason and unit, the rows that lose something and how much they lose together.
    """

    tokens: NDArray[np.int64]
    examples: int
    cut_rows: int
    cuts: Mapping[tuple[str, str], tuple[int, int]]

    def summary(self, edges: NDArray[np.int64]) -> dict[str, Any]:
        """In plain values.

        Args:
            edges: of the histogram's bins, see `bin_edges`; what is longer is counted in the last one.
        """
        counts, _ = np.histogram(np.minimum(self.tokens, edges[-1]), edges)
        return {
            "rows": len(self.tokens),
            "examples": self.examples,
            "tokens": {
                "total": int(self.tokens.sum()),
                "median": float(np.median(self.tokens)),
                "p95": round(float(np.percentile(self.tokens, 95)), 1),
                "max": int(self.tokens.max()),
            },
            "histogram": counts.tolist(),
            "cut_rows": self.cut_rows,
            "cuts": [
                {"reason": reason, "unit": unit, "rows": rows, "amount": amount}
                for (reason, unit), (rows, amount) in sorted(self.cuts.items())
            ],
        }


@dataclass(frozen=True, slots=True)
class Encoder:
    """What turns records into model inputs.

    Args:
        task: does it.
        tokenizer: of the model.
        head_labels: names of the outputs of the model's head.
    """

    task: Task
    tokenizer: PreTrainedTokenizerFast
    head_labels: Sequence[str]

    def measure(self, path: Path, split: str, ledger: Ledger, bar: Bar) -> Measured:
        """Encodes every row of a split, a batch at a time; rows that lose something are entered in the ledger.

        Args:
            path: Parquet file of the split; it has a row at least.
            split: its name.
            ledger: takes what is cut.
            bar: is advanced by rows.
        """
        tokens: list[NDArray[np.int64]] = []
        examples = cut_rows = 0
        rows, amounts = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for records in read_in_batches(path, self.task.record_schema):
            encoding = self.task.encode(records, self.tokenizer, self.head_labels)
            examples += len(encoding.examples)
            cut_rows += len({cut.record for cut in encoding.cuts})
            for cut in encoding.cuts:
                rows[cut.reason, cut.unit] += 1
                amounts[cut.reason, cut.unit] += cut.amount
                ledger.add("cut", self.task.kind, cut.reason, records[cut.record], split=split, detail=cut.detail)
            tokens.append(self._token_counts(records))
            bar.advance(len(records))
        cuts = {key: (rows[key], amounts[key]) for key in rows}
        return Measured(np.concatenate(tokens), examples, cut_rows, cuts)

    def _token_counts(self, records: Sequence[Record]) -> NDArray[np.int64]:
        """[N] tokens of each record's texts together, with the special ones."""
        counts = np.zeros(len(records), dtype=np.int64)
        for name in self.task.record_schema.texts:
            texts = [record.texts[name].content for record in records]
            encoded = self.tokenizer(texts, add_special_tokens=False, return_length=True, verbose=False)
            counts += np.array(encoded["length"], dtype=np.int64)
        pair = len(self.task.record_schema.texts) > 1
        return counts + self.tokenizer.num_special_tokens_to_add(pair=pair)


def bin_edges(measured: Sequence[Measured], window: int | None) -> NDArray[np.int64]:
    """[bins + 1] token counts between which texts are counted together, equal for all splits.

    Args:
        measured: the splits.
        window: tokens that the model reads at once.
    """
    longest = max(int(split.tokens.max()) for split in measured)
    end = min(longest, window * _WINDOWS) if window else longest
    return np.arange(_BINS + 1, dtype=np.int64) * max(1, -(-end // _BINS))


def labelled_splits(folder: Path) -> Iterator[tuple[str, Path]]:
    """Names and files of the labelled splits that a corpus has."""
    for name in SPLITS:
        if (path := folder / f"{name}.parquet").exists():
            yield name, path
