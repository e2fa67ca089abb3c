"""UTF-8 that was read as GBK: 浣犲ソ for 你好, It鈥檚 for It’s.

Three bytes of UTF-8 make a Chinese character or a mark, and two of GBK, so that two characters become three that are
rare and make no sense. What was lost on the way does not come back: where the number of bytes is odd, the last one
was read as `?` or U+FFFD, and of 锟斤拷 nothing but U+FFFD can be told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from vocation.text import Edit

# What a run begins with if its bytes begin a mark or character of three bytes, or an emoji.
_FIRST_BYTES = [(first, second) for first in (*range(0xE2, 0xEA), 0xEF) for second in range(0x80, 0xC0)] + [
    (0xF0, 0x9F)
]
_FIRST = "".join(bytes(pair).decode("gb18030") for pair in _FIRST_BYTES)
RUN = re.compile(f"(?<![^\\x00-\\x7f])[{_FIRST}][^\\x00-\\x7f]++")
"""What may be such text: a run of characters beyond ASCII, as a whole."""

_MARKS = "\ufeff–—‘’“”•…"
_MOST_COMMON = 0.7
"""Greatest share of a misread run's characters that are common in good text."""


def read_anew(run: str) -> str | None:
    """What a run is when its GB18030 bytes are read as UTF-8; None where it is good text, or beyond repair.

    All bytes have to be UTF-8, of characters that good text has, and enough of the run's own characters have to be
    rare, both in Simplified text (not of the first level of GB 2312: 3,755 characters) and in Traditional text (not of
    the first level of Big5: 5,401). One Chinese character is no evidence, one quotation mark or dash is.
    """
    try:
        read = run.encode("gb18030").decode("utf-8")
    except UnicodeError:
        return None
    evidence = sum(not character.isascii() for character in read) + sum(character in _MARKS for character in read)
    if evidence < 2 or not all(map(_is_expected, read)):
        return None
    ranks = [_is_common(character) for character in run]
    common = max(sum(simplified for simplified, _ in ranks), sum(traditional for _, traditional in ranks))
    return read if common <= _MOST_COMMON * len(run) else None


def rereading(run: str, read: str, position: int) -> Iterator[Edit]:
    """The edits that put `read` in the place of a run that begins at `position`: as small as bytes allow."""
    ends = dict[int, int]()  # How many bytes of the run its first characters have, and how many these are.
    size = 0
    for place, character in enumerate(run, start=1):
        size += len(character.encode("gb18030"))
        ends[size] = place
    old, new, size = 0, 0, 0
    for place, character in enumerate(read, start=1):
        size += len(character.encode())
        if size in ends:
            yield Edit(position + old, position + ends[size], read[new:place])
            old, new = ends[size], place


def _is_expected(character: str) -> bool:
    """Whether a character may stand in text that was misread: a common one, a mark, an emoji, or plain ASCII."""
    if character.isascii():
        return character.isprintable()
    if character < "\u0800":
        return False
    wide = "\u3000" <= character <= "\u303f" or "\uff01" <= character <= "\uff65"
    return wide or character in _MARKS or "\U0001f300" <= character <= "\U0001faff" or _is_known(character)


@cache
def _is_known(character: str) -> bool:
    """Whether GB 2312, or the first level of Big5, has the character."""
    return (
        len(character.encode("gb2312", "ignore")) == 2
        or b"\xa4\x40" <= character.encode("big5", "ignore") < b"\xc6\xa1"
    )


@cache
def _is_common(character: str) -> tuple[bool, bool]:
    """Whether good Simplified, and good Traditional, text often has the character."""
    if unicodedata.category(character).startswith("P"):
        return True, True
    simplified, traditional = character.encode("gb2312", "ignore"), character.encode("big5", "ignore")
    return b"\xb0\xa1" <= simplified < b"\xd8\xa1", b"\xa4\x40" <= traditional < b"\xc6\xa1"
