"""Models that stand still, so that formulae hold to 1e-10: no dropout, double precision; slow twins of objectives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from vocation.modeling.pretrained import load_model, load_tokenizer
from vocation.prediction.predictor import padding_of
from vocation.records import Record
from vocation.strategies import Context
from vocation.tasks import Example, Task
from vocation.training.batches import Padding, pad
from vocation.training.objective import Objective, objective_of

if TYPE_CHECKING:
    from vocation.training.objective import PointLoss

Records = Callable[[int, int], list[Record]]
Gradients = dict[str, torch.Tensor]
LogitsOf = Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]
Twin = Callable[[LogitsOf, torch.Tensor], torch.Tensor]
"""The loss of one example, given what makes logits [N, L] and classes [N] of its embeddings [1, T, D], and these."""


@dataclass(frozen=True)
class Still:
    """A model in double precision, and what it reads.

    Args:
        model: in training mode, without dropout.
        task: what it learns.
        head_labels: names of the outputs of its head.
        examples: of different lengths.
        padding: how they are padded.
        exact: how far two ways of computing the same may be apart.
    """

    model: Any
    task: Task
    head_labels: Sequence[str]
    examples: Sequence[Example]
    padding: Padding
    exact: float = 1e-10

    def objective(self, point_loss: PointLoss | None = None) -> Objective:
        return objective_of(self.task.scores, point_loss)

    def batch(self, rows: Sequence[int]) -> dict[str, torch.Tensor]:
        return dict(pad([self.examples[row] for row in rows], self.padding).tensors)

    def gradients(self, objective: Objective, parts: Sequence[Sequence[int]], seed: int = 1) -> tuple[float, Gradients]:
        """The loss over the parts together, each a batch, and its gradients; a seed is set before each part."""
        loss = 0.0
        for part in parts:
            torch.manual_seed(seed)
            outcome = objective(self.model, self.batch(part))
            outcome.loss.backward()
            loss += outcome.loss.item()
        return loss, self._taken()

    def twin(self, twin: Twin, rows: Sequence[int], seed: int = 1) -> tuple[float, Gradients]:
        """The same by a loop over the examples, each alone, without padding and hooks."""
        loss = 0.0
        for row in rows:
            torch.manual_seed(seed)
            value = twin(self.logits_of(row), self.embeddings(row))
            value.backward()
            loss += value.item()
        return loss, self._taken()

    def embeddings(self, row: int) -> torch.Tensor:
        """[1, T, D], with the gradient function of the lookup."""
        looked_up: torch.Tensor = self.model.get_input_embeddings()(self.batch([row])["input_ids"])
        return looked_up

    def logits_of(self, row: int) -> LogitsOf:
        batch = self.batch([row])
        rest = {name: tensor for name, tensor in batch.items() if name not in ("input_ids", "targets")}
        classes = batch["targets"].flatten()
        learned = classes != -100

        def logits(embeddings: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            computed = self.model(inputs_embeds=embeddings, **rest).logits.flatten(0, -2)
            return computed[learned], classes[learned]

        return logits

    def _taken(self) -> Gradients:
        taken = {name: weight.grad.clone() for name, weight in self.model.named_parameters() if weight.grad is not None}
        self.model.zero_grad()
        return taken


PARTS = ([[0, 1, 2, 3, 4, 5]], [[0], [1], [2], [3], [4], [5]], [[5, 1], [0, 3, 2, 4]])
"""Ways to divide an update of six texts."""


def still(folder: Path, task: Task, records: Sequence[Record]) -> Still:
    """A model of a folder with a new head. `transformers` computes norms and positions of a Llama in float32."""
    labels = sorted({label for record in records for label in task.labels(record)})
    head_labels, tokenizer = task.head_labels(labels), load_tokenizer(folder)
    model = load_model(task.model_class(), folder, head_labels, seed=1).double().train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    examples = task.encode(records, tokenizer, head_labels).examples
    exact = 1e-3 if model.config.model_type == "llama" else 1e-10
    return Still(model, task, head_labels, examples, padding_of(tokenizer), exact)


def context(labels: Sequence[str] = ("a", "b", "c"), counts: Sequence[int] = (6, 3, 1), updates: int = 20) -> Context:
    """What strategies may know of a training with so many targets of each label."""
    classes = np.repeat(np.arange(len(counts)), counts)
    return Context(labels, np.array(counts), classes, updates, updates, seed=1)


def cross_entropies(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    """The sum over the positions, by the formula."""
    chosen = torch.stack([row[which] for row, which in zip(logits, classes, strict=True)])
    return (logits.exp().sum(-1).log() - chosen).sum()


def kl(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Σ over the positions of KL(softmax(one) ‖ softmax(other)), by torch."""
    return torch.nn.functional.kl_div(other.log_softmax(-1), one.log_softmax(-1), log_target=True, reduction="sum")


def slope(value: torch.Tensor, by: torch.Tensor) -> torch.Tensor:
    (result,) = torch.autograd.grad(value, by)
    return result


def differ(one: tuple[float, Gradients], other: tuple[float, Gradients]) -> float:
    """The largest difference of the losses and of all gradients."""
    assert one[1].keys() == other[1].keys()
    return max(abs(one[0] - other[0]), *(float((one[1][name] - other[1][name]).abs().max()) for name in one[1]))
