"""What every step that rewrites characters and values promises, tried on fragments that it acts on."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vocation.cleaning import CleaningStep
from vocation.cleaning.case import Case
from vocation.cleaning.chinese_variant import ChineseVariant
from vocation.cleaning.currency import Currency
from vocation.cleaning.dates import Dates
from vocation.cleaning.html import Html
from vocation.cleaning.numbers import Numbers
from vocation.cleaning.punctuation import Punctuation
from vocation.cleaning.repair import Repair
from vocation.cleaning.units import Units
from vocation.text import Span, Text

# What each step acts on, with `_` for a space.
FRAGMENTS = {
    "repair": "Ã© â€™ â€œ æ–‡ ä¸\xad Ã_ \x80 é “ 中 a \n ÃƒÂ©",
    "html": "&lt; &gt; &amp; amp; lt; & ; <b> <p_class='x'> <br/> <!-- --> <script> </script> < b 5 中 <sup> </sup>",
    "case": "A İ ß ẞ Σ Ο ς ﬁ Ǆ 中 a 1 𐐀",
    "chinese_variant": "头 髮 发 發 干 乾 么 麼 幺 后 後 里 裡 了解 薴 苧 a \ud800 丰 𠮷",
    "dates": "2023 年 5 月 1 日 五 二〇二三 十 / - . May Dec , 12 13 农历 号 至 _ v 03",
    "numbers": "三 百 千 万 亿 十 零 一 点 分之 百分之 3 5 , . 000 % 条 第 个 million percent （ ） 、 两 - A 味 几 _",
    "units": "5 3 五 十 点 千 克 毫 米 毫克 mg mL ml ℃ / kg 天 g . , - A 级 µg m m2 升 _",
    "currency": "¥ ￥ $ US 5 三 百 万 元 角 分 整 RMB CNY 人民币 块钱 美元 港币 日 , . - 至 素 000 dollars million _",
    "punctuation": ", . ; : ? ! ( ) \" ' “ ” ‘ ’ 「 」 … — - 。 ， ！ 中 文 a b 1 ` @ :// _ \n",
}
STEPS: list[CleaningStep] = [
    Repair(),
    Html(),
    Case(),
    Case(form="fold"),
    *(ChineseVariant(conversion=conversion) for conversion in ("t2s", "tw2s", "s2tw")),
    Dates(),
    Dates(form="chinese", day_first=True, year_months=True),
    Dates(form="english", day_first=False, year_months=True),
    Numbers(),
    Numbers(thousands_separators=True, statutes=True),
    Units(),
    Units(space=False, names=False),
    Currency(),
    Currency(form="symbol"),
    Currency(form="chinese", yen_sign="JPY", dollar_sign="HKD"),
    Punctuation(),
    Punctuation(chinese_quotes="corner", english_quotes="keep"),
]


@st.composite
def texts(draw: st.DrawFn, kind: str) -> Text:
    fragments = st.sampled_from([fragment.replace("_", " ") for fragment in FRAGMENTS[kind].split(" ")])
    content = "".join(draw(st.lists(st.one_of(fragments, fragments, fragments, st.characters()), max_size=14)))
    places = st.integers(0, len(content))
    pairs = draw(st.lists(st.tuples(places, places), max_size=3))
    return Text(content, tuple(Span(*pair, "X") for pair in pairs if pair[0] < pair[1]))


def cleaned(step: CleaningStep, text: Text) -> Text:
    result = step(text)
    assert isinstance(result, Text)
    return result


@pytest.mark.parametrize("step", STEPS, ids=str)
@given(data=st.data())
def test_a_second_time_changes_nothing(step: CleaningStep, data: st.DataObject) -> None:
    once = cleaned(step, data.draw(texts(str(step.kind))))
    assert cleaned(step, once).content == once.content


@pytest.mark.parametrize("step", STEPS, ids=str)
@settings(max_examples=40)
@given(data=st.data())
def test_a_span_is_only_ever_cut_where_nothing_of_it_is_left(step: CleaningStep, data: st.DataObject) -> None:
    text = data.draw(texts(str(step.kind)))
    result = cleaned(step, text)
    assert len(result.spans) + len(result.cut) == len(text.spans)
    assert not result.cut or step.kind == "html"


@pytest.mark.parametrize("step", STEPS, ids=str)
@settings(max_examples=40)
@given(data=st.data())
def test_what_stands_outside_a_span_never_comes_to_stand_inside(step: CleaningStep, data: st.DataObject) -> None:
    text = data.draw(texts(str(step.kind)))
    result = cleaned(step, text)
    kept = [span for span in text.spans if span not in result.cut]
    for before, after in zip(kept, result.spans, strict=False):
        if len(kept) == len(result.spans):
            # What the rest became begins where it began, and ends where it ended: the history agrees.
            start, end = result.source_span(after.start, after.end)
            assert before.start <= start <= end <= before.end


@pytest.mark.parametrize("step", STEPS, ids=str)
@settings(max_examples=40)
@given(data=st.data())
def test_protected_ranges_stay_as_they_are(step: CleaningStep, data: st.DataObject) -> None:
    text = data.draw(texts(str(step.kind)))
    plain = Text(text.content).protect([(span.start, span.end) for span in text.spans])
    result = cleaned(step, plain)
    before = [plain.content[start:end] for start, end in plain.protected]
    assert [result.content[start:end] for start, end in result.protected] == before


@pytest.mark.parametrize("step", STEPS, ids=str)
@settings(max_examples=20)
@given(content=st.text("abc xyz\n", max_size=30))
@example(content="Plain words of no interest".lower())
def test_plain_text_passes_untouched_and_steps_are_picklable(step: CleaningStep, content: str) -> None:
    text = Text(content)
    assert step(text) is text
    assert pickle.loads(pickle.dumps(step)) == step
