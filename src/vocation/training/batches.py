"""Which examples go into which update, and how they become padded tensors.

The order is a pure function of the seed and the epoch, so a killed run finds its place again by counting. Examples of
like length share an update, and an update whose padded size exceeds the token budget is divided into micro-batches;
since gradients are weighted by the number of targets, dividing it does not change the update.
Shapes: B batch, T tokens.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class Size:
    """How much an update reads.

    Args:
        examples: inputs.
        targets: what is learned from.
        tokens: padding left out.
    """

    examples: int
    targets: int
    tokens: int


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """One step of the optimiser.

    Args:
        number: 1-based, over the whole training.
        epoch: 1-based.
        batches: its micro-batches, or those that are this process's share of it.
        token_budget: padded tokens of a micro-batch at most; 0 where there is no such limit.
        divide: its micro-batches under another budget; None where it cannot be divided anew.
        whole: its size over all processes; None where `batches` are all of it.
        indices: of its examples over all processes; None where they are not known.
    """

    number: int
    epoch: int
    batches: Sequence[Batch]
    token_budget: int = 0
    divide: Callable[[int], Sequence[Batch]] | None = None
    whole: Size | None = None
    indices: NDArray[np.int64] | None = None

    @property
    def size(self) -> Size:
        """Over all processes."""
        return self.whole or Size(
            sum(len(batch.tensors["targets"]) for batch in self.batches),
            sum(batch.targets for batch in self.batches),
            sum(batch.tokens for batch in self.batches),
        )

    def within(self, token_budget: int) -> Update:
        """The same update in smaller micro-batches."""
        assert self.divide is not None
        return replace(self, batches=self.divide(token_budget), token_budget=token_budget)


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


def within_budget(
    indices: NDArray[np.int64], lengths: NDArray[np.int64], token_budget: int, together: int = 1
) -> list[NDArray[np.int64]]:
    """Index arrays whose padded size (examples × longest) stays within the budget, longest first.

    What is longer than the budget is on its own.

    Args:
        indices: the examples to divide.
        lengths: tokens of each example, [N].
        token_budget: padded tokens of a part at most.
        together: so many examples, one behind the other from the first on, share a part; fewer that remain at the end
            are a part of their own.
    """
    whole = len(indices) - len(indices) % together
    groups = indices[:whole].reshape(-1, together)
    longest = lengths[groups].max(axis=1, initial=0)
    ordered = np.argsort(-longest, kind="stable")
    parts, start = [], 0
    while start < len(ordered):
        size = max(1, token_budget // (together * max(1, int(longest[ordered[start]]))))
        parts.append(groups[ordered[start : start + size]].ravel())
        start += size
    return parts if whole == len(indices) else [*parts, indices[whole:]]


@dataclass(frozen=True, slots=True)
class Share:
    """The part of each update that one of several processes takes.

    Args:
        index: of the process, from 0.
        count: of all processes.
        even: whether every process gets equally many micro-batches, those that are missing without a target.
    """

    index: int = 0
    count: int = 1
    even: bool = False

    def batches(
        self, indices: NDArray[np.int64], items: Sequence[Item], padding: Padding, token_budget: int, together: int = 1
    ) -> list[Batch]:
        """The micro-batches of this process.

        Args:
            indices: the examples of the update over all processes.
            items: every example.
            padding: how they are padded.
            token_budget: padded tokens of a micro-batch at most.
            together: see `within_budget`.
        """
        lengths = lengths_of([items[index] for index in indices])
        starts = np.arange(0, len(lengths), together)
        shares = []
        for groups in balanced(np.maximum.reduceat(lengths, starts), self.count):
            places = (starts[np.sort(groups), None] + np.arange(together)).ravel()
            shares.append(places[places < len(lengths)])
        divided = [within_budget(share, lengths, token_budget, together) for share in shares]
        batches = [pad([items[indices[place]] for place in part], padding) for part in divided[self.index]]
        if self.even:
            shortest = pad([items[indices[int(lengths.argmin())]]], padding)
            batches += [without_targets(shortest)] * (max(map(len, divided)) - len(batches))
        return batches


def balanced(lengths: NDArray[np.int64], count: int) -> list[NDArray[np.int64]]:
    """Deals out examples so that the parts have nearly equally many tokens.

    The longest first, each to the part that has the fewest tokens so far: at most a third more than in the best way
    (Graham, 1969).

    Args:
        lengths: tokens of each example, [M].
        count: of parts; some are empty where there are fewer examples.

    Returns:
        Positions in `lengths`; with one part in their order.
    """
    if count == 1:
        return [np.arange(len(lengths))]
    parts: list[list[int]] = [[] for _ in range(count)]
    fewest = [(0, part) for part in range(count)]
    for position in np.argsort(-lengths, kind="stable"):
        tokens, part = heapq.heappop(fewest)
        parts[part].append(int(position))
        heapq.heappush(fewest, (tokens + int(lengths[position]), part))
    return [np.array(part, dtype=np.int64) for part in parts]


def without_targets(batch: Batch) -> Batch:
    """The same inputs, from which nothing is learned."""
    import torch

    return Batch({**batch.tensors, "targets": torch.full_like(batch.tensors["targets"], _IGNORED)}, 0, 0)


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
        together: so many examples of an update, one behind the other, share a micro-batch.
    """

    batch_size: int
    token_budget: int
    epochs: int
    seed: int
    order: Order = every_example
    together: int = 1


def epoch_order(lengths: NDArray[np.int64], dealing: Dealing, epoch: int) -> list[NDArray[np.int64]]:
    """The examples of each update of an epoch (1-based), as index arrays."""
    generator = np.random.Generator(np.random.Philox(key=[dealing.seed, epoch]))
    return dealing.order(lengths, dealing.batch_size, generator)


def lengths_of(items: Sequence[Item]) -> NDArray[np.int64]:
    """Tokens of each example, [N]."""
    return np.array([len(item) for item in items], dtype=np.int64)


def updates(
    items: Sequence[Item], padding: Padding, dealing: Dealing, done: int = 0, share: Share | None = None
) -> Iterator[Update]:
    """Every update of a training in order, padded when it is asked for.

    Args:
        items: the training examples.
        padding: how they are padded.
        dealing: how they are dealt out.
        done: updates that an earlier run finished; the first one given is the next.
        share: of this process, where there are several.
    """
    lengths = lengths_of(items)
    per_epoch = len(epoch_order(lengths, dealing, 1))
    first_epoch, skipped = divmod(done, per_epoch)
    number = done
    for epoch in range(first_epoch + 1, dealing.epochs + 1):
        order = epoch_order(lengths, dealing, epoch)
        for indices in order[skipped if epoch == first_epoch + 1 else 0 :]:
            number += 1

            def divide(token_budget: int, indices: NDArray[np.int64] = indices) -> list[Batch]:
                return (share or Share()).batches(indices, items, padding, token_budget, dealing.together)

            whole = _size([items[index] for index in indices]) if share and share.count > 1 else None
            budget = dealing.token_budget
            yield Update(number, epoch, divide(budget), budget, divide, whole, indices)


def _size(items: Sequence[Item]) -> Size:
    targets = sum(int((item.targets != _IGNORED).sum()) for item in items)
    return Size(len(items), targets, int(lengths_of(items).sum()))
