"""The same length in a mask's character, with the last characters kept where that is wanted."""

from __future__ import annotations

from pydantic import Field

from vocation.deidentification.keys import Key
from vocation.deidentification.methods import Mention, Method


class Mask(Method):
    """Write one character for each letter and digit, and leave separators: ****-****-****-1234.

    A value of which more than half would be kept is masked whole.
    """

    character: str = Field(default="*", min_length=1, max_length=1, description="What is written for each character.")
    keep_first: int = Field(default=0, ge=0, description="Letters and digits kept at the beginning.")
    keep_last: int = Field(default=0, ge=0, description="Letters and digits kept at the end.")

    def replacement(self, mention: Mention, key: Key | None) -> str:
        places = [place for place, character in enumerate(mention.value) if character.isalnum()]
        kept = self.keep_first + self.keep_last
        last = len(places) - self.keep_last
        masked = set(places if 2 * kept > len(places) else places[self.keep_first : last])
        return "".join(
            self.character if place in masked else character for place, character in enumerate(mention.value)
        )
