"""What tests of the strategies that say which weights train share: models in float64, gradients, new rows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from tests.strategies.training import Trial, trial
from vocation.modeling.pretrained import load_model
from vocation.prediction.predictor import padding_of
from vocation.records import Record
from vocation.strategies import Strategy
from vocation.tasks import Task
from vocation.training.batches import pad

NEW_ROWS = 8
"""The last rows of the tiny BERT's embedding, among them those of fever, cough, patient, has and with."""
WORDS = "bert.embeddings.word_embeddings.weight"


def exact(folder: Path, task: Task, records: list[Record], *strategies: Strategy, **settings: Any) -> Trial:
    """A trial whose model computes in float64 and drops nothing out; what is added starts away from its start."""
    taught = trial(folder, task, records, strategies, **settings)
    taught.lesson.model.double()
    for module in taught.lesson.model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return taught


def stir(model: torch.nn.Module) -> None:
    """Moves every weight that trains, so that nothing is zero or one by its start."""
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn(parameter.shape, generator=generator, dtype=parameter.dtype), alpha=0.1)


def plain(taught: Trial) -> Any:
    """The model as its folder has it, in float64."""
    seed, labels = taught.tuning.settings.seed, taught.data.head_labels
    return load_model(taught.tuning.task.model_class(), taught.tuning.pretrained.folder, labels, seed).double().eval()


def inputs(taught: Trial, count: int = 5) -> dict[str, torch.Tensor]:
    """The first texts, padded, without targets."""
    batch = pad(taught.data.training.examples[:count], padding_of(taught.data.tokenizer))
    return {name: value for name, value in batch.tensors.items() if name != "targets"}


def loss_of(logits: torch.Tensor) -> torch.Tensor:
    """Some function of all logits."""
    weights = torch.sin(torch.arange(logits.numel(), dtype=logits.dtype)).view(logits.shape)
    return (logits * weights + 0.1 * logits.square()).sum()


def gradients(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Of the weights that train, by name."""
    return {
        name: parameter.grad.clone()
        for name, parameter in model.named_parameters()
        if parameter.requires_grad and parameter.grad is not None
    }


def trained(model: torch.nn.Module) -> set[str]:
    """Names of the weights that train."""
    return {name for name, parameter in model.named_parameters() if parameter.requires_grad}


def changed(before: Mapping[str, torch.Tensor], model: torch.nn.Module) -> set[str]:
    """Names of the weights that are others than before."""
    return {name for name, parameter in model.named_parameters() if not torch.equal(before[name], parameter)}


def with_new_rows(folder: Path, target: Path) -> Path:
    """A copy of a model's folder whose configuration says that its last rows are new."""
    shutil.copytree(folder, target)
    path = target / "config.json"
    config = json.loads(path.read_text(encoding="utf-8")) | {"vocation_new_rows": NEW_ROWS}
    path.write_text(json.dumps(config), encoding="utf-8")
    return target
