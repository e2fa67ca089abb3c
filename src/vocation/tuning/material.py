"""What tuning starts from, and what is learned from: records, encoded for the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from vocation.cleaning import CleaningStep
from vocation.deidentification.settings import Deidentification
from vocation.ledger import Ledger
from vocation.modeling.pretrained import Pretrained, load_tokenizer
from vocation.progress import Progress
from vocation.records import Record
from vocation.tasks import Encoding, Task
from vocation.tuning.rehearsed import rehearsed_rows
from vocation.tuning.requirements import check_length, read_split, refuse_cuts, selection_metric
from vocation.tuning.settings import TuningSettings

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


class Supply(NamedTuple):
    """What a strategy takes from an earlier run.

    Args:
        folder: where it lies.
        key: changes when its content does.
    """

    folder: Path
    key: str


@dataclass(frozen=True)
class Tuning:
    """What tuning starts from.

    Args:
        settings: how the model learns.
        task: what it learns.
        pretrained: where its weights come from.
        cleaning: the chain that cleaned the corpus; the finished model applies it to what it is given.
        corpus: folder of the corpus artifact.
        deidentification: likewise, of the corpus; None where nothing was replaced.
        supplies: what the strategies need, by the needs' names.
    """

    settings: TuningSettings
    task: Task
    pretrained: Pretrained
    cleaning: Sequence[CleaningStep]
    corpus: Path
    deidentification: Deidentification | None = None
    supplies: Mapping[str, Supply] = field(default_factory=dict)

    @property
    def artifacts(self) -> dict[str, Path]:
        """Folders of what the strategies need, by the needs' names."""
        return {name: supply.folder for name, supply in self.supplies.items()}


class Rehearsed(NamedTuple):
    """Examples at the end of the training ones that stem from an earlier run.

    Args:
        examples: how many there are.
        share: of them among the examples of every epoch.
    """

    examples: int
    share: float


@dataclass(frozen=True)
class Data:
    """What is learned from, and what is scored on the way.

    Args:
        tokenizer: of the model.
        labels: distinct labels of the training split and of rehearsed rows, in order.
        head_labels: names of the outputs of the model's head.
        training: the model's inputs of the training split, then those of rehearsed rows.
        validation: likewise, of the validation split.
        validation_records: which hold the gold answers.
        metric: name of the validation metric that chooses the best checkpoint.
        rehearsed: which of the training examples are rehearsed, in their order.
    """

    tokenizer: PreTrainedTokenizerFast
    labels: list[str]
    head_labels: list[str]
    training: Encoding
    validation: Encoding
    validation_records: list[Record]
    metric: str
    rehearsed: Sequence[Rehearsed] = ()


def prepare_data(tuning: Tuning, folder: Path, progress: Progress) -> Data:
    """Reads and encodes the splits; what encoding cuts goes into the ledger in the folder.

    Raises:
        DataError: a split is missing, or too much would be cut.
        RecipeError: the recipe asks for a metric or a length that the task or the model does not have.
    """
    task, settings = tuning.task, tuning.settings
    training_records = read_split(tuning.corpus, "train", task)
    validation_records = read_split(tuning.corpus, "validation", task)
    tokenizer = load_tokenizer(tuning.pretrained.folder)
    check_length(task, tokenizer, tuning.pretrained.name)
    with Ledger(folder) as ledger:
        earlier = rehearsed_rows(settings.strategies, tuning.artifacts, task, tuning.corpus, ledger)
        rows = [*training_records, *(record for rehearsal in earlier for record in rehearsal.records)]
        labels = sorted({label for record in rows for label in task.labels(record)})
        head_labels = task.head_labels(labels)
        training = _encode(task, training_records, tokenizer, head_labels, ledger, "train")
        validation = _encode(task, validation_records, tokenizer, head_labels, ledger, "validation")
        rehearsed = []
        for rehearsal in earlier:
            encoding = _encode(task, rehearsal.records, tokenizer, head_labels, ledger, "rehearsed")
            training.examples.extend(encoding.examples)
            rehearsed.append(Rehearsed(len(encoding.examples), rehearsal.share))
        for count in ledger.summary():
            progress.note(f"{count.count} rows: {count.reason} (in the ledger)")
    reasons = Counter(cut.reason for cut in training.cuts)
    cuts = [{"reason": reason, "rows": count} for reason, count in reasons.most_common()]
    refuse_cuts(task, cuts, len({cut.record for cut in training.cuts}), len(training_records), settings.largest_cut)
    metric = selection_metric(settings, task, validation_records, labels)
    return Data(tokenizer, labels, head_labels, training, validation, validation_records, metric, rehearsed)


def _encode(
    task: Task,
    records: Sequence[Record],
    tokenizer: PreTrainedTokenizerFast,
    head_labels: Sequence[str],
    ledger: Ledger,
    split: str,
) -> Encoding:
    encoding = task.encode(records, tokenizer, head_labels)
    for cut in encoding.cuts:
        ledger.add("cut", task.kind, cut.reason, records[cut.record], split=split, detail=cut.detail)
    return encoding
