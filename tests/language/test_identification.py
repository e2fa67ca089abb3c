"""Which language a text is in."""

from __future__ import annotations

import builtins
from typing import Any

import pytest

from vocation.errors import MissingExtraError, RecipeError
from vocation.language import identification
from vocation.language.identification import identify, require_known


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("The patient was admitted with chest pain and shortness of breath.", "en"),
        ("患者因胸痛、气短入院，既往有高血压病史。", "zh"),
        ("病人因胸痛、氣短入院，既往有高血壓病史。", "zh"),
        ("Der Patient wurde mit Brustschmerzen und Atemnot aufgenommen.", "de"),
        ("Le patient a été admis pour une douleur thoracique et un essoufflement.", "fr"),
        ("患者は胸痛と息切れのために入院しました。", "ja"),
        ("환자는 흉통과 호흡곤란으로 입원하였습니다.", "ko"),
        ("12:30 – 14:00 ***", ""),
    ],
)
def test_languages_are_told_apart(content: str, code: str) -> None:
    assert identify(content)[0] == code


def test_of_a_long_text_the_ends_and_the_middle_are_looked_at() -> None:
    english = "The patient was admitted with chest pain. " * 200
    assert identify(english + "患者因胸痛入院。")[0] == "en"
    assert len(identification._sample(english)) < 1000


def test_a_code_of_no_language_is_refused_with_the_nearest() -> None:
    require_known(("zh", "en"))
    with pytest.raises(RecipeError, match=r"'eng' is not the code.*Did you mean 'en'"):
        require_known(("eng",))


def test_a_missing_package_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *arguments: Any, **keywords: Any) -> Any:
        if name.startswith("py3langid"):
            raise ImportError(name)
        return real(name, *arguments, **keywords)

    identification._identifier.cache_clear()
    monkeypatch.setattr(builtins, "__import__", refuse)
    assert identify("患者因胸痛、气短入院。")[0] == "zh"
    with pytest.raises(MissingExtraError, match=r"vocation\[language\]"):
        identify("The patient was admitted.")
