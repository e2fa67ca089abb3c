"""Vectors in front of every text that are trained while the model is not: a prompt, or a prefix of every layer.

    prompt (Lester et al., 2021)       the model reads [P; E(x)]
    P-tuning (Liu et al., 2021)        P = f(e), f a small network that training alone needs
    prefix (Li & Liang, 2021)          each layer attends to [Pₖ; K] and [Pᵥ; V], the rest as it was

Both hook into the model's body, which stays the class that it was. The answers are those that `peft` gives to texts
without padding: positions are counted behind the virtual tokens, and a head that reads the first token of a text reads
the first virtual token. Unlike there, padding on the left does not change an answer, and tokens keep their logits.
Shapes: B batch, T tokens, P virtual tokens, D width of the embedding, N layers, H heads of keys and values, W width of
a head.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import nn

from vocation.errors import TrainingError
from vocation.modeling.anatomy import ADDED

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class VirtualTokens(nn.Module):
    """What prompt and prefix share: vectors, perhaps computed by a network, and the places of the tokens behind them.

    Args:
        vectors: [P, …], what is trained, or what the network computes the vectors of.
        network: computes the vectors that are used; None uses them as they are.
    """

    def __init__(self, vectors: torch.Tensor, network: nn.Module | None = None) -> None:
        super().__init__()
        self.vectors = nn.Parameter(vectors)
        self.network = network

    def values(self) -> torch.Tensor:
        """The vectors that the model sees, [P, …]."""
        result: torch.Tensor = self.vectors if self.network is None else self.network(self.vectors)
        return result

    def settle(self) -> None:
        """Replaces network and vectors by the vectors that they give."""
        with torch.no_grad():
            self.vectors, self.network = nn.Parameter(self.values().detach().clone()), None

    def mask(self, mask: torch.Tensor) -> torch.Tensor:
        """The attention mask [B, T] with ones for the virtual tokens in front, [B, P + T]."""
        return torch.cat([mask.new_ones(len(mask), len(self.vectors)), mask], dim=1)


class Prompt(VirtualTokens):
    """Vectors in front of the embedded tokens.

    Args:
        vectors: [P, D].
        network: of D to D, or None.
        cut_off: whether the body's states of the virtual tokens are removed, so that its head sees T tokens.
    """

    def __init__(self, vectors: torch.Tensor, network: nn.Module | None = None, *, cut_off: bool = True) -> None:
        super().__init__(vectors, network)
        self.cut_off = cut_off

    def before(self, body: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> tuple[tuple[()], dict[str, Any]]:
        """Puts the vectors in front of what the body is called with."""
        given = _by_name(body, arguments, named)
        tokens, embedded = given.pop("input_ids", None), given.pop("inputs_embeds", None)
        embedded = body.get_input_embeddings()(tokens) if embedded is None else embedded  # [B, T, D]
        vectors = self.values().to(embedded.dtype).expand(len(embedded), -1, -1)  # [B, P, D]
        given["inputs_embeds"] = torch.cat([vectors, embedded], dim=1)  # [B, P + T, D]
        given["attention_mask"] = self.mask(_mask(given, embedded))
        if given.get("token_type_ids") is not None:
            types = given["token_type_ids"]
            given["token_type_ids"] = torch.cat([types.new_zeros(len(types), len(self.vectors)), types], dim=1)
        if _is_rotary(body):
            given["position_ids"] = _places(given["attention_mask"])
        return (), given

    def after(self, body: Any, arguments: tuple[Any, ...], output: Any) -> Any:
        """Removes the states of the virtual tokens."""
        if self.cut_off:
            output.last_hidden_state = output.last_hidden_state[:, len(self.vectors) :]  # [B, T, D]
        return output


class Prefix(VirtualTokens):
    """Keys and values in front of those of every layer.

    Args:
        vectors: [P, N·2·H·W], or what the network makes them of.
        network: gives the vectors, or None.
        heads: H.
        head_width: W.
    """

    def __init__(self, vectors: torch.Tensor, network: nn.Module | None = None, *, heads: int, head_width: int) -> None:
        super().__init__(vectors, network)
        self.heads, self.head_width = heads, head_width

    def before(self, body: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> tuple[tuple[()], dict[str, Any]]:
        """Gives the body a cache that holds the keys and values."""
        from transformers import DynamicCache

        given = _by_name(body, arguments, named)
        read = given["input_ids"] if given.get("input_ids") is not None else given["inputs_embeds"]
        states = self.values().to(body.dtype)  # [P, N·2·H·W]
        states = states.view(len(states), -1, 2, self.heads, self.head_width).permute(1, 2, 3, 0, 4)  # [N, 2, H, P, W]
        cache = DynamicCache()
        for layer, (keys, values) in enumerate(states):
            cache.update(keys.expand(len(read), -1, -1, -1), values.expand(len(read), -1, -1, -1), layer)
        given["past_key_values"] = cache
        given["attention_mask"] = self.mask(_mask(given, read))
        if _is_rotary(body):
            given["position_ids"] = _places(given["attention_mask"])[:, len(self.vectors) :]
        return (), given


def perceptron(widths: Sequence[int], activation: type[nn.Module]) -> nn.Sequential:
    """Linear maps from width to width with an activation between them."""
    parts: list[nn.Module] = []
    for inside, outside in pairwise(widths):
        parts += [nn.Linear(inside, outside), activation()]
    return nn.Sequential(*parts[:-1])


class RecurrentEncoder(nn.Module):
    """P-tuning's first encoder: a bidirectional LSTM of two layers over the virtual tokens, and a perceptron.

    Args:
        width: D.
        hidden: of each direction.
    """

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(width, hidden, num_layers=2, bidirectional=True, batch_first=True)
        self.perceptron = perceptron([2 * hidden, 2 * hidden, width], nn.ReLU)

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.perceptron(self.lstm(vectors.unsqueeze(0))[0])[0]  # [P, D]
        return result


Encoder = Literal["lstm", "mlp"]


def prompt_of(model: PreTrainedModel, tokens: int, encoder: Encoder | None, hidden: int, *, sampled: bool) -> Prompt:
    """A new prompt, drawn from torch's generator.

    Args:
        model: that will read it.
        tokens: P.
        encoder: kind of P-tuning's network, or None for vectors alone.
        hidden: width of the network.
        sampled: whether vectors start as embeddings of random tokens, instead of normally distributed.
    """
    embedding: Any = model.get_input_embeddings()
    weight = embedding.weight.detach()
    rows, width = weight.shape
    drawn = weight[torch.randint(rows, (tokens,))].clone() if sampled else torch.randn(tokens, width)
    if encoder == "lstm":
        return Prompt(drawn, RecurrentEncoder(width, hidden), cut_off=reads_tokens(model))
    network = perceptron([width, hidden, hidden, width], nn.ReLU) if encoder == "mlp" else None
    return Prompt(drawn, network, cut_off=reads_tokens(model))


def prefix_of(model: PreTrainedModel, tokens: int, hidden: int | None) -> Prefix:
    """A new prefix, drawn from torch's generator.

    Args:
        model: that will read it.
        tokens: P.
        hidden: width of the network between D and the keys and values; None trains these themselves.
    """
    heads, head_width = heads_of(model)
    width, size = model.config.hidden_size, model.config.num_hidden_layers * 2 * heads * head_width
    network = perceptron([width, hidden, size], nn.Tanh) if hidden else None
    return Prefix(torch.randn(tokens, width if hidden else size), network, heads=heads, head_width=head_width)


def heads_of(model: PreTrainedModel) -> tuple[int, int]:
    """H and W: heads of keys and values, and the width of each."""
    config = model.config
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    return heads, getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads


def hook(model: PreTrainedModel, tokens: VirtualTokens) -> None:
    """Makes the model read the virtual tokens, which become a module of it."""
    model.add_module(ADDED, tokens)
    if isinstance(tokens, Prompt | Prefix):
        model.base_model.register_forward_pre_hook(tokens.before, with_kwargs=True)
    if isinstance(tokens, Prompt):
        model.base_model.register_forward_hook(tokens.after)


def require_readable(model: PreTrainedModel, kind: str, *, cache: bool) -> None:
    """Refuses models that cannot take virtual tokens.

    Args:
        model: the model.
        kind: of the strategy that asks, for the error.
        cache: whether they come as keys and values from before the text.

    Raises:
        TrainingError: the model cannot.
    """
    config, names = model.config, _names(model.base_model)
    reason = None
    recomputed = any(getattr(module, "gradient_checkpointing", False) for module in model.modules())
    if cache and recomputed:
        raise TrainingError(
            f"{kind} hands keys and values to every layer, and layers that are computed twice (gradient checkpointing) "
            "take none.\n  what to do: set tuning.gradient_checkpointing to false, or choose prompt, adapter or lora"
        )
    if config.is_encoder_decoder or not {"inputs_embeds", "attention_mask"} <= set(names):
        reason = "it does not read one row of vectors"
    elif cache and "past_key_values" not in names:
        reason = "its layers take no keys and values from outside"
    elif any(kind != "full_attention" for kind in getattr(config, "layer_types", None) or ()):
        reason = "some of its layers see the nearest tokens only"
    if reason:
        others = "adapter or lora" if not cache else "prompt, adapter or lora"
        raise TrainingError(
            f"A {config.model_type} model cannot be trained with {kind}: {reason}.\n"
            f"  what to do: choose another strategy ({others}), or a model such as BERT, RoBERTa, Llama or Qwen"
        )


def require_room(model: PreTrainedModel, tokens: int, longest: int, kind: str) -> None:
    """Refuses virtual tokens that leave no learned position for the longest text.

    Args:
        model: the model.
        tokens: P.
        longest: tokens of the longest text.
        kind: of the strategy, for the error.

    Raises:
        TrainingError: together they are longer than the model's positions.
    """
    positions = None if _is_rotary(model.base_model) else getattr(model.config, "max_position_embeddings", None)
    padding = model.config.pad_token_id if model.config.model_type in _SHIFTED else None
    room = None if positions is None else positions - (padding + 1 if padding is not None else 0)
    if room is not None and tokens + longest > room:
        raise TrainingError(
            f"{kind}.tokens is {tokens}, a text has up to {longest} tokens, and the model has {room} positions.\n"
            f"  what to do: set task.max_length to {max(8, room - tokens)} or less, or lower {kind}.tokens"
        )


_SHIFTED = ("camembert", "longformer", "roberta", "xlm-roberta", "xlm-roberta-xl")
"""Models whose first position is the one behind the padding token's number."""


def reads_tokens(model: PreTrainedModel) -> bool:
    """Whether the head needs the states of the text alone: it labels each token, or looks for a text's last one."""
    causal = any(getattr(module, "is_causal", False) for module in model.base_model.modules())
    pooled = getattr(model.config, "classifier_pooling", "cls") != "cls"
    return causal or pooled or "ForSequenceClassification" not in type(model).__name__


def _names(body: Any) -> list[str]:
    return [name for name in inspect.signature(type(body).forward).parameters if name != "self"]


def _by_name(body: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    return dict(zip(_names(body), arguments, strict=False)) | named


def _mask(given: dict[str, Any], read: torch.Tensor) -> torch.Tensor:
    mask = given.get("attention_mask")
    return read.new_ones(read.shape[:2], dtype=torch.long) if mask is None else mask


def _is_rotary(body: Any) -> bool:
    return hasattr(body, "rotary_emb")


def _places(mask: torch.Tensor) -> torch.Tensor:
    """Positions counted over what is not padding, [B, T], so that padding on the left moves nothing."""
    return (mask.long().cumsum(dim=1) - 1).clamp(min=0)


def settle(model: PreTrainedModel) -> None:
    """Replaces the network that computes a model's virtual tokens by what it gives."""
    added: Any = getattr(model, ADDED)
    added.settle()
