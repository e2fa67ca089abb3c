"""Names of persons in Chinese characters: surnames, what stands beside them, and a segmenter's opinion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from pydantic import Field

from vocation.deidentification import Finding
from vocation.deidentification.chinese_name_patterns import (
    COMMON_SURNAMES,
    CUE_BEHIND,
    CUE_SIZE,
    FOLLOWS,
    HAN,
    MASKED,
    TITLE_BEHIND,
    brought,
    described,
    withheld,
)
from vocation.deidentification.chinese_words import NOT_NAMES
from vocation.deidentification.detectors import NAMED, PATTERN, Detector
from vocation.deidentification.lexicons import CHINESE_COMPOUND_SURNAMES, EXTRA, chinese_divisions, chinese_names
from vocation.errors import MissingExtraError

_PART = r"(?:(?![向在于与和及说称的因为是诉请对从将到至被由，、者人告])[\u4e00-\u9fff]){1,6}"
_LAST = _PART.replace("{1,6}", "{1,6}?")
_NOT_OF_THE_NAME = (
    "来自|来到|来院|来诊|前来|现住|家住|现年|今年|今天|昨天|昨日|已经|已于|目前|曾任|曾在|现任|担任|任职|毕业|出生|居住|"
    "入院|住院|出院|就诊|就医|主诉|自述|介绍|参加|获得|使用|通过|办理|提出|提交|申请|签署|签订|涉嫌|没有|应当|不服|未到|"
    "拒绝|自愿|电话|手机|身份证|先生|女士|小姐|教授|老师|医生|主任|驾驶|持有|购买|投保|借款|支付|还款|给付"
)
"""Words behind a name that no name in parts holds."""
_WHOLE = _PART.replace("{1,6}", "{1,6}+")
_TRANSLITERATED = re.compile(
    rf"(?:{_PART}[·•・])+(?:{_LAST}(?={_NOT_OF_THE_NAME}|[^\u4e00-\u9fff·•・]|\Z)|{_WHOLE}(?![·•・]))"
)
_BEGINS_A_CLAUSE = re.compile(
    rf"(?:(?<=\A)|(?<=[\s，。；：、！？,.;:!?（(“\"]))(?P<name>(?:欧阳|上官|司马|诸葛|皇甫|尉迟|慕容|令狐|长孙|宇文|夏侯|端木|澹台|"
    rf"申屠|轩辕|淳于|司徒|呼延){HAN}{{1,2}}?){FOLLOWS}"
)
"""A surname of two characters that is no word, where a clause begins."""
_SEGMENTED_SIZES = (2, 3, 4)
_NOT_GIVEN = "的由副委部级务办会学院司局处科组镇路县市区村街乡权党团卡"
"""What no name ends in, and much else does that begins with a surname's character: 党委副, 居留权, 张江镇."""
_NOUN_ENDS = "证人员者门法"
"""What hardly a name ends in, and many words do that follow a cue: 通知申请人, 业主管部门, 许可证."""
_MORE_NOUN_ENDS = "费税率额款罪性书案图期物化"
"""The same, for what nothing but the segmenter takes for a name: 申请书, 施工图."""
_NO_NAME = re.compile("原告|被告|原审|[甲乙丙丁双对我各一告]方|应当|本院|陈述")
"""What no name holds, and much else does that a cue brings: 被告向原告, 原被告."""
_NOT_ALONE = "国任高党支纪公常管原时曾历兼成和都有应相明全从向于后单项经主信强关连华安方解万季申易计施文"
"""Surnames that are common words: alone in front of a title they are no names, as in 任经理 and 原主任."""
_JOINS = "于与在因将从"
"""What stands between a name and a date or number, and hardly at the end of a name."""


class ChineseName(Detector):
    """Names of persons in Chinese characters.

    A surname with one or two characters behind it is a name where a word brings it (患者, 联系人：, 原告), a title
    follows (张三先生; of 王主任 the surname alone), or a person's data, doings or belongings do (张三，男; 由张三办理;
    张三的手机), and where the segmenter (rjieba) takes it for one. Names of which only parts are told are found too
    (张某甲, 李x), names of other peoples by the dot between their parts (买买提·艾力), and surnames of two characters
    where a clause begins (欧阳娜娜). It misses single names of other peoples (古丽娜尔) and names without such
    a word that the segmenter cuts through or that a city or county bears as well (金山), names without a surname, and
    nicknames. For names in Latin letters, see `english_name`.
    """

    segmenter: bool = Field(
        default=True,
        description="Whether names without a word beside them are found as well, by a segmenter. It finds more, and "
        "takes some words for names.",
    )

    categories = ("PERSON",)
    needs = HAN
    languages = ("zh",)

    def find(self, text: str) -> Iterator[Finding]:
        patterns = (*brought(), *withheld()) if MASKED.search(text) else brought()
        found = [self.finding(*match.span("name"), NAMED) for pattern in patterns for match in pattern.finditer(text)]
        found += [self.finding(*match.span("name"), NAMED) for match in _BEGINS_A_CLAUSE.finditer(text)]
        if "·" in text or "•" in text or "・" in text:
            found += [self.finding(*match.span(), NAMED) for match in _TRANSLITERATED.finditer(text)]
        if self.segmenter:
            found += [self.finding(start, end, PATTERN) for start, end in _segmented(text)]
        found = [one for one in found if _ends_as_a_name(text[one.start : one.end], one.score)]
        found += [self.finding(*match.span("name"), NAMED) for match in described().finditer(text)]
        found = [one for one in found if not _is_a_word(text, one.start, one.end)]
        yield from sorted(found + self._again(text, found))

    def _again(self, text: str, found: list[Finding]) -> list[Finding]:
        """Where names of three characters, or such as a word brought, stand once more."""
        names = {text[one.start : one.end] for one in found if one.end - one.start > 2 or one.score >= NAMED}
        starts = {one.start for one in found}
        return [
            self.finding(match.start(), match.end(), PATTERN)
            for name in names
            if len(name) > 1
            for match in re.finditer(re.escape(name), text)
            if match.start() not in starts
        ]


def _ends_as_a_name(word: str, score: float) -> bool:
    if score >= NAMED:
        return word[-1] not in _NOT_GIVEN + _NOUN_ENDS and word not in _NOT_ALONE
    return word[-1] not in _NOT_GIVEN + _NOUN_ENDS + _MORE_NOUN_ENDS and word not in _places()


@cache
def _places() -> frozenset[str]:
    """Names of provinces, cities and counties as people say them, without 市 or 县; some are surname and given name."""
    return frozenset(name[:-1] for name in chinese_divisions()) | chinese_divisions()


def _is_a_word(text: str, start: int, end: int) -> bool:
    """Whether what looks like a name is a word, holds one, or begins inside one: 被告方按期."""
    return text[start:end] in NOT_NAMES or bool(_NO_NAME.search(text, max(0, start - 1), end))


def _segmented(text: str) -> Iterator[tuple[int, int]]:
    """Words that the segmenter takes for a personal name and that begin with a surname.

    One of two characters needs an end of its clause beside it, or a word that brings it; so does one of three with a
    rarer surname, and one of two with a rarer surname needs the word. One with 任 is an office that somebody holds.
    """
    try:
        from rjieba import tag
    except ImportError as error:
        raise MissingExtraError("rjieba", EXTRA) from error
    family = chinese_names().family
    position = 0
    for word, kind in tag(text):
        end = position + len(word)
        known_better = TITLE_BEHIND.search(word) or MASKED.search(word)  # by the patterns
        if kind == "nr" and len(word) in _SEGMENTED_SIZES and not known_better:
            compound = word[:2] in CHINESE_COMPOUND_SURNAMES
            bare = _is_han(text, position - 1) and _is_han(text, end)
            cued = bool(CUE_BEHIND.search(text, max(0, position - CUE_SIZE), position))
            signs = len(word) - 1 if word[0] in COMMON_SURNAMES else len(word) - 2
            alone = cued or signs > 1 or (signs == 1 and not bare)
            if len(word) == 3 and word[-1] in _JOINS and not _is_han(text, end):
                yield position, end - 1  # 张三于2023年: the segmenter takes the next word's character for a given name.
            elif (compound and len(word) > 2) or (word[0] in family and word[0] != "任" and len(word) < 4 and alone):
                yield position, end
        position = end


def _is_han(text: str, position: int) -> bool:
    return 0 <= position < len(text) and "\u4e00" <= text[position] <= "\u9fff"
