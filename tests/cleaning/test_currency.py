"""The step `currency`."""

from __future__ import annotations

import pytest

from vocation.cleaning.currency import Currency
from vocation.text import Span, Text

OTHERS = (
    "五元素 二元函数 三元里 一元二次方程 一元复始 几百元 数千元 第五元 "
    "NT$100 A$5 100-200元 100至200元 ¥100-200 3块 陆元朗 $x 元 A100元 "
    "新台币100元 台币500元 韩元100元 韩币：100元 澳门元100元 比特币100元 100元韩币 100元新台币 100元澳门元 100新元 "
    "金额（港币）：100元 100元（港币） 100元(韩元) TWD：100元 $100元 $100港元 港币100日元 港币100-200元 "
    "港币100元至200元 人民币5日上涨 美元2017年升值 美元一路走高 美元三大支柱 五日元旦 十五日元宵节 港币100元旦"
)


@pytest.mark.parametrize(
    ("written", "code", "symbol", "chinese"),
    [
        ("￥100", "CNY 100", "¥100", "100元"),
        ("人民币一百元整", "CNY 100", "¥100", "100元"),
        ("RMB 1,000", "CNY 1000", "¥1000", "1000元"),
        ("100块钱", "CNY 100", "¥100", "100元"),
        ("3.5万元", "CNY 35000", "¥35000", "35000元"),
        ("壹佰万元整", "CNY 1000000", "¥1000000", "1000000元"),
        ("5元3角2分", "CNY 5.32", "¥5.32", "5.32元"),
        ("$3.5 million", "USD 3500000", "$3500000", "3500000美元"),
        ("US$100", "USD 100", "$100", "100美元"),
        ("5 €", "EUR 5", "€5", "5欧元"),
        ("£5", "GBP 5", "£5", "5英镑"),
        ("100日元", "JPY 100", "JP¥100", "100日元"),
        ("一百港元", "HKD 100", "HK$100", "100港元"),
        ("100元至200元", "CNY 100至CNY 200", "¥100至¥200", "100元至200元"),
        ("港币100元", "HKD 100", "HK$100", "100港元"),
        ("香港币100元", "HKD 100", "HK$100", "100港元"),
        ("港币100", "HKD 100", "HK$100", "100港元"),
        ("港幣5元3角", "HKD 5.3", "HK$5.3", "5.3港元"),
        ("100元港币", "HKD 100", "HK$100", "100港元"),
        ("美金100元", "USD 100", "$100", "100美元"),
        ("支付美金5万元", "支付USD 50000", "支付$50000", "支付50000美元"),
        ("美元5万元", "USD 50000", "$50000", "50000美元"),
        ("US$100元", "USD 100", "$100", "100美元"),
        ("$100美元", "USD 100", "$100", "100美元"),
        ("日元1000元", "JPY 1000", "JP¥1000", "1000日元"),
        ("日币3000元", "JPY 3000", "JP¥3000", "3000日元"),
        ("欧元5元", "EUR 5", "€5", "5欧元"),
        ("英镑叁佰元整", "GBP 300", "£300", "300英镑"),
        ("人民币 100 元", "CNY 100", "¥100", "100元"),
        ("人民币伍万圆整", "CNY 50000", "¥50000", "50000元"),
        ("100元和港币200元", "CNY 100和HKD 200", "¥100和HK$200", "100元和200港元"),
    ],
)
def test_amounts_have_one_form(written: str, code: str, symbol: str, chinese: str) -> None:
    assert Currency()(Text(written)).content == code
    assert Currency(form="symbol")(Text(written)).content == symbol
    assert Currency(form="chinese")(Text(written)).content == chinese


@pytest.mark.parametrize(
    "content",
    OTHERS.split(),
)
def test_what_is_no_amount_for_certain_stays(content: str) -> None:
    text = Text(content)
    assert Currency()(text) is text


@pytest.mark.parametrize("join", ["、", "和", "或", " 至 "])
def test_an_amount_in_a_list_that_begins_in_another_currency_stays(join: str) -> None:
    assert Currency()(Text(f"港币100元{join}200元")).content.endswith(f"{join}200元")
    assert Currency()(Text(f"人民币100元{join}200元")).content == f"CNY 100{join}CNY 200"


def test_dollar_signs_of_formulae_are_no_money() -> None:
    for content in (r"所以 $3 \times 4$", "当 $0<x$ 时", r"$5^{2}$"):
        text = Text(content)
        assert Currency()(text) is text
    assert Currency()(Text("$5 and $6")).content == "USD 5 and USD 6"


def test_what_a_sign_means_is_a_choice() -> None:
    assert Currency(yen_sign="JPY")(Text("¥5 100元")).content == "JPY 5 CNY 100"
    assert Currency(dollar_sign="HKD")(Text("$5 US$5")).content == "HKD 5 USD 5"
    kept = Text("¥5 $5 5 dollars")
    assert Currency(yen_sign="keep", dollar_sign="keep")(kept) is kept


def test_spans_move_and_an_amount_that_a_span_ends_within_stays() -> None:
    text = Currency()(Text("罚款二十万元以下", (Span(2, 6, "AMOUNT"), Span(6, 8, "REST"))))
    assert [text.content[span.start : span.end] for span in text.spans] == ["CNY 200000", "以下"]
    half = Text("二十万元", (Span(0, 3, "X"),))
    assert Currency()(half) is half
