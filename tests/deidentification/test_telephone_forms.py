"""Forms of telephone numbers, and how much each says."""

from __future__ import annotations

import pytest

from benchmarks.deidentification import telephone_values
from vocation.deidentification.telephone_forms import Form, Grade, form_at, places


def form(text: str) -> Form | None:
    return next((found for start in places(text) if (found := form_at(text, start))), None)


@pytest.mark.parametrize(
    ("number", "grade"),
    [
        ("+44 20 7946 0958", Grade.INTERNATIONAL),
        ("00 49 89 123456", Grade.INTERNATIONAL),
        ("+41 (0)96 471 07 95", Grade.INTERNATIONAL),
        ("020 7946 0958", Grade.NATIONAL),
        ("8 (495) 123-45-67", Grade.NATIONAL),
        ("25/851-7812", Grade.NATIONAL),
        ("467 3395x12", Grade.NATIONAL),
        ("467 3395", Grade.GROUPED),
        ("374 780 163", Grade.GROUPED),
        ("01234567890", Grade.GROUPED),
        ("+999 123 4567", Grade.GROUPED),
        ("78 651 450", Grade.PLAUSIBLE),
        ("5403926876", Grade.PLAUSIBLE),
        ("12345678", Grade.AMBIGUOUS),
        ("1 234 567", Grade.AMBIGUOUS),
        ("2019-904127", Grade.AMBIGUOUS),
        ("536-90-4399", Grade.AMBIGUOUS),
        ("192.168.10.25", Grade.AMBIGUOUS),
        ("19.13.26049", Grade.AMBIGUOUS),
        ("978-3-16-148410", Grade.AMBIGUOUS),
    ],
)
def test_form_says_so_much(number: str, grade: Grade) -> None:
    found = form(f"see {number} there")
    assert found is not None
    assert (found.start, found.end, found.grade) == (4, 4 + len(number), grade)


@pytest.mark.parametrize(
    "text",
    ["2023-01-15 11:30", "12.05.23 at ten", "4111111111111111", "1998--2001", "10.84-14.07", "0.90151515", "123456"],
)
def test_what_has_another_form_is_none(text: str) -> None:
    assert form(text) is None


def test_numbers_stand_free_but_for_a_label_before_and_a_word_behind() -> None:
    found = form("A020 7946 0958")
    assert found == Form(5, 14, Grade.GROUPED)  # what is left of it says little
    for text in ("Tel020 7946 0958", "020 7946 0958Email", "(home)020 7946 0958"):
        found = form(text)
        assert found is not None
        assert text[found.start : found.end] == "020 7946 0958"


def test_every_published_international_form_is_international() -> None:
    seen = 0
    for line in telephone_values.FORMATS.read_text(encoding="utf-8").splitlines()[1:]:
        number = line.split("\t")[2].replace("#", "5")
        if sum(map(str.isdecimal, number)) >= 7:
            found = form(number)
            assert found is not None, number
            assert (found.end, found.grade) == (len(number), Grade.INTERNATIONAL), number
            seen += 1
    assert seen > 460
