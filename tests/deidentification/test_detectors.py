"""Every detector of identifiers that have a form: what it finds, and what it leaves."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from vocation.component import kinds
from vocation.deidentification.detectors import Detector
from vocation.deidentification.detectors.medical_record import MedicalRecord
from vocation.deidentification.scanner import Scanner

# For each kind: texts in which the part between « and » is found, and texts in which nothing is.
EXAMPLES: dict[str, tuple[list[str], list[str]]] = {
    "account_number": (
        ["账号：«0200 0012 3456 789»，开户行", "account number is «12345678» at", "对公账户«4402231009876543»"],
        ["账号待定", "账户8611323元", "12345678", "account of 5 people"],
    ),
    "cn_bank_card": (
        [
            "卡号«6222021234567890128»请转账",
            "银行卡«6222 0212 3456 7890 128»到期",
            "«6222-0212-3456-7890-128»",
            "尾号为«６２２２０２１２３４５６７８９０１２８»的",
            "工资卡«9558801234567890128»",
        ],
        [
            "卡号6222021234567890123",
            "9558801234567890128",
            "62220212345678901284",
            "4111111111111111",
            "6222021234567890128元",
        ],
    ),
    "cn_driving_licence": (
        ["驾驶证号：«110101199003070000»", "驾驶证档案编号«110100123456»，", "驾照号«11010119900307000X»"],
        ["110101199003070000", "驾驶证已过期", "驾驶证于20230101补办"],
    ),
    "cn_licence_plate": (
        [
            "车牌«京A12345»的车",
            "«沪AD12345»新能源",
            "«粤B·1234学»",
            "«粤Z1234港»",
            "驾驶«苏E 9A8B7»号",
            "«使224001»",
            "«鲁B1234挂»",
        ],
        ["更新B12", "打印京A4纸", "浙ABCDEF", "京I12345", "京A123456", "青AB"],
    ),
    "cn_phone": (
        [
            "电话«13800138000»。",
            "手机«138 0013 8000»或",
            "«138-0013-8000»",
            "«+86 13800138000»",
            "«+86-138-0013-8000»",
            "«8613800138000»",
            "«(+86)13800138000»",
            "tel«13800138000»",
            "座机«010-62345678»",
            "«(0755)88886666»转接",
            "«（0755）88886666»",
            "«021-5888 6666»",
            "«0592-2345678转801»",
            "客服«400-810-8888»",
            "电话：«62345678»",
            "固话«01062345678»",
        ],
        [
            "订单号13800138000",
            "金额13800138000元",
            "0.13800138000",
            "12800138000",
            "138001380001",
            "A13800138000",
            "14010704700XXXX",
            "62345678",
            "2023-01-01",
            "99.5%",
        ],
    ),
    "cn_resident_id": (
        [
            "身份证«110101199003077539»。",
            "号码«１１０１０１１９９００３０７７５３９»的",
            "«110101 19900307 7539»",
            "«110101-19900307-7539»",
            "ID«11010519491231002X»和",
            "«11010519491231002x»",
            "13800138000 «110101199003077539»",
            "身份证号«110101900307753»",
        ],
        [
            "110101199003077538",
            "1101011990030775391",
            "990101199003077539",
            "110101199013077539",
            "0.110101199003077539",
        ],
    ),
    "cn_social_account": (
        ["微信：«zhang_san88»", "QQ «12345678»", "QQ号：«123456789»", "WeChat ID: «lisi-2020x»"],
        ["微信支付", "我们加微信吧", "QQ音乐", "wechat is good"],
    ),
    "cn_social_credit_code": (
        ["代码«91350100M000100Y43»。", "«91350100m000100y43»", "税号：«9135 0100 M000 100Y 43»"],
        ["91350100M000100Y44", "A91350100M000100Y43", "91350100M000100Y433", "00350100M000100Y43"],
    ),
    "cn_travel_permit": (
        ["通行证号：«C12345678»", "回乡证«H0123456701»", "台胞证号码«01234567»"],
        ["C12345678", "通行证已办"],
    ),
    "credit_card": (
        [
            "card «4111 1111 1111 1111» 12/25",
            "«378282246310005»",
            "«5555555555554444»",
            "cc «501234567896»",
            "«3530111333300000»",
        ],
        ["4111 1111 1111 1112", "501234567896", "order 4111111111111111", "$4111111111111111.00", "1234567812345670"],
    ),
    "date_of_birth": (
        [
            "出生日期：«1990年3月7日»",
            "«1990-03-07»出生",
            "«1990年3月7日»生，汉族",
            "生于«一九九〇年三月七日»",
            "born on «March 7, 1990» in",
            "DOB: «03/07/1990»",
            "Date of birth «7 March 1990».",
            "出生于«19900307»",
            "出生年月：«1985.03»，籍贯",
        ],
        [
            "1990年3月7日入院",
            "产生1990",
            "born in winter",
            "1990-03-07生产日期",
            "出生日期：不详",
            "第1985.03节",
            "出生体重：1985.031克",
        ],
    ),
    "date_time": (
        [
            "于«2023年5月1日»入院",
            "«2000-04-16 11:34:35»",
            "on «March 7, 1990»",
            "«5月1日»",
            "at «11:30 pm»",
            "«二〇二三年五月»",
            "«7/30/1964»",
            "«1 May 2020»",
            "«Aug 3rd, 1999»",
        ],
        ["1977", "3.14", "12:345", "may I", "第3条", "2023-13-45"],
    ),
    "email": (
        ["邮箱«b.c+d@x-y.com»。", "<«O'Neil_3@mail.example.co.uk»>", "到«zhang@qq.com»查收", "(«jörg@web.de»)"],
        ["a@b", "@handle", "a@b.c", "@@x.com", "user@-x.com"],
    ),
    "iban": (
        [
            "«GB29NWBK60161331926819»",
            "IBAN «gb29 nwbk 6016 1331 9268 19» ok",
            "账户«DE89370400440532013000»。",
            "«NO93 8601 1117 947»",
        ],
        ["GB29NWBK60161331926818", "GB29NWBK6016133192681", "GB29NWBK601613319268190", "XX29NWBK60161331926819"],
    ),
    "ip_address": (
        [
            "IP«192.168.1.1»登录",
            "from «10.0.0.0/8»,",
            "«2001:db8::1»",
            "host «fe80::1ff:fe23:4567:890a»",
            "«192.168.1.1»:8080",
            "logs:\n«10.1.2.3» GET /",
            "«8.8.8.8»:53 and «8.8.4.4/32»",
            "seen from «3.2.2.4»",
        ],
        [
            "version 1.2.3.4",
            " 3.2.2.4 重度营养不良患者",
            "one\n3.2.2.4 severely malnourished",
            "choline esterase (EC 3.1.1.11)",
            "1.2.3.4.5",
            "256.1.1.1",
            "12:30:45",
            "std::vector",
            "a::b",
            "::",
            "版本号：1.2.3.4",
            "第4.4.5.1项",
            "手册4.4.5.1条",
        ],
    ),
    "mac_address": (
        ["mac «00:1A:2B:3C:4D:5E»", "«00-1a-2b-3c-4d-5e»", "«001A.2B3C.4D5E»"],
        ["00:1A:2B", "00:00:00:00:00:00", "12:30:45"],
    ),
    "medical_record": (
        [
            "住院号：«ZY20230012»，",
            "病历号 «00123456»",
            "MRN: «A-1234567»",
            "Patient ID is «998877»",
            "医保卡号«31010012345»",
            "患者登记号«0012345678»",
        ],
        ["住院3天", "病历号：待补", "20230012", "住院号：12", "软件著作权登记号为2009-B-016523"],
    ),
    "passport": (
        [
            "护照«E12345678»",
            "护照号码：«EA1234567»",
            "持«E12345678»入境",
            "passport no: «123456789»",
            "护照«G12345678»",
        ],
        ["G12345678", "护照已过期", "零件号E12345678", "E1234567", "passport control 12"],
    ),
    "phone": (
        [
            "«+41 (0)96 471 07 95».",
            "«+1-984-182-0190»",
            "call «905-674-3793»",
            "«(415) 555-2671»",
            "«345-899-3560x4587»",
            "«03.93.92.16.85»",
            "«07700 900 966»",
            "Phone:\n«467 3395»",
            "mobile number is «9498777106» now",
            "«+44 7700 900123» 2023",
            "desk: «+1-604-696-5272x565»",
            "«+44 20 7946 0958 ext. 12».",
            "«0044 20 7946 0958»",
            "from abroad «00 44 20 7946 0958»",
            "or «011 44 20 7946 0958»",
            "«(+370) 61234567»",
            "«+(370) 61234567»",
            "in brackets («+44 20 7946 0958»)",
            "1-800-CDC-INFO («1-800-232-4636»)",
            "«+৮৮০-১৮১২-৩৪৬৮৩৮»",
            "Niue «+683 7079»",
            "«8 (495) 123-45-67» or «8 800 555 35 35»",
            "«(11) 92375-5422»",
            "«11 92375-5422»",
            "«25/851-7812»",
            "«71-33-52-22»",
            "«02/123.45.67»",
            "«0711 / 123456»",
            "«(351) 277 835 337»",
            "«914-177-7631»",
            "my number is «78 651 450», thanks",
            "«9498777106» is my mobile number.",
            "is «467 3395» your number?",
            "the code was sent to «9498777106»",
            "Reminder sent to «2212-8887» (mobile)",
            "«467-3395»-Office,«467-3396»-Fax",
            "I tried «609 141 777» twice but nobody answered the phone.",
            "T: «22 859495» | M: «99 668472»",
            "Office: «9469 9966»",
            "Phone: «20.49.85.64»",
            "Numéro de téléphone : «12345678»",
            "Telefon: «5123456»",
            "тел. «2123457»",
            "전화번호 «212-3457»",
            "电话：«2123 4567»，地址",
            "Old phone «467 3395», new one «467 3396».",
            "Emergency contacts: 1) mother «467 3395» 2) father «467 3396»",
            "Anna Berg\nSales manager\n«78 651 450»\nanna@example.com",
            "Anna Berg\n12 Elm Street\nSpringfield\n«467 3395»",
            "Anna Berg, «467 3395», anna@example.com",
            "I'll be under «912 34 56 78» all day",
            "call «9498777106x123»",
            "call «467 3395» or «467 3396»",
            "caller ID «467 3395»",
            "the number on file is «467 3395»",
        ],
        [
            "2000-04-16",
            "2000/04/16 11:34",
            "460-89-98",
            "order 905-674-3793",
            "1,234,567",
            "+999 123",
            "80%+1808/21.75×13",
            "part +1-604-696-5272x565mm",
            "(2013)+10183.35元",
            "01.02.2023",
            "3.141592653",
            "Boston, MA 02110-1301, USA",
            "12345678",
            "5403926876",
            "4673395",
            "(12345678)",
            "467 3395",
            "call us about order 12345678",
            "phone bill of 1 234 567 EUR",
            "the mobile app 19.13.26049",
            "call volume was 12 345 678",
            "contact center handled 12345678 requests",
            "The phone company sold 12 345 678 handsets",
            "phone, IBAN DE12 3456",
            "Call us. Member ID 467-3395",
            "my phone broke; invoice 2019-904127",
            "Call before 20230115",
            "call on 12.05.23 at 10",
            "SSN 536-90-4399, phone lost",
            "Random Struct. Algor. 18 (2001) 116-140",
            "Physical Review, vol. 104 no. 27 11150-11154",
            "phones sold: 2019-2020",
            "call for papers 1998--2001",
            "10.84-14.07 per cell",
            "cell count was 165.79-248.69",
            "cell count 289676 - 434514 /µl",
            "clause 52.227.19 (c)",
            "3747 3911 Fourth Avenue is where you call",
            "Weight Pulse\n191 36 50\n189 37 52\n",
            "7f 45 4c 46 02 01 00 00 68 00 71 00 77",
            "4111 1111 1111 1111 is my phone",
            "电话费1234567元",
            "电话0755-276××××6",
            "国权音字06-2004-0762",
            "行罚决字(2014)719-721号",
            "text=2310144 and message-1631570135665",
            "call $1 234 567",
            "phone context = {12345678}",
        ],
    ),
    "policy_number": (
        [
            "保单号：«PICC-2023-00012345»，",
            "投保单号«886123456789008»",
            "policy number «P12345678»",
            "Claim #: «C-778899»",
            "policy no. «AB-1234567» is due",
            "Claim no. «5566778».",
        ],
        ["保单已生效", "P12345678", "policy of 2023", "保单号：无", "This is my insurance policy. 1234567 people"],
    ),
    "uk_nhs": (
        [
            "NHS number «943 476 5919»",
            "NHS: «9434765919»",
            "patient «943-476-5919»",
            "«9434765919» is the NHS number on file",
        ],
        ["943 476 5919", "NHS 943 476 5918", "NHS patient, order 9434765919", "patient +91 9434765919"],
    ),
    "url": (
        [
            "见«https://example.com/a(b)?c=d»。",
            "(«http://example.org/»)",
            "访问«www.abc.com.cn»查询",
            "at «example.com/path», now",
            "«HTTP://EXAMPLE.COM».",
            "见«https://例子.中国/abc»查看",
        ],
        ["a.b", "end.Then", "3.5", "e.g.this", "x@example.com", "http:/" + "/"],
    ),
    "us_driver_license": (
        ["driver's license «F162823540116» is", "Driver license number: «6940579»"],
        ["F162823540116", "license to drive"],
    ),
    "us_ssn": (
        ["SSN «536-90-4399»", "«536-90-4399»", "social security number «536 90 4399»", "ssn: «536904399»"],
        [
            "000-12-3456",
            "666-12-3456",
            "987-65-4320",
            "536-00-4399",
            "536-90-0000",
            "078-05-1120",
            "536904399",
            "1-536-90-4399",
        ],
    ),
    "vehicle_identification_number": (
        ["VIN «1HGCM82633A004352»", "«1M8GDM9AXKP042788»", "车架号：«WVWZZZ1JZXW000001»"],
        ["1HGCM82633A004353", "WVWZZZ1JZXW000001", "12345678901234567", "1HGCM82633A0043521"],
    ),
}


def plain(marked: str) -> str:
    return marked.replace("«", "").replace("»", "")


def scanner(kind: str) -> Scanner:
    detector = kinds("vocation.deidentification.detectors")[kind]()
    assert isinstance(detector, Detector)
    return Scanner((detector,))


def marked_findings(scan: Scanner, text: str) -> str:
    marked, position = "", 0
    for start, end, *_ in scan.scan([text])[0]:
        marked += f"{text[position:start]}«{text[start:end]}»"
        position = end
    return marked + text[position:]


@pytest.mark.parametrize(("kind", "marked"), [(kind, text) for kind, (found, _) in EXAMPLES.items() for text in found])
def test_identifier_is_found_whole(kind: str, marked: str) -> None:
    assert marked_findings(scanner(kind), plain(marked)) == marked


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, (_, left) in EXAMPLES.items() for text in left])
def test_what_is_no_identifier_is_left(kind: str, text: str) -> None:
    assert marked_findings(scanner(kind), text) == text


def test_every_detector_of_a_form_has_examples() -> None:
    others = ("chinese_", "english_", "custom_")
    found = [kind for kind in kinds("vocation.deidentification.detectors") if not kind.startswith(others)]
    assert sorted(EXAMPLES) == found
    assert len(found) == 25


def test_every_detector_names_what_it_finds_and_itself() -> None:
    for kind, (found, _) in EXAMPLES.items():
        detector = kinds("vocation.deidentification.detectors")[kind]()
        assert isinstance(detector, Detector)
        findings = [finding for text in found for finding in scanner(kind).scan([plain(text)])[0]]
        assert {finding.category for finding in findings} == set(detector.found_categories())
        assert {finding.detector for finding in findings} == {kind}


@pytest.mark.parametrize(
    ("kind", "setting", "text"),
    [
        ("cn_resident_id", "fifteen_digits", "身份证号110101900307753"),
        ("url", "bare_domains", "see example.com now"),
        ("date_time", "partial_dates", "5月1日"),
        ("date_time", "times", "at 11:30"),
    ],
)
def test_settings_turn_parts_off(kind: str, setting: str, text: str) -> None:
    detector = kinds("vocation.deidentification.detectors")[kind]
    assert isinstance(detector(), Detector)
    on, off = (Scanner((detector(**{setting: value}),)) for value in (True, False))  # type: ignore[arg-type]
    assert on.scan([text])[0]
    assert not off.scan([text])[0]


def test_words_and_pattern_of_a_record_number_are_settings() -> None:
    scan = Scanner((MedicalRecord(words=("卡片号",), pattern="[A-Z]{3}"),))
    assert marked_findings(scan, "卡片号：ABC，住院号：ZY20230012") == "卡片号：«ABC»，住院号：ZY20230012"


def test_record_number_right_behind_its_name_is_no_card() -> None:
    detectors = kinds("vocation.deidentification.detectors")
    scan = Scanner(tuple(detectors[kind]() for kind in ("policy_number", "credit_card")))  # type: ignore[misc]
    (finding,) = scan.scan(["保单号4111111111111111"])[0]
    assert finding.category == "POLICY_NUMBER"


def test_empty_word_is_refused() -> None:
    with pytest.raises(ValidationError):
        MedicalRecord(words=("",))
