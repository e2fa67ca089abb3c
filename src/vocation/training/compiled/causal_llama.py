"""Decoder layers built as Llama's, recognised by their parts and computed by `causal_layers` where examples are packed.

Those of Llama, Mistral, Qwen 2 and the many that share their architecture fit; whoever replaces a layer tries on some
tokens whether it computes the same.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch

from vocation.training.compiled import causal_linear as linear
from vocation.training.compiled.causal_attention import Plan
from vocation.training.compiled.causal_layers import Heads, Norm, Seen, Turn, attention, feed_forward
from vocation.training.compiled.hooks import is_hooked, is_replaced

_PARTS = {"self_attn", "mlp", "input_layernorm", "post_attention_layernorm"}
_PROJECTIONS = {"q_proj", "k_proj", "v_proj", "o_proj"}
_NETWORK = {"gate_proj", "up_proj", "down_proj", "act_fn"}


def layers_of(model: Any) -> list[torch.nn.Module]:
    """The layers of a model, if all are built as Llama's; otherwise none."""
    layers = list(getattr(model.get_decoder(), "layers", []))
    return layers if all(_is_built_alike(layer) for layer in layers) else []


def replace(layer: Any, *, last: bool) -> None:
    """Makes a layer compute packed examples in another way.

    Args:
        layer: one of `layers_of`.
        last: whether it gives [1, M, D], the rows that have a target, in place of [1, N, D].
    """
    layer.forward = partial(_forward, layer, layer.forward, last)


def release(layer: Any) -> None:
    """Undoes `replace`."""
    del layer.forward


def _is_built_alike(layer: Any) -> bool:
    if {name for name, _ in layer.named_children()} != _PARTS or "forward" in vars(layer):
        return False
    own, network = layer.self_attn, layer.mlp
    if {name for name, _ in own.named_children()} != _PROJECTIONS or own.attention_dropout:
        return False
    if {name for name, _ in network.named_children()} != _NETWORK or _has_window(own):
        return False
    norms = (layer.input_layernorm, layer.post_attention_layernorm)
    if not all(hasattr(norm, "variance_epsilon") and set(vars(norm)["_parameters"]) == {"weight"} for norm in norms):
        return False
    if any(_is_changed(module) for module in layer.modules()):
        return False
    maps = [*(getattr(own, name) for name in _PROJECTIONS), network.gate_proj, network.up_proj, network.down_proj]
    return all(linear.read(module) is not None for module in maps)


def _has_window(attention: Any) -> bool:
    """Whether a token sees only some of those before it."""
    return getattr(attention, "sliding_window", getattr(attention.config, "sliding_window", None)) is not None


def _is_changed(module: Any) -> bool:
    return is_hooked(module) or is_replaced(module)


def _forward(
    layer: Any, whole: Any, last: bool, hidden_states: torch.Tensor, *rest: Any, **options: Any
) -> torch.Tensor:
    plan: Plan | None = options.get("plan")
    inside = (module for child in layer.children() for module in child.modules())
    if plan is None or not _serves(hidden_states) or any(_is_changed(module) for module in inside):
        result: torch.Tensor = whole(hidden_states, *rest, **options)
        return result
    turn = Turn(*(part[0].contiguous() for part in options["position_embeddings"]))
    rows = plan.packed.rows if last and len(plan.packed.rows) < hidden_states.shape[1] else None
    compute = partial(_compute, layer, turn, Seen(plan.blocks, rows))
    if layer.training and getattr(layer, "gradient_checkpointing", False):
        result = layer._gradient_checkpointing_func(compute, hidden_states[0])  # noqa: SLF001 - as its own forward does
    else:
        result = compute(hidden_states[0])
    return result.unsqueeze(0)


def _compute(layer: Any, turn: Turn, seen: Seen, values: torch.Tensor) -> torch.Tensor:
    """The layer's output [N, D] or [M, D], given its input [N, D]."""
    own, network = layer.self_attn, layer.mlp
    maps = [_read(module) for module in (own.q_proj, own.k_proj, own.v_proj, own.o_proj)]
    queries, keys = (len(tensors.weight) // own.head_dim for tensors, _ in maps[:2])
    heads = Heads(queries, keys, own.head_dim, float(own.scaling))
    one, other = layer.input_layernorm, layer.post_attention_layernorm
    hidden = attention(values, Norm(one.weight, one.variance_epsilon), maps, heads, turn, seen)
    maps = [_read(module) for module in (network.gate_proj, network.up_proj, network.down_proj)]
    return feed_forward(hidden, Norm(other.weight, other.variance_epsilon), maps)


def _serves(hidden: torch.Tensor) -> bool:
    return hidden.dtype in (torch.float32, torch.float64) and not torch.is_autocast_enabled("cpu")


def _read(module: torch.nn.Module) -> tuple[linear.Map, linear.Update]:
    found = linear.read(module)
    assert found is not None  # It was there when the layer was recognised.
    return found
