"""Regular expressions as settings."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_NUMBERED = re.compile(r"(?<!\\)(?:\\\\)*\\[1-9]")


def _checked(pattern: str) -> str:
    try:
        compiled = re.compile(f"(?:{pattern})")  # as a part of a longer one
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression of Python: {error}; write (?i:…) for (?i)") from error
    if _NUMBERED.search(pattern):
        raise ValueError(f"{pattern!r} refers to a group by number; name it, (?P<name>…), and refer to it as (?P=name)")
    if compiled.groupindex.get("value"):
        raise ValueError(f"{pattern!r} names a group (?P<value>…), which is taken; give it another name, or none")
    if compiled.search(""):
        raise ValueError(f"{pattern!r} matches nothing as well; it has to take at least one character")
    return pattern


def _category(name: str) -> str:
    if not re.fullmatch("[A-Z][A-Z0-9_]*", name):
        raise ValueError(f"{name!r} is no category name: write it in capitals, digits and underscores, as in STAFF_ID")
    return name


Pattern = Annotated[str, AfterValidator(_checked)]
"""A regular expression of Python's `re` that takes at least one character."""
CategoryName = Annotated[str, AfterValidator(_category)]
"""Name of a category: capitals, digits and underscores."""
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""A word that names a number."""
