"""Every detector of identifiers that have a form: what it finds, and what it leaves."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.deidentification.identifier_examples import EXAMPLES
from vocation.component import kinds
from vocation.deidentification.detectors import Detector
from vocation.deidentification.detectors.medical_record import MedicalRecord
from vocation.deidentification.scanner import Scanner


def plain(marked: str) -> str:
    return marked.replace("«", "").replace("»", "")


def scanner(kind: str) -> Scanner:
    detector = kinds("vocation.deidentification.detectors")[kind]()
    assert isinstance(detector, Detector)
    return Scanner((detector,))


def marked_findings(scan: Scanner, text: str) -> str:
    marked, position = "", 0
    for start, end, *_ in scan.scan([text])[0]:
        marked += f"{text[position:start]}«{text[start:end]}»"
        position = end
    return marked + text[position:]


@pytest.mark.parametrize(("kind", "marked"), [(kind, text) for kind, (found, _) in EXAMPLES.items() for text in found])
def test_identifier_is_found_whole(kind: str, marked: str) -> None:
    assert marked_findings(scanner(kind), plain(marked)) == marked


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, (_, left) in EXAMPLES.items() for text in left])
def test_what_is_no_identifier_is_left(kind: str, text: str) -> None:
    assert marked_findings(scanner(kind), text) == text


def test_every_detector_of_a_form_has_examples() -> None:
    others = ("chinese_", "english_", "custom_")
    found = [kind for kind in kinds("vocation.deidentification.detectors") if not kind.startswith(others)]
    assert sorted(EXAMPLES) == found
    assert len(found) == 25


def test_every_detector_names_what_it_finds_and_itself() -> None:
    for kind, (found, _) in EXAMPLES.items():
        detector = kinds("vocation.deidentification.detectors")[kind]()
        assert isinstance(detector, Detector)
        findings = [finding for text in found for finding in scanner(kind).scan([plain(text)])[0]]
        assert {finding.category for finding in findings} == set(detector.found_categories())
        assert {finding.detector for finding in findings} == {kind}


@pytest.mark.parametrize(
    ("kind", "setting", "text"),
    [
        ("cn_resident_id", "fifteen_digits", "身份证号110101900307753"),
        ("url", "bare_domains", "see example.com now"),
        ("date_time", "partial_dates", "5月1日"),
        ("date_time", "times", "at 11:30"),
    ],
)
def test_settings_turn_parts_off(kind: str, setting: str, text: str) -> None:
    detector = kinds("vocation.deidentification.detectors")[kind]
    assert isinstance(detector(), Detector)
    on, off = (Scanner((detector(**{setting: value}),)) for value in (True, False))  # type: ignore[arg-type]
    assert on.scan([text])[0]
    assert not off.scan([text])[0]


def test_words_and_pattern_of_a_record_number_are_settings() -> None:
    scan = Scanner((MedicalRecord(words=("卡片号",), pattern="[A-Z]{3}"),))
    assert marked_findings(scan, "卡片号：ABC，住院号：ZY20230012") == "卡片号：«ABC»，住院号：ZY20230012"


def test_record_number_right_behind_its_name_is_no_card() -> None:
    detectors = kinds("vocation.deidentification.detectors")
    scan = Scanner(tuple(detectors[kind]() for kind in ("policy_number", "credit_card")))  # type: ignore[misc]
    (finding,) = scan.scan(["保单号4111111111111111"])[0]
    assert finding.category == "POLICY_NUMBER"


def test_empty_word_is_refused() -> None:
    with pytest.raises(ValidationError):
        MedicalRecord(words=("",))
