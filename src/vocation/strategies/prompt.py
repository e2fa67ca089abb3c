"""Trained vectors in front of every text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from vocation.modeling.anatomy import freeze_body
from vocation.modeling.new_rows import merge_new_rows, train_new_rows
from vocation.strategies import Context, Strategy

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Prompt(Strategy):
    """Train vectors that the model reads in front of every text (Lester et al., 2021), or P-tuning (Liu et al., 2021).

    P-tuning is the same with a small network before the vectors, which goes after training. Made for models of
    billions of weights; small encoders learn little this way (`prefix` and `lora` more). The result cannot be merged:
    it is loaded by `Predictor.load`, and by `peft` onto the base that is saved with it. Likes a learning rate of 1e-2
    and more.
    """

    role: ClassVar[str | None] = "which weights train"
    mergeable: ClassVar[bool] = False
    changes_inputs: ClassVar[bool] = True

    tokens: int = Field(default=20, ge=1, description="How many vectors; they take positions from the text.")
    encoder: Literal["lstm", "mlp"] | None = Field(
        default=None, description="P-tuning's network between what is trained and the vectors; null has none."
    )
    encoder_width: int = Field(default=128, ge=1, description="Width inside that network.")
    start: Literal["vocabulary", "random"] = Field(
        default="vocabulary",
        description="Vectors start as embeddings of random tokens (Lester et al., 2021), or normally distributed.",
    )

    def attach(self, model: PreTrainedModel, context: Context) -> PreTrainedModel:
        import torch

        from vocation.modeling.virtual_tokens import hook, prompt_of, require_readable, require_room

        require_readable(model, self.kind, cache=False)
        require_room(model, self.tokens, context.longest, self.kind)
        freeze_body(model)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(context.seed)
            sampled = self.start == "vocabulary"
            hook(model, prompt_of(model, self.tokens, self.encoder, self.encoder_width, sampled=sampled))
        train_new_rows(model)
        return model

    def detach(self, model: PreTrainedModel) -> PreTrainedModel:
        from vocation.modeling.virtual_tokens import settle

        settle(model)
        merge_new_rows(model)
        return model
