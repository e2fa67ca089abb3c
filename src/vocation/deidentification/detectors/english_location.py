"""Countries, states and towns in Latin letters: a list of the former, and words that bring a town."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from vocation.deidentification import Finding
from vocation.deidentification.detectors import NAMED, PATTERN, Detector
from vocation.deidentification.lexicons import AMBIGUOUS, countries

_CAPITAL = r"(?=[A-ZÀ-ÖØ-ÞĀ-Ɏ])[^\W\d_]++(?:[-'’][^\W\d_]++)*+"
_TOWN = re.compile(
    r"\b(?:lives? in|lived in|living in|born in|grew up in|raised in|based in|moved (?:here )?(?:from|to)|originally "
    r"from|travell?(?:ing|ed)? to|flew to|returned? to|trip to|arrived (?:at|in)|visit(?:ed|ing)?|resid(?:es|ing) in|"
    r"(?:home )?city(?: of)?|University of|I am in|I['’]m in|am from) "
    rf"(?P<town>{_CAPITAL}(?:(?: (?:de|del|di|da|do|la|le|of|am|an|der|upon|nad|sur|ob)){{0,2}} {_CAPITAL}){{0,3}})"
)


class EnglishLocation(Detector):
    """Countries and states of the United States by name, and towns behind words such as "lives in" or "born in".

    Safe Harbor asks for every place smaller than a state to go. Towns are in no list (there are too many, and too many
    of them are words), so that a town without such words beside it is missed. For streets see `english_address`.
    """

    categories = ("LOCATION",)
    needs = "[A-Z][a-z]"
    languages = ("en",)

    def find(self, text: str) -> Iterator[Finding]:
        found = [self.finding(*match.span(), NAMED) for match in _listed().finditer(text)]
        found += [
            self.finding(*match.span("town"), PATTERN + 0.05)
            for match in _TOWN.finditer(text)
            if match["town"].split(maxsplit=1)[0].lower() not in AMBIGUOUS
        ]
        yield from sorted(found)


@cache
def _listed() -> re.Pattern[str]:
    names = sorted(countries(), key=lambda name: (-len(name), name))
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, names))})(?![\w-])")
