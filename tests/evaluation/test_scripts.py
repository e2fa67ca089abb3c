from __future__ import annotations

import pytest

from vocation.evaluation.scripts import is_unspaced


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("患者2016年8月1日入院", True),
        ("クレジットカードを紛失しました", True),
        ("口服 aspirin 片", True),
        ("my card is lost", False),
        ("The word 卡 means card in Chinese", False),
        ("신용카드를 잃어버렸어요", False),
        ("12 + 3", False),
        ("", False),
    ],
)
def test_scripts_without_spaces_are_recognised(text: str, expected: bool) -> None:
    assert is_unspaced([text]) is expected
