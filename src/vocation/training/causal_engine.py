"""What makes the training of causal language models fast on a processor: packed examples, and layers made for them.

Installed into a model before training and taken out after it, as `training.engine` does for encoders; what is learned
stays the same, to rounding. A model whose attention can be exchanged reads packed examples; layers that are built as
Llama's are computed by `compiled.causal_layers`. Both are tried on a few tokens first: what does not give the same
numbers is not installed. Batches that are not packed, generation among them, go the model's own way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vocation.training.causal import states
from vocation.training.engine import keep_memory

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

_TOLERANCE = 1e-3  # Of the largest number of the states; errors in the wrong way of computing are of its size.
_TRIED = (7, 4, 5)  # Tokens of the examples that are tried.


@dataclass(frozen=True, slots=True)
class Installed:
    """What was installed, for whoever takes it out again.

    Args:
        model: which it was installed into.
        attention: name of the model's own attention, None where it was kept and examples are not packed.
        layers: those that are computed in another way.
    """

    model: PreTrainedModel
    attention: str | None
    layers: Sequence[torch.nn.Module]

    def remove(self) -> None:
        """Makes the model ordinary again."""
        from vocation.training.compiled import causal_llama

        for layer in self.layers:
            causal_llama.release(layer)
        if self.attention is not None:
            self.model.set_attn_implementation(self.attention)


def install(model: PreTrainedModel) -> Installed:
    """Installs what fits the model and its device.

    Args:
        model: a causal language model on its device, with whatever is trained attached.
    """
    own: str | None = model.config._attn_implementation  # noqa: SLF001 - there is no public way to ask
    if next(model.parameters()).device.type != "cpu" or own != "sdpa":
        return Installed(model, None, ())
    from vocation.training.compiled import attention, causal_attention, causal_llama

    keep_memory()
    wanted = _tried(model)
    attention.register(causal_attention.NAME, causal_attention.attention_forward)
    model.set_attn_implementation(causal_attention.NAME)
    if not _alike(_tried(model), wanted):
        model.set_attn_implementation(own)
        return Installed(model, None, ())
    layers = causal_llama.layers_of(model)
    for layer in layers:
        causal_llama.replace(layer, last=layer is layers[-1])
    if _alike(_tried(model), wanted):
        return Installed(model, own, tuple(layers))
    for layer in layers:
        causal_llama.release(layer)
    return Installed(model, own, ())


def _tried(model: PreTrainedModel) -> torch.Tensor:
    """The states of some tokens of three examples that begin alike, [M, D]."""
    import torch

    generator = torch.Generator().manual_seed(1)
    ids = torch.randint(model.config.vocab_size, (len(_TRIED), max(_TRIED)), generator=generator)
    ids[:, :2] = ids[0, :2]
    mask = (torch.arange(max(_TRIED)) < torch.tensor(_TRIED).unsqueeze(1)).long()
    targets = torch.where(mask.bool() & (torch.arange(max(_TRIED)) > 1), ids, -100)
    backend: Any = torch.backends.mkldnn
    products = backend.matmul
    was_training, precision = model.training, products.fp32_precision
    model.eval()
    products.fp32_precision = "ieee"  # In coarser products nothing is alike.
    with torch.no_grad():
        result, _ = states(model, {"input_ids": ids, "attention_mask": mask, "targets": targets})
    products.fp32_precision = precision
    model.train(was_training)
    return result


def _alike(one: torch.Tensor, other: torch.Tensor) -> bool:
    return bool((one - other).abs().max() <= _TOLERANCE * other.abs().max())
