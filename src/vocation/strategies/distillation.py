"""Knowledge distillation: the model learns from a teacher's predictions beside the labels."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from vocation.errors import RecipeError, TrainingError
from vocation.modeling.pretrained import load_config, load_saved, load_tokenizer
from vocation.strategies import Context, Need, Start, Strategy
from vocation.training.distillation import soft_target_loss
from vocation.training.objective import Objective, Outcome

if TYPE_CHECKING:
    import torch


class Distillation(Strategy):
    """Learn what a teacher thinks of every label, not the right one alone (Hinton, Vinyals & Dean, 2015).

    The loss of each position becomes α · T² · KL(p ‖ q) + (1 − α) · the loss from its label, with p = softmax(teacher's
    logits / T) and q = softmax(the model's logits / T). The teacher reads the very tokens of each update (Beyer et al.,
    2022), without dropout and without gradients; that costs a forward pass of the teacher. It needs the same labels
    and the same vocabulary.
    """

    teacher: str = Field(
        min_length=1,
        description="The teacher: the folder of a run or of its model, or a recipe of which the newest run is taken.",
    )
    temperature: float = Field(
        default=2.0,
        gt=0,
        description="T: the higher, the more of the teacher's ranking of wrong labels shows. Hinton et al. use 2 for "
        "speech, 2.5 to 4 for small students.",
    )
    alpha: float = Field(
        default=0.5, gt=0, le=1, description="α: weight of the teacher's part; 1 leaves the labels out."
    )

    def _model(self) -> Need:
        return Need(self.teacher, "model")

    def needs(self) -> Sequence[Need]:
        return (self._model(),)

    def check(self, sources: Mapping[str, Path], start: Start) -> None:
        folder = sources[self._model().name]
        if problem := _label_problem(_names(load_config(folder)), start.head_labels):
            raise RecipeError(f"distillation: {problem}")
        teacher, student = (load_tokenizer(place).get_vocab() for place in (folder, start.model))
        if teacher != student:
            raise RecipeError(
                f"distillation: {self.teacher} has another vocabulary than the model ({len(teacher):,} and "
                f"{len(student):,} tokens), so it cannot read the model's tokens.\n"
                "  what to do: choose a teacher and a model of one family, or train the teacher from such a model"
            )

    def wrap(self, objective: Objective, context: Context) -> Objective:
        import torch

        teacher = load_saved(self._model().found_in(context.artifacts)).requires_grad_(False).eval()
        labels = _names(teacher.config)
        if problem := _label_problem(labels, context.head_labels):
            raise TrainingError(f"distillation: {problem}")
        columns = torch.tensor([labels.index(label) for label in context.head_labels])
        accepted = {"targets", *inspect.signature(teacher.forward).parameters}

        def run(model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
            outcome = objective(model, batch)
            teacher.to(outcome.logits.device)
            with torch.no_grad():
                logits, _ = objective.scores(teacher, {name: batch[name] for name in batch if name in accepted})
            soft = soft_target_loss(outcome.logits, logits[:, columns], self.temperature).sum()
            return outcome._replace(loss=self.alpha * soft + (1 - self.alpha) * outcome.loss)

        return objective.wrapped(run)


def _names(config: Any) -> list[str]:
    """The names of the outputs of a model's head."""
    return [str(config.id2label[index]) for index in sorted(config.id2label)]


def _label_problem(teacher: Sequence[str], student: Sequence[str]) -> str | None:
    """What is wrong where the labels are not the same; their order does not matter."""
    unknown, foreign = sorted(set(student) - set(teacher)), sorted(set(teacher) - set(student))
    if not unknown and not foreign:
        return None
    parts = [("the teacher does not know", unknown), ("this run does not have", foreign)]
    listed = "; ".join(f"{words} {', '.join(names[:5])}{' …' * (len(names) > 5)}" for words, names in parts if names)
    return (
        f"the teacher must have the labels of this run.\n  received: {listed}\n"
        "  what to do: train the teacher on the same labels, or map the labels of the rows before both runs"
    )
