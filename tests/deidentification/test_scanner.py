"""The scanner: prefilter, overlaps, and that texts do not see one another."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from random import Random
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.deidentification import chinese
from vocation.component import kinds
from vocation.deidentification import Finding
from vocation.deidentification.detectors import Detector
from vocation.deidentification.detectors.cn_phone import CnPhone
from vocation.deidentification.detectors.cn_resident_id import CnResidentId
from vocation.deidentification.detectors.email import Email
from vocation.deidentification.detectors.url import Url
from vocation.deidentification.scanner import Scanner, resolve
from vocation.deidentification.shapes import Shape, any_of
from vocation.deidentification.widths import fold

PATTERNS = tuple(
    detector()
    for kind, detector in kinds("vocation.deidentification.detectors").items()
    if not kind.startswith(("custom_", "chinese_", "english_")) and issubclass(detector, Detector)
)
FRAGMENTS = (
    *(
        "身份证",
        "110101199003077539",
        "电话",
        "13800138000",
        "010-62345678",
        " ",
        "，",
        "x",
        "a.b@c.com",
        "@",
        "\n",
        "\0",
    ),
    *(
        "6222021234567890128",
        "京A12345",
        "91350100M000100Y43",
        "www.a.cn",
        "10.1.2.3",
        "２",
        "8",
        "-",
        "MRN ",
        "1990-03-07生",
    ),
    *(
        "Passport No. ",
        "driver’s license ",
        "paſſport",
        "claim # ",
        "D.O.B. 1/2/90",
        "QQ",
        "tel ",
        "://",
        "\u0130",
    ),
    *("4111 1111 1111 1111", "123-45-6789", "1HGCM82633A004352", "00:1A:2b:3c:4D:5e", "4005551234", "护照E12345678"),
    *("保单号：P20230001", "GB29 NWBK 6016 1331 9268 19", "+41 44 668 18 00", "2001:db8::1", "é", "ﬁ", "😀"),
)


class Counted(Detector):
    """Finds every x, and counts how often it is asked."""

    categories: ClassVar[tuple[str, ...]] = ("X",)
    needs: ClassVar[str | tuple[str, ...]] = "x"
    asked: ClassVar[list[str]] = []

    def find(self, text: str) -> Iterator[Finding]:
        self.asked.append(text)
        for match in re.finditer("x", text):
            yield self.finding(*match.span(), 0.9)


def test_detectors_are_asked_only_about_texts_that_have_what_they_need() -> None:
    Counted.asked.clear()
    found = Scanner((Counted(),)).scan(["none", "one x", "", "x and x"])
    assert Counted.asked == ["one x", "x and x"]
    assert [len(findings) for findings in found] == [0, 1, 0, 2]


class Staged(Counted):
    """Is asked where a word stands, and then two digits or a Roman number."""

    needs: ClassVar[tuple[str, ...]] = any_of(("Kunde", "客户"))
    needs_too: ClassVar[tuple[str, ...]] = (Shape("00"), "I{2}")


def test_what_is_needed_too_is_looked_for_in_texts_that_have_the_rest() -> None:
    Counted.asked.clear()
    wanted = ["a KUNDE, x 12", "客户 x II", "客户x３４", "\u212aunde x 12"]
    other = ["x 12", "Kunde 1 x 2", "客户", "", "II", "kund 12"]
    found = Scanner((Staged(), Email())).scan([*other, *wanted, *other])
    assert Counted.asked == [fold(text) for text in wanted]
    assert [len(findings) for findings in found] == [*[0] * 6, *[1] * 4, *[0] * 6]


def test_findings_below_the_minimum_are_left_out() -> None:
    assert Scanner((Counted(),), minimum_score=0.95).scan(["x"]) == [[]]


def test_offsets_are_those_of_each_text_in_code_points() -> None:
    text = "😀电话１３８００１３８０００。"
    (finding,) = Scanner((CnPhone(),)).scan(["first 13912345678", text])[1]
    assert text[finding.start : finding.end] == "１３８００１３８０００"
    assert finding[2:] == ("PHONE_NUMBER", 0.85, "cn_phone")


def test_the_surer_finding_wins_then_the_longer_then_the_earlier() -> None:
    sure, longer, short = Finding(2, 6, "A", 1.0, "a"), Finding(0, 9, "B", 0.9, "b"), Finding(7, 9, "C", 0.9, "c")
    assert resolve([longer, short, sure]) == [sure, short]
    assert resolve([short, longer]) == [longer]
    assert resolve([Finding(1, 3, "A", 0.9, "a"), Finding(0, 2, "A", 0.9, "a")]) == [Finding(0, 2, "A", 0.9, "a")]


def test_findings_that_touch_both_stay() -> None:
    both = [Finding(0, 2, "A", 0.9, "a"), Finding(2, 4, "A", 0.8, "a")]
    assert resolve(both) == both


def test_address_in_a_url_is_part_of_the_url() -> None:
    (found,) = Scanner((Url(), Email())).scan(["http://example.com/?to=a@b.com"])
    assert [finding.category for finding in found] == ["URL"]


@given(st.lists(st.lists(st.sampled_from(FRAGMENTS), max_size=8).map("".join), max_size=6))
def test_many_texts_give_what_each_gives_alone(texts: list[str]) -> None:
    scanner = Scanner(PATTERNS)
    assert scanner.scan(texts) == [scanner.scan([text])[0] for text in texts]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join))
def test_findings_are_in_order_apart_and_inside_the_text(text: str) -> None:
    (found,) = Scanner(PATTERNS, minimum_score=0).scan([text])
    bounds = [bound for finding in found for bound in finding[:2]]
    assert bounds == sorted(bounds)
    assert all(0 <= finding.start < finding.end <= len(text) for finding in found)


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=8).map("".join))
def test_prefilter_never_hides_a_finding(text: str) -> None:
    for detector in PATTERNS:
        assert Scanner((detector,), minimum_score=0).scan([text]) == [resolve(detector.find(fold(text)))]


def test_prefilter_never_hides_a_finding_in_generated_texts() -> None:
    texts = [row.text for row in chinese.texts("development", 150, seed=3)]
    filtered, seen = Scanner(PATTERNS), 0
    for text, found in zip(texts, filtered.scan(texts), strict=True):
        every = [finding for detector in PATTERNS for finding in detector.find(fold(text)) if finding.score >= 0.5]
        assert found == resolve(every)
        seen += len(found)
    assert seen > 200


def test_long_texts_are_scanned_in_chunks_of_bounded_size() -> None:
    filler = "没有什么。" * 30_000
    texts = [f"{filler}13800138000", "", f"13900139000{filler}", "13700137000"] * 2
    assert [len(found) for found in Scanner((CnPhone(),)).scan(texts)] == [1, 0, 1, 1] * 2


def test_scanner_survives_pickling() -> None:
    scanner = pickle.loads(pickle.dumps(Scanner((CnResidentId(), Email()), minimum_score=0.7)))
    assert [finding.category for finding in scanner.scan(["a@b.com 110101199003077539"])[0]] == [
        "EMAIL_ADDRESS",
        "CN_RESIDENT_ID",
    ]


@pytest.mark.parametrize(
    "character", ["1", "a", "1 ", "1-", ".", "0.", "a@", "A1", "微信", "born ", "(", "[", ":", "1:", "é"]
)
def test_time_grows_with_the_length_and_not_with_its_square(character: str) -> None:
    # A pattern that backtracks over all pairs of places would need minutes, and the test's time limit ends it.
    for detector in PATTERNS:
        list(detector.find(character * 30_000))


def test_random_numbers_are_rarely_taken_for_checked_ones() -> None:
    random = Random(5)
    texts = [f"编码{''.join(random.choice('0123456789') for _ in range(18))}完" for _ in range(2000)]
    found = Scanner(tuple(d for d in PATTERNS if d.kind in {"cn_resident_id", "cn_social_credit_code", "iban"})).scan(
        texts
    )
    assert sum(map(bool, found)) <= 8
