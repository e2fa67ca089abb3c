"""Strategies, one module each: how the weights are allowed to change. They compose in the order of the recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vocation.component import Component
from vocation.errors import TrainingError
from vocation.records import Record, RecordSchema
from vocation.training.batches import Order
from vocation.training.companions import Companion
from vocation.training.objective import Objective
from vocation.training.penalties import Penalty

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from vocation.training.objective import PointLoss


Part = Literal["corpus", "model", "fisher"]
"""What can be taken from an earlier run: its clean and split rows, its model, or the Fisher information of its model on
its training rows, which is built when it is asked for."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a strategy takes from an earlier run.

    Args:
        place: the run, as the recipe gives it: its folder, or a recipe that was run; for a model also its folder.
        part: what is taken.
        settings: of what is built, by name.
    """

    place: str
    part: Part
    settings: tuple[tuple[str, Any], ...] = ()

    @property
    def name(self) -> str:
        """By which its folder is found among the artifacts."""
        details = ", ".join(f"{name} {value}" for name, value in self.settings)
        return f"{self.part} of {self.place}" + (f" ({details})" if details else "")

    def found_in(self, artifacts: Mapping[str, Path]) -> Path:
        """Its folder.

        Raises:
            TrainingError: it is not there.
        """
        if self.name not in artifacts:
            raise TrainingError(
                f"The {self.name} was not prepared before training.\n"
                "  what to do: train through `vocation run`, or give its folder as one of the artifacts of the tuning"
            )
        return artifacts[self.name]


@dataclass(frozen=True, slots=True)
class Start:
    """What is known of a training before it starts.

    Args:
        model: folder of the model that it starts from.
        task: kind of the task.
        head_labels: names of the outputs of the head, as the training rows have them.
    """

    model: Path
    task: str
    head_labels: Sequence[str]


class Rehearsal(NamedTuple):
    """Rows of an earlier run that are learned from again.

    Args:
        records: the rows.
        share: of them among the examples of every epoch.
    """

    records: Sequence[Record]
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """What a strategy may know of the training that it takes part in.

    Args:
        head_labels: names of the L outputs of the head.
        class_counts: [L], how often each is a target in the first epoch, as the strategies' orders deal it out.
        classes: [N], the one class of each training example; -100 where it has none or several.
        updates: of the whole training.
        updates_per_epoch: of one epoch.
        seed: of the training.
        artifacts: folders of what the strategies need, by the needs' names.
        longest: tokens that a text may have, at most.
    """

    head_labels: Sequence[str]
    class_counts: NDArray[np.int64]
    classes: NDArray[np.int64]
    updates: int
    updates_per_epoch: int
    seed: int
    artifacts: Mapping[str, Path] = field(default_factory=dict)
    longest: int = 0


class Strategy(Component, family=True):
    """A way of changing weights. Each part is optional: what a strategy does not define changes nothing.

    A strategy that says which weights train lets two kinds train in any case: the task head with whatever else started
    at random (`vocation.modeling.anatomy.train_head`), and the new rows of an extended vocabulary. A model says in its
    configuration how many of the last rows of its input embedding are new, `vocation_new_rows`. Where the rest of the
    embedding is frozen, `attach` calls `vocation.modeling.new_rows.train_new_rows`, so that these rows and no others
    train, and `detach` calls `merge_new_rows`, which writes them into the embedding.
    """

    role: ClassVar[str | None] = None
    """Of the strategies of one role a recipe may list one only, as they would contradict each other."""
    mergeable: ClassVar[bool] = True
    """Whether plain `transformers` loads what it trained; if not, `vocation.modeling.additions` saves what is added."""

    changes_inputs: ClassVar[bool] = False
    """Whether it changes the embeddings or what goes through the lower layers, so that nothing of them can be kept."""
    compares_weights: ClassVar[bool] = False
    """Whether it compares weights with others of the same name and shape, so that every tensor has to stay whole."""
    together: ClassVar[int] = 1
    """So many examples of an update, one behind the other as `order` deals them out, share a micro-batch."""

    def alternatives(self, model: Path) -> Sequence[Strategy]:
        """What short trainings choose from where its settings leave something open, from the safest to the cheapest.

        Taken is the last one whose validation score is at most `tolerated_loss` below the best before it.

        Args:
            model: folder of the model that training starts from.
        """
        return ()

    @property
    def tolerated_loss(self) -> float:
        """How much of the validation metric a cheaper alternative may cost."""
        return 0.0

    @property
    def told(self) -> str:
        """What names it among its alternatives, as a recipe would."""
        return self.kind

    def needs(self) -> Sequence[Need]:
        """What it takes from earlier runs."""
        return ()

    def check(self, sources: Mapping[str, Path], start: Start) -> None:
        """Refuses what does not fit, before anything is built or trained.

        Args:
            sources: by the needs' names, the folders that are there already: the corpus, or the model (also where
                Fisher information is needed).
            start: what the training starts from.

        Raises:
            RecipeError: an earlier run does not fit this one.
        """

    def rehearse(self, artifacts: Mapping[str, Path], schema: RecordSchema) -> Rehearsal | None:
        """Rows that are learned from beside those of the corpus.

        Args:
            artifacts: folders of what the strategies need, by the needs' names.
            schema: of the task's records.
        """
        return None

    def order(self, inner: Order, classes: NDArray[np.int64]) -> Order:
        """Changes which examples an epoch consists of, and how they are grouped into updates; rehearsed ones aside.

        Args:
            inner: the order so far.
            classes: [N], the one class of each example; -100 where it has none or several.

        Raises:
            TrainingError: the classes do not allow it.
        """
        return inner

    def attach(self, model: PreTrainedModel, context: Context) -> PreTrainedModel:
        """Prepares the model before training: chooses what trains, adds what is trained.

        Raises:
            TrainingError: the model or the training does not allow it.
        """
        return model

    def rates(self, model: PreTrainedModel) -> Mapping[str, float]:
        """Factors of the learning rate by the names of parameters; 1 where a name is missing."""
        return {}

    def shape(self, point_loss: PointLoss, context: Context) -> PointLoss:
        """Changes the loss of each position that is learned from, before `wrap` of any strategy."""
        return point_loss

    def wrap(self, objective: Objective, context: Context) -> Objective:
        """Changes what is minimised."""
        return objective

    def penalty(self, model: PreTrainedModel, context: Context) -> Penalty | None:
        """What is added to the mean loss of each update, once, whatever `wrap` of any strategy does.

        Called when every strategy is attached, before a checkpoint is restored: the weights are those that training
        starts from.

        Raises:
            TrainingError: the model does not allow it.
        """
        return None

    def companion(self, model: PreTrainedModel, context: Context) -> Companion | None:
        """What acts beside the updates and has a state of its own."""
        return None

    def detach(self, model: PreTrainedModel) -> PreTrainedModel:
        """Undoes `attach` after training: what was trained beside the weights is merged where that is possible."""
        return model
