"""Rows divided by time: the newest are tested, what is learned is older."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from vocation.corpus.index import SPLIT_NAMES, TEST, TRAIN, VALIDATION
from vocation.corpus.splits import Division, Pool, Splitting
from vocation.corpus.verdicts import Verdict
from vocation.errors import DataError

_LATER = (VALIDATION, TEST)


class Time(Splitting):
    """Gives the newest rows to test, those before them to validation, and the oldest to train.

    A source names the column of times as `columns: {time: …}`. Rows of equal time stand on one side, so that shares are
    kept as far as times allow. Rows that stay together (a group, nearly equal texts) are placed by the oldest of them:
    where they span a border, the newer ones stay on the older side, and are counted.
    """

    test: float = Field(
        default=0.2, ge=0, lt=1, description="Share of the divided rows, the newest, that goes to test."
    )
    undated: Literal["refuse", "train"] = Field(
        default="refuse", description="A row without a time: stop, or put it into train."
    )

    @property
    def test_share(self) -> float:
        return self.test

    def divide(self, pool: Pool) -> Division:
        time = pool.index.time[pool.rows]
        undated = np.isnat(time)
        if undated.any() and self.undated == "refuse":
            raise _undated(pool, undated)
        tied = pool.tied.copy()
        tied[pool.units.of[undated]] = True
        oldest = np.full(len(pool.units), np.iinfo(np.int64).max)
        np.minimum.at(oldest, pool.units.of, time.view(np.int64))
        oldest = oldest.view(time.dtype)  # [U]
        borders = _borders(pool, oldest, tied)
        split = np.full(len(pool.units), TRAIN, dtype=np.int8)
        for code in _LATER:
            if code in borders:
                split[(oldest >= borders[code]) & ~tied] = code
        return _division(pool, split, time, borders)


def _borders(pool: Pool, oldest: NDArray[np.datetime64], tied: NDArray[np.bool_]) -> dict[int, np.datetime64]:
    """The time at which each split that is made begins: of all times, the one that comes nearest to its share.

    Raises:
        DataError: there are fewer times than splits.
    """
    times, of = np.unique(oldest[~tied], return_inverse=True)
    newer = np.bincount(of.reshape(-1), weights=pool.units.size[~tied], minlength=len(times))
    newer = np.concatenate([np.cumsum(newer[::-1])[::-1], [0]])  # [times + 1] rows from this time on.
    wanted = [code for code in reversed(_LATER) if code in pool.shares]
    least = 0 if tied.any() else 1  # The oldest time is train's, unless it has rows already.
    if len(times) < least + len(wanted):
        raise _too_few_times(pool, len(times))
    borders, end = {}, len(times)
    for place, code in enumerate(wanted):
        low = least + len(wanted) - place - 1
        target = newer[end] + pool.shares[code] * len(pool.rows)
        end = low + int(np.argmin(np.abs(newer[low:end] - target)))
        borders[code] = times[end]
    return borders


def _division(
    pool: Pool, split: NDArray[np.int8], time: NDArray[np.datetime64], borders: dict[int, np.datetime64]
) -> Division:
    side = split[pool.units.of]
    first_later = np.full(len(pool.rows), np.datetime64("NaT"), dtype=time.dtype)
    for code in reversed(_LATER):
        if code in borders:
            first_later[side < code] = borders[code]
    late = time >= first_later  # Never where either is NaT.
    rows = np.sort(pool.rows[late])
    index = pool.index

    def detail(row: int) -> str:
        return f"from {_iso(index.time[row])}; its group or nearly equal rows are older, and it stays with them"

    verdicts = [Verdict("reported", "splitting", "newer than the border of its split", rows, detail)]
    details = {f"{SPLIT_NAMES[code]}_from": _iso(borders[code]) for code in _LATER if code in borders}
    return Division(split, {**details, "newer_than_border": len(rows)}, verdicts if len(rows) else ())


def _iso(time: np.datetime64) -> str:
    return str(time.astype("datetime64[s]"))


def _undated(pool: Pool, undated: NDArray[np.bool_]) -> DataError:
    index, row = pool.index, int(pool.rows[undated].min())
    return DataError(
        "The row has no time, and rows are split by time",
        file=index.files[index.file[row]],
        row=int(index.line[row]),
        column="time",
        received=f"{np.count_nonzero(undated)} rows without a time, of {len(undated)}",
        allowed="a time in every row that is to be split",
        remedy="name the column in the source (`columns: {time: …}`), fill it, or set "
        "`corpus.splitting.undated: train`",
    )


def _too_few_times(pool: Pool, times: int) -> DataError:
    index, row = pool.index, int(pool.rows[0])
    names = [SPLIT_NAMES[code] for code in pool.shares]
    return DataError(
        "The rows cannot be split by time",
        file=index.files[index.file[row]],
        column="time",
        received=f"{times} different times among sets of rows that stay together",
        allowed=f"at least one time for each of {', '.join(names)}: rows of one time stay on one side",
        remedy="map a column with finer times, or set `corpus.splitting.kind: random`",
    )
