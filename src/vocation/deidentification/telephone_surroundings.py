"""What stands around a telephone number or what looks like one: rows, prices, streets, lists, addresses.

Words that name a number are read in `telephone_words`.
"""

from __future__ import annotations

import re

from vocation.deidentification.telephone_forms import Form, Grade
from vocation.deidentification.telephone_words import speaks_otherwise

# Groups as numbering plans have them and hardly anything else, where no other number stands beside them.
_PLANNED = re.compile(
    r"[1-9][0-9]{2}(?:[ ][0-9]{2}){2,3}|[1-9][0-9]{1,2}[ ][0-9]{3}(?:[ ][0-9]{2}){2}"
    r"|[1-9][0-9]{1,2}(?:[ ][0-9]{3}){1,2}[ ][0-9]{4}|[1-9][0-9]{1,2}(?:[ ][0-9]{4}){2}"
    r"|[1-9][0-9]{2}[ ][0-9]{2}[ ][0-9]{3}|[1-9][0-9]{3}(?:[ ][0-9]{3}){2}"
)
_ENDS = frozenset(("", "\n", ".", ",", ";", ")", "。", "，", "；"))
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:[ ][0-9]{3})+")
_PLURAL = re.compile(r"[ ](?!(?:always|works|rings|belongs|goes|says|does)\b)[a-z]{3,}s(?![a-z])")
_COUNTED = re.compile(r"(?<![0-9])[0-9][ .-][0-9](?![0-9]).*[0-9]{2}|[0-9]{2}.*[^0-9][0-9][ .-][0-9](?![0-9])")
_UNIT = re.compile(
    r"[ ]?(?:/[a-zµμ]{1,4}(?![a-z:])|[€$£¥‰°µ元%]"
    r"|(?:km|kg|mg|mm|cm|ml|mmol|hz|khz|mhz|ghz|kb|mb|gb|tb|usd|eur|gbp|chf|cny|rmb|jpy|aud|cad"
    r"|dollars?|euros?|pounds?|yuan|francs?|people|users|customers|members|subscribers|shares|votes|units|pieces|items"
    r"|records|rows|cells|calls|minutes|hours|days|times|points|messages|copies|tons|tonnes|barrels|inhabitants"
    r"|residents|million|billion|thousand)(?![a-z]))",
    re.IGNORECASE,
)
_STREET = re.compile(
    r"[ ](?:(?:[A-Z][\w.'’-]*[ ]){1,3}(?i:str?|ave|rd|dr|ln|ct|court|pl|place|blvd|way|close|circle|terrace|square|hwy"
    r"|crescent|row|suite|apt|street|avenue|road|drive|lane|boulevard|highway|parkway)"
    r"|(?:[\w.'’-]+[ ]){1,2}(?:street|avenue|road|drive|lane|boulevard|highway|parkway)|(?:Rue|Via|Calle|Avenida))\b"
)
_PRICED = re.compile(r"(?:[$€£¥￥<>≤≥~≈±×*&]|(?i:usd|eur|gbp|chf|cny|rmb|jpy))[ ]?\Z")
_JOINED = re.compile(
    r"\s?(?:[,;/|、，&]|or|and|und|oder|ou|et|y|o|e|或|和|or also)?\s{0,2}(?:or|and)?\s?", re.IGNORECASE
)
_SEPARATE = re.compile(r"[.!?。！？]\s|\n\s*\n|[0-9\[\]{}<>=#*\\]")
_ENUMERATED = re.compile(r"(?<![0-9A-Za-z])\(?[0-9]{1,2}[.)][ ]")
# A line of an address: it has a number, a name, and nothing but what addresses have.
_ADDRESS_LINE = re.compile(r"(?=.*[A-Z][a-z])(?=.*[0-9])[A-Z0-9][\w .,'’/#-]{4,60}")
_PERSON = re.compile(r"[A-Z][\w'’-]+[ ][A-Z][\w'’-]+[ ]\(\Z")
_LISTED = 48  # characters between two numbers of one list
_BESIDE = 48  # characters around a number in which an address may stand
_LINE = 80  # characters of a line that are read
_MARK_BEFORE = re.compile(r"(?:@|www\.)[A-Za-z0-9-]+\.[A-Za-z0-9./-]+[\s,;|/·•-]{1,3}\Z")
_MARK_BEHIND = re.compile(r"[\s,;|/·•-]{1,3}(?:[\w.+-]+@[A-Za-z0-9-]|www\.|https?:)")
_BULLET = " \t*·•|,;-"
_APART = 16  # characters without another number on each side
_DIGIT = re.compile("[0-9]")


def stands_alone(text: str, form: Form) -> bool:
    """Whether a form has groups of a numbering plan, and no other number stands close to it."""
    if not _PLANNED.fullmatch(text, form.start, form.end):
        return False
    if _DIGIT.search(text, max(0, form.start - _APART), form.start):
        return False
    return _DIGIT.search(text, form.end, form.end + _APART) is None


def counts_something(text: str, form: Form) -> bool:
    """Whether what stands in and beside a form that says little makes it a price, a quantity or a list of numbers."""
    number = text[form.start : form.end]
    if "(" in number and number.count("(") != number.count(")"):
        return True
    if form.grade is Grade.AMBIGUOUS and _COUNTED.search(number):
        return True
    if text[form.end : form.end + 1] not in _ENDS and (
        _UNIT.match(text, form.end) or (_PLURAL.match(text, form.end) and _THOUSANDS.fullmatch(number))
    ):
        return True
    return _PRICED.search(text, max(0, form.start - 4), form.start) is not None


def in_row(text: str, form: Form) -> bool:
    """Whether groups of one size go on before or behind a form of them, as in a table or a number of a card."""
    before, behind = text[max(0, form.start - 2) : form.start], text[form.end : form.end + 2]
    if not (before[-1:] == " " and before[:1].isdecimal()) and not (behind[:1] == " " and behind[1:].isdecimal()):
        return False
    groups = text[form.start : form.end].split(" ")
    size = len(groups[0])
    if len(groups) < 2 or any(len(group) != size or not group.isdecimal() for group in groups):
        return False
    before, behind = text[max(0, form.start - size - 1) : form.start], text[form.end : form.end + size + 1]
    return (before[-1:] == " " and before[:-1].isdecimal()) or (behind[:1] == " " and behind[1:].isdecimal())


def before_street(text: str, form: Form) -> bool:
    """Whether a name of a street follows two groups, as behind numbers of houses: "3747 3911 Fourth Avenue"."""
    return " " in text[form.start : form.end] and _STREET.match(text, form.end) is not None


def in_list(text: str, form: Form, listed: int) -> bool:
    """Whether a form continues a list of telephone numbers, the last of which ends at `listed`."""
    if form.start - listed > _LISTED:
        return False
    between = _ENUMERATED.sub(" ", text[listed : form.start])
    if _JOINED.fullmatch(between):
        return True
    if form.grade < Grade.GROUPED or _SEPARATE.search(between):
        return False
    return not speaks_otherwise(between)


def beside_address(text: str, form: Form) -> bool:
    """Whether a number stands with an address as on a card: of a mailbox, a page, or a house.

    Right beside the first two, or with a line alone near any; or in brackets behind a name.
    """
    first = max(0, form.start - _BESIDE)
    near = text[first : form.end + _BESIDE]
    marked = "@" in near or "www." in near or "http" in near
    if form.grade is Grade.GROUPED:
        if marked and (_MARK_BEHIND.match(text, form.end) or _MARK_BEFORE.search(text, first, form.start)):
            return True
        if (
            " " in text[form.start : form.end]
            and _PERSON.search(text, first, form.start)
            and text[form.end : form.end + 1] == ")"
        ):
            return True
    return "\n" in near and _has_line_alone(text, form) and (marked or _in_address(text, form))


def _has_line_alone(text: str, form: Form) -> bool:
    first = text.rfind("\n", max(0, form.start - _LINE), form.start) + 1
    last = text.find("\n", form.end, form.end + _LINE)
    last = min(len(text), form.end + _LINE) if last < 0 else last
    return text[first or max(0, form.start - _LINE) : last].strip(_BULLET) == text[form.start : form.end]


def _in_address(text: str, form: Form) -> bool:
    """Whether one of the lines around that of a number is a line of an address."""
    before = text[max(0, form.start - 2 * _LINE) : form.start].split("\n")[:-1]
    behind = text[form.end : form.end + 2 * _LINE].split("\n")[1:]
    lines = [line.strip() for line in before if line.strip()][-3:] + [line.strip() for line in behind if line.strip()][
        :2
    ]
    return any(_ADDRESS_LINE.fullmatch(line) for line in lines)
