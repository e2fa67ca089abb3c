"""Tag schemes: labelled spans of tokens, written as one tag a token.

    BIO    B-X I-X O                first, inside; every span begins with B (also called BIO2 or IOB2)
    IOB1   I-X O, B-X               B only where a span follows another of its type (Ramshaw and Marcus, 1995)
    BIOES  B-X I-X E-X S-X O        first, inside, last, single
    BMES   B-X M-X E-X S-X O        the same with M for inside; usual for Chinese characters

A label follows its letter after `-` or `_`. A span is (first token, token behind the last, label).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Scheme = Literal["BIO", "IOB1", "BIOES", "BMES"]
TokenSpan = tuple[int, int, str]

_INSIDE = {"BIO": "I", "IOB1": "I", "BIOES": "I", "BMES": "M"}
_LETTERS = {"BIO": "BI", "IOB1": "BI", "BIOES": "BIES", "BMES": "BMES"}


class IllegalTagError(ValueError):
    """A tag that its scheme does not allow where it stands.

    Args:
        position: index of the tag in the sequence; the sequence's length when it ends too early.
        tag: the tag itself, or "end of the sentence".
        problem: what is wrong with it.
        allowed: what may stand there.
    """

    def __init__(self, position: int, tag: str, problem: str, allowed: str) -> None:
        self.position, self.tag, self.problem, self.allowed = position, tag, problem, allowed
        super().__init__(f"position {position}: tag {tag!r}: {problem}; allowed: {allowed}")


def spans_from_tags(tags: Sequence[str], scheme: Scheme) -> list[TokenSpan]:
    """The spans that a sequence of tags marks.

    Args:
        tags: one a token.
        scheme: how they are written.

    Returns:
        (first token, token behind the last, label), by position.

    Raises:
        IllegalTagError: a tag is not of the scheme or may not stand where it does, such as I-X after O under BIO.
    """
    reader = _SpanReader(scheme)
    for position, tag in enumerate(tags):
        reader.take(position, tag)
    reader.finish(len(tags))
    return reader.spans


def tags_from_spans(spans: Iterable[TokenSpan], length: int, scheme: Scheme) -> list[str]:
    """One tag a token, the inverse of `spans_from_tags`.

    Args:
        spans: (first token, token behind the last, label), in any order.
        length: number of tokens.
        scheme: how the tags are to be written.

    Raises:
        ValueError: a span is empty, lies outside the tokens, or overlaps another.
    """
    tags = ["O"] * length
    previous: TokenSpan = (0, 0, "")
    for first, end, label in sorted(spans):
        if not previous[1] <= first < end <= length:
            raise ValueError(
                f"span {first}:{end} ({label}) is empty, overlaps another, or is not within {length} tokens"
            )
        adjoins = previous[1] == first and previous[2] == label and previous[1] > 0
        for position, letter in enumerate(_letters(end - first, scheme, adjoins=adjoins), start=first):
            tags[position] = f"{letter}-{label}"
        previous = (first, end, label)
    return tags


def detect_scheme(tags: Collection[str]) -> Scheme:
    """The scheme that a file's tags are written in.

    B, I, O are read as BIO; IOB1 has the same letters and must be asked for. Without M or I, BIOES and BMES are the
    same, and BIOES is given.

    Args:
        tags: the distinct tags of the whole file.

    Raises:
        ValueError: no scheme has these letters.
    """
    letters = {_split(tag)[0] for tag in tags if tag != "O"}
    for scheme in ("BIO", "BIOES", "BMES"):
        if letters <= set(_LETTERS[scheme]):
            return scheme
    known = set("".join(_LETTERS.values()))
    strange = sorted(tag for tag in tags if tag != "O" and _split(tag)[0] not in known)
    shown = ", ".join(strange[:5]) or ", ".join(sorted(letters))
    raise ValueError(f"no tag scheme has {shown}; known schemes: {', '.join(get_args(Scheme))}")


def _split(tag: str) -> tuple[str, str]:
    """Letter and label; the letter is the whole tag where it has no label."""
    return (tag[0], tag[2:]) if len(tag) > 2 and tag[1] in "-_" else (tag, "")


def _letters(length: int, scheme: Scheme, *, adjoins: bool) -> str:
    inside = _INSIDE[scheme]
    if scheme == "IOB1":
        return ("B" if adjoins else "I") + inside * (length - 1)
    if scheme == "BIO":
        return "B" + inside * (length - 1)
    return "S" if length == 1 else "B" + inside * (length - 2) + "E"


@dataclass(slots=True)
class _Open:
    """The span that is being read."""

    first: int
    label: str


class _SpanReader:
    """Reads tags one by one and holds the span that is open."""

    def __init__(self, scheme: Scheme) -> None:
        self.spans: list[TokenSpan] = []
        self._scheme = scheme
        self._closed = scheme in ("BIOES", "BMES")  # A span says itself where it ends.
        self._inside = _INSIDE[scheme]
        self._open: _Open | None = None

    def take(self, position: int, tag: str) -> None:
        letter, label = ("O", "") if tag == "O" else _split(tag)
        if letter != "O" and (not label or letter not in _LETTERS[self._scheme]):
            raise IllegalTagError(position, tag, f"is not a tag of {self._scheme}", self._forms())
        if letter in (self._inside, "E"):
            self._continue(position, tag, letter, label)
            return
        if self._closed and self._open:
            raise IllegalTagError(position, tag, f"the {self._open.label} before it has no end", self._next())
        self._close(position)
        if letter == "S":
            self.spans.append((position, position + 1, label))
        elif letter == "B":
            self._open = _Open(position, label)

    def finish(self, length: int) -> None:
        if self._closed and self._open:
            raise IllegalTagError(
                length, "end of the sentence", f"the {self._open.label} before it has no end", self._next()
            )
        self._close(length)

    def _continue(self, position: int, tag: str, letter: str, label: str) -> None:
        if self._open is None or self._open.label != label:
            if self._scheme != "IOB1":
                raise IllegalTagError(position, tag, f"no {label} is open here", self._next())
            self._close(position)
            self._open = _Open(position, label)
        if letter == "E":
            self._close(position + 1)

    def _close(self, end: int) -> None:
        if self._open:
            self.spans.append((self._open.first, end, self._open.label))
        self._open = None

    def _next(self) -> str:
        """What may follow in the present state."""
        label = self._open.label if self._open else ""
        if self._closed:
            return f"{self._inside}-{label} or E-{label}" if self._open else "O, B-… or S-…"
        return f"O, B-… or {self._inside}-{label}" if self._open else "O or B-…"

    def _forms(self) -> str:
        return ", ".join(["O", *(f"{letter}-…" for letter in _LETTERS[self._scheme])])
