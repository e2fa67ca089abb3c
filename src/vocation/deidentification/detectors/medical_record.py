"""Numbers of medical records."""

from __future__ import annotations

from collections.abc import Iterator

from vocation.deidentification import Finding
from vocation.deidentification.contexts import listed, mentioned, preceded
from vocation.deidentification.detectors import FOUR_DIGITS, LABELLED
from vocation.deidentification.labelled_numbers import LabelledNumber, NumberPattern, Words

_GENERAL = listed("登记号")  # of works and of land as well, so that a hospital has to be spoken of
_HOSPITAL = listed("患者|病人|医院|门诊|住院|科室|检验|就诊|转诊|医保|病历|病案|诊断|主治")


class MedicalRecord(LabelledNumber):
    """Medical record, admission and patient numbers, where a word names them (病历号, 住院号, MRN, …).

    Every hospital has its own form: give your own `words` and `pattern` where these miss.
    """

    categories = ("MEDICAL_RECORD",)
    needs = FOUR_DIGITS
    certainty = LABELLED

    words: Words = listed(
        "病历号|病历编号|病案号|病案编号|住院号|住院编号|门诊号|门诊编号"
        "|就诊号|就诊卡号|就诊流水号|诊疗卡号|登记号|患者编号|患者号|病人编号"
        "|病人号|患者id|病人id|检查号|影像号|医保号|医保卡号|医保编号|社保卡号"
        "|社保号|体检号|体检编号|medical record|medical record number|medical record no|mrn"
        "|patient id|patient number|patient no|hospital number|hospital no|chart number|chart no"
        "|health record number|health plan number|beneficiary number"
    )
    pattern: NumberPattern = r"(?=[A-Z0-9-]{0,8}[0-9]{4})[A-Z0-9](?:[A-Z0-9]|-(?=[A-Z0-9])){3,19}"

    def find(self, text: str) -> Iterator[Finding]:
        for finding in super().find(text):
            general = preceded(text, finding.start, _GENERAL)
            if not general or mentioned(text, finding.start, finding.end, _HOSPITAL):
                yield finding
