"""Compiled code gives the bits of the plain definition, and candidates are found as often as the formula says."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vocation.corpus.near_duplicates.banding import MISSED, Banding, choose
from vocation.corpus.near_duplicates.candidates import candidate_pairs
from vocation.corpus.near_duplicates.shingling import Shingling
from vocation.corpus.near_duplicates.signatures import Signer

TEXTS = st.lists(st.text(max_size=40) | st.text("ab 中文测\n,😀Ａé", max_size=60), max_size=12)


def both(shingling: Shingling, threads: int) -> tuple[Signer, Signer]:
    banding = choose(0.8, 128)
    return Signer(shingling, banding, compiled=False), Signer(shingling, banding, compiled=True, threads=threads)


@settings(deadline=None)  # The first example compiles.
@given(TEXTS, st.integers(1, 4), st.integers(1, 6), st.integers(1, 3))
def test_compiled_code_gives_the_same_bits(texts: list[str], words: int, characters: int, threads: int) -> None:
    plain, compiled = both(Shingling(words, characters), threads)
    array = pa.array([text.encode("utf-8", "ignore").decode() for text in texts], pa.string())
    (keys, comparable), (same_keys, same_comparable) = plain.keys(array), compiled.keys(array)
    assert np.array_equal(keys, same_keys)
    assert np.array_equal(comparable, same_comparable)
    (found, bounds), (same_found, same_bounds) = plain.shingles(array), compiled.shingles(array)
    assert np.array_equal(found, same_found)
    assert np.array_equal(bounds, same_bounds)


@pytest.mark.parametrize("threads", [1, 2])
def test_compiled_code_gives_the_same_bits_for_many_texts_and_long_ones(threads: int) -> None:
    """Texts that are worked on together: more than a line of keys, more bytes than fit, and with repetitions."""
    generator = np.random.default_rng(11)
    lengths = [*generator.integers(0, 30, 90), 95, 96, 97, 98, 99, 2000, 0, 6000, 3, *generator.integers(400, 900, 20)]
    texts = [" ".join(f"w{number}" for number in generator.integers(0, 50, length)) for length in lengths]
    texts += [text.replace("w1", "一") for text in texts]
    plain, compiled = both(Shingling(2, 3), threads)
    array = pa.array(texts)
    assert np.array_equal(plain.keys(array)[0], compiled.keys(array)[0])
    (found, bounds), (same_found, same_bounds) = plain.shingles(array), compiled.shingles(array)
    assert np.array_equal(found, same_found)
    assert np.array_equal(bounds, same_bounds)


def test_a_slice_of_an_array_is_read_from_its_own_start() -> None:
    _, compiled = both(Shingling(), 2)
    array = pa.array(["one two three four", "五六七八九十", "seven eight nine ten"])
    assert np.array_equal(compiled.keys(array.slice(1, 2))[0], compiled.keys(array)[0][:, 1:])
    assert np.array_equal(compiled.shingles(array.slice(1, 1))[0], compiled.shingles(pa.array(["五六七八九十"]))[0])


@settings(deadline=None)
@given(st.lists(st.integers(0, 2), max_size=40), st.data())
def test_compiled_pairs_are_the_plain_pairs(values: list[int], data: st.DataObject) -> None:
    keys = np.array([values, values[::-1]], dtype=np.uint32)
    comparable = np.array(
        data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values))), dtype=np.bool_
    )
    plain = candidate_pairs(keys, comparable, compiled=False)
    assert np.array_equal(plain, candidate_pairs(keys, comparable, compiled=True, threads=2))
    for one, two in plain.tolist():
        assert one < two
        assert comparable[[one, two]].all()
        assert (keys[:, one] == keys[:, two]).any()


def test_every_text_of_a_bucket_is_paired_with_the_one_before_it_and_with_the_first() -> None:
    keys = np.zeros((1, 9), dtype=np.uint32)
    pairs = {tuple(pair) for pair in candidate_pairs(keys, np.ones(9, dtype=np.bool_), compiled=False).tolist()}
    assert {(place, place + 1) for place in range(8)} <= pairs
    assert {(0, place) for place in range(1, 9)} <= pairs
    assert len(pairs) < 9 * 8 / 2


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7, 0.8, 0.9, 1.0])
def test_bands_miss_few_pairs_at_the_threshold_and_one_hash_more_would_miss_more(threshold: float) -> None:
    banding = choose(threshold, 128)
    assert banding.bands * banding.rows <= 128
    assert banding.found(threshold) >= 1 - MISSED
    longer = Banding(128 // (banding.rows + 1), banding.rows + 1)
    assert longer.bands == 0 or longer.found(threshold) < 1 - MISSED


def test_pairs_share_a_band_as_often_as_the_formula_says() -> None:
    """500 pairs of sets with a similarity of 0.6: 45 of 75 words in common."""
    generator = np.random.default_rng(3)
    texts = []
    for _ in range(500):
        words = [f"w{number}" for number in generator.choice(10**6, 75, replace=False)]
        texts += [" ".join(words[:60]), " ".join(words[15:])]
    signer = Signer(Shingling(words=1), Banding(12, 3), compiled=True, threads=1)
    keys, _ = signer.keys(pa.array(texts))
    found = (keys[:, ::2] == keys[:, 1::2]).any(axis=0).mean()
    expected = Banding(12, 3).found(0.6)
    assert abs(found - expected) < 4 * (expected * (1 - expected) / 500) ** 0.5


def test_few_hashes_cannot_find_pairs_of_low_similarity() -> None:
    with pytest.raises(ValueError, match=r"3 hashes cannot find pairs of similarity 0\.3"):
        choose(0.3, 3)
