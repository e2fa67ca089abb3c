"""Numbers of driving licences."""

from __future__ import annotations

from vocation.deidentification.contexts import listed
from vocation.deidentification.detectors import FOUR_DIGITS
from vocation.deidentification.labelled_numbers import LabelledNumber, NumberPattern, Words


class UsDriverLicense(LabelledNumber):
    """Driving licence numbers, where a word names them; their forms differ from state to state.

    The number of a Chinese driving licence is that of the resident ID.
    """

    categories = ("US_DRIVER_LICENSE",)
    needs = FOUR_DIGITS
    languages = ("en",)

    words: Words = listed(
        "driver's license|drivers license|driver license|driver's licence|driver’s license|drivers licence"
        "|driver licence|driving license|driving licence|license number|licence number"
    )
    pattern: NumberPattern = r"(?=[A-Z0-9-]{0,6}[0-9]{4})[A-Z0-9](?:[A-Z0-9]|-(?=[A-Z0-9])){4,17}"
