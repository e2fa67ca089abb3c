"""The last layer of an encoder, computed for the first token alone, where the head reads no other.

Every token's key and value are still needed; the query, the output projection and the feed-forward part of the others
are not, nor is anything of them in the backward pass.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch

_PARTS = ("attention", "intermediate", "output", "feed_forward_chunk")
_PROJECTIONS = ("query", "key", "value", "num_attention_heads", "attention_head_size", "dropout", "scaling", "config")


def last_layer(model: torch.nn.Module) -> torch.nn.Module | None:
    """The last layer of a model whose layers are built as those of BERT, RoBERTa, XLM-R or ELECTRA; None of others."""
    encoder = getattr(getattr(model, "base_model", None), "encoder", None)
    layers = getattr(encoder, "layer", None)
    if not isinstance(layers, torch.nn.ModuleList) or not len(layers):
        return None
    layer = layers[-1]
    attention = getattr(getattr(layer, "attention", None), "self", None)
    built_alike = all(hasattr(layer, part) for part in _PARTS) and hasattr(layer.attention, "output")
    if not built_alike or not all(hasattr(attention, part) for part in _PROJECTIONS):
        return None
    if getattr(layer, "is_decoder", False) or layer.chunk_size_feed_forward:
        return None
    return layer


def restrict(layer: torch.nn.Module) -> None:
    """Makes the layer give [B, 1, D] in place of [B, T, D] while it trains."""
    layer.forward = partial(_forward, layer, layer.forward)


def release(layer: torch.nn.Module) -> None:
    """Undoes `restrict`."""
    del layer.forward


def _forward(
    layer: Any,
    whole: Any,
    hidden_states: torch.Tensor,
    attention_mask: torch.Tensor | None = None,
    *rest: Any,
    **options: Any,
) -> torch.Tensor:
    if not layer.training:
        result: torch.Tensor = whole(hidden_states, attention_mask, *rest, **options)
        return result
    from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS
    from transformers.models.bert.modeling_bert import eager_attention_forward

    attention = layer.attention.self
    first = hidden_states[:, :1]  # [B, 1, D]
    shape = (hidden_states.shape[0], -1, attention.num_attention_heads, attention.attention_head_size)
    query = attention.query(first).view(shape).transpose(1, 2)
    key = attention.key(hidden_states).view(shape).transpose(1, 2)
    value = attention.value(hidden_states).view(shape).transpose(1, 2)
    function = ALL_ATTENTION_FUNCTIONS.get_interface(attention.config._attn_implementation, eager_attention_forward)  # noqa: SLF001
    seen = None if attention_mask is None else attention_mask[:, :, :1]
    context, _ = function(
        attention, query, key, value, seen, dropout=attention.dropout.p, scaling=attention.scaling, **options
    )
    output = layer.attention.output(context.reshape(first.shape[0], 1, -1), first)
    result = layer.feed_forward_chunk(output)
    assert isinstance(result, torch.Tensor)
    return result
