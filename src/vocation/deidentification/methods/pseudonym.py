"""A name of its own for each value, kept in a vault."""

from __future__ import annotations

import re
from typing import Final

from vocation.deidentification.keys import Key
from vocation.deidentification.methods import Mention, Method, require

PSEUDONYM: Final = re.compile(r"\[[A-Z][A-Z0-9_]*#[0-9a-f]{16}\]")
"""What a pseudonym looks like in a text."""


class Pseudonym(Method):
    """Write the category and a name that stands for the value: [PHONE_NUMBER#9f86d081884c7d65].

    The value goes into an encrypted vault (see `vocation.deidentification.vault`), so that whoever has the vault and
    its key can put it back. Values that are written differently get different pseudonyms, since each is put back as it
    was. Under the GDPR (Article 4 (5)) such data stay personal data as long as vault and key exist.
    """

    needs_key = True
    reversible = True

    def replacement(self, mention: Mention, key: Key | None) -> str:
        digest = require(key).digest("pseudonym", mention.scope, mention.category, mention.value)
        return f"[{mention.category}#{digest.hex()[:16]}]"
