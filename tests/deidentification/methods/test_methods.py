"""Every method: what it writes, and what it depends on."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.component import kinds
from vocation.deidentification.keys import Key
from vocation.deidentification.methods import Mention, Method
from vocation.deidentification.methods.hash import Hash
from vocation.deidentification.methods.mask import Mask
from vocation.deidentification.methods.pseudonym import PSEUDONYM, Pseudonym
from vocation.deidentification.methods.remove import Remove
from vocation.deidentification.methods.surrogate import Surrogate
from vocation.deidentification.methods.tag import Tag

KEY, OTHER_KEY = Key(b"a secret of many letters"), Key(b"another of many letters")
PHONE = Mention("138-0013-8000", "PHONE_NUMBER", "doc", "doc")
KEYED: list[Method] = [Hash(), Surrogate(), Pseudonym()]


def test_the_family_has_six_methods() -> None:
    assert sorted(kinds("vocation.deidentification.methods")) == [
        "hash",
        "mask",
        "pseudonym",
        "remove",
        "surrogate",
        "tag",
    ]


def test_methods_without_a_key_write_what_they_say() -> None:
    assert Tag().replacement(PHONE, None) == "[PHONE_NUMBER]"
    assert Remove().replacement(PHONE, None) == ""
    assert Mask().replacement(PHONE, None) == "***-****-****"
    assert Mask(character="#", keep_first=3, keep_last=4).replacement(PHONE, None) == "###-####-####"
    assert Mask(keep_last=4).replacement(PHONE, None) == "***-****-8000"


@given(st.text(min_size=1), st.integers(0, 20), st.integers(0, 20))
def test_a_mask_keeps_at_most_half_of_the_letters_and_digits(value: str, first: int, last: int) -> None:
    masked = Mask(keep_first=first, keep_last=last, character="\ue000").replacement(
        Mention(value, "PERSON", "", ""), None
    )
    letters = sum(character.isalnum() for character in value)
    assert len(masked) == len(value)
    assert 2 * sum(character.isalnum() for character in masked) <= letters


@pytest.mark.parametrize("method", KEYED, ids=lambda method: method.kind)
def test_keyed_methods_depend_on_key_and_scope_and_on_nothing_else(method: Method) -> None:
    elsewhere = Mention(PHONE.value, PHONE.category, "another doc", "another doc")
    first = method.replacement(PHONE, KEY)
    assert method.needs_key
    assert first == method.replacement(PHONE, Key(b"a secret of many letters"))
    assert first != method.replacement(PHONE, OTHER_KEY)
    assert first != method.replacement(elsewhere, KEY)
    assert PHONE.value not in first


@pytest.mark.parametrize("method", [Hash(), Surrogate()], ids=lambda method: method.kind)
def test_one_number_written_in_two_ways_has_one_replacement(method: Method) -> None:
    compact = Mention("13800138000", "PHONE_NUMBER", "doc", "doc")
    first, second = method.replacement(PHONE, KEY), method.replacement(compact, KEY)
    assert re.sub(r"\D", "", first) == re.sub(r"\D", "", second)


def test_pseudonyms_have_a_form_of_their_own_and_keep_spellings_apart() -> None:
    written = Pseudonym().replacement(PHONE, KEY)
    compact = Pseudonym().replacement(Mention("13800138000", "PHONE_NUMBER", "doc", "doc"), KEY)
    assert PSEUDONYM.fullmatch(written)
    assert written != compact


def test_a_keyed_method_without_a_key_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(TypeError, match="key"):
        Hash().replacement(PHONE, None)
