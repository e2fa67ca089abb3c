"""CoNLL: one token a line with its tag, a blank line between sentences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from vocation.corpus.formats import WritableFormat
from vocation.corpus.opening import lines, writing
from vocation.corpus.row_faults import empty, nothing_to_write
from vocation.corpus.tokens import TokenCounts, join, split
from vocation.corpus.written_rows import WrittenSpan, text_and_spans, unwritable
from vocation.errors import DataError
from vocation.records import Row
from vocation.tagging import IllegalTagError, Scheme, detect_scheme, spans_from_tags, tags_from_spans

_BLANKS = re.compile("[ \t]+")
_TAG = re.compile("O|[BIESM][-_].+")
_BREAKS = re.compile("[\t\r\n]")


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


class Conll(WritableFormat):
    """Tokens with tags, as text with labelled spans: the fields `text` and `spans` (start, end, label).

    Lines that begin with `-DOCSTART-` are left out, and so are comments: lines at the start of a sentence that begin
    with `#` and whose last column is not a tag. The tags must be legal; with `split: unlabelled` they are not read.

    Written are tokens and tags alone, other fields are not kept. Spans may not overlap. What stands between tokens is
    not in such a file, so that a row whose text would read back otherwise (line breaks, two spaces, a span that ends
    inside a word) is refused, unless `spacing: loosen` allows it; with `joiner: ""` every text without line breaks and
    tabs is kept.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".conll", ".bio", ".iob", ".bmes", ".bioes")
    keeps: ClassVar[frozenset[str] | None] = frozenset(("text", "spans"))

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

    spacing: Literal["keep", "loosen"] = Field(
        default="keep",
        description="When writing: `keep` refuses a row whose text would read back otherwise; `loosen` writes words "
        "and punctuation as tokens, and lets the blanks between them change.",
    )

    def rows(self, path: Path) -> Iterator[Row]:
        tags, by_character = self._survey(path)
        scheme = self._scheme(tags, path)
        for sentence in self._sentences(path):
            text, offsets = join(sentence.tokens, self.joiner, by_character=by_character)
            spans, fault = list[dict[str, Any]](), sentence.fault
            try:
                for first, end, label in spans_from_tags(sentence.tags, scheme) if fault is None else ():
                    last = offsets[end - 1] + len(sentence.tokens[end - 1])
                    spans.append({"start": offsets[first], "end": last, "label": label})
            except IllegalTagError as error:
                fault = _illegal(error, sentence, scheme, path)
            yield Row(sentence.lines[0], {"text": text, "spans": spans}, fault)

    def write(self, path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
        writer = _Writer(self, path)
        with writing(path) as file:
            for number, row in enumerate(rows, start=1):
                try:
                    file.write(writer.sentence(number, row))
                except (DataError, UnicodeEncodeError) as error:
                    raise unwritable(error, path, number) from error
            writer.finish()
        return writer.rows

    def _survey(self, path: Path) -> tuple[Counter[str], bool]:
        """The tags of all sound sentences, and whether their tokens are characters."""
        tags: Counter[str] = Counter()
        counts = TokenCounts()
        first_fault: DataError | None = None
        for sentence in self._sentences(path):
            if sentence.fault:
                first_fault = first_fault or sentence.fault
                continue
            tags.update(sentence.tags)
            counts.add(sentence.tokens)
        if not counts.tokens:
            raise first_fault or empty(path, "one token and its tag a line, a blank line between sentences")
        return tags, counts.by_character

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
        with self.open(path) as file:
            for number, line in lines(file, path):
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


class _Writer:
    """Makes the lines of each sentence, and remembers what the whole file has to be for them to read back.

    Args:
        settings: how the file is read.
        path: the file, for messages.
    """

    def __init__(self, settings: Conll, path: Path) -> None:
        self.rows = 0
        self._settings, self._path = settings, path
        self._counts = TokenCounts()
        self._needs: dict[bool, int] = {}  # The first row that reads back only if the file is (not) in characters.
        self._scheme: Scheme = "BIO" if settings.scheme == "auto" else settings.scheme
        self._separator = " " if settings.separator == "space" else "\t"
        self._columns = _line(settings)

    def sentence(self, number: int, row: Mapping[str, Any]) -> str:
        """The lines of a row, with the blank one behind them.

        Raises:
            DataError: the row cannot be kept; without its place.
        """
        text, spans = text_and_spans(row)
        loose = self._settings.spacing == "loosen"
        borders = (offset for span in spans for offset in span[:2])
        bounds = split(text, borders, self._settings.joiner, words=loose)
        tokens = [text[start:end] for start, end in bounds]
        self._check(number, text, tokens, loose=loose)
        tags = self._tags(spans, bounds)
        self._counts.add(tokens)
        self.rows = number
        return "".join(f"{self._fill(pair)}\n" for pair in zip(tokens, tags, strict=True)) + "\n"

    def finish(self) -> None:
        """Raises a DataError if there is no row, or one does not read back from the file as it has become."""
        if not self.rows:
            raise nothing_to_write(self._path)
        row = self._needs.get(not self._counts.by_character)
        if row is not None:
            words = "characters" if self._counts.by_character else "words"
            raise _unkept("blanks between tokens", f"tokens of the file are {words}").at(self._path, row)

    def _check(self, number: int, text: str, tokens: Sequence[str], *, loose: bool) -> None:
        if not tokens:
            raise _unkept("no token", "an empty text")
        if "\0" in text or (number == 1 and tokens[0].startswith("\ufeff")) or tokens[0].startswith("-DOCSTART-"):
            raise _unkept("what is read as something else than text", repr(tokens[0][:40]))
        if loose:
            return
        kept = {by: join(tokens, self._settings.joiner, by_character=by)[0] == text for by in (False, True)}
        blank = next((token for token in tokens if token.isspace()), None)
        if _BREAKS.search(text) or not any(kept.values()) or (blank and self._separator == " "):
            raise _unkept("blanks or line breaks between tokens", repr(_first_difference(text, tokens, self._settings)))
        if not all(kept.values()):
            self._needs.setdefault(kept[True], number)

    def _tags(self, spans: Sequence[WrittenSpan], bounds: Sequence[tuple[int, int]]) -> list[str]:
        for span in spans:
            blank = " " if self._separator == " " else ""
            if span.label != span.label.strip() or _BREAKS.search(span.label) or (blank and blank in span.label):
                raise _unkept("a label with blanks", repr(span.label[:40]))
        first = {start: token for token, (start, _) in enumerate(bounds)}
        last = {end: token for token, (_, end) in enumerate(bounds, start=1)}
        try:
            places = [(first[span.start], last[span.end], span.label) for span in spans]
            return tags_from_spans(places, len(bounds), self._scheme)
        except KeyError as error:
            raise _unkept("a span that begins or ends with blanks", f"a border at {error.args[0]}") from error
        except ValueError as error:
            raise _unkept("spans that overlap", str(error)[:60]) from error

    def _fill(self, pair: tuple[str, str]) -> str:
        return self._separator.join("_" if place is None else pair[place] for place in self._columns)


def _line(settings: Conll) -> list[int | None]:
    """What stands in each column of a written line: 0 the token, 1 the tag, None nothing."""
    wanted = (settings.token_column, settings.tag_column)
    width = max(2, *(column + 1 if column >= 0 else -column for column in wanted))
    while wanted[0] % width == wanted[1] % width:
        width += 1
        if width > 2 * max(2, *map(abs, wanted)) + 2:
            raise DataError(
                "Token and tag stand in the same column",
                received=f"token_column: {wanted[0]}, tag_column: {wanted[1]}",
                remedy="give them different columns",
            )
    columns: list[int | None] = [None] * width
    columns[wanted[0] % width], columns[wanted[1] % width] = 0, 1
    return columns


def _first_difference(text: str, tokens: Sequence[str], settings: Conll) -> str:
    """A piece of a text around the first place that would read back otherwise."""
    broken = _BREAKS.search(text)
    other = join(tokens, settings.joiner, by_character=False)[0]
    place = next((at for at, pair in enumerate(zip(text, other, strict=False)) if pair[0] != pair[1]), len(other))
    place = min(place, broken.start()) if broken else place
    return text[max(0, place - 10) : place + 10]


def _unkept(what: str, received: str) -> DataError:
    return DataError(
        f"CoNLL cannot keep {what}",
        received=received[:60],
        allowed="tokens that give the text back when they are joined, and spans of whole tokens that do not overlap",
        remedy='clean the texts first (`whitespace`); or write with `joiner: ""`, which keeps all but line breaks; or '
        "with `spacing: loosen`, which keeps words and spans but not blanks; spans that overlap need another format",
    )
