"""CoNLL: one token a line with its tag, a blank line between sentences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import Field

from vocation.corpus.encodings import open_text
from vocation.corpus.formats import Format
from vocation.errors import DataError
from vocation.records import Row
from vocation.tagging import IllegalTagError, Scheme, detect_scheme, spans_from_tags

_BLANKS = re.compile("[ \t]+")
_TAG = re.compile("O|[BIESM][-_].+")
_CJK = re.compile(
    "[\u2e80-\u30ff\u3130-\u318f\u31a0-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)
"""Ideographs, kana, and the punctuation that stands between them: scripts without spaces. Hangul is not among them."""
_CHARACTER_SHARE = 0.9
"""A file is in characters, not words, when at least this share of its tokens is one character long. A file of Chinese
words has about half, one of Chinese characters nearly all (numbers and Latin words are the exceptions)."""


@dataclass(slots=True)
class _Sentence:
    """The tokens of one sentence with their tags, and the line of each; where a line is faulty, its fault.

    The token of a faulty line is the whole line.
    """

    tokens: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    fault: DataError | None = None

    def add(self, token: str, tag: str, line: int) -> None:
        self.tokens.append(token)
        self.tags.append(tag)
        self.lines.append(line)


class Conll(Format):
    """Tokens with tags, as text with labelled spans: the fields `text` and `spans` (start, end, label).

    Lines that begin with `-DOCSTART-` are left out, and so are comments: lines at the start of a sentence that begin
    with `#` and whose last column is not a tag. The tags must be legal; with `split: unlabelled` they are not read.
    """

    separator: Literal["auto", "tab", "space"] = Field(
        default="auto",
        description="What stands between columns: `auto` is a tab in lines that have one, else spaces.",
    )
    token_column: int = Field(default=0, description="Column of the token, from 0; negative counts from the last.")
    tag_column: int = Field(default=-1, description="Column of the tag, from 0; negative counts from the last.")
    scheme: Literal["auto", "BIO", "IOB1", "BIOES", "BMES"] = Field(
        default="auto",
        description="How the tags mark spans. `auto` reads the letters of the whole file; IOB1, whose letters are "
        "those of BIO, must be named.",
    )
    joiner: str = Field(
        default="auto",
        description="What is put between tokens to make the text. `auto` is a space, but nothing beside Chinese or "
        "Japanese characters, and nothing in a file that is tagged character by character.",
    )

    def rows(self, path: Path) -> Iterator[Row]:
        tags, by_character = self._survey(path)
        scheme = self._scheme(tags, path)
        for sentence in self._sentences(path):
            text, offsets = _join(sentence.tokens, self.joiner, by_character=by_character)
            spans, fault = list[tuple[int, int, str]](), sentence.fault
            try:
                for first, end, label in spans_from_tags(sentence.tags, scheme) if fault is None else ():
                    spans.append((offsets[first], offsets[end - 1] + len(sentence.tokens[end - 1]), label))
            except IllegalTagError as error:
                fault = _illegal(error, sentence, scheme, path)
            yield Row(sentence.lines[0], {"text": text, "spans": spans}, fault)

    def _survey(self, path: Path) -> tuple[Counter[str], bool]:
        """The tags of all sound sentences, and whether their tokens are characters."""
        tags: Counter[str] = Counter()
        tokens, single, cjk = 0, 0, 0
        first_fault: DataError | None = None
        for sentence in self._sentences(path):
            if sentence.fault:
                first_fault = first_fault or sentence.fault
                continue
            tags.update(sentence.tags)
            tokens += len(sentence.tokens)
            single += sum(len(token) == 1 for token in sentence.tokens)
            cjk += sum(_CJK.match(token) is not None for token in sentence.tokens)
        if not tokens:
            raise first_fault or DataError(
                "The file is empty",
                file=path,
                received="no line with a token",
                allowed="one token and its tag a line, a blank line between sentences",
                remedy="give a file with data, or take this source out of the recipe",
            )
        return tags, cjk > 0 and single >= _CHARACTER_SHARE * tokens

    def _scheme(self, tags: Counter[str], path: Path) -> Scheme:
        if self.scheme != "auto" or self.split == "unlabelled":
            return self.scheme if self.scheme != "auto" else "BIO"
        try:
            return detect_scheme(tags)
        except ValueError as error:
            raise DataError(
                f"The tags cannot be read: {error}",
                file=path,
                column=f"tag_column: {self.tag_column}",
                allowed="O, and B-X, I-X, E-X, S-X, M-X for a label X",
                remedy="check `tag_column` and `separator` of this source, or rewrite the tags in one of the schemes",
            ) from error

    def _sentences(self, path: Path) -> Iterator[_Sentence]:
        sentence = _Sentence()
        with open_text(path, self.encoding) as file:
            for number, line in enumerate(file, start=1):
                columns = self._columns(line.rstrip("\n"))
                if columns is None or columns[0].startswith("-DOCSTART-"):
                    if sentence.tokens:
                        yield sentence
                    sentence = _Sentence()
                elif sentence.tokens or not _is_comment(columns):
                    try:
                        token, tag = self._cells(columns, path, number)
                    except DataError as fault:
                        token, tag = " ".join(columns), "O"
                        sentence.fault = sentence.fault or fault
                    sentence.add(token, tag, number)
        if sentence.tokens:
            yield sentence

    def _columns(self, line: str) -> list[str] | None:
        """The columns of a line; None for a blank one."""
        if not line.strip(" \t"):
            return None
        if self.separator == "tab" or (self.separator == "auto" and "\t" in line):
            return line.split("\t")
        return _BLANKS.split(line.strip(" \t"))

    def _cells(self, columns: list[str], path: Path, number: int) -> tuple[str, str]:
        """Token and tag. A token of white space is one: a separator that is not a tab never leaves one behind."""
        tagged = self.split != "unlabelled"
        try:
            token, tag = columns[self.token_column], columns[self.tag_column].strip() if tagged else "O"
        except IndexError as error:
            raise _no_column(columns, path, number) from error
        if tagged and (self.token_column - self.tag_column) % len(columns) == 0:
            raise _no_column(columns, path, number)
        if not tag or not token:
            raise DataError(
                f"The {'tag' if token else 'token'} is empty",
                file=path,
                row=number,
                received=repr("\t".join(columns)[:60]),
                allowed="a token and its tag",
                remedy="complete the line, delete it, or set `corpus.invalid_rows: drop` to leave such sentences out",
            )
        return token, tag


def _is_comment(columns: Sequence[str]) -> bool:
    return columns[0].startswith("#") and (len(columns) == 1 or _TAG.fullmatch(columns[-1]) is None)


def _no_column(columns: list[str], path: Path, number: int) -> DataError:
    return DataError(
        "The line has too few columns",
        file=path,
        row=number,
        received=f"{len(columns)} column{'s' if len(columns) > 1 else ''}: {' | '.join(columns)[:60]!r}",
        allowed="a column for the token and one for its tag",
        remedy="complete the line, or set `separator`, `token_column` and `tag_column` of this source, "
        "or `corpus.invalid_rows: drop` to leave such sentences out",
    )


def _join(tokens: Sequence[str], joiner: str, *, by_character: bool) -> tuple[str, list[int]]:
    """The text of a sentence, and the offset at which each token begins in it."""
    pieces, offsets, position = list[str](), list[int](), 0
    for previous, token in zip(("", *tokens), tokens, strict=False):
        if not previous:
            between = ""
        elif joiner != "auto":
            between = joiner
        else:
            between = _between(previous, token, by_character=by_character)
        offsets.append(position + len(between))
        pieces += [between, token]
        position += len(between) + len(token)
    return "".join(pieces), offsets


def _between(left: str, right: str, *, by_character: bool) -> str:
    if _CJK.match(left[-1]) or _CJK.match(right[0]) or (by_character and (len(left) == 1 or len(right) == 1)):
        return ""
    return " "


def _illegal(error: IllegalTagError, sentence: _Sentence, scheme: Scheme, path: Path) -> DataError:
    at_end = error.position == len(sentence.tags)
    token = "" if at_end else f" (token {sentence.tokens[error.position][:30]!r})"
    remedy = "correct the tag, or set `corpus.invalid_rows: drop` to leave such sentences out"
    if scheme == "BIO" and error.tag.startswith("I"):
        remedy += "; where B- is only used between two neighbouring spans, the file is IOB1: set `scheme: IOB1`"
    return DataError(
        f"The tag sequence is not legal {scheme}: {error.problem}",
        file=path,
        row=sentence.lines[-1 if at_end else error.position],
        received=f"{error.tag}{token}",
        allowed=error.allowed,
        remedy=remedy,
    )
