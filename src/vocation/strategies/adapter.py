"""Bottlenecks inside the layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from vocation.modeling.anatomy import freeze_body, layers_of, norms_of
from vocation.modeling.new_rows import merge_new_rows, train_new_rows
from vocation.strategies import Context, Strategy

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Adapter(Strategy):
    """Train small networks inside the layers of a frozen model: h + U f(D h) (Houlsby et al., 2019).

    They cannot be merged: plain `transformers` does not load the result, `Predictor.load` does. Choose `lora` where
    that matters.
    """

    role: ClassVar[str | None] = "which weights train"
    mergeable: ClassVar[bool] = False

    placement: Literal["houlsby", "pfeiffer"] = Field(
        default="pfeiffer",
        description="`houlsby`: two a layer, behind attention and behind the feed-forward network (Houlsby et al., "
        "2019); `pfeiffer`: one, behind the layer (Pfeiffer et al., 2021), half as many weights.",
    )
    bottleneck: int = Field(default=64, ge=1, description="Width inside the networks (64 in Houlsby et al., 2019).")
    activation: Literal["gelu", "relu"] = Field(default="relu", description="f.")
    layer_norms: bool = Field(
        default=False, description="Whether the layers' norms train as well, as Houlsby et al. (2019) do it."
    )

    def attach(self, model: PreTrainedModel, context: Context) -> PreTrainedModel:
        import torch

        from vocation.modeling.bottleneck import add_bottlenecks

        freeze_body(model)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(context.seed)
            add_bottlenecks(model, self.placement, self.bottleneck, self.activation)
        if self.layer_norms:
            for layer in layers_of(model).values():
                for norm in norms_of(layer):
                    norm.requires_grad_(True)
        train_new_rows(model)
        return model

    def detach(self, model: PreTrainedModel) -> PreTrainedModel:
        merge_new_rows(model)
        return model
