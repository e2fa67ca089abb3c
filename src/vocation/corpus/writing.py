"""The second pass: every cleaned record to the file of its split, every verdict to the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from vocation.corpus.index import SPLIT_NAMES
from vocation.corpus.verdicts import Decisions, VerdictsByRow
from vocation.ledger import Ledger
from vocation.progress import Progress
from vocation.records import RecordSchema, arrow_schema, from_arrow, record_batches

_BATCH = 4096


def write_splits(
    cleaned: Sequence[Path], decisions: Decisions, schema: RecordSchema, ledger: Ledger, progress: Progress
) -> None:
    """Writes one Parquet file a split that has rows into the ledger's folder.

    Args:
        cleaned: files with all records, in the order of the index.
        decisions: the split of each, and the verdicts, which go into the ledger with the records they are on.
        schema: of the records.
        ledger: takes the verdicts.
        progress: shows how many records are done.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    verdicts = VerdictsByRow(decisions.verdicts)
    present = [code for code in SPLIT_NAMES if np.any(decisions.split == code)]
    with ExitStack() as stack, progress.bar("writing", total=len(decisions.split), unit="rows") as bar:
        targets = {code: ledger.folder / f"{SPLIT_NAMES[code]}.parquet" for code in present}
        writers = {
            code: stack.enter_context(pq.ParquetWriter(target, arrow_schema(schema)))
            for code, target in targets.items()
        }
        first = 0
        for batch in record_batches(cleaned, _BATCH):
            end = first + len(batch)
            for code, writer in writers.items():
                chosen = decisions.split[first:end] == code
                if np.any(chosen):
                    writer.write_batch(batch.filter(pa.array(chosen)))
            entries = verdicts.between(first, end)
            places = pa.array([row - first for row, _ in entries], pa.int64())
            for (row, verdict), record in zip(entries, from_arrow(batch.take(places), schema), strict=True):
                split = SPLIT_NAMES.get(int(decisions.origin[row]))
                ledger.add(
                    verdict.action, verdict.step, verdict.reason, record, split=split, detail=verdict.detail(row)
                )
            first = end
            bar.advance(len(batch))
