"""The quality filters: each drops what it is for, with its reason, and keeps good texts of both languages."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from vocation.cleaning import CleaningStep, Drop
from vocation.cleaning.drop_matching import DropMatching
from vocation.cleaning.language import Language
from vocation.cleaning.maximum_length import MaximumLength
from vocation.cleaning.repetition import Repetition
from vocation.cleaning.symbol_ratio import SymbolRatio
from vocation.errors import DataError, RecipeError
from vocation.text import Text

ENGLISH = (
    "Diabetes is a disease in which blood glucose levels are too high. Over time, having too much glucose in your "
    "blood can cause serious problems. It can damage your eyes, kidneys, and nerves.\nExercise, weight control and "
    "sticking to a meal plan can help control it. You should also monitor your level and take medicine if prescribed.\n"
    "A blood test can show whether you have the disease; another one, called A1C, can check on how you are managing it."
)
CHINESE = (
    "糖尿病是一种以高血糖为特征的代谢性疾病。长期存在的高血糖，导致各种组织，特别是眼、肾、心脏、血管、神经的慢性损害。\n"
    "患者应当控制饮食，坚持运动，按时服药，并定期监测血糖水平。医生会根据检查结果调整治疗方案，预防并发症的发生。"
)
LONG_CHINESE = CHINESE + (
    "高血压是以体循环动脉压升高为主要表现的临床综合征，可引起脑卒中、冠心病和肾功能不全。\n降压药物应从小剂量开始，优先选择长效制剂，"
    "联合用药时注意不良反应；生活方式干预包括减少钠盐摄入、控制体重、戒烟限酒以及保持心理平衡。"
)
FILTERS = (MaximumLength(), SymbolRatio(), Repetition(), Language())


def reason(step: CleaningStep, content: str) -> str | None:
    result = step(Text(content))
    return result.reason if isinstance(result, Drop) else None


@pytest.mark.parametrize("step", FILTERS, ids=str)
@pytest.mark.parametrize("content", [ENGLISH, CHINESE, "是", "OK"])
def test_good_texts_and_short_ones_pass_untouched(step: CleaningStep, content: str) -> None:
    text = Text(content)
    assert step(text) is text


def test_long_texts_go() -> None:
    assert MaximumLength(characters=4)(Text(" abcd ")) == Text(" abcd ")
    assert MaximumLength(characters=4)(Text("abcde")) == Drop("longer than 4 characters", "5 characters")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (ENGLISH + " # # # # # # # # # # # #", "too many symbols"),
        (CHINESE + "…" * 3 + "好…好…好…" * 40, "too many symbols"),
        ("\n".join(f"- a line about the thing {word}" for word in ENGLISH.split()[:20]), "too many bullet lines"),
        (
            "\n".join(f"· 关于{character}的一行文字" for character in CHINESE[:20] if character.strip()),
            "too many bullet lines",
        ),
        (
            "\n".join(
                f"Read much more about it, and the {word} too, on the next page..." for word in ENGLISH.split()[:9]
            ),
            "too many lines end with an ellipsis",
        ),
        (ENGLISH + " 12 34 56 78 | ." * 12, "too few words with letters"),
        (CHINESE + " 12 34" * 30, "too few words with letters"),
    ],
)
def test_texts_of_symbols_go(content: str, expected: str) -> None:
    assert reason(SymbolRatio(), content) == expected
    off = SymbolRatio(symbols=9, bullet_lines=1, ellipsis_lines=1, alphabetic_words=0)
    assert reason(off, content) is None


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("\n".join(["The same line.", "Another line."] * 4 + [ENGLISH[:60]]), "too many repeated lines"),
        ("\n".join([ENGLISH[:150], *"abcdefg", ENGLISH[:150]]), "too much text in repeated lines"),
        ("\n\n".join(["甲 a\n乙 b", "丙", "甲 a\n乙 b", "甲 a\n乙 b", "\n".join("戊己庚辛壬癸子丑寅卯" * 6)]), None),
        ("buy now " * 20 + ENGLISH[:100], "one phrase of 2 words too often"),
        ("点击查看更多详情" * 30, "one phrase of 2 words too often"),
        (
            ENGLISH.replace("\n", " ") + " " + " ".join(ENGLISH.split()[:30]),
            "too much text in repeated phrases of 5 words",
        ),
        (LONG_CHINESE + LONG_CHINESE[:90], "too much text in repeated phrases of 5 words"),
    ],
)
def test_texts_that_repeat_themselves_go(content: str, expected: str | None) -> None:
    if expected is not None:
        assert reason(Repetition(), content) == expected
    one = (1.0, 1.0, 1.0)
    off = Repetition(
        lines=1, line_characters=1, paragraphs=1, paragraph_characters=1, top_phrases=one, repeated_phrases=(*one, *one)
    )
    assert reason(off, content) is None


def test_repeated_paragraphs_go() -> None:
    content = f"one two three\n\nfour five six\n\none two three\n\none two three\n\n{ENGLISH}"
    step = Repetition(lines=1, line_characters=1)
    assert reason(step, content) == "too many repeated paragraphs"


def test_characters_a_word_makes_chinese_phrases_longer() -> None:
    content = f"国务院卫生行政部门甲。国务院卫生行政部门乙。国务院卫生行政部门丙。国务院卫生行政部门丁{LONG_CHINESE}"
    assert reason(Repetition(characters_a_word=1), content) == "too much text in repeated phrases of 9 words"
    assert reason(Repetition(characters_a_word=4), content) is None


def test_other_languages_go_and_the_ledger_says_which() -> None:
    german = "Der Patient wurde mit starken Brustschmerzen und Atemnot in die Klinik aufgenommen."
    drop = Language()(Text(german))
    assert isinstance(drop, Drop)
    assert drop.reason == "not in zh or en"
    assert drop.detail.startswith("de, probability 0.9") or drop.detail == "de, probability 1.00"
    assert reason(Language(allowed=("de",)), german) is None
    assert reason(Language(allowed=("de",)), CHINESE) == "not in de"
    assert reason(Language(confidence=1.0, allowed=("fr",)), "Der Patient hat Schmerzen, the patient") is None
    assert reason(Language(minimum_characters=200), german) is None


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(RecipeError, match="'xx-yy' is not the code"):
        Language(allowed=("xx-yy",))(Text(ENGLISH))


def test_a_pattern_drops_or_keeps() -> None:
    step = DropMatching(patterns=("^Page not found", r"\p{Han}{3}本法"))
    assert step(Text("Sorry\nPage not found")) == Drop("matches ^Page not found", "'Page not found'")
    assert reason(step, "现废止本法。") == r"matches \p{Han}{3}本法"
    assert reason(step, "page not found") is None
    assert reason(DropMatching(patterns=("page",), ignore_case=True), "PAGE") == "matches page"
    others = DropMatching(patterns=("fever", "cough"), drop="others")
    assert reason(others, "a cough") is None
    assert reason(others, "nausea") == "matches no pattern"


@pytest.mark.parametrize(
    ("pattern", "message"), [("(a", r"'\(a' is not a regular expression: missing \)"), ("a*", "matches the empty text")]
)
def test_a_pattern_that_cannot_be_meant_is_refused(pattern: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        DropMatching(patterns=(pattern,))


def test_a_pattern_that_never_ends_is_stopped_and_named() -> None:
    step = DropMatching(patterns=("(a|aa)+$",), seconds=0.05)
    with pytest.raises(DataError, match=r"\(a\|aa\)\+\$.*takes too long"):
        step(Text("a" * 60 + "!"))
