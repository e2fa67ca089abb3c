"""A tiny earlier run, with whatever strategies need of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.strategies.training import Trial, trial
from vocation.modeling.additions import save_model
from vocation.prediction.predictor import Description
from vocation.progress import SILENT
from vocation.records import Record, write_records
from vocation.strategies import Need, Strategy
from vocation.strategies.full import Full
from vocation.tasks import Task
from vocation.tuning import fisher
from vocation.tuning.material import Supply


def earlier_run(
    folder: Path, model: Path, task: Task, records: Sequence[Record], strategy: Strategy | None = None
) -> Trial:
    """Learns a little, with `full` or another strategy; leaves `model/` and `corpus/train.parquet` in the folder."""
    taught = trial(model, task, records, [strategy or Full()])
    taught.learn(2)
    save_model(taught.detached(), folder / "model")
    taught.data.tokenizer.save_pretrained(folder / "model")
    Description(task=task, cleaning=(), head_labels=tuple(taught.data.head_labels)).write(folder / "model")
    (folder / "corpus").mkdir()
    write_records(folder / "corpus" / "train.parquet", records, task.record_schema)
    return taught


def supplies_of(strategies: Iterable[Strategy], folder: Path) -> dict[str, Supply]:
    """What strategies need, from the earlier run in a folder."""
    needs = [need for strategy in strategies for need in strategy.needs()]
    return {need.name: Supply(_made(need, folder), need.name) for need in needs}


def needed_by(
    strategy: Strategy, folder: Path, model: Path, task: Task, records: Sequence[Record]
) -> dict[str, Supply]:
    """What a strategy needs; nothing is made for those that need nothing.

    Args:
        strategy: that is asked for its needs.
        folder: takes the earlier run.
        model: that it starts from.
        task: that it learns.
        records: that it learns from.
    """
    if not strategy.needs():
        return {}
    folder.mkdir()
    earlier_run(folder, model, task, records)
    return supplies_of([strategy], folder)


def _made(need: Need, folder: Path) -> Path:
    if need.part != "fisher":
        return folder / need.part
    made = folder / "fisher"
    made.mkdir(exist_ok=True)
    fisher.build(dict(need.settings), folder / "model", folder / "corpus", made, SILENT)
    return made
