"""How much a leaky split would have flattered the result.

A split that draws single rows by chance puts rows of one patient, one contract or nearly one text on both sides, and
later rows before earlier ones. A model then looks better than it will prove. Here the task's cheap baseline is trained
twice: on the splits as they are, and on random rows of the same corpus in equal numbers. The difference of the scores
is what such a split would have promised beyond the truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from vocation.component import kinds
from vocation.evaluation.baselines import Baseline
from vocation.evaluation.scores import Scores
from vocation.evaluation.significance import Interval, Resampling, resampled_totals
from vocation.records import SPLITS, Record, read_records
from vocation.tasks import Task


@dataclass(frozen=True, slots=True)
class LeakageOptions:
    """How the comparison is made.

    Args:
        seeds: how many random splits are drawn.
        seed: of the first of them, and of the resamples.
        most_train: training rows at most, on either side; more are sampled, so that time stays bounded.
        most_test: test rows at most, on either side.
        resamples: of the intervals.
        confidence: share of the resamples that an interval covers.
    """

    seeds: int = 5
    seed: int = 1
    most_train: int = 10_000
    most_test: int = 5_000
    resamples: int = 1000
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class Leakage:
    """The baseline's score on the splits as they are and on random ones.

    Args:
        metric: which metric it is, the task's own.
        baseline: kind of the baseline.
        train_rows: how many rows it learned from, each time.
        test_rows: how many it answered, each time.
        honest: the score on the splits as they are, with its interval.
        random: the mean score on the random splits, with its interval.
        scores: the score on each random split.
        difference: random minus honest, with its interval: what a random split would have promised beyond the truth.
            The two are resampled independently, though some rows stand in both, so the interval is rather too wide.
    """

    metric: str
    baseline: str
    train_rows: int
    test_rows: int
    honest: Interval
    random: Interval
    scores: Sequence[float]
    difference: Interval

    @property
    def flatters(self) -> bool:
        """Whether the random splits score higher by more than chance."""
        return self.difference.low > 0

    def summary(self) -> dict[str, Any]:
        """The comparison in plain values, for a manifest."""
        return {**asdict(self), "flatters": self.flatters}


def leakage_of(corpus: Path, task: Task, options: LeakageOptions | None = None) -> Leakage | None:
    """Compares the splits of a corpus artifact with random ones; None where there is no test or validation split.

    Exact duplicates that the corpus stage dropped are in no split, so that what is measured comes from near-duplicates,
    groups and time; give `leakage` a larger pool to count them in.

    Args:
        corpus: folder of the corpus artifact, with a Parquet file for each split.
        task: what is learned.
        options: how the comparison is made.
    """
    splits = {
        name: list(read_records(path, task.record_schema))
        for name in SPLITS
        if (path := corpus / f"{name}.parquet").exists()
    }
    test = splits.get("test") or splits.get("validation")
    if not test or not splits.get("train"):
        return None
    pool = [record for records in splits.values() for record in records]
    return leakage(task, splits["train"], test, pool, options or LeakageOptions())


def leakage(
    task: Task, train: Sequence[Record], test: Sequence[Record], pool: Sequence[Record], options: LeakageOptions
) -> Leakage:
    """Trains the task's baseline on given splits and on random splits of a pool, in equal numbers of rows.

    Args:
        task: what is learned; names the baseline and the metric.
        train: labelled records to learn from.
        test: labelled records to answer.
        pool: the labelled records that random splits draw from, at least as many as train and test have together.
        options: how the comparison is made.

    Raises:
        ValueError: the pool is too small, or its labels do not differ.
    """
    sizes = min(len(train), options.most_train), min(len(test), options.most_test)
    if sum(sizes) > len(pool):
        raise ValueError(f"a pool of {len(pool)} records cannot give {sizes[0]} to train and {sizes[1]} to test")
    generator = np.random.default_rng(options.seed)
    trial = _Trial(
        task, sorted({label for records in (train, test, pool) for r in records for label in task.labels(r)})
    )
    learned, answered = trial.sample(train, sizes[0], generator), trial.sample(test, sizes[1], generator)
    honest = trial.totals(learned, answered, options, 0)
    drawn = []
    for number in range(options.seeds):
        rows = trial.sample(pool, sum(sizes), generator, learned=sizes[0])
        drawn.append(trial.totals(rows[: sizes[0]], rows[sizes[0] :], options, 1 + number))
    random_whole = np.array([whole for whole, _ in drawn])
    random_resampled = np.mean([resampled for _, resampled in drawn], axis=0)
    return Leakage(
        metric=task.selection_metric,
        baseline=task.baseline,
        train_rows=sizes[0],
        test_rows=sizes[1],
        honest=_interval(*honest, options.confidence),
        random=_interval(float(random_whole.mean()), random_resampled, options.confidence),
        scores=random_whole.tolist(),
        difference=_interval(float(random_whole.mean()) - honest[0], random_resampled - honest[1], options.confidence),
    )


@dataclass(frozen=True, slots=True)
class _Trial:
    """The baseline on one split after the other.

    Args:
        task: what is learned.
        labels: all that are scored, equal for every split.
    """

    task: Task
    labels: Sequence[str]

    def sample(
        self, records: Sequence[Record], count: int, generator: np.random.Generator, learned: int = 0
    ) -> list[Record]:
        """`count` records in random order, drawn so that the first `learned` have two labels where one alone cannot
        be learned.

        Raises:
            ValueError: all records have the same label.
        """
        if learned and self.task.answers == "label" and len({self.task.labels(record) for record in records}) < 2:
            raise ValueError("all records of the pool have the same label")
        while True:
            drawn = [records[place] for place in generator.permutation(len(records))[:count].tolist()]
            labels = {self.task.labels(record) for record in drawn[:learned]}
            if self.task.answers != "label" or len(labels) != 1 or learned < 2:
                return drawn

    def totals(
        self, train: Sequence[Record], test: Sequence[Record], options: LeakageOptions, number: int
    ) -> tuple[float, NDArray[np.float64]]:
        """The score on one split, and its resampled scores, [B]; rows of one group are drawn together."""
        baseline = cast("Baseline", kinds("vocation.evaluation.baselines")[self.task.baseline]())
        answers = baseline.fit_predict(train, test, self.task)
        gold = [self.task.answer(record) for record in test]
        scores = Scores.of(gold, [answer.answer for answer in answers], self.labels, self.task.answers)
        groups = [record.group for record in test]
        resampling = Resampling(options.resamples, options.confidence, options.seed + number, groups)
        name = self.task.selection_metric
        whole = scores.values(scores.statistics.sum(axis=0))[name]
        return float(whole), scores.values(resampled_totals(scores.statistics, resampling))[name]


def _interval(value: float, resampled: NDArray[np.float64], confidence: float) -> Interval:
    tail = (1 - confidence) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail])
    return Interval(value, float(low), float(high))
