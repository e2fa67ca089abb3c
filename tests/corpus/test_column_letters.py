"""Letters of columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus.column_letters import column_letters, column_number


@pytest.mark.parametrize(("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA")])
def test_columns_are_called_as_spreadsheets_call_them(number: int, letters: str) -> None:
    assert column_letters(number) == letters


@given(st.integers(1, 20_000))
def test_letters_give_their_column_back(number: int) -> None:
    assert column_number(column_letters(number)) == number
