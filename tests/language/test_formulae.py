"""Which runs of letters are chemical formulae."""

from __future__ import annotations

import pytest

from vocation.language.formulae import formulae

FORMULAE = [
    *("H2O", "H₂O", "C₂H₅OH", "C2H5OH", "CO₂", "NaCl", "NaOH", "KMnO4", "O2"),
    *("Ca(OH)2", "(NH4)2SO4", "CuSO₄·5H₂O", "SO₄²⁻", "Na⁺", "Fe³⁺", "¹⁴C"),
]


@pytest.mark.parametrize(
    "formula",
    FORMULAE,
)
@pytest.mark.parametrize("frame", ["{}", "the {} content", "含{}的溶液", "({})", "{}, then", "2{} + 12x", "加12{}"])
def test_formulae_are_found_whole(formula: str, frame: str) -> None:
    content = frame.format(formula)
    assert [formula in content[start:end] for start, end in formulae(content)] == [True]


@pytest.mark.parametrize(
    "content",
    [
        "In He No At",
        "HIV and BRCA",
        "vitamin B12",
        "pH 7",
        "McDonald",
        "COVID19",
        "2019",
        "IL-2",
        "血压",
        "x2O",
        "A4",
        "A2H2O",
        "1.2H2O",
    ],
)
def test_words_codes_and_numbers_are_none(content: str) -> None:
    assert list(formulae(content)) == []
