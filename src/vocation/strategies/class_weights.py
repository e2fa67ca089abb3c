"""Weights of classes, given or by inverse frequency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PositiveFloat

from vocation.errors import TrainingError, did_you_mean
from vocation.strategies import Context, Strategy
from vocation.training.losses import balanced_weights, scaled_to_mean_one, weighted

if TYPE_CHECKING:
    from vocation.training.objective import PointLoss


class ClassWeights(Strategy):
    """Multiply the loss of each position by a weight of its label.

    Weights are scaled so that their mean over the targets of an epoch is 1, and the learning rate keeps its meaning.
    `balanced` makes every class count alike (King & Zeng, 2001): use it where a rare class matters as much as a
    frequent one, and expect more false alarms of it. Given weights suit costs of errors that are known. It multiplies
    the losses that are listed before it, and costs nothing. `class_balanced` is milder.
    """

    role: ClassVar[str | None] = "how much classes weigh"

    weights: Literal["balanced"] | dict[str, PositiveFloat] = Field(
        default="balanced",
        description="`balanced`, inverse to how often a label is a target; or weights by label, 1 where a label is not "
        "named. For entities the name of a type stands for all of its tags, and `O` for what is no entity.",
    )

    def shape(self, point_loss: PointLoss, context: Context) -> PointLoss:
        counts = context.class_counts
        given = balanced_weights(counts) if self.weights == "balanced" else _named(self.weights, context.head_labels)
        return weighted(point_loss, scaled_to_mean_one(given, counts).tolist())


def _named(weights: Mapping[str, float], head_labels: Sequence[str]) -> NDArray[np.float64]:
    """The weight of each output of the head, [L].

    Raises:
        TrainingError: a name is that of no output, and of no type of entity.
    """
    result = np.ones(len(head_labels))
    types = [label.partition("-")[2] for label in head_labels]  # Of the tag B-Disease, Disease.
    for name, weight in weights.items():
        places = [place for place, label in enumerate(head_labels) if label == name]
        places = places or [place for place, kind in enumerate(types) if kind == name]
        if not places:
            known = sorted({*head_labels, *filter(None, types)})
            raise TrainingError(
                f"class_weights names {name!r}, which is no label of the training rows.{did_you_mean(name, known)}\n"
                f"  allowed: {', '.join(known[:20])}{' …' * (len(known) > 20)}"
            )
        result[places] = weight
    return result
