"""Identifiers that a recipe lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, ClassVar, NamedTuple, Self

from pydantic import Field, StringConstraints, model_validator

from vocation.deidentification import Finding
from vocation.deidentification.detectors import VALIDATED, Detector
from vocation.deidentification.patterns import CategoryName
from vocation.deidentification.widths import fold
from vocation.errors import DataError

Term = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)]
_KEY = 2  # characters of a term by which it is looked up; the shortest term has as many


class CustomTerms(Detector):
    """Names and words of your own, from a list or a file: patients, staff, customers, projects.

    The longest term wins. A term that begins or ends with a Latin letter or a digit is not found inside a longer word
    or number; a Chinese one is found anywhere. For identifiers with a form use `custom_pattern`.
    """

    on_request: ClassVar[bool] = True

    category: CategoryName = Field(description="What the finding is called, such as PERSON or PROJECT.")
    terms: tuple[Term, ...] = Field(default=(), description="The terms, of two characters or more.")
    file: Path | None = Field(
        default=None, description="A file in UTF-8 with more terms, one a line; # begins a comment."
    )
    ignore_case: bool = Field(default=True, description="Whether capitals and small letters are the same.")
    score: float = Field(default=VALIDATED, gt=0, le=1, description="How sure a match is.")

    @model_validator(mode="after")
    def _given(self) -> Self:
        if not self.terms and self.file is None:
            raise ValueError("give terms, a file of terms, or both")
        return self

    def find(self, text: str) -> Iterator[Finding]:
        index = _index(self.terms, self.file, self.ignore_case)
        compared = _lower(text) if self.ignore_case else text
        for start, end in index.places(compared):
            yield self.finding(start, end, self.score)

    def found_categories(self) -> tuple[str, ...]:
        return (self.category,)


class _Index(NamedTuple):
    """Terms by their first characters.

    Args:
        first: matches any first character of a term.
        lengths: for the first two characters of terms, the lengths of these, longest first.
        terms: all of them.
    """

    first: re.Pattern[str]
    lengths: dict[str, tuple[int, ...]]
    terms: frozenset[str]

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where terms stand: the longest at each place, none inside the one before."""
        behind = 0
        for match in self.first.finditer(text):
            start = match.start()
            if start < behind:
                continue
            for length in self.lengths.get(text[start : start + _KEY], ()):
                end = start + length
                if text[start:end] in self.terms and _stands_free(text, start, end):
                    yield start, end
                    behind = end
                    break


@lru_cache(maxsize=16)
def _index(listed: tuple[str, ...], file: Path | None, ignore_case: bool) -> _Index:
    terms = {fold(term) for term in (*listed, *(_terms_of(file) if file else ()))}
    terms = {_lower(term) for term in terms} if ignore_case else terms
    lengths: dict[str, set[int]] = {}
    for term in terms:
        lengths.setdefault(term[:_KEY], set()).add(len(term))
    ordered = {key: tuple(sorted(found, reverse=True)) for key, found in lengths.items()}
    first = "".join(sorted({re.escape(term[0]) for term in terms}))
    return _Index(re.compile(f"[{first}]"), ordered, frozenset(terms))


def _terms_of(file: Path) -> Iterable[str]:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            "the file of terms cannot be read",
            file=file,
            received=str(error),
            allowed="a text file in UTF-8 with one term a line",
            remedy="mend the path, or save the file in UTF-8",
        ) from error
    terms = []
    for number, line in enumerate(lines, start=1):
        term = line.strip()
        if not term or term.startswith("#"):
            continue
        if len(term) < _KEY:
            raise DataError(
                "a term has one character only",
                file=file,
                row=number,
                received=term,
                allowed="terms of two characters or more",
                remedy="take the line out; one character would be found nearly everywhere",
            )
        terms.append(term)
    if not terms:
        raise DataError("the file of terms is empty", file=file, allowed="one term a line", remedy="add terms")
    return terms


def _lower(text: str) -> str:
    """Small letters, with every character in its place: İ, which would become two, stays."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(small if len(small := character.lower()) == 1 else character for character in text)


def _stands_free(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return not (_is_latin(before) and _is_latin(text[start])) and not (_is_latin(after) and _is_latin(text[end - 1]))


def _is_latin(character: str) -> bool:
    return bool(character) and character < "\u0250" and character.isalnum()
