"""The step `minimum_length`."""

from __future__ import annotations

from vocation.cleaning import Drop
from vocation.cleaning.minimum_length import MinimumLength
from vocation.text import Text


def test_the_default_drops_empty_texts_alone() -> None:
    assert MinimumLength()(Text(" \n")) == Drop("empty text")
    assert MinimumLength()(Text("是")) == Text("是")


def test_shorter_texts_are_dropped_with_their_length() -> None:
    step = MinimumLength(characters=4)
    assert step(Text("four")) == Text("four")
    assert step(Text(" abc ")) == Drop("shorter than 4 characters", "3 characters")
