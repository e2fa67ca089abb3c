"""Puts replacements into a text where identifiers were found; labelled spans stay exact."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from vocation.deidentification import Finding
from vocation.text import Edit, Text

Replace = Callable[[str, str], str]
"""What takes the place of a value of a category."""


class Replacement(NamedTuple):
    """What was put where.

    Args:
        start: offset of the first character in the text before.
        end: offset behind the last one.
        category: what was found there.
        old: what stood there.
        new: what stands there now.
    """

    start: int
    end: int
    category: str
    old: str
    new: str


def replace_findings(text: Text, findings: Sequence[Finding], new_value: Replace) -> tuple[Text, list[Replacement]]:
    """The text with every finding replaced.

    A labelled span that begins or ends inside a finding keeps its bounds: what stands on each side of the bound is
    replaced for itself (in one piece, cut at the same place, where old and new have the same length). So no edit cuts
    through a label; only a replacement by nothing can take one away, and `Text.cut` then says so. Protected ranges in
    which something is found lose their protection.

    Args:
        text: the text in which `findings` were found.
        findings: ordered by position, not overlapping.
        new_value: what takes the place of a value.

    Returns:
        The new text, and the replacements in the order of the text.
    """
    if not findings:
        return text, []
    bounds = sorted({bound for span in text.spans for bound in (span.start, span.end)})
    made = [one for finding in findings for one in _replacements(text.content, finding, bounds, new_value)]
    return put(text, findings, made), made


def put(text: Text, findings: Sequence[Finding], made: Iterable[Replacement]) -> Text:
    """The text with replacements that were made for it before; see `replace_findings`."""
    if not findings:
        return text
    open_text = replace(text, protected=tuple(_untouched(text.protected, findings)))
    return open_text.edit(Edit(one.start, one.end, one.new) for one in made)


def _replacements(content: str, finding: Finding, bounds: Sequence[int], new_value: Replace) -> Iterator[Replacement]:
    start, end, category = finding.start, finding.end, finding.category
    inside = bounds[bisect_right(bounds, start) : bisect_left(bounds, end)]
    if not inside:
        yield Replacement(start, end, category, content[start:end], new_value(content[start:end], category))
        return
    whole = new_value(content[start:end], category)
    for left, right in pairwise((start, *inside, end)):
        old = content[left:right]
        if len(whole) == end - start:
            yield Replacement(left, right, category, old, whole[left - start : right - start])
        elif old.strip():
            yield Replacement(left, right, category, old, new_value(old, category))


def _untouched(protected: Iterable[tuple[int, int]], findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    starts, ends = [finding.start for finding in findings], [finding.end for finding in findings]
    for start, end in protected:
        place = bisect_left(starts, end) - 1
        if place < 0 or ends[place] <= start:
            yield start, end
