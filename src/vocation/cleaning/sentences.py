"""Texts divided into their sentences, a record each."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from vocation.cleaning import CleaningStep, Pieces
from vocation.language.sentences import sentence_bounds
from vocation.text import Text


class Sentences(CleaningStep):
    """Divide a text into sentences, each a record of its own.

    The splitter knows English and Chinese. It never divides at an abbreviation, an initial, a decimal or a list
    number, inside a closed quotation or bracket, or through a labelled span or a protected term; in doubt it keeps
    sentences together. What stands between sentences is white space alone, so that nothing is lost. Where a text should
    stay one record, `sentence_lines` puts each sentence on a line of its own.
    """

    at_prediction: ClassVar[bool] = False
    divides: ClassVar[bool] = True

    wrapped_lines: bool = Field(
        default=False,
        description="Whether lines are broken at a width, as in a page or a mail: then only a blank line, and no "
        "single line end, ends a sentence.",
    )

    def __call__(self, text: Text) -> Text | Pieces:
        whole = [*((span.start, span.end) for span in text.spans), *text.protected]
        bounds = sentence_bounds(text.content, whole, wrapped=self.wrapped_lines)
        if len(bounds) < 2:
            return text
        return Pieces(text.parts(bounds))
