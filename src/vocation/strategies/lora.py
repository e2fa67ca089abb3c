"""Low-rank updates beside frozen weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from vocation.modeling.anatomy import train_head
from vocation.modeling.low_rank import LowRank, Targets, add_low_rank, merge
from vocation.modeling.new_rows import merge_new_rows, train_new_rows
from vocation.strategies import Context, Strategy

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Lora(Strategy):
    """Train an update B A of low rank beside each linear map, and merge it afterwards (Hu et al., 2022).

    Nearly as accurate as `full` with a small part of the optimiser's memory; the result is a plain model. Likes about
    ten times the learning rate of `full`.
    """

    role: ClassVar[str | None] = "which weights train"

    rank: int = Field(default=8, ge=1, description="Rank r of the update.")
    alpha: float = Field(default=16.0, gt=0, description="α: the update is scaled by α / r.")
    targets: Targets = Field(
        default="all",
        description="Linear maps that get an update: `all` in the layers (Dettmers et al., 2023, found that this "
        "matters more than the rank), or the ends of their names, such as [query, value] (Hu et al., 2022).",
    )
    dropout: float = Field(default=0.05, ge=0, lt=1, description="Dropout of what the update reads.")
    rslora: bool = Field(
        default=False, description="Scale by α / √r instead, so that high ranks learn as well (Kalajdzievski, 2023)."
    )
    dora: bool = Field(
        default=False,
        description="Train the magnitude of each row apart from its direction (DoRA, Liu et al., 2024); slower, often "
        "better at low ranks.",
    )

    def attach(self, model: PreTrainedModel, context: Context) -> PreTrainedModel:
        update = LowRank(self.rank, self.alpha, self.targets, self.dropout, self.rslora, self.dora)
        add_low_rank(model, update, context.seed, self.kind)
        train_head(model)
        train_new_rows(model)
        return model

    def detach(self, model: PreTrainedModel) -> PreTrainedModel:
        merge(model)
        merge_new_rows(model)
        return model
