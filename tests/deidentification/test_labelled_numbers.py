"""Detectors of numbers that a word names: what they share."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from vocation.component import kinds
from vocation.deidentification.detectors import LABELLED, NAMED
from vocation.deidentification.labelled_numbers import LabelledNumber
from vocation.deidentification.scanner import Scanner

CERTAINTIES = {
    "account_number": NAMED,
    "cn_driving_licence": NAMED,
    "cn_social_account": NAMED,
    "medical_record": LABELLED,
    "policy_number": LABELLED,
    "us_driver_license": NAMED,
}
NUMBERS = {
    "account_number": "账号：0200 0012 3456 789",
    "cn_driving_licence": "驾驶证号：110101199003070000",
    "cn_social_account": "QQ：12345678",
    "medical_record": "MRN: A-20230012",
    "policy_number": "保单号 PICC-2023-12345678",
    "us_driver_license": "driver's license: D1234567",
}


def kind_of(name: str) -> type[LabelledNumber]:
    detector = kinds("vocation.deidentification.detectors")[name]
    assert issubclass(detector, LabelledNumber)
    return detector


def test_all_labelled_numbers_are_seen_here() -> None:
    every = kinds("vocation.deidentification.detectors")
    assert [name for name, kind in every.items() if issubclass(kind, LabelledNumber)] == list(CERTAINTIES)
    assert len(CERTAINTIES) == 6


@pytest.mark.parametrize("name", CERTAINTIES)
def test_a_number_is_found_as_surely_as_its_word_names_it(name: str) -> None:
    (finding,) = Scanner((kind_of(name).model_validate({}),)).scan([NUMBERS[name]])[0]
    assert finding.score == CERTAINTIES[name]
    assert not Scanner((kind_of(name).model_validate({}),)).scan([NUMBERS[name][-8:]])[0]


@pytest.mark.parametrize("name", CERTAINTIES)
def test_words_and_pattern_of_ones_own_are_found_in_every_text(name: str) -> None:
    own = kind_of(name).model_validate({"words": ("工牌",), "pattern": "[A-Z]{3}"})
    assert own.needed() == (("工牌",),)
    (finding,) = Scanner((own,)).scan(["工牌：abc，ABC"])[0]
    assert (finding.start, finding.end) == (3, 6)


@pytest.mark.parametrize("name", CERTAINTIES)
@pytest.mark.parametrize("wrong", [{"words": ()}, {"words": ("",)}, {"pattern": "("}, {"pattern": "a*"}])
def test_no_word_and_no_pattern_are_refused(name: str, wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        kind_of(name).model_validate(wrong)
