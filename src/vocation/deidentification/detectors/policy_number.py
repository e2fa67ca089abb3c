"""Numbers of insurance policies."""

from __future__ import annotations

from vocation.deidentification.contexts import listed
from vocation.deidentification.detectors import FOUR_DIGITS, LABELLED
from vocation.deidentification.labelled_numbers import LabelledNumber, NumberPattern, Words


class PolicyNumber(LabelledNumber):
    """Insurance policy, proposal and claim numbers, where a word names them (保单号, 投保单号, policy number, …).

    Every insurer has its own form: give your own `words` and `pattern` where these miss.
    """

    categories = ("POLICY_NUMBER",)
    needs = FOUR_DIGITS
    certainty = LABELLED

    words: Words = listed(
        "保单号|保单编号|保险单号|保险单编号|投保单号|批单号|批单编号|赔案号|赔案编号"
        "|报案号|理赔号|理赔编号|保险合同号|保险合同编号|保险凭证号|policy number"
        "|policy no|policy id|policy #|insurance number|insurance policy|claim number|claim no|claim id"
        "|claim #|member id"
    )
    pattern: NumberPattern = r"(?=[A-Z0-9-]{0,12}[0-9]{4})[A-Z0-9](?:[A-Z0-9]|-(?=[A-Z0-9])){5,29}"
