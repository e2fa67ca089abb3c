"""Orders in which classes occur more evenly than in the training rows. Each is a function of the seed and the epoch.

Shapes: N examples, C classes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vocation.errors import TrainingError
from vocation.training.batches import Order, grouped_by_length
from vocation.training.mixing import Paired

_POOL = 50  # Updates whose examples are sorted by length together, as in `batches`.

Counts = Callable[[NDArray[np.int64]], NDArray[np.int64]]
"""How often each class shall occur in an epoch, [C], given how often it does, [C]."""


def check_classes(kind: str, inner: Order, classes: NDArray[np.int64]) -> None:
    """Refuses what cannot be dealt out by class.

    Args:
        kind: of the strategy that asks.
        inner: the order that it would change.
        classes: [N], the one class of each example; negative where it has none or several.

    Raises:
        TrainingError: an example has not exactly one class, or the order's updates would be torn apart.
    """
    if unclear := int((classes < 0).sum()):
        raise TrainingError(
            f"{kind} deals out examples by their class, and {unclear:,} of {len(classes):,} have none or several.\n"
            "  what to do: leave it out; class_weights, class_balanced and focal weigh each target in place of examples"
        )
    if isinstance(inner, Even | Paired):
        before = "class_balanced_batches" if isinstance(inner, Even) else "mixup"
        raise TrainingError(
            f"{kind} deals all examples out anew, and {before}, which is listed before it, has grouped them.\n"
            f"  what to do: list {kind} before {before} in tuning.strategies, or leave one of them out"
        )


def raised(ratio: float) -> Counts:
    """Every class at least ratio times as often as the most frequent one."""
    return lambda counts: np.maximum(counts, np.ceil(ratio * counts.max() - 1e-9).astype(np.int64))


def lowered(ratio: float) -> Counts:
    """Every class at most 1 / ratio times as often as the rarest one."""
    return lambda counts: np.minimum(counts, np.floor(counts.min() / ratio + 1e-9).astype(np.int64))


@dataclass(frozen=True, slots=True)
class Resampled:
    """An order in which each class has a given number of examples in every epoch.

    Args:
        inner: the order whose examples are taken; an example may occur in it several times.
        classes: [N], the class of each example.
        wanted: how often each class shall occur.
    """

    inner: Order
    classes: NDArray[np.int64]
    wanted: Counts

    def __call__(
        self, lengths: NDArray[np.int64], batch_size: int, generator: np.random.Generator
    ) -> list[NDArray[np.int64]]:
        """See `Order`."""
        groups = by_class(np.concatenate(self.inner(lengths, batch_size, generator)), self.classes)
        wanted = self.wanted(np.array([len(group) for group in groups]))
        drawn = [drawn_from(group, count, generator) for group, count in zip(groups, wanted, strict=True)]
        return grouped_by_length(np.concatenate(drawn), lengths, batch_size, generator)


@dataclass(frozen=True, slots=True)
class Even:
    """An order in which every update holds the classes as evenly as its size allows.

    In an update of b examples each of C classes has ⌊b / C⌋ or one more, and over an epoch the numbers of two classes
    differ by 1 at most. An epoch has as many examples and updates as without it.

    Args:
        inner: the order whose examples are taken.
        classes: [N], the class of each example.
    """

    inner: Order
    classes: NDArray[np.int64]

    def __call__(
        self, lengths: NDArray[np.int64], batch_size: int, generator: np.random.Generator
    ) -> list[NDArray[np.int64]]:
        """See `Order`."""
        given = np.concatenate(self.inner(lengths, batch_size, generator))
        groups = by_class(given, self.classes)
        sizes = np.full(-(-len(given) // batch_size), batch_size)
        sizes[-1] -= sizes.sum() - len(given)
        places = _places(sizes, len(groups), generator)  # [updates, C]
        updates: list[list[NDArray[np.int64]]] = [[] for _ in sizes]
        for group, counts in zip(groups, places.T, strict=True):
            drawn = drawn_from(group, int(counts.sum()), generator)
            for start in range(0, len(counts), _POOL):
                pool = slice(counts[:start].sum(), counts[: start + _POOL].sum())
                ordered = drawn[pool][np.argsort(lengths[drawn[pool]], kind="stable")]
                parts = np.split(ordered, np.cumsum(counts[start : start + _POOL])[:-1])
                for update, part in enumerate(parts, start=start):
                    updates[update].append(part)
        return [np.concatenate(updates[position]) for position in generator.permutation(len(updates))]


def _places(sizes: NDArray[np.int64], classes: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """How many examples of each class each update has, [updates, C]: those that had fewest so far get one more."""
    places = np.repeat((sizes // classes)[:, None], classes, axis=1)
    extra = np.zeros(classes, dtype=np.int64)
    for row, size in zip(places, sizes, strict=True):
        next_ones = np.lexsort((generator.random(classes), extra))[: size % classes]
        row[next_ones] += 1
        extra[next_ones] += 1
    return places


def by_class(given: NDArray[np.int64], classes: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The given examples of each class, in the order of the classes that there are.

    Args:
        given: indices of examples.
        classes: [N], the class of each example.

    Raises:
        TrainingError: of some class there is none.
    """
    present = np.unique(classes)
    groups = [given[classes[given] == which] for which in present]
    if empty := [int(which) for which, group in zip(present, groups, strict=True) if not len(group)]:
        raise TrainingError(
            f"{len(empty)} of {len(present)} classes have no rows left in an epoch (outputs {empty[:5]} of the head).\n"
            "  what to do: leave out the strategy before it in tuning.strategies that drops their rows"
        )
    return groups


def drawn_from(group: NDArray[np.int64], count: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """So many examples of a group: all of them equally often, and the rest drawn without replacement."""
    whole, rest = divmod(count, len(group))
    rounds = [generator.permutation(group) for _ in range(whole)]
    return np.concatenate([*rounds, generator.permutation(group)[:rest]])
