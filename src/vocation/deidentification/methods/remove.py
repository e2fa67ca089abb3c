"""Nothing."""

from __future__ import annotations

from vocation.deidentification.keys import Key
from vocation.deidentification.methods import Mention, Method


class Remove(Method):
    """Write nothing.

    What stood beside the identifier now touches, and a labelled span that held nothing else is cut; `tag` keeps both.
    """

    def replacement(self, mention: Mention, key: Key | None) -> str:
        return ""
