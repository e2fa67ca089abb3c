"""Words, for counting: runs without spaces, and each Chinese or Japanese character."""

from __future__ import annotations

import re

CHINESE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""What a character class needs to hold for Chinese characters and kana."""
_WORD = re.compile(f"[{CHINESE}][^\\w\\s]*|[^\\s{CHINESE}]+")
_CHINESE_CHARACTER = re.compile(f"[{CHINESE}]")
_LETTER = re.compile(r"[^\W\d_]")


def words(content: str) -> list[str]:
    """The words of a text, each with the marks behind it; a Chinese character is one of its own."""
    return _WORD.findall(content)


def is_chinese(content: str) -> bool:
    """Whether most of a text's letters are Chinese characters or kana."""
    chinese = len(_CHINESE_CHARACTER.findall(content))
    return chinese > 0 and 2 * chinese > len(_LETTER.findall(content))
