"""An invented value of the same kind."""

from __future__ import annotations

from pydantic import Field

from vocation.deidentification.keys import Key
from vocation.deidentification.methods import Mention, Method, require
from vocation.deidentification.surrogates import invented
from vocation.deidentification.surrogates.draws import Draws


class Surrogate(Method):
    """Write an invented value that reads like a real one and belongs to nobody.

    The same person gets the same name throughout the scope, also where the first or the last name stands alone. Numbers
    keep their format and have right check digits, in ranges that are never given out (see
    `vocation.deidentification.surrogates.numbers`). Dates of one group shift by the same number of days, so that
    intervals stay true. What cannot be invented safely (a date in words that is not understood) becomes a tag.

    Text stays natural, which suits training; who reads it cannot tell what was overlooked, which protects it as well
    (hiding in plain sight: Carrell et al. 2013, doi:10.1136/amiajnl-2012-001034).
    """

    needs_key = True

    date_shift: int = Field(
        default=365, ge=1, le=3650, description="Largest number of days by which dates shift, forward or back."
    )

    def replacement(self, mention: Mention, key: Key | None) -> str:
        draws = Draws(require(key), mention.scope, mention.group, self.date_shift)
        return invented(mention.value, mention.category, mention.canonical, draws) or f"[{mention.category}]"
