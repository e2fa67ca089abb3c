"""What stands beside a name of a person in Chinese, as patterns: a word in front of it, a title or data behind it.

Each pattern has the name as its group "name".
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from vocation.deidentification.lexicons import chinese_names

HAN: Final = "[\u4e00-\u9fff]"
"""A Chinese character."""
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
    "师傅|总裁|老板|同学|女儿"
)
_NEXT = (
    "[的在于与和及或因系男女是为对向从将到至说称表示由被经已曾现住出入主诉年生身手电联"
    "家本同提签收支购投报申办反认今请把给等前后来去自拥获持]"
)
FOLLOWS: Final = rf"(?=\Z|[^\u4e00-\u9fff]|{_TITLES}|{_NEXT}|驾驶|使用|通过|所持|名下|涉嫌|应当|作为|所有|犯)"
"""What may follow a name without being part of it; a name of three characters is tried after one of two."""
_PERSON_DATA = (
    r"(?=[，,、：:\s（(]{1,2}(?:男|女|性别|[0-9]{1,3}岁|出生|生于|身份证|"
    r"公民身份|汉族|电话|手机|联系电话|住址|住所|工号|学号|护照|现任|曾任|历任|中国国?籍|"
    r"[0-9]{4}[-年./][0-9]{1,2}[-月./][0-9]{1,2}日?(?:出生|生(?![^\s，。；]))))"
)
_DATA_WORDS = (
    "先生|女士|小姐|医生|老师|律师|主任|经理|电话|手机|性别|年龄|住址|地址|邮箱|血压|血糖|血脂|热度|烧伤|[男女]"
)
"""What stands apart behind a surname alone, and is no given name: 联系人 王 电话."""
_DOES = (
    "(?=使用|驾驶|办理|签署|签字|签收|负责|保管|代理|担任|主持|主刀|出面|介绍|陪同|接诊|承办|经办|支付|转交|照顾|"
    "抚养|垫付|出具|书写|执笔|领取)"
)
"""What a person does of whom 由 or 经 speaks."""
_OWNS = (
    "(?=的?(?:家属|家长|家人)|的(?:工资|银行|手机|电话|身份证|户口|账户|账号|帐户|病历|病情|住院|护照|保单|邮箱|住址|"
    "父亲|母亲|妻子|丈夫|儿子|女儿|朋友|同事))"
)
"""What a person has whose name begins a clause."""
_CUE = f"(?:{_CUES})(?:是|为|叫|名叫|姓名)?"
_APART = r"[\s:：（(“\"「]{1,3}"
_MASK = "[某×xX*]{1,2}"
_MASKED_REST = (
    f"(?![县市区镇乡村省年月日种个些项])(?:[甲乙丙丁戊己庚辛壬癸]|[0-9]{{1,2}}(?![0-9年月日元万%.])|(?!{_NEXT})"
    f"{HAN}{FOLLOWS})?"
)
"""What may stand behind the mask of a name of which only parts are told: 张某甲, 李某2, 陈某佳."""
_NOT_IN_A_WORD = "于任向方万常高金时有应"
"""Common surnames that end other words, in front of a mask: 对方某, 关于某."""
_PREPOSITIONS = "于向方"
"""Common surnames that mostly are none right behind a cue: 原告于每年, 被告向原告, 被告方按期."""
_NEVER_FIRST = "由和经都是"
"""Rare surnames that are among the most frequent words."""
COMMON_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟"
    "姜崔谭陆范汪廖石金韦贾夏付傅方邹熊白孟秦邱侯江尹薛闫阎段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常萧"
)
"""The hundred most common surnames (those of 85 in 100 people, by the census of 2020), some in two spellings.
The segmenter takes thousands of words for names that begin with the character of a rarer one: 公正, 利益, 信息."""
CUE_SIZE: Final = 7
"""Characters of the longest word that brings a name."""
CUE_BEHIND: Final = re.compile(rf"(?:{_CUES})\Z")
"""A word that brings a name, right before a place."""
TITLE_BEHIND: Final = re.compile(rf"(?:{_TITLES})\Z")
"""A title, right before a place."""
MASKED: Final = re.compile(_MASK)
"""What stands for a part of a name that is not told."""


@cache
def brought() -> tuple[re.Pattern[str], ...]:
    """Names that a word brings, and names that a title, a person's doings or belongings follow.

    Where nothing stands between the word and the name, only common surnames count: 债权人利益 is no 利益.
    """
    surname, frequent = _surnames()
    cued = re.compile(rf"{_CUE}{_APART}(?P<name>{surname}{HAN}{{1,2}}?{FOLLOWS})")
    joined = re.compile(
        rf"{_CUE}(?P<name>(?![{_PREPOSITIONS}]){frequent}{HAN}{{1,2}}?{FOLLOWS}"
        rf"|[{_PREPOSITIONS}]{HAN}{{1,2}}?(?=\Z|[^\u4e00-\u9fff0-9]|{_TITLES}|电话|手机|身份证|[持系]))"
    )
    titled = re.compile(
        rf"(?:(?<=\A)|(?<=[^\u4e00-\u9fff])|(?<=[由向请找跟和与对叫问为给经被让是及、致的在至]))"
        rf"(?P<name>{surname}{HAN}{{0,2}}?)(?={_TITLES})"
    )
    apart = re.compile(rf"{_CUE}{_APART}(?P<name>{frequent} (?!{_DATA_WORDS}){HAN}{{1,2}})(?!{HAN})")
    agent = re.compile(rf"[由经](?P<name>{frequent}{HAN}{{1,2}}?){_DOES}")
    owner = re.compile(rf"(?:(?<!{HAN})|(?<=[请与向给]))(?P<name>{frequent}{HAN}{{1,2}}?){_OWNS}")
    return cued, joined, apart, titled, agent, owner


@cache
def withheld() -> tuple[re.Pattern[str], ...]:
    """Names of which only parts are told: 张某某, 李某2, 王x. A text without `MASKED` has none."""
    surname, frequent = _surnames()
    cued = re.compile(rf"{_CUE}(?:{_APART})?(?P<name>{surname}(?:[0-9]{{1,2}}|{HAN})?{_MASK}{_MASKED_REST})")
    behind = "由向请找跟和与对给经将把被让是及的在至为"
    free = rf"(?:(?<![\u4e00-\u9fff0-9])|(?<=[{behind}])){surname}|(?![{_NOT_IN_A_WORD}]){frequent}"
    return cued, re.compile(rf"(?P<name>(?:{free})[0-9]{{0,2}}{_MASK}{_MASKED_REST})")


@cache
def described() -> re.Pattern[str]:
    """Names that begin a clause and that a person's data or 先生 follow, whatever they end in: 曹洪权，男."""
    surname, _ = _surnames()
    return re.compile(rf"(?<!{HAN})(?P<name>{surname}{HAN}{{1,2}}?)(?:{_PERSON_DATA}|(?=先生|女士|小姐))")


@cache
def _surnames() -> tuple[str, str]:
    """Patterns of any surname, and of a common one."""
    every = sorted(chinese_names().family, key=lambda name: (-len(name), name))
    compound = "|".join(name for name in every if len(name) > 1)
    single = "".join(sorted({name for name in (*every, *COMMON_SURNAMES) if len(name) == 1} - set(_NEVER_FIRST)))
    return f"(?:{compound}|[{single}])", f"(?:{compound}|[{COMMON_SURNAMES}])"
