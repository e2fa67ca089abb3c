"""Sentence bounds: hard cases by hand, with the errors counted, and laws that hold for every text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.language.sentences import sentence_bounds

ENGLISH = """
Dr. Smith saw Mrs. Jones on Monday.|She was well.
Prof. J. R. R. Tolkien taught at Oxford Univ. until 1959.|Then he retired.
The dose was 3.5 mg.|It was raised to 7.25 mg on Jan. 5.|No harm was seen.
See Fig. 2 and Figs. 3–5.|The table (cf. Sec. 4.1) says more.
Smith et al. (2019) found none.|Brown et al. disagreed.|The debate goes on.
E. coli and S. aureus grew.|C. difficile did not.
He weighs 80 kg.|His height is 1.80 m.
Take one tablet b.i.d. with food.|Do not take it at night.
The patient came at 5 p.m. and left at 6 p.m. the same day.
The U.S. Department of Health paid.|It was expensive in the U.S.|The U.K. paid less.
Vitamin D. was tested.|It has no effect.
Patients had hepatitis B.|The others did not.
Blood pressure was 120/80 mmHg.|Heart rate was 70.|pH was 7.4.|mRNA was low.
Is it serious?|No!|It will pass.
"Is it serious?" she asked.|"No," he said.
He said "Stop. Wait for me."|Then he ran.
The drug (e.g. aspirin, see p. 5) helps.|The placebo does not.
We used no drug (see Methods. They are long.) in this study.|Nobody complained.
Acme Inc. was sued by Bolt Ltd. in 2019.|It won.
Smith v. Jones, No. 12-345, was decided.|Art. 5 applies.
The cost is $5.50.|That is cheap.
Visit www.example.com for more.|Write to a.b@example.com today.
1. First item of the list.|2. Second item of it.
A. Wash your hands.|B. Dry them.
Wait... what happened?|Nothing.
The answer was no.|Nobody asked again.
It cost approx. 5 dollars, i.e. nothing.|We bought it.
Version 2.0.1 fixes it.|Version 2.1 adds more.
He has a Ph.D. in chemistry.|She has an M.D. too.
Mr. and Mrs. Miller vs. the State of Ohio.|The court agreed.
The pipe is 5" wide and 6" long.|It broke.
Yahoo! is a company.|So is Google.
Symptoms: fever, cough, etc.|Treatment: rest.
The rate fell (from 5.1 to 4.9%).|However, it rose later.
The St. Louis hospital has 300 beds.|Most are full.
Plan: 1. Rest and drink.|2. Come again; 3. Call us.
The ratio was 3:1.|The others had 2:1.
"""
CHINESE = """
今天下雨。|明天晴。
你好吗？|我很好！|谢谢。
他说：“你好。我走了。”|然后离开。
“你好！”他说。|“再见。”|她走了。
“你是谁？”老人问道。|他没有回答。
体温38.5℃。|血压120/80mmHg。
价格是3.14元。|不贵。
依照《刑法》第二百六十六条之规定，判处有期徒刑三年。|本判决为终审判决。
（一）有本条规定的行为；（二）情节严重的。|前款规定不适用。
他喊道：“着火了！快跑！”|大家都跑了。
真的吗？！|当然。
我不知道……也许吧。|再说。
患者张某（男，45岁。已婚。）入院。|诊断为肺炎。
《你好，李焕英。》是一部电影。|很好看。
把写着“禁止吸烟。”的牌子挂上。|谢谢。
服用阿司匹林(aspirin)5 mg.|每日一次。
Dr.王是医生。|他在北京工作。
本法自2021年1月1日起施行。|《合同法》同时废止。
他问：“为什么？”，我没有回答。|他走了。
见图3.2。|结果如表1.1所示。
「早安。」他說。|「早。」
他说了三个字：“我爱你。”|她哭了。
使用Python 3.11版本。|安装pip。
根据第5.2款，乙方应当付款。|逾期支付违约金。
请访问www.example.com。|谢谢！
甲方（以下简称“公司”。）同意。|乙方也同意。
pH值为7.4。|正常。
他得了A.B.C.三项。|不错。
你说什么?|我没听见!|再说一遍。
建议：1.多休息。|2.多喝水。
诊断:1.高血压2级。|病情稳定；2.糖尿病。
原告诉称：被告借款5万元。|被告辩称：已归还。
“我走了。”|“再见。”|他关上门。
"""


def cases(block: str) -> list[list[str]]:
    return [line.split("|") for line in block.strip().split("\n")]


def split(content: str, *, wrapped: bool = False) -> list[str]:
    return [content[start:end] for start, end in sentence_bounds(content, wrapped=wrapped)]


def joined(sentences: list[str], space: str) -> str:
    return space.join(sentences)


def wrong_bounds(block: str, space: str) -> tuple[list[str], list[str], int]:
    """Bounds that the splitter invents, bounds that it misses, and how many there are."""
    invented, missed, total = [], [], 0
    for sentences in cases(block):
        content = joined(sentences, space)
        found = {end for _, end in sentence_bounds(content)}
        ends, position = set(), 0
        for sentence in sentences:
            ends.add(position + len(sentence))
            position += len(sentence) + len(space)
        invented += [content[:end][-20:] for end in sorted(found - ends)]
        missed += [content[:end][-20:] for end in sorted(ends - found)]
        total += len(ends)
    return invented, missed, total


def test_no_hard_english_sentence_is_divided_and_none_is_missed() -> None:
    invented, missed, total = wrong_bounds(ENGLISH, " ")
    assert total >= 60
    assert invented == []
    assert missed == []


def test_no_hard_chinese_sentence_is_divided_and_none_is_missed() -> None:
    invented, missed, total = wrong_bounds(CHINESE, "")
    assert total >= 60
    assert invented == []
    assert missed == []


def test_a_splitter_at_every_full_stop_would_fail_these_cases() -> None:
    import re

    content = joined(cases(ENGLISH)[0], " ")
    assert len(re.split(r"(?<=[.!?])\s", content)) > len(cases(ENGLISH)[0])


def test_a_line_end_ends_a_sentence_unless_lines_are_wrapped() -> None:
    content = "A heading\nThe text goes\non here. It ends.\n\nThe next part"
    assert split(content) == ["A heading", "The text goes", "on here.", "It ends.", "The next part"]
    wrapped = split(content, wrapped=True)
    assert wrapped == ["A heading\nThe text goes\non here.", "It ends.", "The next part"]


def test_a_quotation_that_never_closes_holds_nothing_together() -> None:
    assert split("“单位犯前款罪的，处罚金。情节严重的，加重。") == ["“单位犯前款罪的，处罚金。", "情节严重的，加重。"]


@pytest.mark.parametrize(
    ("content", "span", "expected"),
    [
        ("He met St. Peter. Then he left.", (10, 23), ["He met St. Peter. Then he left."]),
        ("他在甲。乙公司工作。很好。", (2, 7), ["他在甲。乙公司工作。", "很好。"]),
        ("One line\nand another. End.", (4, 12), ["One line\nand another.", "End."]),
        ("First. Second.", (6, 10), ["First. Second."]),  # The span begins with the space.
    ],
)
def test_a_span_is_never_divided(content: str, span: tuple[int, int], expected: list[str]) -> None:
    assert [content[start:end] for start, end in sentence_bounds(content, [span])] == expected
    assert len(sentence_bounds(content)) > len(expected)


CONTENT = st.text(st.sampled_from('aB1 .。！?\n“”"()（），5…D.r'), max_size=40)


@given(CONTENT, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=3), st.booleans())
def test_sentences_hold_everything_but_white_space_and_every_span_whole(
    content: str, pairs: list[tuple[int, int]], wrapped: bool
) -> None:
    whole = [(start, end) for start, end in pairs if start < end <= len(content)]
    bounds = sentence_bounds(content, whole, wrapped=wrapped)
    position = 0
    for start, end in bounds:
        assert position <= start < end
        assert not content[position:start].strip()
        position = end
    assert not content[position:].strip()
    assert all(any(start <= low and high <= end for start, end in bounds) for low, high in whole)
