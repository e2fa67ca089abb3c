"""Which rules of HIPAA, GDPR and PIPL a de-identification serves, and which it leaves to others.

This says what was looked for; it is no legal advice and no certificate. HIPAA: 45 CFR 164.514 (b) (2) (i). GDPR:
Regulation (EU) 2016/679. PIPL: Personal Information Protection Law of the People's Republic of China, in force since
2021-11-01.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from vocation.deidentification.methods import Method

Cover = Literal["covered", "partly", "not covered"]
Served = Literal["yes", "partly", "no"]


@dataclass(frozen=True, slots=True)
class Identifier:
    """One of the 18 identifiers that Safe Harbor asks to be removed.

    Args:
        letter: of the list in 45 CFR 164.514 (b) (2) (i).
        name: in English, then in Chinese.
        categories: what must be looked for.
        most: how much can be covered at most.
        note: what stays open, in English, then in Chinese; empty where nothing does.
    """

    letter: str
    name: tuple[str, str]
    categories: tuple[str, ...]
    most: Cover
    note: tuple[str, str] = ("", "")

    def cover(self, removed: Collection[str]) -> Cover:
        """How far it is covered when these categories are looked for and replaced."""
        there = [category in removed for category in self.categories]
        if not any(there) or self.most == "not covered":
            return "not covered"
        return self.most if all(there) else "partly"

    def absent(self, removed: Collection[str]) -> tuple[str, ...]:
        """Which of its categories are not looked for, or are kept."""
        return tuple(category for category in self.categories if category not in removed)


SAFE_HARBOR = (
    Identifier(
        "A",
        ("Names", "姓名"),
        ("PERSON",),
        "partly",
        ("found by lists and context; measure what is missed", "依靠词典和上下文识别；请实测遗漏率"),
    ),
    Identifier(
        "B",
        ("Geographic subdivisions smaller than a state", "州以下的地理区划"),
        ("STREET_ADDRESS", "LOCATION"),
        "partly",
        (
            "addresses by grammar; towns only behind words such as 'lives in'",
            "地址依靠语法识别；地名仅在“住在”等词之后或有完整区划名时识别",
        ),
    ),
    Identifier(
        "C",
        ("Dates other than the year; ages over 89", "除年份外的日期；89 岁以上的年龄"),
        ("DATE_TIME", "DATE_OF_BIRTH"),
        "partly",
        (
            "ages are not looked for; shifted dates keep their intervals",
            "不识别年龄；平移后的日期保留间隔",
        ),
    ),
    Identifier("D", ("Telephone numbers", "电话号码"), ("PHONE_NUMBER",), "covered"),
    Identifier("E", ("Fax numbers", "传真号码"), ("PHONE_NUMBER",), "covered"),
    Identifier("F", ("E-mail addresses", "电子邮箱"), ("EMAIL_ADDRESS",), "covered"),
    Identifier("G", ("Social security numbers", "社会保障号码"), ("US_SSN", "CN_RESIDENT_ID"), "covered"),
    Identifier(
        "H",
        ("Medical record numbers", "病历号"),
        ("MEDICAL_RECORD",),
        "partly",
        ("behind a word that says so; give the form of your numbers", "依靠提示词；请配置本单位的编号格式"),
    ),
    Identifier(
        "I",
        ("Health plan beneficiary numbers", "医保或保单受益人号码"),
        ("POLICY_NUMBER",),
        "partly",
        ("behind a word that says so; give the form of your numbers", "依靠提示词；请配置本单位的编号格式"),
    ),
    Identifier(
        "J",
        ("Account numbers", "账号"),
        ("ACCOUNT_NUMBER", "CREDIT_CARD", "CN_BANK_CARD", "IBAN_CODE"),
        "partly",
        (
            "cards and IBAN by check digit, other numbers behind a word that says so; give the form of your numbers",
            "银行卡与 IBAN 依靠校验位，其他账号依靠提示词；请配置本单位的编号格式",
        ),
    ),
    Identifier(
        "K",
        ("Certificate and licence numbers", "证件号码"),
        ("PASSPORT", "US_DRIVER_LICENSE", "CN_DRIVING_LICENCE", "CN_TRAVEL_PERMIT"),
        "partly",
        ("professional licences need a pattern of your own", "执业证书等需自定义模式"),
    ),
    Identifier(
        "L",
        ("Vehicle identifiers and plates", "车辆识别号和车牌"),
        ("VEHICLE_IDENTIFICATION_NUMBER", "CN_LICENCE_PLATE"),
        "partly",
        ("plates of China alone", "仅识别中国车牌"),
    ),
    Identifier(
        "M",
        ("Device identifiers and serial numbers", "设备标识和序列号"),
        ("MAC_ADDRESS",),
        "partly",
        ("serial numbers need a pattern of your own", "序列号需自定义模式"),
    ),
    Identifier("N", ("Web addresses (URL)", "网址"), ("URL",), "covered"),
    Identifier("O", ("IP addresses", "IP 地址"), ("IP_ADDRESS",), "covered"),
    Identifier("P", ("Biometric identifiers", "生物识别信息"), (), "not covered", ("not text", "不属于文本")),
    Identifier("Q", ("Full-face photographs", "正面照片"), (), "not covered", ("not text", "不属于文本")),
    Identifier(
        "R",
        ("Any other unique number or code", "其他唯一编号或代码"),
        ("CN_SOCIAL_CREDIT_CODE", "UK_NHS", "SOCIAL_ACCOUNT"),
        "partly",
        ("add your own terms and patterns", "请添加自定义词表和模式"),
    ),
)
"""45 CFR 164.514 (b) (2) (i), (A) to (R)."""


@dataclass(frozen=True, slots=True)
class Article:
    """A rule of GDPR or PIPL.

    Args:
        law: "GDPR" or "PIPL".
        place: article.
        asks: what it asks for or says, in English, then in Chinese.
        serves: how de-identification serves it, or why it does not, in English, then in Chinese.
        needs: "any" method serves it; "keyed" ones alone; "reversible" ones alone, which keep a vault; or "never":
            others must see to it.
    """

    law: Literal["GDPR", "PIPL"]
    place: str
    asks: tuple[str, str]
    serves: tuple[str, str]
    needs: Literal["any", "keyed", "reversible", "never"] = "any"

    def served(self, methods: Collection[Method]) -> Served:
        """Whether it is served where these methods replace what is found: by all of them, by some, or by none."""
        serving = [self._serves(method) for method in methods]
        if not any(serving):
            return "no"
        return "yes" if all(serving) else "partly"

    def _serves(self, method: Method) -> bool:
        if self.needs == "keyed":
            return method.needs_key
        return method.reversible if self.needs == "reversible" else self.needs == "any"


ARTICLES = (
    Article(
        "GDPR",
        "4 (5)",
        (
            "pseudonymisation: no person can be told without information that is kept apart",
            "假名化：缺少另行保存的信息便不能识别个人",
        ),
        (
            "by pseudonym: an encrypted vault, its key kept elsewhere",
            "由 pseudonym 满足：假名存于加密保险库，密钥另行保管",
        ),
        "reversible",
    ),
    Article(
        "GDPR",
        "5 (1) (c)",
        ("data minimisation", "数据最小化"),
        ("what a task does not need is taken out before training", "训练前去除任务不需要的信息"),
    ),
    Article(
        "GDPR",
        "25",
        ("data protection by design and by default", "设计与默认的数据保护"),
        ("it is part of the recipe, and is measured", "写入配方并可度量"),
    ),
    Article(
        "GDPR",
        "32 (1) (a)",
        ("pseudonymisation and encryption as measures of security", "以假名化和加密作为安全措施"),
        (
            "by hash, surrogate and pseudonym, which need a key; the vault of pseudonym is encrypted with AES-256-GCM",
            "由需要密钥的 hash、surrogate、pseudonym 满足；pseudonym 的保险库用 AES-256-GCM 加密",
        ),
        "keyed",
    ),
    Article(
        "GDPR",
        "89 (1)",
        ("safeguards for research and statistics", "科研与统计用途的保障措施"),
        ("de-identified before the data are used further", "数据再利用前先去标识化"),
    ),
    Article(
        "GDPR",
        "Recital 26",
        ("anonymous: nobody can be told by means reasonably likely to be used", "匿名：以合理可能的手段无法识别个人"),
        ("not claimed: what is left may still point at somebody", "不作此声明：剩余信息仍可能指向个人"),
        "never",
    ),
    Article(
        "PIPL",
        "28–30",
        (
            "sensitive information: a specific purpose, strict protection, separate consent",
            "敏感个人信息：特定目的、严格保护、单独同意",
        ),
        ("identifiers are taken out; purpose and consent are for the handler", "去除标识符；目的与同意由处理者负责"),
    ),
    Article(
        "PIPL",
        "51 (3)",
        ("technical measures such as encryption and de-identification", "采取加密、去标识化等安全技术措施"),
        ("this step, with its audit", "即本步骤及其审计"),
    ),
    Article(
        "PIPL",
        "55–56",
        ("impact assessment before sensitive information is handled", "处理敏感信息前进行个人信息保护影响评估"),
        ("this page is evidence for it and does not replace it", "本页可作为依据，不能替代评估"),
    ),
    Article(
        "PIPL",
        "73 (3)",
        (
            "de-identified: no person can be told without further information",
            "去标识化：不借助额外信息无法识别特定自然人",
        ),
        ("to the degree that the measured residual risk shows", "程度以实测的残余风险为准"),
    ),
    Article(
        "PIPL",
        "4, 73 (4)",
        ("anonymised: nobody can be told, and it cannot be undone", "匿名化：无法识别且不能复原"),
        ("not claimed: what is left may still point at somebody", "不作此声明：剩余信息仍可能指向个人"),
        "never",
    ),
)
"""What the GDPR and the PIPL say about it."""
