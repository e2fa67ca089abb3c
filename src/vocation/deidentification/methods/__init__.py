"""Methods, one module each: what stands in an identifier's place.

| kind      | what stands there                | same value, same result | can be undone          | needs a key |
|-----------|----------------------------------|-------------------------|------------------------|-------------|
| tag       | [PHONE_NUMBER]                   | yes                     | no                     | no          |
| mask      | ******5678                       | yes                     | no                     | no          |
| remove    | nothing                          | yes                     | no                     | no          |
| hash      | [PHONE_NUMBER:9f86d081884c7d65]  | within the scope        | no                     | yes         |
| surrogate | 15412345678                      | within the scope        | no                     | yes         |
| pseudonym | [PHONE_NUMBER#9f86d081884c7d65]  | within the scope        | with the vault and key | yes         |
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import ClassVar

from vocation.component import Component
from vocation.deidentification.keys import Key
from vocation.deidentification.widths import fold

_SEPARATORS = re.compile(r"[\s.\-–—/()]+")
_SPACES = re.compile(r"\s+")
_WORDED = ("PERSON", "STREET_ADDRESS", "LOCATION", "ORGANIZATION")


@dataclass(frozen=True, slots=True)
class Mention:
    """An identifier where it stands.

    Args:
        value: its characters.
        category: what it is, such as "PERSON".
        scope: equal values of one scope get equal replacements: the document's name, or "" for the whole corpus.
        group: whose dates shift by one offset: a patient, a contract, or else the document.
    """

    value: str
    category: str
    scope: str
    group: str

    @property
    def canonical(self) -> str:
        """The value however it is written: 138-1234-5678 is 13812345678, and ANN LEE is Ann Lee."""
        folded = unicodedata.normalize("NFKC", self.value).casefold().strip()
        if self.category in _WORDED:
            return _SPACES.sub(" ", folded)
        return _SEPARATORS.sub("", fold(folded))


class Method(Component, family=True):
    """Says what stands in an identifier's place; pure, deterministic for a key, whatever the order of the texts."""

    needs_key: ClassVar[bool] = False
    """Whether `replacement` must be given a key."""

    reversible: ClassVar[bool] = False
    """Whether what it writes is kept in a vault, so that it can be undone."""

    def replacement(self, mention: Mention, key: Key | None) -> str:
        """What takes the place of `mention.value`.

        Args:
            mention: the identifier.
            key: None for methods that need none.
        """
        raise NotImplementedError


def require(key: Key | None) -> Key:
    """The key, of a method that needs one.

    Raises:
        TypeError: it was not given.
    """
    if key is None:
        raise TypeError("this method needs a key")
    return key
