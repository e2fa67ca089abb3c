"""What a leaky split would have promised, on texts whose words tell their group and not their label."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from vocation.examination.leakage import LeakageOptions, leakage, leakage_of
from vocation.records import Record
from vocation.tasks import Task
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.text import Span, Text

OPTIONS = LeakageOptions(seeds=3, resamples=200)
WriteCorpus = Callable[[Task, Mapping[str, Sequence[Record]]], Path]


def grouped(groups: Sequence[int], seed: int = 1) -> list[Record]:
    """Eight rows a group, all of one label by chance, with words of the group alone."""
    generator = random.Random(seed)
    labels = {group: generator.choice(("yes", "no")) for group in range(1000)}
    records = []
    for group in groups:
        for row in range(8):
            words = " ".join(generator.choices([f"w{group}x{word}" for word in range(6)], k=5))
            values = {"label": labels[group]}
            records.append(
                Record(f"{group}:{row}", {"text": Text(f"{words} {row}")}, values, "a.csv", row, f"g{group}")
            )
    return records


def test_rows_of_one_group_on_both_sides_flatter_and_the_difference_shows_it() -> None:
    train, test = grouped(range(40)), grouped(range(40, 60))
    found = leakage(Classification(), train, test, train + test, OPTIONS)
    assert (found.metric, found.baseline, found.train_rows, found.test_rows) == ("accuracy", "tfidf_logistic", 320, 160)
    assert found.random.value > 0.9
    assert found.honest.value < 0.8
    assert found.difference.value == pytest.approx(found.random.value - found.honest.value)
    assert found.difference.low < found.difference.value < found.difference.high
    assert found.flatters
    assert len(found.scores) == 3
    assert found.random.value == pytest.approx(sum(found.scores) / 3)


def test_splits_that_do_not_leak_are_not_flattered() -> None:
    records = grouped(range(60))
    random.Random(2).shuffle(records)
    found = leakage(Classification(), records[:320], records[320:], records, OPTIONS)
    assert found.difference.low <= 0 <= found.difference.high
    assert not found.flatters


def test_equal_seeds_give_equal_results_on_rows_that_are_sampled() -> None:
    train, test = grouped(range(20)), grouped(range(20, 30))
    options = LeakageOptions(seeds=2, most_train=50, most_test=20, resamples=100)
    found = [leakage(Classification(), train, test, train + test, options) for _ in range(2)]
    assert found[0] == found[1]
    assert (found[0].train_rows, found[0].test_rows) == (50, 20)


def test_a_corpus_is_compared_with_random_splits_of_its_rows(write_corpus: WriteCorpus) -> None:
    splits = {"train": grouped(range(30)), "validation": grouped(range(30, 34)), "test": grouped(range(34, 50))}
    found = leakage_of(write_corpus(Classification(), splits), Classification(), OPTIONS)
    assert found is not None
    assert (found.train_rows, found.test_rows) == (240, 128)
    summary = json.loads(json.dumps(found.summary()))
    assert summary["flatters"] is found.flatters is True
    assert summary["difference"].keys() == {"value", "low", "high"}


@pytest.mark.parametrize("splits", [("train",), ("train", "unlabelled")])
def test_a_corpus_without_a_split_to_test_on_gives_nothing(write_corpus: WriteCorpus, splits: tuple[str, ...]) -> None:
    folder = write_corpus(Classification(), {name: grouped(range(3)) for name in splits})
    assert leakage_of(folder, Classification(), OPTIONS) is None


def test_entities_are_compared_by_their_own_baseline_and_metric() -> None:
    def mentions(groups: Sequence[int]) -> list[Record]:
        return [
            Record(
                f"{group}:{row}", {"text": Text(f"drug{group} helps {row}", (Span(0, len(f"drug{group}"), "DRUG"),))}
            )
            for group in groups
            for row in range(4)
        ]

    train, test = mentions(range(20)), mentions(range(20, 30))
    found = leakage(Entities(), train, test, train + test, OPTIONS)
    assert (found.metric, found.baseline) == ("f1", "training_dictionary")
    assert found.honest.value == 0
    assert found.random.value > 0.8


def test_a_pool_that_is_too_small_or_has_one_label_is_refused() -> None:
    train, test = grouped(range(4)), grouped(range(4, 6))
    with pytest.raises(ValueError, match="a pool of 32 records cannot give 32 to train and 16 to test"):
        leakage(Classification(), train, test, train, OPTIONS)
    alike = [Record(f"{row}", {"text": Text(f"t{row}")}, {"label": "yes"}) for row in range(48)]
    with pytest.raises(ValueError, match="same label"):
        leakage(Classification(), train, test, alike, OPTIONS)
