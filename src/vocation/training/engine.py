"""What makes training fast on a processor, installed into a model before training and taken out after it.

Nothing here changes what is learned: dropout is drawn by another generator, the rest gives the same numbers to
rounding. On other devices torch's own kernels are fast, and only the compact embedding is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vocation.training.compact_embedding import CompactEmbedding, OtherRows
from vocation.training.companions import Companion

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

    Probe = Callable[[PreTrainedModel], torch.Tensor]

_LARGEST_SHARE = 0.8  # Of the vocabulary; a table that is nearly whole is not worth a detour.
_TOLERANCE = 1e-4
_TRIED = (5, 8, 3)  # Tokens of the examples that are tried.
_MALLOC_TRIM, _MALLOC_MMAP = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of glibc's malloc.h
_LARGEST_THRESHOLD = 1 << 25  # The most that malloc takes: half of its HEAP_MAX_SIZE.
_KEPT_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Installed:
    """What was installed, for whoever takes it out again.

    Args:
        model: which it was installed into.
        attention: name of the model's own attention, None where it was kept.
        dropouts: modules whose function was replaced.
        first_token: the layer that computes the first token alone.
        layers: that are computed in another way.
        compact: the embedding of used rows, with the embedding that it replaced.
    """

    model: PreTrainedModel
    attention: str | None = None
    dropouts: tuple[torch.nn.Module, ...] = ()
    first_token: torch.nn.Module | None = None
    layers: tuple[torch.nn.Module, ...] = ()
    compact: CompactEmbedding | None = None

    def companion(
        self, learning_rate: Callable[[int], float], weight_decay: float, factors: Mapping[str, float]
    ) -> Companion | None:
        """What has to act beside the updates.

        Args:
            learning_rate: of each update, by its 1-based number.
            weight_decay: of matrices.
            factors: of the learning rate, by the names of parameters.
        """
        if self.compact is None:
            return None
        (name,) = (name for name, value in self.model.named_parameters() if value is self.compact.weight)
        factor = factors.get(name, 1.0)
        return OtherRows(self.compact, lambda number: factor * learning_rate(number), weight_decay)

    def remove(self) -> None:
        """Makes the model ordinary again; the rows that trained are in its whole embedding."""
        from vocation.training.compiled import encoder_bert, first_token

        for layer in self.layers:
            encoder_bert.release(layer)
        for module in self.dropouts:
            del module.forward
        if self.first_token is not None:
            first_token.release(self.first_token)
        if self.attention is not None:
            self.model.set_attn_implementation(self.attention)
        if self.compact is not None:
            self.model.set_input_embeddings(self.compact.whole())


def install(model: PreTrainedModel, used: NDArray[np.int64] | None, probe: Probe | None) -> Installed:
    """Installs what fits the model and its device.

    Args:
        model: on its device.
        used: ids that training reads, [S], or None where other rows of the embedding change as well.
        probe: the logits that matter to the objective, given the model; where they do not change when the last layer
            computes the first token alone, it does so. None leaves the layer whole.
    """
    compact = None if used is None else _compact(model, used)
    if next(model.parameters()).device.type != "cpu":
        return Installed(model, compact=compact)
    keep_memory()
    attention, dropouts, first = _attention(model), _dropouts(model), _first_token(model, probe)
    return Installed(model, attention, dropouts, first, _layers(model), compact)


def keep_memory() -> None:
    """Keeps freed memory for the next tensor of its size, where the C library is glibc.

    By default it gives memory of large tensors back to the system, which fills it with zeros, page by page, when the
    next step asks for it again.
    """
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MALLOC_MMAP, _LARGEST_THRESHOLD)
        mallopt(_MALLOC_TRIM, _KEPT_BYTES)


def _attention(model: PreTrainedModel) -> str | None:
    from vocation.training.compiled import attention

    own: str | None = model.config._attn_implementation  # noqa: SLF001 - there is no public way to ask
    if own != "sdpa":  # Of a model that has no exchangeable attention, or of somebody's choice.
        return None
    attention.register(attention.NAME, attention.attention_forward)
    model.set_attn_implementation(attention.NAME)
    return own


def _dropouts(model: PreTrainedModel) -> tuple[torch.nn.Module, ...]:
    import torch

    modules = tuple(module for module in model.modules() if type(module) is torch.nn.Dropout and not module.inplace)
    for module in modules:
        module.forward = partial(_drop, module)  # type: ignore[method-assign]
    return modules


def _drop(module: Any, values: torch.Tensor) -> torch.Tensor:
    from vocation.training.compiled.dropout import dropout

    return dropout(values, module.p, training=module.training)


def _first_token(model: PreTrainedModel, probe: Probe | None) -> torch.nn.Module | None:
    from vocation.training.compiled import first_token

    layer = first_token.last_layer(model)
    if probe is None or layer is None or "forward" in vars(layer):  # Of a frozen prefix, which may skip it.
        return None
    with _without_dropout(model):
        whole = probe(model)
        first_token.restrict(layer)
        try:
            same = bool((probe(model) - whole).abs().max() < _TOLERANCE)
        except (IndexError, RuntimeError, ValueError):  # The head reads tokens that are no longer there.
            same = False
    if same:
        return layer
    first_token.release(layer)
    return None


def _layers(model: PreTrainedModel) -> tuple[torch.nn.Module, ...]:
    from vocation.training.compiled import encoder_bert

    layers = tuple(encoder_bert.layers_of(model))
    with _without_dropout(model):
        expected = [_tried(layer) for layer in layers]
        for layer in layers:
            encoder_bert.replace(layer)
        if all(_alike(_tried(layer), whole) for layer, whole in zip(layers, expected, strict=True)):
            return layers
    for layer in layers:
        encoder_bert.release(layer)
    return ()


def _tried(layer: Any) -> torch.Tensor:
    """What a layer makes of three examples of different lengths, their tokens in one row, [N, D]."""
    import torch

    lengths, weight = torch.tensor(_TRIED), layer.output.LayerNorm.weight
    generator = torch.Generator().manual_seed(1)
    values = torch.randn(len(lengths), max(_TRIED), len(weight), generator=generator).to(weight.dtype)
    seen = torch.arange(max(_TRIED)) < lengths.unsqueeze(1)  # [B, T]
    mask = seen[:, None, None].expand(-1, -1, max(_TRIED), -1)
    result: torch.Tensor = layer(values, mask)
    return result[seen]


def _alike(one: torch.Tensor, other: torch.Tensor) -> bool:
    return bool((one - other).abs().max() <= _TOLERANCE * other.abs().max())


@contextmanager
def _without_dropout(model: PreTrainedModel) -> Iterator[None]:
    """Training mode without chance and without gradients."""
    import torch

    drops = [module for module in model.modules() if isinstance(module, torch.nn.Dropout)]
    probabilities = [module.p for module in drops]
    was_training = model.training
    model.train()
    for module in drops:
        module.p = 0.0
    try:
        with torch.no_grad():
            yield
    finally:
        for module, probability in zip(drops, probabilities, strict=True):
            module.p = probability
        model.train(was_training)


def _compact(model: PreTrainedModel, used: NDArray[np.int64]) -> CompactEmbedding | None:
    import torch

    embedding: Any = model.get_input_embeddings()
    plain = type(embedding) is torch.nn.Embedding and embedding.max_norm is None and not embedding.sparse
    if not plain or not embedding.weight.requires_grad or embedding.scale_grad_by_freq:
        return None
    if len(list(embedding.parameters())) > 1:  # A strategy trains rows of their own.
        return None
    shared = sum(value is embedding.weight for _, value in model.named_parameters(remove_duplicate=False)) > 1
    if shared or len(used) > _LARGEST_SHARE * embedding.num_embeddings:
        return None
    compact = CompactEmbedding(embedding, used).to(embedding.weight.device)
    model.set_input_embeddings(compact)
    return compact
