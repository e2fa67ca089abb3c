"""Low-rank updates beside frozen 4-bit weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from vocation.modeling.anatomy import train_head
from vocation.modeling.low_rank import LowRank, Targets, add_low_rank
from vocation.modeling.new_rows import merge_new_rows, train_new_rows
from vocation.modeling.quantisation import quantise, require_device, restore_precision
from vocation.strategies import Context, Strategy

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Qlora(Strategy):
    """Train low-rank updates beside weights that are kept in 4 bits (QLoRA, Dettmers et al., 2023).

    For models that do not fit into the GPU's memory otherwise; needs an NVIDIA GPU and the extra `quantised`. The
    result is a plain model in full precision: the 4-bit weights as they were while training, with the update merged.
    """

    role: ClassVar[str | None] = "which weights train"

    rank: int = Field(default=16, ge=1, description="Rank r of the update.")
    alpha: float = Field(default=16.0, gt=0, description="α: the update is scaled by α / r.")
    targets: Targets = Field(
        default="all", description="Linear maps that get an update: `all` in the layers, or the ends of their names."
    )
    dropout: float = Field(default=0.05, ge=0, lt=1, description="Dropout of what the update reads.")
    number: Literal["nf4", "fp4"] = Field(
        default="nf4", description="Type of the 4-bit numbers; `nf4` suits normally distributed weights."
    )
    double: bool = Field(default=True, description="Double quantisation: the blocks' scales are kept in 8 bits.")

    def attach(self, model: PreTrainedModel, context: Context) -> PreTrainedModel:
        require_device()
        update = LowRank(self.rank, self.alpha, self.targets, self.dropout)
        quantise(model, self.number, "cuda", double=self.double)
        add_low_rank(model, update, context.seed, self.kind)
        train_head(model)
        train_new_rows(model)
        return model

    def detach(self, model: PreTrainedModel) -> PreTrainedModel:
        restore_precision(model)
        merge_new_rows(model)
        return model
