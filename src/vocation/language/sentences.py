"""Where sentences begin and end, in English, Chinese and texts that mix them.

A rule-based splitter that would rather miss a bound than invent one: it does not divide at abbreviations, initials,
decimals, list numbers, inside closed quotations and brackets, or anywhere in a range that the caller wants whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from vocation.language.abbreviations import BEFORE_NUMBER, MAY_BE_LAST, NEVER_LAST, OPENERS
from vocation.ranges import Ranges

_CLOSERS = "”’」』）】》〉)\\]}\"'"
_CHINESE = "\u3400-\u9fff\uf900-\ufaff"
_WIDE = f"{_CHINESE}\u3000-\u303f\uff00-\uffef“‘"
# Each pattern begins with a class of characters, which `re` looks for fast.
_END = re.compile(
    f"(?P<mark>[.!?…。！？｡](?:(?<=[。！？｡])[。！？｡!?…]*[{_CLOSERS}]*|[.!?…]*[{_CLOSERS}]*(?=[\\s{_WIDE}]|\\Z)))\\s*"
)
_LINE_ENDS = re.compile(r"[\n\r\x0b\x0c\x85\u2028\u2029]\s*")
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")
_BRACKETS = {
    "(": ")",
    "[": "]",
    "{": "}",
    "（": "）",
    "【": "】",
    "《": "》",
    "〈": "〉",
    "“": "”",
    "「": "」",
    "『": "』",
}
_OPENING = {closing: opening for opening, closing in _BRACKETS.items()}
_MARK = re.compile('[(){}\\[\\]（）【】《》〈〉“”「」『』"]')
_GOES_ON = frozenset("，、；：。！？,;:!?)）]】》〉」』”’")
_BRACKET = re.compile("[)）\\]】》〉}]")
_PARTICLES = frozenset("的等之地得")
_SAYS = re.compile(f"[^，。！？“”]{{0,6}}?[{_CHINESE}]{{0,3}}(?:[说說道问問答喊叫写寫]|表示)(?![明法])")
_WORD_BEFORE = re.compile(f'[^\\s(\\[{{"“‘（【「《,;:/，。；：、{_CHINESE}]*\\Z')
_NEXT_WORD = re.compile(f"[{_CLOSERS}(\\[{{“‘（【「《\"'*•·–—-]*([^\\s]*)")
_LIST_NUMBER = re.compile(r"\(?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,4})\Z")
_INITIALS = re.compile(r"(?:[A-Za-z]\.)*[A-Za-z]\Z|(?:[A-Z]\.?-)+[A-Z]\Z")
_NUMERAL = re.compile(r"[A-Za-z]?\d|[IVXLC]{2,}\b|[VX]\b")
_LONGEST_WORD = 24  # Characters looked at before a full stop: the longest abbreviation is far shorter.
_LEADS_TO_LIST = re.compile(r"(?<![0-9])[:：;；]\s*\d{1,2}\Z")
_LONGEST_NUMERAL = 4  # Letters of a list number such as viii.
_ABBREVIATIONS = NEVER_LAST | BEFORE_NUMBER | MAY_BE_LAST


def sentence_bounds(
    content: str, whole: Iterable[Sequence[int] | tuple[int, int, str]] = (), *, wrapped: bool = False
) -> list[tuple[int, int]]:
    """Where each sentence of a text begins and ends.

    Together the sentences hold every character of the text but the white space between them, and each range of
    `whole` lies inside one of them. A line end ends a sentence, unless lines are only wrapped.

    Args:
        content: the text.
        whole: ranges that no bound may divide, such as labelled spans: pairs of offsets, or tuples that begin so.
        wrapped: whether single line ends are those of a page or a mail, so that only blank lines end a sentence.

    Returns:
        (start, end) of each sentence, in code points, in order; none for a text of white space.
    """
    ranges = Ranges(whole)
    bounds: list[tuple[int, int]] = []
    first = _first(content, ranges)
    for start, end in _lines(content, ranges, wrapped):
        position = max(start, first)
        for stop, resume in _stops(content, position, end, ranges):
            bounds.append((position, stop))
            position = resume
        if position < end:
            bounds.append((position, end))
    return bounds


def _first(content: str, ranges: Ranges) -> int:
    """Where the first sentence begins: at the first character that is no white space or lies in a range."""
    leading = len(content) - len(content.lstrip())
    return next((place for place in range(leading) if ranges.touch(place, place + 1)), leading) if ranges else leading


def _lines(content: str, ranges: Ranges, wrapped: bool) -> Iterator[tuple[int, int]]:
    """Parts of the text that a sentence cannot leave, without the white space around them."""
    start = 0
    for match in (_BLANK_LINES if wrapped else _LINE_ENDS).finditer(content):
        first, behind = match.span()
        while first and content[first - 1].isspace():
            first -= 1
        if first == start == 0 or ranges.touch(first, behind):
            continue
        yield start, first
        start = behind
    end = len(content.rstrip())
    while end < len(content) and ranges.touch(end, len(content)):
        end += 1
    if start < end:
        yield start, end


def _stops(content: str, start: int, end: int, ranges: Ranges) -> Iterator[tuple[int, int]]:
    """Where sentences end inside a part of the text, and where the next one begins."""
    closed: Ranges | None = None
    for match in _END.finditer(content, start, end):
        stop, resume = match.end("mark"), match.end()
        if resume >= end:
            return
        if content[resume] in _GOES_ON or not _ends_sentence(content, match, start, resume):
            continue
        if closed is None:
            closed = Ranges(closed_pairs(content, start, end))
        if closed.touch(stop, stop) or ranges.touch(stop, resume):
            continue
        yield stop, resume
        start = resume


def closed_pairs(content: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The quotations and brackets inside a part of the text that open and close, each with its marks.

    A mark that has no partner holds nothing together: of several paragraphs that open a quotation, the last alone
    closes it. A straight quotation mark behind a digit, with none open, is a sign for inches.
    """
    opened: list[tuple[str, int]] = []
    for match in _MARK.finditer(content, start, end):
        mark, place = match[0], match.start()
        if mark in _BRACKETS:
            opened.append((mark, place))
            continue
        opening = _OPENING.get(mark, mark)
        partner = next((depth for depth in range(len(opened) - 1, -1, -1) if opened[depth][0] == opening), None)
        if partner is not None:
            yield opened[partner][1], place + 1
            del opened[partner:]
        elif mark == '"' and not (place > start and content[place - 1].isdigit()):
            opened.append((mark, place))


def _ends_sentence(content: str, match: re.Match[str], start: int, resume: int) -> bool:
    """Whether a mark that could end a sentence does, given the sentence's start and where the next would begin."""
    mark = match["mark"]
    body = mark.rstrip("”’」』）】》〉)]}\"'")
    if body != mark and (content[resume] in _PARTICLES or _is_said(content, start, resume)):
        return False
    if body[0] in "。！？｡":
        return not _BRACKET.search(mark) or content[start] in "（([【"
    if body[-1] == "…" or body.endswith(".."):
        return content[resume].isupper()
    word = _NEXT_WORD.match(content, resume)
    following = word[1] if word else ""
    if following[:1].islower() and not _has_inner_capital(following):
        return False
    return body[-1] != "." or _full_stop_ends(content, match.start(), start, following, body == mark)


def _is_said(content: str, start: int, resume: int) -> bool:
    """Whether a quotation began the sentence, and who speaks follows it, as 他说 in “你好。”他说。 does."""
    return content[start] in "“「『" and _SAYS.match(content, resume) is not None


def _has_inner_capital(word: str) -> bool:
    """Whether a word is written like mRNA or pH, which may begin a sentence."""
    return any(character.isupper() for character in word[1:4])


def _full_stop_ends(content: str, stop: int, start: int, following: str, bare: bool) -> bool:
    """Whether the full stop at `stop` ends a sentence before the word `following`.

    Args:
        content: the text.
        stop: offset of the first full stop of the mark.
        start: where the sentence begins.
        following: the next word, without opening marks.
        bare: whether no closing mark follows the full stop.
    """
    before = content[max(start, stop - _LONGEST_WORD) : stop]
    word = before[before.rfind(" ") + 1 :]
    if not (word.isascii() and word.isalpha()):
        whole = _WORD_BEFORE.search(before)
        word = whole[0].lstrip("'") if whole else ""
    elif len(word) > _LONGEST_NUMERAL and word.lower() not in _ABBREVIATIONS:
        return True
    if not word:
        return True
    if bare and content[start:stop].lstrip(" *-") == word and _LIST_NUMBER.match(word):
        return False
    if bare and word.isdigit() and _LEADS_TO_LIST.search(before):
        return False
    folded = word.lower()
    opener = following.rstrip(".,;:!?'’s") in OPENERS or following in OPENERS
    if folded in NEVER_LAST and not (len(word) == 1 and word.isupper()):
        return False
    if folded in BEFORE_NUMBER:
        return _NUMERAL.match(following) is None
    if folded in MAY_BE_LAST or (_INITIALS.match(word) and not word.isdigit()):
        return opener or not following[:1].isalnum()
    return True
