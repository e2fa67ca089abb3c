"""Texts that a pattern of the team's own picks out."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from vocation.cleaning import CleaningStep, Drop
from vocation.errors import DataError
from vocation.text import Text

_EXCERPT = 60


class DropMatching(CleaningStep):
    r"""Drop texts in which a regular expression is found, or those in which none is.

    A template for rules that only this corpus needs, such as `^Page not found` or `(?i)lorem ipsum`. Patterns are those
    of the `regex` package: those of Python's `re`, with classes such as `\p{Han}`. `^` and `$` are the ends of a line.
    A pattern that backtracks without end is stopped after `seconds` and named; nothing is dropped for being slow.
    """

    at_prediction: ClassVar[bool] = False

    patterns: tuple[str, ...] = Field(min_length=1, description="Regular expressions, looked for anywhere in the text.")
    drop: Literal["matching", "others"] = Field(
        default="matching", description="Whether texts with a match go, or those without one."
    )
    ignore_case: bool = Field(default=False, description="Whether capitals and small letters are the same.")
    seconds: float = Field(default=10.0, gt=0, description="Longest time that one pattern may take for one text.")

    @field_validator("patterns")
    @classmethod
    def _compilable(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        import regex

        for pattern in patterns:
            try:
                compiled = regex.compile(pattern)
            except regex.error as error:
                raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
            if compiled.search(""):
                raise ValueError(f"{pattern!r} matches the empty text, and so every text")
        return patterns

    def __call__(self, text: Text) -> Text | Drop:
        for pattern, compiled in self._compiled:
            found = self._search(pattern, compiled, text.content)
            if found is not None:
                if self.drop == "others":
                    return text
                return Drop(f"matches {pattern}", repr(found[:_EXCERPT]))
        return Drop("matches no pattern") if self.drop == "others" else text

    def _search(self, pattern: str, compiled: Any, content: str) -> str | None:
        """What matches first, or None.

        Raises:
            DataError: the pattern took too long.
        """
        try:
            found = compiled.search(content, timeout=self.seconds)
        except TimeoutError as error:
            raise DataError(
                f"The pattern {pattern!r} of `drop_matching` takes too long",
                received=f"a text of {len(content)} characters, not done after {self.seconds:g} s",
                remedy="write it without repetitions inside repetitions, such as (a+)+, or raise `seconds`",
            ) from error
        return None if found is None else str(found[0])

    @cached_property
    def _compiled(self) -> tuple[tuple[str, Any], ...]:
        import regex

        flags = regex.MULTILINE | (regex.IGNORECASE if self.ignore_case else 0)
        return tuple((pattern, regex.compile(pattern, flags)) for pattern in self.patterns)
