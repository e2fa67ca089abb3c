"""Words, for counting: runs without spaces, and each Chinese or Japanese character."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CHINESE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""What a character class needs to hold for Chinese characters and kana."""

# Bits of a character's class.
_IS_SPACE, _IS_CHINESE, _IS_WORD, _IS_LETTER = 1, 2, 4, 8
_CLASSES = ((_IS_SPACE, r"\s+"), (_IS_CHINESE, f"[{CHINESE}]+"), (_IS_WORD, r"\w+"), (_IS_LETTER, r"[^\W\d_]+"))
_PLANES = 0x40000  # Unicode has no letters, digits or spaces above.
_ASCII_RUNS = bytes(b" a"[not chr(code).isspace()] for code in range(256))
"""A blank for each space, and a letter for whatever else may stand in a word."""
_ASCII_MARKS = bytes(code for code in range(128) if not chr(code).isspace() and not chr(code).isalpha())


class WordCount(NamedTuple):
    """How many words a text has.

    Args:
        words: in all.
        lettered: those of them that have a letter.
    """

    words: int
    lettered: int


def count_words(content: str) -> WordCount:
    """Counts the words of a text.

    A Chinese or Japanese character is a word of its own, with the marks behind it; any other word is a run without
    spaces and such characters, unless it is of marks alone and stands behind one. A numeral such as ① or ½ counts as a
    letter; a digit does not.
    """
    if content.isascii():
        encoded = content.encode("ascii")
        lettered_runs = encoded.translate(_ASCII_RUNS, _ASCII_MARKS)
        return WordCount(_runs(encoded.translate(_ASCII_RUNS)), _runs(lettered_runs))
    import numpy as np

    kinds = _kinds(content)
    in_run = (kinds & (_IS_SPACE | _IS_CHINESE)) == 0
    begins = in_run.copy()
    begins[1:] &= ~in_run[:-1]
    starts = np.flatnonzero(begins)
    chinese = kinds[~in_run & ((kinds & _IS_CHINESE) > 0)]
    lettered = int(np.count_nonzero(chinese & _IS_LETTER))
    if not len(starts):
        return WordCount(len(chinese), lettered)
    # [R] what the characters of each run are.
    runs = np.bitwise_or.reduceat(np.where(in_run, kinds, 0), starts)
    behind_chinese = (starts > 0) & ((kinds[starts - 1] & _IS_CHINESE) > 0)
    words = runs[~behind_chinese | ((runs & _IS_WORD) > 0)]
    return WordCount(len(chinese) + len(words), lettered + int(np.count_nonzero(words & _IS_LETTER)))


def _runs(kinds: bytes) -> int:
    return kinds.startswith(b"a") + kinds.count(b" a")


def is_chinese(content: str) -> bool:
    """Whether most of a text's letters are Chinese characters or kana."""
    if content.isascii():
        return False
    import numpy as np

    kinds = _kinds(content)
    chinese = np.count_nonzero(kinds & _IS_CHINESE)
    return bool(chinese > 0 and 2 * chinese > np.count_nonzero(kinds & _IS_LETTER))


def _kinds(content: str) -> NDArray[np.uint8]:
    """[T] the bits of each character."""
    import numpy as np

    codes = np.frombuffer(content.encode("utf-32-le", errors="surrogatepass"), dtype=np.uint32)
    return _table()[np.minimum(codes, _PLANES)]


@cache
def _table() -> NDArray[np.uint8]:
    """[262145] the bits of each code point, as `re` knows it, and none for all that are higher."""
    import numpy as np

    table = np.zeros(_PLANES + 1, dtype=np.uint8)
    characters = np.arange(_PLANES, dtype=np.uint32).tobytes().decode("utf-32-le", errors="surrogatepass")
    for bit, pattern in _CLASSES:
        for run in re.finditer(pattern, characters):
            table[run.start() : run.end()] |= bit
    # What stands among those characters without being one, such as ・, is a mark.
    table[(table & (_IS_CHINESE | _IS_WORD)) == _IS_CHINESE] = 0
    return table
