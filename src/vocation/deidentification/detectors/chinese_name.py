"""Names of persons in Chinese characters: surnames, what stands beside them, and a segmenter's opinion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from pydantic import Field

from vocation.deidentification import Finding
from vocation.deidentification.chinese_words import NOT_NAMES
from vocation.deidentification.detectors import NAMED, PATTERN, Detector
from vocation.deidentification.lexicons import CHINESE_COMPOUND_SURNAMES, EXTRA, chinese_names
from vocation.errors import MissingExtraError

_HAN = "[\u4e00-\u9fff]"
_CUES = (
    "患者姓名|患者|病人|病员|姓名|名字|名叫|叫做|本人|我叫|他叫|她叫|名为|联系人|紧急联系人|收件人|收货人|寄件人|"
    "家属|监护人|投保人|被保险人|受益人|保险人|持卡人|开户人|户名|户主|申请人|申请执行人|被执行人|上诉人|"
    "被上诉人|原告|被告|被告人|第三人|委托人|受托人|委托代理人|法定代表人|法定代理人|负责人|证人|当事人|借款人|"
    "出借人|担保人|债务人|债权人|甲方|乙方|丙方|员工|职工|学生|考生|候选人|求职者|应聘者|经办人|承办人|审核人|"
    "签发人|签字|签名|署名|主治医师|主治医生|主刀医生|主刀|责任护士|管床医生|接诊医生|医师|医生|护士|律师|法官|"
    "审判长|审判员|书记员|检察员|客户|用户|嫌疑人|犯罪嫌疑人|受害人|被害人|驾驶人|驾驶员|车主|业主|租客|房东|"
    "老师|同事|同学|朋友|丈夫|妻子|儿子|女儿|父亲|母亲|哥哥|弟弟|姐姐|妹妹|转告|通知|致电|联系|"
    "报案人|投诉人|举报人|代理人|承包人|承租人|出租人|买受人|出卖人|继承人|保证人|抵押人|收款人|付款人|汇款人|"
    "转让人|受让人|鉴定人|法定监护人|汇入|汇给|转给|交给|支付给|记录显示"
)
_TITLES = (
    "先生|女士|小姐|太太|夫人|同志|老师|教授|博士|医生|大夫|医师|护士长|护士|主任医师|副主任|主任|律师|法官|"
    "检察官|审判员|警官|院长|校长|董事长|总经理|副总经理|经理|总监|主管(?!部门|机关|单位|人员|的|海)|局长|处长|"
    "科长|部长|厅长|书记|秘书|会计|"
    "师傅|总裁|老板|同学|女儿|某某|某"
)
# What may follow a name without being part of it; a name of three characters is tried before one of two.
_FOLLOWS = (
    rf"(?=\Z|[^\u4e00-\u9fff]|{_TITLES}|[的在于与和及或因系男女是为对向从将到至说称表示由被经已曾现住出入主诉年生身手电联"
    "家本同提签收支购投报申办反认今请把给等前后来去自拥获持]|驾驶|使用|通过|所持|名下|涉嫌|应当|作为|所有|犯)"
)
_CUE_BEFORE = re.compile(rf"(?:{_CUES})\Z")
_CUE_SIZE = 7  # Characters of the longest cue.
_PART = r"(?:(?![向在于与和及说称的因为是诉请对从将到至被由，、者人告])[\u4e00-\u9fff]){1,6}"
_TRANSLITERATED = re.compile(rf"{_PART}(?:[·•・]{_PART})+")
_SEGMENTED_SIZES = (2, 3, 4)
_PERSON_DATA = (
    r"(?=[，,、：:\s（(]{1,2}(?:男|女|性别|[0-9]{1,3}岁|出生|生于|身份证|"
    r"公民身份|汉族|电话|手机|联系电话|住址|住所|工号|学号))"
)
_NOT_GIVEN = "副委部级务办会学院司局处科组镇路县市区村街乡权党团卡"
"""What no name ends in, and much else does that begins with a surname's character: 党委副, 居留权, 张江镇."""
_NOUN_ENDS = "证人员者门法"
"""What hardly a name ends in, and many words do that follow a cue: 通知申请人, 业主管部门, 许可证."""
_MORE_NOUN_ENDS = "费税率额款罪性书案图期物化"
"""The same, for what nothing but the segmenter takes for a name: 申请书, 施工图."""
_COMMON = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟"
    "姜崔谭陆范汪廖石金韦贾夏付傅方邹熊白孟秦邱侯江尹薛闫阎段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常萧"
)
"""The hundred most common surnames (those of 85 in 100 people, by the census of 2020), some in two spellings.
The segmenter takes thousands of words for names that begin with the character of a rarer one: 公正, 利益, 信息."""
_NEVER_FIRST = "由和经都是"
"""Rare surnames that are among the most frequent words."""
_NOT_ALONE = "国任高党支纪公常管原时曾历兼成和都有应相明全从向于后单项经主信强关连华安方解万季申易计施文"
"""Surnames that are common words: alone in front of a title they are no names, as in 任经理 and 原主任."""
_JOINS = "于与在因将从"
"""What stands between a name and a date or number, and hardly at the end of a name."""
_TITLE_BEHIND = re.compile(rf"(?:{_TITLES})\Z")


class ChineseName(Detector):
    """Names of persons in Chinese characters.

    A surname with one or two characters behind it is a name where a word brings it (患者, 联系人：, 原告), a title
    follows (张三先生; of 王主任 the surname alone) or a person's data do (张三，男), and where the segmenter (rjieba)
    takes it for one. Names of other peoples are found by the dot between their parts (买买提·艾力). It misses names
    without such a word that the segmenter cuts through, names without a surname, and nicknames. For names in Latin
    letters, see `english_name`.
    """

    segmenter: bool = Field(
        default=True,
        description="Whether names without a word beside them are found as well, by a segmenter. It finds more, and "
        "takes some words for names.",
    )

    categories = ("PERSON",)
    needs = _HAN
    languages = ("zh",)

    def find(self, text: str) -> Iterator[Finding]:
        found = [
            self.finding(*match.span("name"), NAMED) for pattern in _patterns() for match in pattern.finditer(text)
        ]
        if "·" in text or "•" in text or "・" in text:
            found += [self.finding(*match.span(), NAMED) for match in _TRANSLITERATED.finditer(text)]
        if self.segmenter:
            found += [self.finding(start, end, PATTERN) for start, end in _segmented(text)]
        found = [one for one in found if _can_be_name(text[one.start : one.end], one.score)]
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


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """Names that a word brings, names that a title follows, and names that a person's data follow.

    Where nothing stands between the word and the name, only common surnames count: 债权人利益 is no 利益.
    """
    surnames = sorted(chinese_names().family, key=lambda name: (-len(name), name))
    compound = "|".join(name for name in surnames if len(name) > 1)
    single = "".join(name for name in surnames if len(name) == 1 and name not in _NEVER_FIRST)
    surname = f"(?:{compound}|[{single}])"
    frequent = f"(?:{compound}|[{_COMMON}])"
    cue, apart = f"(?:{_CUES})(?:是|为|叫|名叫|姓名)?", r"[\s:：（(“\"「]{1,3}"
    cued = re.compile(rf"{cue}{apart}(?P<name>{surname}{_HAN}{{1,2}}?{_FOLLOWS})")
    joined = re.compile(rf"{cue}(?P<name>{frequent}{_HAN}{{1,2}}?{_FOLLOWS})")
    masked = re.compile(rf"{cue}(?:{apart})?(?P<name>{surname}[某×xX*]{{1,2}}{_HAN}?)")
    titled = re.compile(
        rf"(?:(?<=\A)|(?<=[^\u4e00-\u9fff])|(?<=[由向请找跟和与对叫问为给经被让是及、致的在至]))"
        rf"(?P<name>{surname}{_HAN}{{0,2}}?)(?={_TITLES})"
    )
    described = re.compile(rf"(?<![\u4e00-\u9fff])(?P<name>{surname}{_HAN}{{1,2}}){_PERSON_DATA}")
    return cued, joined, masked, titled, described


def _can_be_name(word: str, score: float) -> bool:
    ends = _NOT_GIVEN + _NOUN_ENDS + ("" if score >= NAMED else _MORE_NOUN_ENDS)
    return word not in NOT_NAMES and word[-1] not in ends and word not in _NOT_ALONE


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
        if kind == "nr" and len(word) in _SEGMENTED_SIZES and not _TITLE_BEHIND.search(word):
            compound = word[:2] in CHINESE_COMPOUND_SURNAMES
            bare = _is_han(text, position - 1) and _is_han(text, end)
            cued = bool(_CUE_BEFORE.search(text, max(0, position - _CUE_SIZE), position))
            signs = len(word) - 1 if word[0] in _COMMON else len(word) - 2
            alone = cued or signs > 1 or (signs == 1 and not bare)
            if len(word) == 3 and word[-1] in _JOINS and not _is_han(text, end):
                yield position, end - 1  # 张三于2023年: the segmenter takes the next word's character for a given name.
            elif (compound and len(word) > 2) or (word[0] in family and word[0] != "任" and len(word) < 4 and alone):
                yield position, end
        position = end


def _is_han(text: str, position: int) -> bool:
    return 0 <= position < len(text) and "\u4e00" <= text[position] <= "\u9fff"
