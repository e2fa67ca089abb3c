"""Clusters of near-duplicates: what is at the threshold or above, in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from vocation.corpus.near_duplicates import clustering
from vocation.corpus.near_duplicates.clustering import Clusters, NearDuplicateSettings, find_clusters
from vocation.corpus.near_duplicates.shingling import Shingling, shingles

ENGLISH = "The borrower shall repay the principal together with all accrued interest on the last day of the term"
CHINESE = "公司应当在每一会计年度终了时编制财务会计报告，并依法经会计师事务所审计。"


def clusters(texts: Sequence[str], size: int = 3, **changes: Any) -> Clusters:
    def batches() -> Iterator[tuple[NDArray[np.int64], pa.StringArray]]:
        for start in range(0, len(texts), size):
            part = texts[start : start + size]
            yield np.arange(start, start + len(part)), pa.array(part, pa.string())

    return find_clusters(batches, len(texts), sum(map(len, texts)), NearDuplicateSettings(**changes))


@pytest.fixture(params=["plain", "compiled"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clustering, "PLAIN_CHARACTERS", 10**9 if request.param == "plain" else 0)


def test_a_changed_word_or_character_makes_a_near_duplicate() -> None:
    texts = [ENGLISH, "Something else entirely, about another matter", CHINESE, ENGLISH.replace("last", "first")]
    texts += [CHINESE.replace("每一", "各"), "", ENGLISH.upper() + "!"]
    found = clusters(texts, threshold=0.6)
    assert found.cluster.tolist() == [0, 1, 2, 0, 2, 5, 0]
    assert found.nearest.tolist() == [6, -1, 4, 0, 2, -1, 0]
    assert found.similarity[6] == 1
    assert 0.6 <= found.similarity[3] < 1


def test_nothing_below_the_threshold_is_joined() -> None:
    texts = [ENGLISH, ENGLISH.replace("last", "first")]
    shingling = Shingling()
    one, two = (shingles(text, shingling) for text in texts)
    exact = len(np.intersect1d(one, two)) / len(np.union1d(one, two))
    assert clusters(texts, threshold=exact).cluster.tolist() == [0, 0]
    assert clusters(texts, threshold=exact).similarity[1] == exact
    assert clusters(texts, threshold=exact + 1e-9).cluster.tolist() == [0, 1]


def test_a_chain_is_one_cluster_and_each_text_names_the_most_similar_one_before_it() -> None:
    words = [f"w{number}" for number in range(60)]
    texts = [" ".join(words[start : start + 50]) for start in (0, 4, 8)]
    found = clusters(texts, threshold=0.8)
    assert found.cluster.tolist() == [0, 0, 0]
    assert found.nearest.tolist() == [1, 0, 1]


def test_a_text_whose_near_duplicates_all_come_later_names_one_of_those() -> None:
    words = [f"w{number}" for number in range(60)]
    texts = [" ".join(words[start : start + 50]) for start in (0, 8, 4)]
    found = clusters(texts, threshold=0.8)
    assert found.cluster.tolist() == [0, 0, 0]
    assert found.nearest.tolist() == [2, 2, 0]


def test_texts_without_a_word_are_on_their_own() -> None:
    assert clusters(["", "...", "…", "..."]).cluster.tolist() == [0, 1, 2, 3]


def test_no_texts_have_no_clusters() -> None:
    assert clusters([]).cluster.tolist() == []


def test_a_thousand_copies_are_one_cluster() -> None:
    texts = [f"{ENGLISH} {CHINESE} number {number}" for number in range(1000)]
    assert (clusters(texts, size=300).cluster == 0).all()


def test_recall_is_what_is_promised() -> None:
    """300 pairs a little above the threshold; at most 2 % may be missed, which 300 pairs let be 5 % by chance."""
    generator = np.random.default_rng(1)
    texts = []
    for _ in range(300):
        words = [f"w{number}" for number in generator.choice(10**6, 57, replace=False)]
        texts += [" ".join(words[:51]), " ".join(words[6:])]
    found = clusters(texts, size=64, threshold=0.78, words=1)
    assert (found.cluster[::2] == found.cluster[1::2]).mean() >= 0.95
    assert len(np.unique(found.cluster)) >= 300
