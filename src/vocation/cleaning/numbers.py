"""Numbers: Arabic digits for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import partial

from pydantic import Field

from vocation.cleaning import CleaningStep
from vocation.cleaning.rewriting import longest_of, until_stable
from vocation.language.numerals import ARABIC, CHINESE, ENGLISH, MIXED, NUMERALS, plain, value
from vocation.text import Edit, Text

_NUMBER = re.compile(
    rf"(?P<share>[百千万]分之)(?P<part>{CHINESE}|{ARABIC})"
    rf"|(?P<percent>{ARABIC})(?:[ ]per[ ]?cent\b|[ ]%)"
    rf"|(?P<multiplied>{MIXED}|{ENGLISH})"
    rf"|(?P<separated>[0-9]{{1,3}}(?:,[0-9]{{3}})++(?:\.[0-9]++)?+)"
    rf"|(?P<chinese>{CHINESE})"
)
# A number begins with one of these; to look for it first is several times as fast.
_START = re.compile(rf"[0-9](?=[0-9.,十百千万亿萬億 ])|[{NUMERALS}](?=[{NUMERALS}点分])")

_SHARES = {"百": ("%", Decimal(1)), "千": ("‰", Decimal(1)), "万": ("%", Decimal(100))}

# Characters that make a Chinese number part of something else when they stand before or behind it.
_NOT_BEFORE = frozenset("第初几幾数數多若好上近成点〇零○")
_NOT_BEHIND = frozenset("几幾数數号號分刻多余餘来來")
_STATUTE = frozenset("条條款项項章节節编編目")
_MASS = frozenset("克米瓦卡帕焦伏安赫字位")  # 5千克 is five kilograms, not 5000 grams' beginning
_CHEMISTRY = frozenset("烷烯炔醇酸碳胺氢氧氟氯溴碘水醛酮酯酰磷硫")
# Anatomy, classical medicine, calendar and idiom: the number is part of a name.
_NAMES = (
    "十二指肠 十二经 十四经 十二正经 十八反 十九畏 十二生肖 十二星座 十二时辰 二十四节气 二十四史 "
    "二十八宿 十三陵 十三经 十三香 十三太保 三十六计 七十二变 七十二家 十八般 十八罗汉 五十步笑 一百单八 "
    "一千零一夜 十一黄金周 十一假期 十一长假 十一国庆 十二平均律 八十一难 三十里铺 十五夜 十一郎 "
    "三百六十行 十一味 十二味 十三味 十五味 十八味 二十五味 二十味 三十五味 七十味 十万个为什么 十万火急 "
    "十万八千里"
)
_WORDS = re.compile(longest_of(_NAMES.split()))
_SHARED_RANGE = re.compile(rf"[至到~～-](?![百千万]分之)[0-9{NUMERALS}]")  # 百分之三至五
_BEHIND_DECIMAL = re.compile("[倍万亿元米克升吨度厘毫公千微小平立个%％岁年月天]")
_LIST_MARK = re.compile(r"[、．.]")


class Numbers(CleaningStep):
    """Write numbers in Arabic digits: 3.5万 → 35000, 三亿五千万 → 350000000, 百分之五 → 5%, 1,234,567 → 1234567.

    Values are exact. What is no number for certain stays: words (一些, 十分, 万一, 千万别, 三七, 四川), approximate
    numbers (二三十, 几百, 十几), digits that are read one by one (一二〇, 九一八), ordinals and statutes (第三百条,
    三十条), marks of lists (（十一）, 十二、), times (十二点三十分), names of organs and molecules (十二指肠,
    二十碳五烯酸), identifiers and versions. A Chinese number of a single character stays too, as 一 is most often no
    count; before a unit of measure, `units` takes it. Run `dates`, `currency` and `units` before this step, as they
    read numbers themselves.
    """

    thousands_separators: bool = Field(default=False, description="Whether 1,234,567 keeps its commas.")
    chinese: bool = Field(default=True, description="Whether numbers in Chinese numerals become Arabic digits.")
    statutes: bool = Field(
        default=False, description="Also ordinals and the numbers of articles: 第三百条 becomes 第300条."
    )

    def __call__(self, text: Text) -> Text:
        if not _START.search(text.content):
            return text
        return until_stable(text, partial(_edits, self))


def _edits(step: Numbers, content: str) -> Iterator[Edit]:
    position = 0
    while start := _START.search(content, position):
        match = _NUMBER.match(content, start.start())
        if match is None:
            position = _end_of_run(content, start.start())
            continue
        position = max(match.end(), start.end())
        new = _replacement(step, match)
        if new is not None and new != match[0] and _stands_alone(match):
            yield Edit(*match.span(), new)


_RUN = re.compile(rf"[0-9.,]++|[{NUMERALS}]")


def _end_of_run(content: str, start: int) -> int:
    run = _RUN.match(content, start)
    return run.end() if run else start + 1


def _replacement(step: Numbers, match: re.Match[str]) -> str | None:
    """What a number becomes, or None if it stays."""
    if match["share"]:
        part = Decimal(100) if match["part"] == "百" else value(match["part"])
        if not step.chinese or part is None or _SHARED_RANGE.match(match.string, match.end()) or _approximate(match):
            return None
        sign, divisor = _SHARES[match["share"][0]]
        return plain(part / divisor) + sign
    if match["percent"]:
        return match["percent"] + "%"
    if match["multiplied"]:
        worth = value(match["multiplied"])
        mass = match[0][-1] in "百千" and match.string[match.end() : match.end() + 1] in _MASS
        return None if worth is None or mass else plain(worth)
    if match["separated"]:
        return None if step.thousands_separators else match[0].replace(",", "")
    if not step.chinese or not _is_count(step, match):
        return None
    worth = value(match["chinese"])
    return None if worth is None else plain(worth)


def _is_count(step: Numbers, match: re.Match[str]) -> bool:
    """Whether what may be a Chinese number is one, by what stands around it."""
    number, content, start, end = match["chinese"], match.string, match.start(), match.end()
    before, behind = content[max(0, start - 1) : start], content[end : end + 1]
    ordinal = before == "第" or behind in _STATUTE
    word = _WORDS.match(content, start)
    if len(number) < 2 or (word and word.end() > end) or behind in _CHEMISTRY or _approximate(match):
        return False
    if ordinal and behind:
        return step.statutes
    if before and before in _NOT_BEFORE:
        return False
    if before in ("（", "(", "【", "〔") and behind in ("）", ")", "】", "〕"):
        return False
    line_start = not before or before.isspace()
    if line_start and _LIST_MARK.match(content, end):
        return False
    return "点" not in number or _is_decimal(number, behind)


def _is_decimal(number: str, behind: str) -> bool:
    """零点五, 三点一四 and 三点五倍 are decimals; 两点一线 and 三点五十 are not."""
    whole, _, fraction = number.partition("点")
    return whole in ("零", "〇") or len(fraction) > 1 or bool(_BEHIND_DECIMAL.match(behind))


def _approximate(match: re.Match[str]) -> bool:
    content, end = match.string, match.end()
    return content[end : end + 1] in _NOT_BEHIND if end < len(content) else False


def _stands_alone(match: re.Match[str]) -> bool:
    """Whether the number is no part of an identifier, a version or a longer number."""
    content, start, end = match.string, match.start(), match.end()
    before, behind, further = content[max(0, start - 2) : start], content[end : end + 1], content[end + 1 : end + 2]
    left = before[-1:]
    if left and (left.isascii() and (left.isalnum() or left in "_/\\")):
        return False
    if left and (left in NUMERALS or (left in ".,-:+" and before[0].isascii() and before[0].isalnum())):
        return False
    if behind.isascii() and (behind.isalnum() or behind == "_"):
        return False
    return not (behind in (".", ",", "-", ":", "/") and further.isascii() and further.isalnum())
