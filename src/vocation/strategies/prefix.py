"""Trained keys and values in front of every layer's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from vocation.modeling.anatomy import freeze_body
from vocation.modeling.new_rows import merge_new_rows, train_new_rows
from vocation.strategies import Context, Strategy

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Prefix(Strategy):
    """Train keys and values that every layer attends to beside its own (prefix tuning, Li & Liang, 2021).

    Stronger than `prompt` on small models. The result cannot be merged: it is loaded by `Predictor.load`, and by
    `peft` onto the base that is saved with it. Likes about ten times the learning rate of `full` and more.
    """

    role: ClassVar[str | None] = "which weights train"
    mergeable: ClassVar[bool] = False
    changes_inputs: ClassVar[bool] = True

    tokens: int = Field(default=20, ge=1, description="How many positions; learned positions are taken from the text.")
    projection: int | None = Field(
        default=512,
        ge=1,
        description="Width of the network that gives keys and values while training, 512 in Li & Liang (2021), who "
        "found training unstable without; null trains them directly, with fewer weights (P-tuning v2, Liu et al., "
        "2022, found either better, by the task).",
    )

    def attach(self, model: PreTrainedModel, context: Context) -> PreTrainedModel:
        import torch

        from vocation.modeling.virtual_tokens import hook, prefix_of, require_readable, require_room

        require_readable(model, self.kind, cache=True)
        require_room(model, self.tokens, context.longest, self.kind)
        freeze_body(model)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(context.seed)
            hook(model, prefix_of(model, self.tokens, self.projection))
        train_new_rows(model)
        return model

    def detach(self, model: PreTrainedModel) -> PreTrainedModel:
        from vocation.modeling.virtual_tokens import settle

        settle(model)
        merge_new_rows(model)
        return model
