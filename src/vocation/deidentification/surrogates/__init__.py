"""Invented values: names, places, numbers and dates that read like real ones and belong to nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vocation.deidentification.surrogates.draws import Draws
from vocation.deidentification.surrogates.names import organisation, person
from vocation.deidentification.surrogates.numbers import NUMBERS, reshaped
from vocation.deidentification.surrogates.places import address, location
from vocation.deidentification.surrogates.shifts import shifted

Inventor = Callable[[str, str, Draws], str | None]

_INVENTORS: Mapping[str, Inventor] = {
    "PERSON": lambda value, _, draws: person(value, draws),
    "ORGANIZATION": organisation,
    "STREET_ADDRESS": lambda value, _, draws: address(value, draws),
    "LOCATION": lambda value, _, draws: location(value, draws),
    "DATE_TIME": lambda value, _, draws: shifted(value, draws.shift()),
    "DATE_OF_BIRTH": lambda value, _, draws: shifted(value, draws.shift()),
    **NUMBERS,
}


def invented(value: str, category: str, canonical: str, draws: Draws) -> str | None:
    """An invented value in the place of a real one; None where none can be invented safely.

    Args:
        value: as it stands in the text.
        category: what it is; for one that is not known here, letters and digits change and the shape stays.
        canonical: the value however it is written; equal ones give equal results but for their shape.
        draws: what the choices depend on.
    """
    inventor = _INVENTORS.get(category)
    if inventor is None:
        return reshaped(value, draws.of(category, canonical))
    return inventor(value, canonical, draws)
