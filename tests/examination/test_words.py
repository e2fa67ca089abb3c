from __future__ import annotations

import re
from pathlib import Path

from vocation.examination.page import write
from vocation.examination.words import words_of
from vocation.examination.words_chinese import CHINESE
from vocation.examination.words_english import ENGLISH

FOLDER = Path(write.__file__).parent


def test_both_languages_have_the_same_texts_with_the_same_places_to_fill() -> None:
    places = [
        {key: sorted(set(re.findall(r"\{(\w+)[^}]*\}", text))) for key, text in words.items()}
        for words in (ENGLISH, CHINESE)
    ]
    assert places[0] == places[1]


def test_every_text_that_the_page_names_exists() -> None:
    named = {key for path in FOLDER.glob("*.j2") for key in re.findall(r"\bt\.(\w+)", path.read_text(encoding="utf-8"))}
    assert len(named) > 30
    assert named <= set(words_of("en"))


def test_every_finding_has_its_remedy() -> None:
    remedies = {key.removesuffix("_remedy") for key in ENGLISH if key.endswith("_remedy")}
    assert len(remedies) > 20
    assert remedies <= set(ENGLISH)
