"""Encoder layers built as BERT's, recognised by their parts and computed by `encoder_layers` while they train.

Those of BERT, RoBERTa, XLM-R and ELECTRA fit, MacBERT, MiniLM and multilingual E5 among them; whoever replaces a layer
tries on some tokens whether it computes the same.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch

from vocation.training.compiled.dropout import Mask, draw_mask, fits
from vocation.training.compiled.encoder_layers import Attention, Pair, Texts, attention, feed_forward
from vocation.training.compiled.factors import KEEP_ALL
from vocation.training.compiled.hooks import is_hooked, is_replaced
from vocation.training.compiled.threads import compiled

_CHILDREN = {"attention", "intermediate", "output"}
_SELF = {"query", "key", "value", "dropout"}
_OUTPUT = {"dense", "LayerNorm", "dropout"}
_LARGEST = 2**32  # Elements of a mask.


def layers_of(model: Any) -> list[torch.nn.Module]:
    """The layers of a model that are built as BERT's and compute as they always did."""
    encoder = getattr(getattr(model, "base_model", None), "encoder", None)
    return [layer for layer in getattr(encoder, "layer", []) if _is_built_alike(layer)]


def replace(layer: Any) -> None:
    """Makes a layer compute in another way while it trains."""
    layer.forward = partial(_forward, layer, layer.forward)


def release(layer: Any) -> None:
    """Undoes `replace`."""
    del layer.forward


def _is_built_alike(layer: Any) -> bool:
    if {name for name, _ in layer.named_children()} != _CHILDREN or any(_is_changed(each) for each in layer.modules()):
        return False
    own = getattr(layer.attention, "self", None)
    outputs = [output for output in (getattr(layer.attention, "output", None), layer.output) if output is not None]
    if own is None or len(outputs) < 2 or {name for name, _ in own.named_children()} != _SELF:
        return False
    if any({name for name, _ in output.named_children()} != _OUTPUT for output in outputs):
        return False
    kinds = {type(module) for module in _linears(layer)}, {type(output.LayerNorm) for output in outputs}
    if kinds != ({torch.nn.Linear}, {torch.nn.LayerNorm}) or any(module.bias is None for module in _linears(layer)):
        return False
    if any(output.LayerNorm.weight is None or output.LayerNorm.bias is None for output in outputs):
        return False
    plain = not layer.is_decoder and not layer.add_cross_attention and not layer.chunk_size_feed_forward
    return plain and layer.attention.self.config.hidden_act == "gelu"


def _linears(layer: Any) -> list[Any]:
    own = layer.attention.self
    dense = getattr(layer.intermediate, "dense", None)
    return [own.query, own.key, own.value, layer.attention.output.dense, dense, layer.output.dense]


def _is_changed(module: Any) -> bool:
    """Whether the module computes anything but what its class does; dropouts, which the engine replaces, may."""
    return is_hooked(module) or (is_replaced(module) and not isinstance(module, torch.nn.Dropout))


def _forward(
    layer: Any,
    whole: Any,
    hidden_states: torch.Tensor,
    attention_mask: torch.Tensor | None = None,
    *rest: Any,
    **options: Any,
) -> torch.Tensor:
    texts = _texts(layer, hidden_states, attention_mask)
    others = any(value is not None for value in (*rest, *options.values()))
    inside = (module for child in layer.children() for module in child.modules())
    if texts is None or others or not layer.training or any(_is_changed(module) for module in inside):
        result: torch.Tensor = whole(hidden_states, attention_mask, *rest, **options)
        return result
    flat = _compute(layer, texts, hidden_states.view(-1, hidden_states.shape[-1]))
    return flat.view(hidden_states.shape)


def _texts(layer: Any, hidden: torch.Tensor, mask: torch.Tensor | None) -> Texts | None:
    """The lengths of the examples; None where the layer has to be computed in its own way."""
    batch, tokens, width = hidden.shape
    drops = (layer.attention.self.dropout, layer.attention.output.dropout, layer.output.dropout)
    if not compiled(hidden) or torch.is_autocast_enabled("cpu") or not all(_serves(hidden, drop.p) for drop in drops):
        return None
    if hidden.numel() >= _LARGEST or batch * tokens**2 * width >= _LARGEST:
        return None
    if mask is None:
        return Texts(torch.full((batch,), tokens), tokens)
    if mask.dtype != torch.bool or mask.shape[1] != 1:
        return None
    keys = mask[:, 0, 0]  # [B, T]
    lengths = keys.sum(1)
    behind = torch.arange(tokens) < lengths.unsqueeze(1)
    if not torch.equal(keys, behind) or not bool((mask[:, 0] == keys.unsqueeze(1)).all()) or not bool(lengths.all()):
        return None
    return Texts(lengths, tokens)


def _serves(hidden: torch.Tensor, probability: float) -> bool:
    return probability == 0 or fits(hidden, probability)


def _compute(layer: Any, texts: Texts, values: torch.Tensor) -> torch.Tensor:
    """The layer's output [N, D], given its input [N, D]."""
    own, output, end = layer.attention.self, layer.attention.output, layer.output
    how = Attention(
        heads=own.num_attention_heads,
        scaling=float(own.scaling),
        epsilon=output.LayerNorm.eps,
        probabilities=_mask(own.dropout),
        output=_mask(output.dropout),
    )
    maps = [_pair(module) for module in (own.query, own.key, own.value, output.dense)]
    hidden = attention(values, texts, how, maps, _pair(output.LayerNorm))
    maps = [_pair(module) for module in (layer.intermediate.dense, end.dense)]
    return feed_forward(hidden, maps, _pair(end.LayerNorm), end.LayerNorm.eps, _mask(end.dropout))


def _pair(module: Any) -> Pair:
    return module.weight, module.bias


def _mask(module: Any) -> Mask:
    return draw_mask(module.p) if module.training and module.p > 0 else KEEP_ALL
