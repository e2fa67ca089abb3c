"""Detectors that a recipe describes: a list of terms, or a pattern."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from vocation.deidentification.detectors.custom_pattern import CustomPattern
from vocation.deidentification.detectors.custom_terms import CustomTerms
from vocation.deidentification.scanner import Scanner
from vocation.errors import DataError


def marked_findings(scan: Scanner, text: str) -> str:
    marked, position = "", 0
    for start, end, *_ in scan.scan([text])[0]:
        marked += f"{text[position:start]}«{text[start:end]}»"
        position = end
    return marked + text[position:]


def test_terms_are_found_longest_first_and_never_inside_a_latin_word() -> None:
    scan = Scanner((CustomTerms(category="PERSON", terms=("张三", "张三丰", "Ann", "Lee Ann")),))
    text = "张三丰与张三，Lee Ann和ann，Annual，Joann"
    assert marked_findings(scan, text) == "«张三丰»与«张三»，«Lee Ann»和«ann»，Annual，Joann"


def test_terms_can_be_told_by_their_capitals() -> None:
    scan = Scanner((CustomTerms(category="PROJECT", terms=("Apollo",), ignore_case=False),))
    assert marked_findings(scan, "Apollo apollo") == "«Apollo» apollo"


def test_letters_that_grow_when_small_do_not_move_findings() -> None:
    scan = Scanner((CustomTerms(category="PROJECT", terms=("apollo",)),))
    assert marked_findings(scan, "İİ Apollo") == "İİ «Apollo»"


def test_terms_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "terms.txt"
    file.write_text("\ufeff# staff\n王小明\n\n  Ａｎｎ Ｌｅｅ \n", encoding="utf-8")
    scan = Scanner((CustomTerms(category="PERSON", file=file),))
    assert marked_findings(scan, "王小明、Ann Lee") == "«王小明»、«Ann Lee»"


@pytest.mark.parametrize(("content", "row"), [(b"ok\nx\n", 2), (b"\xff\xfe\xfa", None), (b"# none\n", None)])
def test_file_of_terms_that_cannot_be_used_is_an_error_with_its_place(
    tmp_path: Path, content: bytes, row: int | None
) -> None:
    file = tmp_path / "terms.txt"
    file.write_bytes(content)
    with pytest.raises(DataError) as caught:
        Scanner((CustomTerms(category="PERSON", file=file),)).scan(["a"])
    assert (caught.value.file, caught.value.row) == (file, row)


def test_missing_file_of_terms_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        Scanner((CustomTerms(category="PERSON", file=tmp_path / "none.txt"),)).scan(["a"])


def test_pattern_of_a_recipe_is_found_alone_or_behind_its_words() -> None:
    alone = Scanner((CustomPattern(category="STAFF_ID", pattern="[A-Z][0-9]{4}"),))
    named = Scanner((CustomPattern(category="STAFF_ID", pattern="[A-Z][0-9]{4}", words=("工号",)),))
    assert marked_findings(alone, "工号：A1234，B5678") == "工号：«A1234»，«B5678»"
    assert marked_findings(named, "工号：A1234，B5678") == "工号：«A1234»，B5678"


def test_pattern_of_a_recipe_can_ignore_case() -> None:
    scan = Scanner((CustomPattern(category="STAFF_ID", pattern="[A-Z][0-9]{4}", ignore_case=True),))
    assert marked_findings(scan, "a1234") == "«a1234»"


@pytest.mark.parametrize("pattern", ["(", "x*", "(?P<value>x)", "", "(?i)x", r"(x)\1"])
def test_pattern_that_cannot_be_used_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError):
        CustomPattern(category="STAFF_ID", pattern=pattern)


@pytest.mark.parametrize(
    "settings", [{"category": "staff", "terms": ("ab",)}, {"category": "A"}, {"category": "A", "terms": ("a",)}]
)
def test_terms_that_cannot_be_used_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CustomTerms.model_validate(settings)
