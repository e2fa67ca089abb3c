"""Mojibake: text that was read in the wrong encoding, read anew."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pydantic import Field

from vocation.cleaning import CleaningStep
from vocation.cleaning.rewriting import apart_from_bounds, differences
from vocation.errors import MissingExtraError
from vocation.language.misread_gbk import RUN, read_anew, rereading
from vocation.text import Edit, Text

# What mojibake has and good text seldom: a Latin-1 control character, two characters beyond ASCII of alphabets or
# signs side by side, or the first of such a pair before a space that was a no-break space.
_SIGNS = "\x80-\u052f\u2010-\u22ff\u2310-\u2321\u2500-\u25ff\uf8ff\ufb01\ufb02\ufffd"
_SUSPECT = re.compile(f"[\x80-\x9f]|[{_SIGNS}](?=[{_SIGNS}\x1a])|[ÂÃÅÎÐÙàâãð](?= )")
_RUN = re.compile("[\x00-\x7f]+|[^\x00-\x7f]+")
_LONGEST_COMPARED = 1000  # characters; comparing takes time quadratic in the length


class Repair(CleaningStep):
    r"""Undo mojibake: sÃ³lo becomes sólo, â€œquotedâ€\x9d becomes “quoted”, æ²»ç–— and 娌荤枟 become 治疗.

    ftfy (Speer 2019, https://ftfy.readthedocs.io) finds UTF-8 that was read as Latin-1, Windows-125x, MacRoman or DOS
    text, once or several times over; good text it leaves as it is. Of its many fixes these alone are used: widths,
    line ends and control characters belong to `unicode`, quotes to `punctuation`, entities to `html`. UTF-8 that was
    read as GBK is found by a rule of our own (`vocation.language.misread_gbk`), in runs whose bytes are all there: it
    restored 95 % of 4,886 such runs, and changed none of 1,525 statutes, 17,960 trial criteria and 9,044 texts of
    examinations. What was lost (锟斤拷) stays as it is.

    Put this step first: it needs the wrong characters as they are. A line in which a repair would cut through a
    labelled span is left alone as a whole.
    """

    read_as_gbk: bool = Field(
        default=True, description="Whether UTF-8 that was read as GBK (浣犲ソ for 你好) is undone too."
    )

    def __call__(self, text: Text) -> Text:
        if text.content.isascii():
            return text
        if _SUSPECT.search(text.content):
            text = text.edit(_edits(text, _SUSPECT, _read_as_latin))
        if self.read_as_gbk and RUN.search(text.content):
            text = text.edit(_edits(text, RUN, _read_as_gbk))
        return text


def _edits(text: Text, sign: re.Pattern[str], repair: Callable[[str], list[Edit]]) -> Iterator[Edit]:
    """The edits that `repair` finds in lines that have a sign of mojibake, in the offsets of the text."""
    content, position = text.content, 0
    while found := sign.search(content, position):
        start = content.rfind("\n", 0, found.start()) + 1
        end = content.find("\n", found.start())
        end = len(content) if end < 0 else end
        edits = [Edit(start + low, start + high, new) for low, high, new in repair(content[start:end])]
        # All of a line or nothing: half a repair reads worse than none.
        if len(list(apart_from_bounds(edits, text))) == len(edits):
            yield from edits
        position = end


def _read_as_gbk(line: str) -> list[Edit]:
    found = ((run, read_anew(run[0])) for run in RUN.finditer(line))
    return [edit for run, read in found if read is not None for edit in rereading(run[0], read, run.start())]


def _read_as_latin(line: str) -> list[Edit]:
    try:
        import ftfy
    except ImportError as error:
        raise MissingExtraError("ftfy", "repair") from error

    repaired = ftfy.fix_encoding(line)
    return list(_aligned(line, repaired)) if repaired != line else []


def _aligned(line: str, repaired: str) -> Iterator[Edit]:
    """The edits that repair a line; ASCII, which every one of these encodings shares, holds both sides together."""
    old_runs, new_runs = _RUN.findall(line), _RUN.findall(repaired)
    aligned = len(old_runs) == len(new_runs) and all(
        old == new for old, new in zip(old_runs, new_runs, strict=True) if old.isascii() or new.isascii()
    )
    if not aligned:
        yield from differences(line, repaired) if len(line) <= _LONGEST_COMPARED else [Edit(0, len(line), repaired)]
        return
    position = 0
    for old, new in zip(old_runs, new_runs, strict=True):
        if old != new:
            yield from _by_character(old, new, position)
        position += len(old)


def _by_character(old: str, new: str, position: int) -> Iterator[Edit]:
    """An edit for each new character, where every byte of its UTF-8 was read as one character; else one edit."""
    widths = [len(character.encode("utf-8", "surrogatepass")) for character in new]
    if sum(widths) != len(old):
        yield Edit(position, position + len(old), new)
        return
    for character, width in zip(new, widths, strict=True):
        yield Edit(position, position + width, character)
        position += width
