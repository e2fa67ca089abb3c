"""Scales of keys, values and feed-forward activations."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from vocation.modeling.anatomy import train_head
from vocation.modeling.low_rank import add_scales, merge
from vocation.modeling.new_rows import merge_new_rows, train_new_rows
from vocation.strategies import Context, Strategy

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Ia3(Strategy):
    """Train a factor for each key, value and feed-forward activation, and merge them afterwards (Liu et al., 2022).

    (IA)³ trains fewer weights than `lora` and learns less; for very few rows. Likes a learning rate of about 3e-3.
    """

    role: ClassVar[str | None] = "which weights train"

    targets: tuple[str, ...] | None = Field(
        default=None, description="Linear maps whose outputs are scaled; null finds the keys and values."
    )
    feed_forward: tuple[str, ...] | None = Field(
        default=None,
        description="Linear maps whose inputs are scaled; null finds the ends of the feed-forward networks.",
    )

    def attach(self, model: PreTrainedModel, context: Context) -> PreTrainedModel:
        add_scales(model, self.targets, self.feed_forward, self.kind)
        train_head(model)
        train_new_rows(model)
        return model

    def detach(self, model: PreTrainedModel) -> PreTrainedModel:
        merge(model)
        merge_new_rows(model)
        return model
