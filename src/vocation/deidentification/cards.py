"""Where numbers stand that are long enough, and grouped in the right way, to be the number of a payment card."""

from __future__ import annotations

import re
from functools import lru_cache

from vocation.deidentification.long_numbers import numbers

# What follows the first digit stands in a lookahead: a number that is no card never hides the next.
_CARD = re.compile(
    r"[0-9](?<![0-9A-Za-z].)(?<![0-9][.,].)(?=("
    r"[0-9]{11,18}"
    r"|[0-9]{3}(?P<four>[ -])[0-9]{4}(?P=four)[0-9]{4}(?P=four)[0-9]{4}(?P<tail>(?P=four)[0-9]{1,3})?"
    r"|[0-9]{3}(?P<six>[ -])[0-9]{6}(?P=six)[0-9]{4,5}"
    r"|[0-9]{5}[ -][0-9]{10,13}"
    r")(?![0-9A-Za-z]|[.,][0-9]|[元万亿%]))"
)


@lru_cache(maxsize=1)
def card_numbers(text: str) -> tuple[tuple[int, int], ...]:
    """Places of 12 to 19 digits, whole or in groups of 4-4-4-4(-3), 4-6-5, 4-6-4 or 6-10…13.

    Of a number in five groups, the first four are a place as well: what follows may be another number. The last text's
    are kept, for the next detector of cards.
    """
    found: list[tuple[int, int]] = []
    for match in numbers(_CARD, text):
        found.append((match.start(), match.end(1)))
        if match["tail"]:
            found.append((match.start(), match.start("tail")))
    return tuple(found)
