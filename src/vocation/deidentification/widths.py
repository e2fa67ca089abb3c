"""One width for the characters that identifiers are written with, so that patterns need to know only one.

１３８－００１３－８０００ and 138—0013—8000 are read as 138-0013-8000, and Arabic, Persian, Indian and Thai digits as 0
to 9. Every character stands for exactly one, so that offsets stay as they are. Chinese punctuation keeps its form: it
tells where a number ends.
"""

from __future__ import annotations

import re

_DASHES = "‐‑‒–—―−﹣－"
_SPACES = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_SYMBOLS = "＠．＿＋／＃"

_ZEROS = (0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50)  # Arabic-Indic, Persian, Devanagari, Bengali and Thai digits

_FOLDED = {
    **{chr(code): chr(code - 0xFEE0) for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B))},
    **{chr(code): chr(code - 0xFEE0) for code in range(0xFF41, 0xFF5B)},
    **{chr(zero + digit): str(digit) for zero in _ZEROS for digit in range(10)},
    **{symbol: chr(ord(symbol) - 0xFEE0) for symbol in _SYMBOLS},
    **dict.fromkeys(_DASHES, "-"),
    **dict.fromkeys(_SPACES, " "),
}
_FOLDABLE = re.compile(f"[{''.join(_FOLDED)}]")


def fold(text: str) -> str:
    """The text with full-width and other digits, Latin letters, a few symbols, dashes and spaces in their ASCII form.

    Returns:
        A string of the same length; the same string where there is nothing to fold.
    """
    return text if text.isascii() else _FOLDABLE.sub(lambda match: _FOLDED[match[0]], text)
