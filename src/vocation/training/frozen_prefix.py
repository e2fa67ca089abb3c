"""The lower layers of a model, where nothing in them trains: computed once for every example, and kept.

A prefix is the embeddings and the first layers, all of them frozen. Its outputs change neither with the weights nor by
chance, for frozen layers run without dropout here; so an epoch has only the layers above to compute, forward and
backward. What is kept takes 4 bytes × D for each token of the training examples.
Shapes: B batch, T tokens, D width.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from vocation.training.batches import Item, Padding, lengths_of, pad, within_budget

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from vocation.training.objective import Scores

HIDDEN = "prefix_hidden"
"""Name of the kept outputs [T, D] among the features of an example."""
_PLACES = (("embeddings", "encoder.layer"), ("embed_tokens", "layers"), ("embeddings", "layers"))
_TOKEN_BUDGET = 4096
_TOLERANCE = 1e-3  # Of logits; a part of the model that is left out changes them far more.
_IN_MEMORY = 1 << 30  # Bytes; what is larger goes into a file, of which the system keeps in memory what is used.


@dataclass(frozen=True, slots=True)
class Kept:
    """A training example with the outputs of the prefix among its features."""

    features: Mapping[str, NDArray[Any]]
    targets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.features["input_ids"])


class _Reached(Exception):  # noqa: N818 - no error: the forward pass need go no further
    def __init__(self, hidden: torch.Tensor) -> None:
        super().__init__()
        self.hidden = hidden


class FrozenPrefix:
    """The frozen lower part of a model.

    Args:
        model: on its device.
        embeddings: its embeddings.
        layers: its first layers, those that are frozen.
    """

    def __init__(self, model: PreTrainedModel, embeddings: torch.nn.Module, layers: Sequence[torch.nn.Module]) -> None:
        self._model = model
        self.layers = tuple(layers)
        self._modules = (embeddings, *self.layers)
        self._held: torch.Tensor | None = None
        dropouts = [part for module in self._modules for part in module.modules() if type(part) is torch.nn.Dropout]
        self._probabilities = [(part, part.p) for part in dropouts]
        for part in dropouts:
            part.p = 0.0
        embeddings.forward = partial(self._embed, embeddings.forward)
        for layer in self.layers:
            layer.forward = partial(self._pass, layer.forward)

    def remove(self) -> None:
        """Makes the layers ordinary again, dropout included."""
        for module in self._modules:
            del module.forward
        for part, probability in self._probabilities:
            part.p = probability

    def outputs(
        self, items: Sequence[Item], padding: Padding, folder: Path, advance: Callable[[int], Any]
    ) -> list[Kept]:
        """Computes the outputs for every example.

        Args:
            items: the examples.
            padding: how they are padded.
            folder: for a file, where the outputs are too many for memory; it is gone with the process.
            advance: told how many more examples are done.
        """
        lengths = lengths_of(items)
        ends = np.cumsum(lengths)
        width = self._width(pad(items[:1], padding).tensors)
        kept = _room(int(ends[-1]), width, folder)
        for part in within_budget(np.arange(len(items)), lengths, _TOKEN_BUDGET):
            hidden = self._compute(pad([items[index] for index in part], padding).tensors).cpu().numpy()  # [B, T, D]
            for row, index in zip(hidden, part, strict=True):
                length = int(lengths[index])
                kept[ends[index] - length : ends[index]] = row[-length:] if padding.left else row[:length]
            advance(len(part))
        return [
            Kept({**item.features, HIDDEN: kept[end - length : end]}, item.targets)
            for item, end, length in zip(items, ends, lengths, strict=True)
        ]

    def scores(self, inner: Scores) -> Scores:
        """A forward pass that begins above the prefix where a batch brings its outputs."""

        def run(model: Any, batch: Mapping[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
            rest = {name: value for name, value in batch.items() if name != HIDDEN}
            with self._holding(batch.get(HIDDEN)):
                return inner(model, rest)

        return run

    def agrees(self, scores: Scores, items: Sequence[Item], padding: Padding) -> bool:
        """Whether some examples get the same logits from kept outputs; not so where a model is built in another way."""
        kept = self.outputs(items, padding, Path(), lambda _: None)
        training = self._model.training
        self._model.eval()
        try:
            with torch.no_grad():
                whole, _ = scores(self._model, self._on_device(items, padding))
                above, _ = self.scores(scores)(self._model, self._on_device(kept, padding))
        finally:
            self._model.train(training)
        return whole.shape == above.shape and bool((whole - above).abs().max() < _TOLERANCE)

    def _on_device(self, items: Sequence[Item], padding: Padding) -> dict[str, torch.Tensor]:
        return {name: value.to(self._model.device) for name, value in pad(items, padding).tensors.items()}

    @contextmanager
    def _holding(self, hidden: torch.Tensor | None) -> Iterator[None]:
        self._held = hidden
        try:
            yield
        finally:
            self._held = None

    def _embed(self, whole: Callable[..., Any], *given: Any, **options: Any) -> Any:
        return whole(*given, **options) if self._held is None else self._held

    def _pass(self, whole: Callable[..., Any], hidden_states: torch.Tensor, *rest: Any, **options: Any) -> Any:
        return whole(hidden_states, *rest, **options) if self._held is None else hidden_states

    def _width(self, tensors: Mapping[str, torch.Tensor]) -> int:
        return int(self._compute(tensors).shape[-1])

    def _compute(self, tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """The outputs of the last layer of the prefix, [B, T, D]; nothing in it is left to chance."""

        def stop(_: Any, __: Any, output: Any) -> None:
            raise _Reached(output[0] if isinstance(output, tuple) else output)

        handle = self._modules[-1].register_forward_hook(stop)
        inputs = {name: value.to(self._model.device) for name, value in tensors.items() if name != "targets"}
        try:
            with torch.no_grad():
                self._model(**inputs)
        except _Reached as reached:
            return reached.hidden
        finally:
            handle.remove()
        raise RuntimeError("the forward pass did not reach the last frozen layer")


def frozen_prefix(model: PreTrainedModel) -> FrozenPrefix | None:
    """The frozen lower part of a model, installed; None where its embeddings or its first layer train."""
    base: Any = getattr(model, "base_model", model)
    for embeddings_name, layers_name in _PLACES:
        embeddings = getattr(base, embeddings_name, None)
        layers: Any = base
        for name in layers_name.split("."):
            layers = getattr(layers, name, None)
        if isinstance(embeddings, torch.nn.Module) and isinstance(layers, torch.nn.ModuleList):
            frozen = _frozen(embeddings, layers)
            return FrozenPrefix(model, embeddings, frozen) if frozen else None
    return None


def _frozen(embeddings: torch.nn.Module, layers: torch.nn.ModuleList) -> list[torch.nn.Module]:
    def trains(module: torch.nn.Module) -> bool:
        return any(parameter.requires_grad for parameter in module.parameters())

    found: list[torch.nn.Module] = []
    if not trains(embeddings):
        for layer in layers:
            if trains(layer):
                break
            found.append(layer)
    return found


def _room(tokens: int, width: int, folder: Path) -> NDArray[np.float32]:
    if tokens * width * 4 <= _IN_MEMORY:
        return np.empty((tokens, width), dtype=np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "frozen-prefix.float32"
    with path.open("w+b") as file:
        path.unlink()  # It lives as long as its mapping, and leaves nothing when the process dies.
        os.posix_fallocate(file.fileno(), 0, tokens * width * 4)  # A full disk says so here, not while training.
        return np.memmap(file, dtype=np.float32, mode="r+", shape=(tokens, width))
