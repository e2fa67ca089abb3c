"""Which writing system a text is in, as far as it decides where words begin and end."""

from __future__ import annotations

import re
from collections.abc import Iterable

UNSPACED = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Character ranges, for a regular expression, of scripts that put no space between words: Han, kana."""

_UNSPACED = re.compile(f"[{UNSPACED}]")
_LETTER = re.compile(r"[^\W\d_]")


def is_unspaced(texts: Iterable[str], share: float = 0.3) -> bool:
    """Whether at least this share of the letters belongs to scripts without spaces between words.

    A Chinese word has about two characters and an English one about five, so that text of half Chinese, half English
    words has a share of about 0.3.
    """
    letters = unspaced = 0
    for text in texts:
        letters += len(_LETTER.findall(text))
        unspaced += len(_UNSPACED.findall(text))
    return unspaced >= share * letters and unspaced > 0
