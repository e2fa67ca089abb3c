"""What tuning asks of the corpus, the model and the recipe; what does not hold is refused before training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocation.errors import DataError, RecipeError, did_you_mean
from vocation.metrics import score
from vocation.records import Record, read_records
from vocation.tasks import Task
from vocation.tuning.settings import TuningSettings

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


def check_length(task: Task, tokenizer: PreTrainedTokenizerFast, name: str) -> None:
    """Refuses a task whose windows are longer than the model can read.

    Raises:
        RecipeError: `task.max_length` exceeds the tokenizer's limit.
    """
    wanted = getattr(task, "max_length", 0)
    if wanted > tokenizer.model_max_length:
        raise RecipeError(
            f"task.max_length is {wanted}, and {name} reads at most {tokenizer.model_max_length} tokens at once.\n"
            f"  what to do: set task.max_length to {tokenizer.model_max_length} or less"
        )


def refuse_cuts(task: Task, cuts: Sequence[Mapping[str, Any]], cut_rows: int, rows: int, largest: float) -> None:
    """Refuses training on rows of which too many lose a part.

    Args:
        task: what cuts, and knows what to do about each reason.
        cuts: `reason` and `rows` of each way in which something is lost.
        cut_rows: training rows that lose something.
        rows: training rows.
        largest: share of them that may be cut.

    Raises:
        DataError: more are cut.
    """
    if cut_rows > largest * rows:
        raise DataError(
            "Too many of the training rows would lose a part",
            received=f"{cut_rows:,} of {rows:,} rows: "
            + ", ".join(f"{cut['reason']} ({cut['rows']:,})" for cut in cuts),
            allowed=f"{largest:.0%} of the rows, as `tuning.largest_cut` says",
            remedy="; ".join(task.cut_remedies[cut["reason"]] for cut in cuts)
            + "; or raise `tuning.largest_cut` where what is left is enough",
        )


def read_split(corpus: Path, split: str, task: Task) -> list[Record]:
    """The records of a split that tuning needs.

    Raises:
        DataError: the corpus has no such split.
    """
    path = corpus / f"{split}.parquet"
    records = list(read_records(path, task.record_schema)) if path.exists() else []
    if not records:
        raise DataError(
            f"the corpus has no {split} split, and tuning needs one",
            remedy="give a source `split: " + split + "`, or set corpus.splitting.validation above 0",
        )
    return records


def selection_metric(settings: TuningSettings, task: Task, records: Sequence[Record], labels: Sequence[str]) -> str:
    """Name of the metric that chooses the best checkpoint.

    Raises:
        RecipeError: the recipe names one that the task does not have.
    """
    chosen = settings.early_stopping.metric or task.selection_metric
    gold = [task.answer(record) for record in records[:1]]
    known = sorted(name for name in score(gold, gold, labels, task.answers) if ":" not in name)
    if chosen not in known:
        raise RecipeError(
            f"tuning.early_stopping.metric is {chosen!r}, which {task.kind} does not have."
            f"{did_you_mean(chosen, known)}\n"
            f"  allowed: {', '.join(known)}"
        )
    return chosen
