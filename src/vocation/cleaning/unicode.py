"""One way to write each character: NFC, and compatibility forms only where they mean the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Literal

from pydantic import Field

from vocation.cleaning import CleaningStep
from vocation.text import Edit, Text

_SENTENCE_PUNCTUATION = "，：；！？（）"
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_NEWLINES = "\x0b\x0c\x85\u2028\u2029"
_INVISIBLE = (
    *(chr(code) for code in (*range(0x09), *range(0x0E, 0x1C), *range(0x7F, 0x85), *range(0x86, 0xA0))),
    *"\u00ad\u061c\u200b\u200e\u200f\u2060\ufeff",  # soft hyphen, direction marks, zero-width spaces
    *(chr(code) for code in (*range(0x202A, 0x202F), *range(0x2061, 0x2070), *range(0xFFF9, 0xFFFC))),
)
_COMPATIBILITY_RANGES = (
    (0xFF02, 0xFF5F),  # full-width ASCII (U+FF01 and the rest of _SENTENCE_PUNCTUATION are taken out again)
    (0xFF61, 0xFFA0),  # half-width punctuation and katakana
    (0xFFA1, 0xFFDD),  # half-width hangul; the gaps between have no mapping
    (0xFFE0, 0xFFE3),  # full-width ￠ ￡ ￢
    (0xFFE4, 0xFFE7),  # full-width ￤ ￥ ￦
    (0xFB00, 0xFB07),  # Latin ligatures ﬀ … ﬆ
    (0x2E80, 0x2FD6),  # CJK and Kangxi radicals, which look like the ideographs that they map to
)
_JOINED = (
    "\u0600-\u061b\u061d-\u0dff\u0f00-\u109f\u1780-\u18af\u1b00-\u1c4f\u2190-\u2bff\ufb50-\ufdff\ufe0f\ufe70-\ufefe"
)
_JOINED += "\u20e3\U00010a00-\U00011fff\U0001e900-\U0001e95f\U0001f000-\U0001faff"
_JOINERS = f"(?<![{_JOINED}])[\u200c\u200d]"
_CONJOINING_JAMO = range(0x1160, 0x1200)


class Unicode(CleaningStep):
    """Write each character in one way, and remove those that cannot be seen.

    Everything becomes NFC (Unicode Standard Annex 15). Of the compatibility mappings of NFKC only those are applied
    that keep the meaning: full-width ASCII and half-width katakana and hangul to their ordinary width, odd spaces to a
    space, Latin ligatures (ﬁ) to letters, CJK radicals to the ideographs they look like. Superscripts, fractions,
    circled and Roman numerals, ™ and the like stay, because 10² is not 102.
    Line ends become newlines. Control characters, zero-width characters, direction marks, soft hyphens, byte-order
    marks and unpaired surrogates are removed. The zero-width joiner and non-joiner stay where they follow a character
    of a script that they shape (Arabic, Indic, Khmer, Mongolian, …) or an emoji.
    """

    fullwidth_punctuation: Literal["keep", "ascii"] = Field(
        default="keep",
        description="Whether ，：；！？（） stay as Chinese writes them, or become their ASCII counterparts. 。 and 、 "
        "have none and stay in either case.",
    )

    def __call__(self, text: Text) -> Text:
        changing, replacements = _mapping(self.fullwidth_punctuation)
        matches = changing.finditer(text.content)
        text = text.edit(Edit(*match.span(), replacements.get(match[0], "")) for match in matches)
        if unicodedata.is_normalized("NFC", text.content):
            return text
        return text.edit(_composed(text.content))


@cache
def _mapping(fullwidth_punctuation: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern of what is replaced, and by what; what is not in the mapping is removed."""
    replacements = {"\r\n": "\n", "\r": "\n"} | dict.fromkeys(_NEWLINES, "\n")
    replacements |= dict.fromkeys((*_SPACES, *"\x1c\x1d\x1e\x1f"), " ")
    kept = _SENTENCE_PUNCTUATION if fullwidth_punctuation == "keep" else ""
    characters = [chr(code) for first, end in _COMPATIBILITY_RANGES for code in range(first, end)]
    for character in (*characters, *_SENTENCE_PUNCTUATION):
        mapped = unicodedata.normalize("NFKC", character)
        if mapped != character and character not in kept:
            replacements[character] = mapped
    single = "".join(re.escape(key) for key in (*replacements, *_INVISIBLE) if len(key) == 1)
    return re.compile(f"\r\n|[{single}\ud800-\udfff]|{_JOINERS}"), replacements


def _composed(content: str) -> Iterable[Edit]:
    """The edits that make a text NFC, one for each character with its marks."""
    for start, end in _clusters(content):
        cluster = content[start:end]
        if not unicodedata.is_normalized("NFC", cluster):
            yield Edit(start, end, unicodedata.normalize("NFC", cluster))


def _clusters(content: str) -> Iterator[tuple[int, int]]:
    """Pieces that normalise on their own: a character, and all behind it that may combine with it."""
    start = 0
    for position in range(1, len(content)):
        character = content[position]
        if character < "\u0300" or not _combines(character):
            yield start, position
            start = position
    if content:
        yield start, len(content)


@cache
def _combines(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Mc", "Me") or ord(character) in _CONJOINING_JAMO
