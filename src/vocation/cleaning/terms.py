"""Terms of the trade: protected, written in one way, or spelled out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationInfo, model_validator

from vocation.cleaning import CleaningStep
from vocation.language.dictionary import Term, read_terms
from vocation.language.formulae import formulae
from vocation.language.medical_abbreviations import MEDICAL_ABBREVIATIONS
from vocation.language.term_finder import Mention, TermFinder
from vocation.ranges import Bounds
from vocation.text import Edit, Text


class Terms(CleaningStep):
    """Protect terms from later steps, write them in one way, or spell abbreviations out.

    Terms come from a file, from the recipe, or both; a term of the recipe takes the place of the file's. They are found
    as whole words, the longest first (Aho and Corasick 1975), so that a dictionary of 50,000 terms costs no more than
    one of ten. A mention that a labelled span cuts through stays as it is. `unify` leaves alone what is written in the
    wanted way already, `expand` a term that the text defines itself.

    The terms of the file become part of the settings when the recipe is read: a model keeps them, and a changed file
    makes a new corpus. Put the step in front of those that it protects from.
    """

    file: str | None = Field(
        default=None,
        description="Dictionary as YAML (a list of terms as in `terms`) or as lines of term, action and replacement "
        "with tabs between; a path that is not absolute starts at the recipe's folder.",
    )
    terms: tuple[Term, ...] = Field(default=(), description="Terms that stand in the recipe itself.")
    abbreviations: Literal["none", "medical"] = Field(
        default="none", description="A list that comes with Vocation, to expand: 59 English medical abbreviations."
    )
    ignore_case: bool = Field(default=False, description="Whether a term is also found in other capitals.")
    formulae: bool = Field(
        default=True, description="Whether chemical formulae such as H₂O, C₂H₅OH and Na⁺ are protected."
    )

    @model_validator(mode="before")
    @classmethod
    def _with_the_file(cls, data: Any, info: ValidationInfo) -> Any:
        """The settings with the file's terms in the place of its name.

        Raises:
            DataError: the file cannot be read.
        """
        if not isinstance(data, dict) or not isinstance(data.get("file"), str):
            return data
        base: Path = (info.context or {}).get("base", Path())
        own = data.get("terms") or ()
        written = {term["term"] if isinstance(term, dict) else getattr(term, "term", None): term for term in own}
        read = [term for term in read_terms(base / data["file"]) if term.term not in written]
        return {**data, "file": None, "terms": [*read, *own]}

    @model_validator(mode="after")
    def _replaces_once(self) -> Self:
        """Refuses a term that another one becomes: whether it would change again would depend on their order."""
        changing = {entry.term for entry in self._entries if entry.action != "protect"}
        for entry in self._entries:
            if entry.action == "unify" and entry.replacement in changing:
                raise ValueError(
                    f"{entry.term[:60]!r} becomes {entry.replacement[:60]!r}, which is a term that is changed itself; "
                    "let both become the last one"
                )
        return self

    def __call__(self, text: Text) -> Text:
        if self._finder is not None:
            mentions = self._mentions(text.content)
            edited = text.edit(_edits(text, mentions))
            if edited is not text:
                mentions = self._mentions(edited.content)
            kept = [(start, end) for entry, (_, start, end) in mentions if entry.action == "protect"]
            text = edited.protect(kept) if kept else edited
        if self.formulae:
            found = list(formulae(text.content))
            text = text.protect(found) if found else text
        return text

    @cached_property
    def _entries(self) -> tuple[Term, ...]:
        given = {term.term: term for term in self.terms}
        if self.abbreviations == "medical":
            for short, long in MEDICAL_ABBREVIATIONS.items():
                given.setdefault(short, Term(term=short, action="expand", replacement=long))
        return tuple(given.values())

    @cached_property
    def _finder(self) -> TermFinder | None:
        """Finds terms and, behind them, replacements: what is written as wanted already is found as a whole."""
        if not self._entries:
            return None
        names = [entry.term for entry in self._entries]
        wanted = {entry.replacement for entry in self._entries if entry.replacement}
        return TermFinder([*names, *sorted(wanted.difference(names))], ignore_case=self.ignore_case)

    def _mentions(self, content: str) -> list[tuple[Term, Mention]]:
        found = self._finder.find(content) if self._finder else []
        return [(self._entries[mention.term], mention) for mention in found if mention.term < len(self._entries)]


def _edits(text: Text, mentions: Sequence[tuple[Term, Mention]]) -> Iterator[Edit]:
    bounds = Bounds(text.spans)
    expanded: set[str] = set()
    for entry, (_, start, end) in mentions:
        if entry.action == "protect" or bounds.inside(start, end):
            continue
        if entry.action == "unify":
            yield Edit(start, end, entry.replacement)
        elif entry.term not in expanded:
            expanded.add(entry.term)
            if not _is_defined(text.content, entry, start, end):
                yield Edit(start, end, f"{entry.replacement} ({text.content[start:end]})")


def _is_defined(content: str, entry: Term, start: int, end: int) -> bool:
    """Whether the text says itself what a term stands for: `long form (TERM)` or `TERM (long form)`."""
    if content[start - 1 : start] in ("(", "（") and content[end : end + 1] in (")", "）"):
        return True
    behind = content[end : end + len(entry.replacement) + 3].lstrip()
    return behind[:1] in ("(", "（") and behind[1:].casefold().startswith(entry.replacement.casefold())
