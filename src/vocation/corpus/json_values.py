"""JSON values as rows may hold them: every name once in an object, and no number of thousands of digits."""

from __future__ import annotations

import sys
from json import JSONDecodeError, JSONDecoder
from typing import Any

from vocation.errors import DataError

_DROP = "or set `corpus.invalid_rows: drop` to leave such rows out"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise DataError(
            "A name stands twice in one object, so that it is not clear which value holds",
            received=f"{twice!r}"[:60],
            allowed="every name once in an object",
            remedy=f"remove or rename one of them, {_DROP}",
        )
    return value


_STRICT = JSONDecoder(object_pairs_hook=_object)
_LENIENT = JSONDecoder(parse_int=str)


def decode(text: str) -> Any:
    """The value of a whole JSON text.

    Raises:
        JSONDecodeError: the text is no JSON.
        DataError: a name stands twice in an object, or a number has more digits than Python reads; without a place.
        RecursionError: it nests too deeply.
    """
    try:
        return _STRICT.decode(text)
    except JSONDecodeError:
        raise
    except ValueError as error:
        raise _too_many_digits() from error


def decode_at(text: str, start: int) -> tuple[Any, int, DataError | None]:
    """The value that begins at a place of a text, where it ends, and what is wrong with it though it is JSON.

    Of a faulty value, numbers are given as their digits, and of equal names the last.

    Raises:
        JSONDecodeError: no JSON begins there.
        RecursionError: it nests too deeply.
    """
    try:
        return *_STRICT.raw_decode(text, start), None
    except JSONDecodeError:
        raise
    except (ValueError, DataError) as error:
        fault = error if isinstance(error, DataError) else _too_many_digits()
        return *_LENIENT.raw_decode(text, start), fault


def _too_many_digits() -> DataError:
    return DataError(
        "A whole number has too many digits",
        received=f"more than {sys.get_int_max_str_digits():,} digits",
        allowed=f"at most {sys.get_int_max_str_digits():,} digits",
        remedy=f"write it as a string, {_DROP}",
    )
