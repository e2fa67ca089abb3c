"""Names of persons in Latin letters: dictionaries of names, and what stands beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from vocation.deidentification import Finding
from vocation.deidentification.detectors import NAMED, PATTERN, Detector
from vocation.deidentification.lexicons import AMBIGUOUS, PARTICLES, TITLES, countries, latin_names

_WORD = r"[^\W\d_]+(?:(?:-|['’](?=[A-Z]))[^\W\d_]+)*"  # O'Brien is a word, I'm and Ann's are not
_UPPER = "A-ZÀ-ÖØ-ÞĀ-Ɏ"  # Latin Extended-A and -B alternate cases; str.isupper decides about them.
_JOIN = r"(?:\.?\ |\.(?=[A-Z]\.))"
_RUN = re.compile(rf"(?<![\w@./-])(?=[{_UPPER}]){_WORD}(?:{_JOIN}{_WORD})*+(?![@\w]|\.[\w.]*@)")
_PIECE = re.compile(_WORD)
_TITLE = re.compile(
    rf"\b(?:{'|'.join(sorted(TITLES))})\s+\Z|\b(?:mr|mrs|ms|mx|dr|prof|rev|hon)\.\s+\Z", re.IGNORECASE
)  # A full stop behind a title that is a whole word ends a sentence: yes, sir. How are you?
_CUE = re.compile(
    r"(?:\b(?:name|named|call(?:ed|s)?(?: (?:me|her|him))?|nickname|surname)(?: (?:is|was|to|of|on))?"
    r"|\bnames?\b[^\n:?!.]{0,24}[:?]|\b(?:i am|i['’]m|this is|signed(?: by)?|dear|hi|hello|sincerely|regards|"
    r"directed by|written by|sung by|performed by|speak (?:to|with)|under|patient|client|customer|insured|claimant|"
    r"plaintiff|defendant|tenant|employee|contact(?: person)?|guardian|beneficiary|physician|witness|user)"
    r")[\s:,\"'“]*\Z",
    re.IGNORECASE,
)
_SPEAKER = re.compile(
    r"\b(?:patient|client|customer|insured|claimant|employee|physician|doctor|nurse|witness|user)\s*:\s*\Z",
    re.IGNORECASE,
)
"""Who speaks in a dialogue, or a name in a form: what follows is a name only if it is in the lists."""
_SPOKEN = re.compile(
    r"(?:\bmy name is|\b(?:maiden |first |last |full )?name(?: is|:)|\bpeople call me|\bnamed (?:him|her)) +"
    r"([^\W\d_]+(?:[ -][^\W\d_]+){0,2})",
    re.IGNORECASE,
)
"""What brings a name even where a hasty writer leaves its capitals out."""
_ACTS = re.compile(
    r"(?:['’]s\s+(?:address|kid|daughter|son|wife|husband|mother|father|brother|sister|family|house|"
    r"birthday|account)\b"
    r"|\s+(?:said|says|told|asked|replied|shouted|wrote|writes|lives|lived|spent|works|worked|married|was born|died|"
    r"began|listed|had given|will be talking|is from|is a very|is very|complains|complained|presents|presented|"
    r"denies|reports))"
)
_PLACE_BEFORE = re.compile(r"(?:\b(?:in|from|at|of|near|visit(?:ing)?|the)\s+|[0-9]\s+)\Z", re.IGNORECASE)
_NOT_A_PERSON = re.compile(
    r"(?:,?\s+(?:Inc|LLC|Ltd|PLC|Corp|Co|Corporation|Company|Group|Bank|Holdings|Research|Systems|Solutions|Technologies|"
    r"University|Hospital|College|School|Institute|Foundation|Association|Partners|Services|Orchestra|Club|Street|St|"
    r"Avenue|Ave|Road|Rd|Lane|Ln|Drive|Boulevard|Blvd|Way|Court|Square|Park|Bridge|County|street|road|avenue|disease|"
    r"syndrome|test|score|scale|method|criteria|novel)\b|\s*&|['’]s\s+(?:disease|syndrome|law|sign)\b)"
)
_NUMBERED = re.compile(r"\s+[0-9]")  # a street with its number
_SURNAME = re.compile(
    r"(?:ss?on|sen|d[oó]ttir|[oe]v|[oe]va|ová|ski|ska|ský|czyk|wicz|vić|enko|chuk|elli|etti|oğlu|escu|shvili|opoulos|"
    r"idis|akis|mann|stein|str[oö]m|quist)\Z"
)
_ROLES = TITLES | {"patient", "client", "customer"}
_LONGEST: Final = 5  # Words in a name.
_BEFORE: Final = 40  # Characters looked at in front of a name.


class _Piece(NamedTuple):
    start: int
    end: int
    word: str


class EnglishName(Detector):
    """Names of persons, written in Latin letters with capitals.

    A run of capitalised words is a name where one of its words is in the lists of given names or surnames of some
    sixty countries (Faker's), or where a title (Dr.), a phrase ("my name is", "… said") or the shape of a surname says
    so. English words that are names as well (Will, May, Rose) need more than themselves. A name that was found with
    two words is found again by one of them. It misses names that are in no list and have nothing beside them, and
    surnames that are words; it takes streets, companies and works that bear a person's name for the person where no
    other detector knows better. For names in Chinese characters, see `chinese_name`.
    """

    categories = ("PERSON",)
    needs = "[A-ZÀ-Þ]|[Nn]ame|people"
    languages = ("en",)

    def find(self, text: str) -> Iterator[Finding]:
        runs = [
            [_Piece(run.start() + one.start(), run.start() + one.end(), one[0]) for one in _PIECE.finditer(run[0])]
            for run in _RUN.finditer(text)
        ]
        found = [finding for pieces in runs for finding in self._names(text, pieces)]
        found += self._spoken(text)
        yield from sorted(found + self._again(text, runs, found))

    def _names(self, text: str, pieces: Sequence[_Piece]) -> Iterator[Finding]:
        place = 0
        while place < len(pieces):
            length, score = _name_at(text, pieces, place)
            if score:
                yield self.finding(pieces[place].start, pieces[place + length - 1].end, score)
            place += max(length, 1)

    def _again(self, text: str, runs: Sequence[Sequence[_Piece]], found: Sequence[Finding]) -> list[Finding]:
        """Single words of names that were found whole elsewhere in the text."""
        whole = {word for finding in found for word in _PIECE.findall(text[finding.start : finding.end])[-1:]}
        whole |= {
            word for finding in found if finding.score >= NAMED for word in text[finding.start : finding.end].split()
        }
        known = {word for word in whole if len(word) > 2 and word.lower() not in AMBIGUOUS}
        covered = {finding.start for finding in found}
        return [
            self.finding(piece.start, piece.end, PATTERN)
            for pieces in runs
            for piece in pieces
            if piece.word in known and piece.start not in covered and not _NOT_A_PERSON.match(text, piece.end)
        ]

    def _spoken(self, text: str) -> Iterator[Finding]:
        names = latin_names()
        for match in _SPOKEN.finditer(text):
            words = list(_PIECE.finditer(match[1]))
            length = 0
            while length < len(words) and words[length][0].islower() and words[length][0] not in AMBIGUOUS:
                length += 1
            if length and (length > 1 or words[0][0].title() in names.given or words[0][0].title() in names.family):
                yield self.finding(match.start(1), match.start(1) + words[length - 1].end(), NAMED)


def _name_at(text: str, pieces: Sequence[_Piece], place: int) -> tuple[int, float]:
    """How many words from `place` on could be a name, and how sure that is: 0.0 where it is none."""
    before = text[max(0, pieces[place].start - _BEFORE) : pieces[place].start]
    titled = bool(_TITLE.search(before.rpartition("\n")[2]))
    first = pieces[place].word
    spoken = bool(_SPEAKER.search(before)) and (not _listed(first) or first.lower() in AMBIGUOUS)
    cued = titled or (bool(_CUE.search(before)) and not spoken)
    length = _extent(pieces, place, cued=cued)
    if not length:
        return 0, 0.0
    words = [piece.word for piece in pieces[place : place + length]]
    after = pieces[place + length - 1].end
    if _NOT_A_PERSON.match(text, after) or " ".join(words) in countries():
        return length, 0.0
    if cued and (words[0].lower() not in AMBIGUOUS or titled):
        return length, NAMED
    score = _score(words, before)
    if score < NAMED and _NUMBERED.match(text, after):
        return length, 0.0
    return length, score if score >= PATTERN or not _ACTS.match(text, after) else PATTERN


def _extent(pieces: Sequence[_Piece], place: int, *, cued: bool) -> int:
    """How many words from `place` on can belong to one name."""
    length = 0
    for piece in pieces[place : place + _LONGEST]:
        if length and _NOT_A_PERSON.match(f" {piece.word}"):
            break
        if not (
            _belongs(piece.word, first=not length)
            or (cued and not length and piece.word[0].isupper() and piece.word.lower() not in _ROLES)
        ):
            break
        length += 1
    while length and not _capital(pieces[place + length - 1].word):
        length -= 1
    return length


def _belongs(word: str, *, first: bool) -> bool:
    folded = word.lower()
    if folded in TITLES:
        return False
    if not _capital(word):
        return not first and (_initial(word) or folded in PARTICLES)
    if word.isupper() and not _listed(word.title()):
        return False
    # A word can be a surname behind a given name, as in Betty White.
    return folded not in AMBIGUOUS or (not first and word in latin_names().family)


def _score(words: Sequence[str], before: str) -> float:
    names = latin_names()
    first, last = (word.title() if word.isupper() else word for word in (words[0], words[-1]))
    place_before = bool(_PLACE_BEFORE.search(before))
    if len(words) == 1:
        if len(first) < 3:
            return 0.0
        if first in names.given:
            return PATTERN / 2 if place_before else PATTERN
        return PATTERN if not place_before and (first in names.family or _SURNAME.search(first)) else 0.0
    if first in names.given:
        return PATTERN if place_before else NAMED
    if last.lower() in AMBIGUOUS:
        return 0.0
    foreign = not place_before and not "".join(words).isascii()
    known = last in names.family or last in names.given or _SURNAME.search(last)
    return PATTERN if known or foreign or any(_initial(word) for word in words[1:]) else 0.0


def _listed(word: str) -> bool:
    names = latin_names()
    return word in names.given or word in names.family


def _capital(word: str) -> bool:
    return word[0].isupper() and not _initial(word)


def _initial(word: str) -> bool:
    return len(word) == 1 and word.isupper()
