"""Numbers of Chinese driving licences."""

from __future__ import annotations

from vocation.deidentification.contexts import listed
from vocation.deidentification.detectors import LONG_NUMBER
from vocation.deidentification.labelled_numbers import LabelledNumber, NumberPattern, Words


class CnDrivingLicence(LabelledNumber):
    """Numbers and file numbers (档案编号) of Chinese driving licences, where a word names them.

    The number of a licence is that of the resident ID, of which `cn_resident_id` finds those with a right check digit;
    this one finds those that were mistyped as well. The file number has 12 digits (GA/T 16.3).
    """

    categories = ("CN_DRIVING_LICENCE",)
    needs = LONG_NUMBER
    languages = ("zh",)

    words: Words = listed("驾驶证|驾驶证证号|驾驶证档案|驾驶证档案编号|驾照|驾照档案编号|驾照档案")
    pattern: NumberPattern = r"(?:[0-9]{17}[0-9X]|[0-9]{15}|[0-9]{12})"
