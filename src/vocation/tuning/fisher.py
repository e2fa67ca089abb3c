"""The Fisher information of a finished model on its training rows, as an artifact for elastic weight consolidation.

The folder gets `fisher.safetensors` and `anchors.safetensors`: the diagonal, and the weights that it belongs to, of the
model's body. The head belongs to its task and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocation.artifacts import Plan
from vocation.modeling.body import body_parameters
from vocation.prediction.predictor import Predictor, padding_of
from vocation.progress import Progress
from vocation.records import draw_records
from vocation.training.batches import pad
from vocation.training.fisher import ANCHORS, FISHER, diagonal_fisher

if TYPE_CHECKING:
    import torch

VERSION = 1
_SEED = 0  # Of the rows; the artifact serves runs of every seed.


def plan(settings: Mapping[str, Any], tuning_key: str, corpus_key: str) -> Plan:
    """What the artifact is made from.

    Args:
        settings: `rows` (how many are drawn) and `labels` (see `diagonal_fisher`).
        tuning_key: of the earlier run's model.
        corpus_key: of its rows.
    """
    return Plan("fisher", VERSION, dict(settings), {"tuning": tuning_key, "corpus": corpus_key})


def build(settings: Mapping[str, Any], model: Path, corpus: Path, folder: Path, progress: Progress) -> dict[str, Any]:
    """Writes both files; returns the summary for the manifest.

    Args:
        settings: as `plan` has them.
        model: the earlier run's model folder.
        corpus: folder of its corpus.
        folder: takes the files.
        progress: shows a bar over the examples.

    Raises:
        ModelError: the model cannot be loaded.
    """
    from safetensors.torch import save_file

    predictor = Predictor.load(model)
    task, padding, network = predictor.description.task, padding_of(predictor.tokenizer), predictor.model
    records = list(draw_records(corpus / "train.parquet", task.record_schema, settings["rows"], _SEED))
    examples = task.encode(records, predictor.tokenizer, predictor.description.head_labels).examples

    def single() -> Iterator[dict[str, torch.Tensor]]:
        for example in examples:
            yield {name: tensor.to(network.device) for name, tensor in pad([example], padding).tensors.items()}

    parameters = body_parameters(network)
    with progress.bar("Fisher information", len(examples), "texts") as bar:
        fisher = diagonal_fisher(network, parameters, single(), task.scores, settings["labels"], bar.advance)
    save_file({name: value.cpu().contiguous() for name, value in fisher.items()}, folder / FISHER)
    anchors = {name: value.detach().cpu().contiguous() for name, value in parameters.items()}
    save_file(anchors, folder / ANCHORS)
    sizes = sum(value.numel() for value in fisher.values())
    return {
        "rows": len(records),
        "examples": len(examples),
        "labels": settings["labels"],
        "parameters": sizes,
        "mean": sum(float(value.sum(dtype=value.dtype)) for value in fisher.values()) / sizes,
    }
