"""Which examples go into which update, and how they become padded tensors.

The order is a pure function of the seed and the epoch, so a killed run finds its place again by counting. Examples of
like length share an update, and an update whose padded size exceeds the token budget is divided into micro-batches;
since gradients are weighted by the number of targets, dividing it does not change the update.
Shapes: B batch, T tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

_POOL = 50  # Batches sorted by length together: enough for little padding, few enough to keep the order random.
_IGNORED = -100


Order = Callable[[NDArray[np.int64], int, np.random.Generator], list[NDArray[np.int64]]]
"""The updates of one epoch as index arrays, given the tokens of each example [N], the examples of an update and what
draws. Every epoch has equally many updates."""


class Item(Protocol):
    """What a batch is made of: features [T] or [T, …] by name, and targets [1] or [T]."""

    @property
    def features(self) -> Mapping[str, NDArray[Any]]: ...

    @property
    def targets(self) -> NDArray[np.int64]: ...

    def __len__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Padding:
    """How a tokenizer pads.

    Args:
        token: id of the padding token.
        left: whether padding goes in front.
    """

    token: int
    left: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Padded tensors of some examples.

    Args:
        tensors: the features [B, T] or [B, T, …], `attention_mask` [B, T] and `targets` [B, 1] or [B, T].
        targets: how many targets are learned from.
        tokens: how many tokens are not padding.
    """

    tensors: Mapping[str, torch.Tensor]
    targets: int
    tokens: int


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """One step of the optimiser.

    Args:
        number: 1-based, over the whole training.
        epoch: 1-based.
        batches: its micro-batches.
    """

    number: int
    epoch: int
    batches: Sequence[Batch]


def every_example(
    lengths: NDArray[np.int64], batch_size: int, generator: np.random.Generator
) -> list[NDArray[np.int64]]:
    """The updates of one epoch in which every example occurs once.

    Args:
        lengths: tokens of each example, [N].
        batch_size: examples of an update; the last of a pool may be smaller.
        generator: what draws.
    """
    return grouped_by_length(np.arange(len(lengths)), lengths, batch_size, generator)


def grouped_by_length(
    indices: NDArray[np.int64], lengths: NDArray[np.int64], batch_size: int, generator: np.random.Generator
) -> list[NDArray[np.int64]]:
    """Updates of examples of like length, in random order.

    Args:
        indices: the examples to deal out, [M]; one may occur several times.
        lengths: tokens of each example, [N].
        batch_size: examples of an update; the last of a pool may be smaller.
        generator: what draws.
    """
    shuffled = generator.permutation(indices)
    pools = [shuffled[start : start + _POOL * batch_size] for start in range(0, len(shuffled), _POOL * batch_size)]
    updates = []
    for pool in pools:
        ordered = pool[np.argsort(lengths[pool], kind="stable")]
        updates += [ordered[start : start + batch_size] for start in range(0, len(ordered), batch_size)]
    return [updates[position] for position in generator.permutation(len(updates))]


def within_budget(indices: NDArray[np.int64], lengths: NDArray[np.int64], token_budget: int) -> list[NDArray[np.int64]]:
    """Index arrays whose padded size (examples × longest) stays within the budget, longest first.

    An example that is longer than the budget is on its own.
    """
    ordered = indices[np.argsort(-lengths[indices], kind="stable")]
    parts, start = [], 0
    while start < len(ordered):
        size = max(1, token_budget // max(1, int(lengths[ordered[start]])))
        parts.append(ordered[start : start + size])
        start += size
    return parts


def pad(items: Sequence[Item], padding: Padding) -> Batch:
    """Pads examples to the longest of them."""
    import torch

    lengths = np.array([len(item) for item in items])
    longest = int(lengths.max())
    arrays: dict[str, NDArray[Any]] = {
        name: np.full(
            (len(items), longest, *values.shape[1:]), padding.token if name == "input_ids" else 0, dtype=values.dtype
        )
        for name, values in items[0].features.items()
    }
    arrays["attention_mask"] = np.zeros((len(items), longest), dtype=np.int64)
    per_token = all(len(item.targets) == len(item) for item in items)
    width = longest if per_token else len(items[0].targets)
    arrays["targets"] = np.full((len(items), width), _IGNORED, dtype=np.int64)
    for row, item in enumerate(items):
        place = slice(longest - len(item), longest) if padding.left else slice(0, len(item))
        for name, values in item.features.items():
            arrays[name][row, place] = values
        arrays["attention_mask"][row, place] = 1
        arrays["targets"][row, place if per_token else slice(None)] = item.targets
    targets = int((arrays["targets"] != _IGNORED).sum())
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    return Batch(tensors, targets, int(lengths.sum()))


@dataclass(frozen=True, slots=True)
class Dealing:
    """How examples are dealt out over a training.

    Args:
        batch_size: examples of an update.
        token_budget: padded tokens of a micro-batch at most.
        epochs: how often they are dealt out.
        seed: of the order; equal seeds and epochs give equal orders.
        order: how one epoch is dealt out.
    """

    batch_size: int
    token_budget: int
    epochs: int
    seed: int
    order: Order = every_example


def epoch_order(lengths: NDArray[np.int64], dealing: Dealing, epoch: int) -> list[NDArray[np.int64]]:
    """The examples of each update of an epoch (1-based), as index arrays."""
    generator = np.random.Generator(np.random.Philox(key=[dealing.seed, epoch]))
    return dealing.order(lengths, dealing.batch_size, generator)


def lengths_of(items: Sequence[Item]) -> NDArray[np.int64]:
    """Tokens of each example, [N]."""
    return np.array([len(item) for item in items], dtype=np.int64)


def updates(items: Sequence[Item], padding: Padding, dealing: Dealing, done: int = 0) -> Iterator[Update]:
    """Every update of a training in order, padded when it is asked for.

    Args:
        items: the training examples.
        padding: how they are padded.
        dealing: how they are dealt out.
        done: updates that an earlier run finished; the first one given is the next.
    """
    lengths = lengths_of(items)
    per_epoch = len(epoch_order(lengths, dealing, 1))
    first_epoch, skipped = divmod(done, per_epoch)
    number = done
    for epoch in range(first_epoch + 1, dealing.epochs + 1):
        order = epoch_order(lengths, dealing, epoch)
        for indices in order[skipped if epoch == first_epoch + 1 else 0 :]:
            number += 1
            parts = within_budget(indices, lengths, dealing.token_budget)
            yield Update(number, epoch, [pad([items[index] for index in part], padding) for part in parts])
