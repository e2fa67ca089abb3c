"""Small networks inside the layers that are trained while the model is not: h + U f(D h), D to a narrow width.

    houlsby (Houlsby et al., 2019)     two a layer: on the outputs of attention and of the feed-forward network, before
                                       these are added to what went in
    pfeiffer (Pfeiffer et al., 2021)   one a layer: on what leaves it, as He et al. (2022, table 1) write it

Shapes: B batch, T tokens, D width.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import nn

from vocation.errors import TrainingError
from vocation.modeling.anatomy import ADDED, attention_outputs, feed_forward_outputs, layers_of, linears_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Placement = Literal["houlsby", "pfeiffer"]
Activation = Literal["gelu", "relu"]


class Bottleneck(nn.Module):
    """h + U f(D h), nearly the identity at first: weights are drawn from N(0, 0.01²) cut at two deviations.

    Args:
        width: D.
        narrow: width inside.
        activation: f.
    """

    def __init__(self, width: int, narrow: int, activation: Activation) -> None:
        super().__init__()
        self.down, self.up = nn.Linear(width, narrow), nn.Linear(narrow, width)
        self.activation = nn.GELU() if activation == "gelu" else nn.ReLU()
        for linear in (self.down, self.up):
            nn.init.trunc_normal_(linear.weight, std=0.01, a=-0.02, b=0.02)
            nn.init.zeros_(linear.bias)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """Of states [B, T, D]."""
        result: torch.Tensor = states + self.up(self.activation(self.down(states)))
        return result


def add_bottlenecks(model: PreTrainedModel, placement: Placement, narrow: int, activation: Activation) -> None:
    """Adds the networks, drawn from torch's generator, to every layer of a model, in place.

    Raises:
        TrainingError: the places are not found, or the networks are not narrower than the model.
    """
    width = model.config.hidden_size
    if narrow > width:
        raise TrainingError(
            f"adapter.bottleneck is {narrow}, and the model's states have {width} values.\n"
            f"  what to do: set adapter.bottleneck to {width} or less; 16 to 64 is usual"
        )
    for place in _places(model, placement):
        place.add_module(ADDED, Bottleneck(width, narrow, activation))
        place.register_forward_hook(_apply)


def _places(model: PreTrainedModel, placement: Placement) -> list[nn.Module]:
    layers = list(layers_of(model).values())
    if placement == "pfeiffer":
        return layers
    linears, width = linears_of(model), model.config.hidden_size
    found = [*attention_outputs(linears, width), *feed_forward_outputs(linears, width)]
    if len(found) != 2 * len(layers):
        raise TrainingError(
            f"The ends of attention and of the feed-forward network of a {model.config.model_type} model were not "
            "found in every layer.\n  what to do: set adapter.placement to pfeiffer, which needs the layers alone"
        )
    return [linear.module for linear in found]


def _apply(module: Any, _: Any, output: Any) -> Any:
    """The module's output after its bottleneck; a layer may give a tuple, whose first value are the states."""
    bottleneck = getattr(module, ADDED)
    if isinstance(output, tuple):
        return (bottleneck(output[0]), *output[1:])
    return bottleneck(output)
