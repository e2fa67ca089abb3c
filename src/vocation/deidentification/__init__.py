"""De-identification: finding what names a person, and putting something else in its place.

`detectors` find identifiers, one kind of identifier a module; the `scanner` runs them over texts and decides where they
overlap. What is found is a `Finding`.
"""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """An identifier that a detector found in a text.

    Args:
        start: offset of its first character, in code points.
        end: offset behind its last character.
        category: what it is, such as "EMAIL_ADDRESS"; presidio's name where presidio has one.
        score: how sure the detector is, between 0 and 1; see the levels in `vocation.deidentification.detectors`.
        detector: kind of the detector that found it.
    """

    start: int
    end: int
    category: str
    score: float
    detector: str
