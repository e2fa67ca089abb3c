"""Splits: rows divided into train, validation and test where the recipe does not give them.

Rows of equal text and rows of one group always stand on one side. The result depends on the seed and the rows' ids,
not on the order in which they were read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from vocation.component import Settings
from vocation.corpus.index import DROPPED, SPLIT_NAMES, TEST, TRAIN, UNSPLIT, VALIDATION, Index
from vocation.corpus.stratification import Unit, stratify
from vocation.corpus.verdicts import Verdict
from vocation.errors import DataError


class SplittingSettings(Settings):
    """How rows without a given split are divided.

    A split that the recipe gives is not made. Where train is given and validation is not, validation is taken out of
    the rows without a split, or, when there are none, out of train; test is never taken out of given train rows.
    """

    validation: float = Field(default=0.1, ge=0, lt=1, description="Share of the divided rows that goes to validation.")
    test: float = Field(default=0.2, ge=0, lt=1, description="Share of the divided rows that goes to test.")
    seed: int = Field(default=0, ge=0, description="Another seed gives another division.")
    stratified: bool = Field(
        default=True, description="Whether each split gets its share of every label, as far as whole rows allow."
    )
    rare_labels: Literal["refuse", "train"] = Field(
        default="refuse",
        description="A label in one row alone (or in one group of rows that stay together) cannot stand on both sides: "
        "stop, or put the row into train.",
    )

    @model_validator(mode="after")
    def _leave_rows_for_train(self) -> Self:
        if self.validation + self.test >= 1:
            raise ValueError(f"validation {self.validation} and test {self.test} leave nothing for train")
        return self


@dataclass(frozen=True, slots=True, eq=False)
class Splits:
    """The split of every row.

    Args:
        split: [N] codes of `vocation.corpus.index`; DROPPED for rows that do not stay.
        made: which of validation and test were made here.
        verdicts: for the ledger.
    """

    split: NDArray[np.int8]
    made: dict[str, bool]
    verdicts: list[Verdict] = field(default_factory=list)


def divide(index: Index, kept: NDArray[np.bool_], settings: SplittingSettings) -> Splits:
    """Gives every kept row its split.

    Args:
        index: of all rows.
        kept: [N] whether the row stays.
        settings: shares, seed, and what happens to rare labels.

    Raises:
        DataError: a label stands in one unit alone, or a group stands in a given validation or test split and among
            the rows to divide.
    """
    split = np.where(kept, index.given, np.int8(DROPPED)).astype(np.int8)
    pool, parts = _to_divide(split, settings)
    made = {name: code in parts for name, code in (("validation", VALIDATION), ("test", TEST))}
    if len(pool) and len(parts) > 1:
        _refuse_shared_groups(index, split, pool)
        split[pool] = _divide_pool(index, split, pool, parts, settings)
    split[split == UNSPLIT] = TRAIN
    return Splits(split, made, _shared_groups(index, split))


def seeded_order(order: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """[N] the rows' order under a seed: SplitMix64 (Steele, Lea and Flood, 2014) of each row's number and it."""
    with np.errstate(over="ignore"):
        z = order + np.uint64((seed + 1) * 0x9E3779B97F4A7C15 % 2**64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _to_divide(split: NDArray[np.int8], settings: SplittingSettings) -> tuple[NDArray[np.int64], dict[int, float]]:
    """The rows to divide, and the share of each split; train comes first."""
    given = {int(code) for code in np.unique(split)}
    from_train = UNSPLIT not in given
    pool = np.flatnonzero(split == (TRAIN if from_train else UNSPLIT))
    parts = {TRAIN: 1.0}
    wanted = [(VALIDATION, settings.validation), *([] if from_train else [(TEST, settings.test)])]
    for code, share in wanted:
        if code not in given and share > 0:
            parts[code] = share
            parts[TRAIN] -= share
    return pool, parts


def _divide_pool(
    index: Index, split: NDArray[np.int8], pool: NDArray[np.int64], parts: dict[int, float], settings: SplittingSettings
) -> NDArray[np.int8]:
    """[P] the split of each row of the pool."""
    unit_of = _units(index, pool, seeded_order(index.order[pool], settings.seed))
    units = _gather(index, pool, unit_of)
    elsewhere = np.setdiff1d(np.flatnonzero(split == TRAIN), pool)
    known = {int(label) for row in elsewhere for label in index.labels_of(row)}
    fixed = dict.fromkeys(_tied_to_given_splits(index, split, pool, unit_of), 0)
    fixed |= dict.fromkeys(_rare(index, pool, unit_of, units, known, settings), 0)
    if settings.stratified:
        chosen = stratify(units, list(parts.values()), fixed)
    else:
        chosen = stratify([Unit(unit.size, {}) for unit in units], list(parts.values()), fixed)
    _teach_every_label(units, chosen, known)
    codes: NDArray[np.int8] = np.array(list(parts), dtype=np.int8)[np.array(chosen)]
    return codes[unit_of]


def _units(index: Index, pool: NDArray[np.int64], order: NDArray[np.uint64]) -> NDArray[np.int64]:
    """[P] number of the unit of each row: connected by equal text or equal group; large units first, then by order."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    text, group = index.text[pool], index.group[pool]
    nodes = int(text.max()) + 1 + int(group.max(initial=-1)) + 1
    grouped = group >= 0
    edges = (text[grouped], int(text.max()) + 1 + group[grouped])
    graph = coo_array((np.ones(len(edges[0]), dtype=np.int8), edges), shape=(nodes, nodes))
    _, component = connected_components(graph, directed=False)
    _, unit = np.unique(component[text], return_inverse=True)
    first = np.full(unit.max() + 1, np.iinfo(np.uint64).max, dtype=np.uint64)
    np.minimum.at(first, unit, order)
    ranked = np.lexsort((first, -np.bincount(unit)))
    rank = np.empty(len(ranked), dtype=np.int64)
    rank[ranked] = np.arange(len(ranked))
    return rank[unit]


def _gather(index: Index, pool: NDArray[np.int64], unit_of: NDArray[np.int64]) -> list[Unit]:
    labels: list[Counter[int]] = [Counter() for _ in range(int(unit_of.max()) + 1)]
    for row, unit in zip(pool.tolist(), unit_of.tolist(), strict=True):
        labels[unit].update(index.labels_of(row).tolist())
    return [Unit(int(size), counts) for size, counts in zip(np.bincount(unit_of), labels, strict=True)]


def _tied_to_given_splits(
    index: Index, split: NDArray[np.int8], pool: NDArray[np.int64], unit_of: NDArray[np.int64]
) -> set[int]:
    """The units of rows without a split that share a text or a group with a row of a given split.

    They belong in train: there the given row is, or, where `overlap: report` left a text of a given validation or test
    split in the pool, the report says that train is where it stands too.
    """
    if split[pool[0]] != UNSPLIT:
        return set()
    given = np.isin(split, (TRAIN, VALIDATION, TEST))
    groups = index.group[given]
    tied = np.isin(index.text[pool], index.text[given]) | np.isin(index.group[pool], groups[groups >= 0])
    return set(unit_of[tied].tolist())


def _rare(
    index: Index,
    pool: NDArray[np.int64],
    unit_of: NDArray[np.int64],
    units: list[Unit],
    known: set[int],
    settings: SplittingSettings,
) -> list[int]:
    """The units that hold a label which no other unit holds."""
    holders = Counter(label for unit in units for label in unit.labels)
    rare = {label for label, count in holders.items() if count == 1 and label not in known}
    found = [place for place, unit in enumerate(units) if not rare.isdisjoint(unit.labels)]
    if found and settings.rare_labels == "refuse":
        label = min(rare)
        place = next(place for place in found if label in units[place].labels)
        rows = pool[unit_of == place]
        row = next(int(row) for row in rows if label in index.labels_of(row))
        name = index.labels[label][:60]
        together = f" of a group of {len(rows)} rows that stay together" if len(rows) > 1 else ""
        others = f" ({len(rare)} labels are so)" if len(rare) > 1 else ""
        raise DataError(
            f"The label {name!r} stands in one row alone and cannot be both learned and tested{others}",
            file=index.files[index.file[row]],
            row=int(index.line[row]),
            received=f"{units[place].labels[label]} occurrence of {name!r}{together}",
            allowed="every label in at least two rows that can be divided",
            remedy="label more rows, merge the label into another, or set `corpus.splitting.rare_labels: train` "
            "to learn it without testing it",
        )
    return found


def _teach_every_label(units: list[Unit], chosen: list[int], known: set[int]) -> None:
    """Moves one unit into train for each label that would be tested without being learned."""
    learned = known.union(*(unit.labels for unit, part in zip(units, chosen, strict=True) if part == 0))
    for place, unit in enumerate(units):
        if not learned.issuperset(unit.labels):
            chosen[place] = 0
            learned |= set(unit.labels)


def _refuse_shared_groups(index: Index, split: NDArray[np.int8], pool: NDArray[np.int64]) -> None:
    held_out = (split == VALIDATION) | (split == TEST)
    groups = index.group[held_out]
    shared = pool[np.isin(index.group[pool], groups[groups >= 0])]
    if len(shared) and split[shared[0]] == UNSPLIT:
        row = int(shared[0])
        other = int(np.flatnonzero(held_out & (index.group == index.group[row]))[0])
        raise DataError(
            "The row has no split, and its group stands in a given split",
            file=index.files[index.file[row]],
            row=int(index.line[row]),
            received=f"the group of {index.place(other)}, which is in {SPLIT_NAMES[int(split[other])]}; "
            f"{len(shared)} such rows",
            allowed="groups that stand wholly in given splits, or wholly outside",
            remedy="give these rows the split of their group, or take `split` away from the other source",
        )


def _shared_groups(index: Index, split: NDArray[np.int8]) -> list[Verdict]:
    """Train rows whose group stands in validation or test as well; only given splits can be so."""
    held_out = np.flatnonzero(((split == VALIDATION) | (split == TEST)) & (index.group >= 0))
    other = dict(zip(index.group[held_out].tolist(), held_out.tolist(), strict=True))
    rows = np.flatnonzero((split == TRAIN) & np.isin(index.group, index.group[held_out]))
    if not len(rows):
        return []
    return [
        Verdict(
            "reported",
            "splitting",
            "group stands in two given splits",
            rows,
            lambda row: f"same group as {index.place(other[int(index.group[row])])}",
        )
    ]
