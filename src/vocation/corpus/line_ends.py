"""Line ends: how often each of the three kinds stands in a text."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineEnds:
    """How often each line end stands in a text.

    Args:
        crlf: of Windows, counted as one.
        lf: of Unix and the web.
        cr: of old Macs, and of tools that broke a file.
    """

    crlf: int = 0
    lf: int = 0
    cr: int = 0


class LineEndCounter:
    """Counts the line ends of a text that comes in pieces; a pair may be parted by two of them."""

    def __init__(self) -> None:
        self._crlf = self._newlines = self._returns = 0
        self._open = False  # Whether the last piece ended in a carriage return.

    def add(self, text: str) -> None:
        """Counts in the next piece."""
        if not text:
            return
        self._crlf += text.count("\r\n") + (self._open and text[0] == "\n")
        self._newlines += text.count("\n")
        self._returns += text.count("\r")
        self._open = text[-1] == "\r"

    def total(self) -> LineEnds:
        """What was counted so far."""
        return LineEnds(self._crlf, self._newlines - self._crlf, self._returns - self._crlf)


def count_line_ends(chunks: Iterable[bytes], codec: str) -> LineEnds:
    """The line ends of a text as bytes, some of which may be no characters.

    Args:
        chunks: the bytes, in pieces.
        codec: Python's name of their encoding.
    """
    decoder, counter = codecs.getincrementaldecoder(codec)(errors="replace"), LineEndCounter()
    for chunk in chunks:
        counter.add(decoder.decode(chunk))
    counter.add(decoder.decode(b"", final=True))
    return counter.total()
