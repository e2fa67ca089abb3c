"""De-identifies texts: scans them, and replaces what is found."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from vocation.deidentification import Finding
from vocation.deidentification.apply import Replacement, put, replace_findings
from vocation.deidentification.keys import Key
from vocation.deidentification.methods import Mention
from vocation.deidentification.scanner import Scanner
from vocation.deidentification.settings import Deidentification
from vocation.errors import RecipeError
from vocation.text import Text

_WHOLE = "whole"
"""The detector of findings that nobody looked for: the caller said what the text is."""


@dataclass(frozen=True, slots=True)
class Deidentified:
    """A text without its identifiers.

    Args:
        text: the new text, with its spans moved.
        findings: what was found, in the offsets of the text before; those of kept categories are among them.
        replacements: what was put where, in the same offsets.
        pseudonyms: for the vault: each pseudonym, and what it stands for.
    """

    text: Text
    findings: tuple[Finding, ...]
    replacements: tuple[Replacement, ...]
    pseudonyms: Mapping[str, str]


class Put(NamedTuple):
    """A replacement, without what stood there.

    Args:
        start: offset of the first character in the text before.
        end: offset behind the last one.
        category: what was found there.
        new: what stands there now.
    """

    start: int
    end: int
    category: str
    new: str


@dataclass(frozen=True, slots=True)
class Known:
    """What was found in a text, and what took its place, without anything that the new text does not hold.

    Args:
        findings: what was found.
        places: what was put where.
    """

    findings: tuple[Finding, ...] = ()
    places: tuple[Put, ...] = ()

    @classmethod
    def of(cls, result: Deidentified) -> Known:
        """What is to be known of a text in order to change it again in the same way."""
        places = (Put(one.start, one.end, one.category, one.new) for one in result.replacements)
        return cls(result.findings, tuple(places))


class Deidentifier:
    """Finds and replaces identifiers, the same way in every process and in any order of the texts.

    It may be pickled: what travels are the settings, and each process reads the key for itself. A process that finds
    another key (it keeps the environment that it started with) raises RecipeError.

    Args:
        settings: what is looked for, and what takes its place.

    Raises:
        RecipeError: a method needs a key, and there is none.
    """

    def __init__(self, settings: Deidentification) -> None:
        self.settings = settings
        self._scanner = Scanner(settings.chosen_detectors(), settings.minimum_score)
        self._key = Key(settings.key.read()) if settings.needs_key() else None

    def __reduce__(self) -> tuple[Any, ...]:
        return _arrived, (self.settings, self.check_value)

    @property
    def check_value(self) -> str:
        """What changes when the key does and does not give it away; empty where no method needs a key."""
        return self._key.check_value() if self._key else ""

    def apply(self, texts: Sequence[Text], scope: str) -> list[tuple[Text, list[Finding]]]:
        """The texts of one document without their identifiers, and what was found in each.

        Args:
            texts: they share names and dates.
            scope: name of the document, or of the group (a patient) that its dates shift with.

        Raises:
            MissingExtraError: a detector or method needs a package that is not installed.
        """
        return [(done.text, list(done.findings)) for done in self.process(texts, [scope] * len(texts))]

    def process(
        self,
        texts: Sequence[Text],
        documents: Sequence[str],
        groups: Sequence[str] | None = None,
        whole: Sequence[str | None] | None = None,
    ) -> list[Deidentified]:
        """Texts of many documents at once, which is faster than one by one.

        Args:
            texts: the texts.
            documents: name of the document of each: equal values within it get equal replacements.
            groups: of each text, whose dates shift together; the document, where there are none.
            whole: a category where the whole text is known to be one identifier, such as a cell in a column of names.
        """
        found = self._scanner.scan([text.content for text in texts])
        for place, category in enumerate(whole or ()):
            if category and texts[place].content.strip():
                found[place] = [Finding(0, len(texts[place].content), category, 1.0, _WHOLE)]
        return [
            self._one(text, findings, document, group)
            for text, findings, document, group in zip(texts, found, documents, groups or documents, strict=True)
        ]

    def again(self, text: Text, known: Known) -> Deidentified:
        """What `process` gave for this very text, without looking for anything or inventing anything."""
        if not known.findings:
            return Deidentified(text, (), (), {})
        made = [
            Replacement(start, end, category, text.content[start:end], new)
            for start, end, category, new in known.places
        ]
        return self._done(put(text, self._replaced(known.findings), made), known.findings, made)

    def sealed(self, value: str) -> str:
        """A digest of a value, which cannot be found by trial without the key, where a method needs one."""
        if self._key:
            return self._key.digest("sealed", value).hex()
        return hashlib.sha256(value.encode()).hexdigest()

    def _one(self, text: Text, findings: list[Finding], document: str, group: str) -> Deidentified:
        scope = document if self.settings.scope == "document" else ""
        new_text, made = replace_findings(text, self._replaced(findings), self._replacer(scope, group))
        return self._done(new_text, findings, made)

    def _replaced(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        kept = self.settings.keep
        return [finding for finding in findings if finding.category not in kept] if kept else findings

    def _done(self, text: Text, findings: Sequence[Finding], made: Sequence[Replacement]) -> Deidentified:
        pseudonyms = {one.new: one.old for one in made if self.settings.method_of(one.category).reversible}
        return Deidentified(text, tuple(findings), tuple(made), pseudonyms)

    def _replacer(self, scope: str, group: str) -> Callable[[str, str], str]:
        def new_value(value: str, category: str) -> str:
            mention = Mention(value, category, scope, group)
            return self.settings.method_of(category).replacement(mention, self._key)

        return new_value


def _arrived(settings: Deidentification, check_value: str) -> Deidentifier:
    """A deidentifier in the process that it was sent to."""
    deidentifier = Deidentifier(settings)
    if deidentifier.check_value != check_value:
        raise RecipeError("A process of this run reads another key.\n  what to do: run again, with one key throughout")
    return deidentifier
