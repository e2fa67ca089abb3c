"""One width for the characters of identifiers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vocation.deidentification.widths import fold


def test_full_width_digits_letters_dashes_and_spaces_become_ordinary() -> None:
    assert fold("１３８－００１３—８０００　Ａｂ＠ｘ．ｃｎ") == "138-0013-8000 Ab@x.cn"


def test_digits_of_other_scripts_become_ordinary() -> None:
    assert fold("٠٥٠-۱۲۳ ०१२ ৮৮০ ๐๒") == "050-123 012 880 02"


def test_chinese_punctuation_stays() -> None:
    assert fold("电话：（010）、。") == "电话：（010）、。"


@given(st.text())
def test_every_character_keeps_its_place(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded
