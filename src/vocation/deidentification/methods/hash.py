"""A keyed hash of the value."""

from __future__ import annotations

from pydantic import Field

from vocation.deidentification.keys import Key
from vocation.deidentification.methods import Mention, Method, require


class Hash(Method):
    """Write the category and a keyed hash (HMAC-SHA-256): [PHONE_NUMBER:9f86d081884c7d65].

    Equal values within the scope get equal hashes, so that rows can still be joined. Without the key nobody can try
    all numbers until one fits; a hash without a key could be undone in that way.
    """

    needs_key = True

    length: int = Field(default=16, ge=8, le=64, description="Hexadecimal digits of the hash; 16 are 64 bits.")

    def replacement(self, mention: Mention, key: Key | None) -> str:
        digest = require(key).digest("hash", mention.scope, mention.category, mention.canonical)
        return f"[{mention.category}:{digest.hex()[: self.length]}]"
