"""The category in brackets."""

from __future__ import annotations

from vocation.deidentification.keys import Key
from vocation.deidentification.methods import Mention, Method


class Tag(Method):
    """Write the category: [PHONE_NUMBER].

    Readers and models see that something was there and what it was. Texts in which persons must stay apart want
    `surrogate` or `pseudonym`.
    """

    def replacement(self, mention: Mention, key: Key | None) -> str:
        return f"[{mention.category}]"
