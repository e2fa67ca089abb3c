"""Values for Chinese templates: each function draws one, in one of the ways in which people write it."""

from __future__ import annotations

import string
from random import Random

from vocation.deidentification import checks

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰建国志文雪梅晓东海燕佳怡浩然子轩欣悦"
_PLACES = (
    *("北京市海淀区", "上海市浦东新区", "广东省深圳市南山区", "浙江省杭州市西湖区", "四川省成都市武侯区"),
    *("湖北省武汉市洪山区", "陕西省西安市雁塔区", "江苏省南京市鼓楼区", "山东省济南市历下区", "福建省厦门市思明区"),
)
_ROADS = ("中山路", "人民路", "解放大道", "建设街", "和平路", "学府路", "滨江大道", "文化西路", "长安街", "新华路")
_REGIONS = (
    "110101",
    "310115",
    "440305",
    "330106",
    "510107",
    "420111",
    "610113",
    "320106",
    "370102",
    "350203",
    "654321",
)
_MOBILE = (
    *("130", "131", "135", "138", "139", "147", "150", "152", "157", "159", "166", "170", "173", "177"),
    *("180", "182", "185", "188", "189", "191", "198", "199"),
)
_AREAS = ("010", "021", "020", "0755", "0571", "028", "027", "029", "025", "0531", "0592", "0731")
_BINS = ("622202", "621700", "622848", "621661", "622588", "621483", "622260", "625912", "623058", "620522")
_FULL_WIDTH = str.maketrans(string.digits + "X-", "０１２３４５６７８９Ｘ－")
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_CREDIT_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def digits(random: Random, count: int | None = None) -> str:
    """Digits that mean nothing: four to six, or so many."""
    return "".join(random.choice(string.digits) for _ in range(count or random.randint(4, 6)))


def name(random: Random) -> str:
    """A name of two or three characters."""
    return random.choice(_SURNAMES) + "".join(random.choice(_GIVEN) for _ in range(random.choice((1, 2, 2))))


def address(random: Random) -> str:
    """A street address."""
    street = f"{random.choice(_PLACES)}{random.choice(_ROADS)}{random.randint(1, 999)}号"
    return street + random.choice(("", f"{random.randint(1, 30)}栋{random.randint(101, 2808)}室"))


def _birthday(random: Random) -> tuple[int, int, int]:
    return random.randint(1940, 2015), random.randint(1, 12), random.randint(1, 28)


def resident_id(random: Random) -> str:
    """A resident ID of 18 characters: whole, in groups, in full width, with a small x."""
    year, month, day = _birthday(random)
    body = f"{random.choice(_REGIONS)}{year}{month:02}{day:02}{digits(random, 3)}"
    number = body + checks.resident_id_digit(body)
    spaced = f"{number[:6]} {number[6:14]} {number[14:]}"
    return random.choice(
        (number,) * 6 + (spaced, spaced.replace(" ", "-"), number.translate(_FULL_WIDTH), number.lower())
    )


def old_resident_id(random: Random) -> str:
    """A resident ID of 15 digits."""
    year, month, day = _birthday(random)
    return f"{random.choice(_REGIONS)}{year % 100:02}{month:02}{day:02}{digits(random, 3)}"


def wrong_id(random: Random) -> str:
    """Eighteen digits that look like a resident ID, with a wrong check digit."""
    year, month, day = _birthday(random)
    body = f"{random.choice(_REGIONS)}{year}{month:02}{day:02}{digits(random, 3)}"
    right = checks.resident_id_digit(body)
    return body + random.choice([digit for digit in string.digits if digit != right])


def mobile(random: Random) -> str:
    """A mobile number: whole, in groups, with a country code, in full width."""
    prefix, middle, last = random.choice(_MOBILE), digits(random, 4), digits(random, 4)
    number = f"{prefix}{middle}{last}"
    others = (f"{prefix}-{middle}-{last}", f"{prefix} {middle} {last}", f"+86 {number}", f"+86-{number}", f"86{number}")
    return random.choice((number,) * 6 + (*others, f"(+86){number}", number.translate(_FULL_WIDTH)))


def landline(random: Random) -> str:
    """A landline number with its area code, some with an extension."""
    area = random.choice(_AREAS)
    number = str(random.randint(2, 8)) + digits(random, 7 if len(area) == 3 or area in {"0755", "0571"} else 6)
    forms = (f"{area}-{number}",) * 4 + (f"({area}){number}", f"（{area}）{number}", f"{area} {number}")
    return random.choice((*forms, f"{area}-{number}转{digits(random, 3)}", f"{area}-{number[:4]}-{number[4:]}"))


def bank_card(random: Random) -> str:
    """A UnionPay card of 16 or 19 digits: whole or in groups of four."""
    body = random.choice(_BINS) + digits(random, random.choice((9, 12, 12)))
    number = body + checks.luhn_digit(body)
    spaced = " ".join(number[place : place + 4] for place in range(0, len(number), 4))
    return random.choice((number, number, number, spaced, spaced.replace(" ", "-"), number.translate(_FULL_WIDTH)))


def wrong_card(random: Random) -> str:
    """Nineteen digits that begin as a card, with a wrong check digit."""
    body = random.choice(_BINS) + digits(random, 12)
    return body + str((int(checks.luhn_digit(body)) + random.randint(1, 9)) % 10)


def passport(random: Random) -> str:
    """A Chinese passport number."""
    second = random.choice("ABCDEFGHJKLMNPQRSTUVWXYZ")
    return random.choice((f"E{digits(random, 8)}", f"E{second}{digits(random, 7)}", f"G{digits(random, 8)}"))


def plate(random: Random) -> str:
    """A licence plate: ordinary, with a dot, new-energy, of a driving school or a trailer."""
    start = random.choice(_PROVINCES) + random.choice(_PLATE_LETTERS)
    ordinary = list(digits(random, 5))
    for place in random.sample(range(5), random.choice((0, 1, 1, 2))):
        ordinary[place] = random.choice(_PLATE_LETTERS)
    body = "".join(ordinary)
    energy = random.choice("DF") + random.choice(_PLATE_LETTERS + string.digits) + digits(random, 4)
    other = (
        f"{start}{energy}",
        f"{start}{digits(random, 4)}学",
        f"{start}{digits(random, 4)}挂",
        f"{start}{digits(random, 5)}D",
    )
    return random.choice((f"{start}{body}",) * 4 + (f"{start}·{body}", f"{start} {body}", *other))


def social_credit_code(random: Random) -> str:
    """A unified social credit code."""
    organisation = "".join(random.choice(_CREDIT_LETTERS) for _ in range(8))
    if random.random() < 2 / 3:
        organisation = digits(random, 8)
    kind = random.choice(("91", "91", "91", "12", "52", "92", "51", "11"))
    body = f"{kind}{random.choice(_REGIONS)}{organisation}{checks.organisation_digit(organisation)}"
    return body + checks.social_credit_digit(body)


def record(random: Random) -> str:
    """A medical record number; every hospital has its own form."""
    prefix = random.choice(("", "", "ZY", "MZ", "H", "B-", "ZY-"))
    return prefix + random.choice((f"20{digits(random, 2)}", "")) + digits(random, random.choice((6, 7, 8)))


def policy(random: Random) -> str:
    """An insurance policy number; every insurer has its own form."""
    forms = (f"P{digits(random, 12)}", f"PICC-20{digits(random, 2)}-{digits(random, 8)}", digits(random, 16))
    return random.choice((*forms, f"CPIC{digits(random, 10)}", f"886{digits(random, 9)}008"))


def email(random: Random) -> str:
    """An e-mail address."""
    user = "".join(random.choice(string.ascii_lowercase) for _ in range(random.randint(3, 9)))
    user += random.choice(
        ("", digits(random, 2), f"_{digits(random, 3)}", f".{random.choice(string.ascii_lowercase)}w")
    )
    return f"{user}@{random.choice(('qq.com', '163.com', 'gmail.com', 'example.com.cn', 'mail.tsinghua.edu.cn'))}"


def url(random: Random) -> str:
    """A web address."""
    host = "".join(random.choice(string.ascii_lowercase) for _ in range(random.randint(4, 9)))
    scheme = random.choice(("https:", "http:")) + "/" * 2
    start = random.choice((scheme, scheme + "www.", "www."))
    return (
        f"{start}{host}{random.choice(('.com', '.com.cn', '.gov.cn', '.org'))}{random.choice(('', '/', '/a/b?id=3'))}"
    )


def ip(random: Random) -> str:
    """An internet address, of either version."""
    four = ".".join(str(random.randint(1, 254)) for _ in range(4))
    return random.choice((four, four, f"2001:db8:{random.randint(1, 65535):x}::{random.randint(1, 65535):x}"))


def date(random: Random) -> str:
    """A day, in one of the common forms."""
    year, month, day = _birthday(random)
    forms = (f"{year}年{month}月{day}日", f"{year}-{month:02}-{day:02}", f"{year}/{month}/{day}")
    return random.choice((*forms, f"{year}.{month}.{day}", f"{year}年{month:02}月{day:02}日"))


def amount(random: Random) -> str:
    """An amount of money or a quantity."""
    number = random.randint(1, 99_999_999)
    return random.choice((f"{number:,}.{digits(random, 2)}元", f"{number}元", f"￥{number}", f"{number / 100:.2f}万元"))


def order(random: Random) -> str:
    """The number of an order, parcel or transaction."""
    forms = (f"20{digits(random, 16)}", f"SF{digits(random, 13)}", f"1{digits(random, 10)}", digits(random, 12))
    return random.choice((*forms, digits(random, 20)))
