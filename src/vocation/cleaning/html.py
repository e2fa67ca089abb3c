"""HTML in text: entities to characters, tags to what they mean."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator
from html import unescape
from html.entities import html5

from vocation.cleaning import CleaningStep
from vocation.cleaning.rewriting import apart_from_bounds, longest_of
from vocation.ranges import Ranges
from vocation.text import Edit, Text

# The elements of the HTML Living Standard that stand in text, and older ones that are still met. Names that are
# ordinary words of other mark-up (data, map, object, time, …) are left out.
_BLOCK_NAMES = (
    "address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 head header hr html legend li main menu nav ol option p pre section select "
    "summary table tbody textarea tfoot thead title tr ul"
)
_INLINE_NAMES = (
    "a abbr acronym b base basefont bdi bdo big button cite code col colgroup del dfn em embed font frame frameset i "
    "iframe img input ins kbd label link mark meta nobr noframes noscript param q rp rt ruby s samp small source span "
    "strike strong sub sup svg tt u var video wbr"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_CELLS = frozenset(("td", "th"))
_UNSEEN = "script|style|template"
_BARE_ATTRIBUTES = "allowfullscreen|async|autofocus|checked|compact|controls|defer|disabled|hidden|loop|multiple|muted"
_BARE_ATTRIBUTES += "|noshade|novalidate|nowrap|readonly|required|reversed|selected"

# Possessive throughout: what is no tag is given up at once.
_ATTRIBUTE = rf"""\s++(?:[a-zA-Z_:@][-\w:.]*+\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'<>=`]++)|(?:{_BARE_ATTRIBUTES})\b)"""
_TAG = rf"</?(?P<name>{longest_of((*_BLOCKS, *_CELLS, *_INLINE_NAMES.split()))})(?:{_ATTRIBUTE})*+\s*+/?>"
_RAISED = r"<(?P<raised>su[bp])\s*+>(?P<digits>[-+−\d]{1,8}[-+−]?)</(?P=raised)\s*+>"
_NAMED = r"(?:\#\d{1,7}|\#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});"
_ENTITY = rf"&(?:(?:amp;)++(?:{_NAMED})?+|{_NAMED})"
_MARKUP = re.compile(f"{_RAISED}|{_TAG}|{_ENTITY}|<!doctype\\b[^<>]{{0,200}}+>", re.IGNORECASE)
_OPENING = re.compile(rf"<!--|<(?P<unseen>{_UNSEEN})(?:{_ATTRIBUTE})*+\s*+>", re.IGNORECASE)
_CLOSINGS = {name: re.compile(rf"</{name}\s*+>", re.IGNORECASE) for name in _UNSEEN.split("|")}
_CLOSINGS["comment"] = re.compile("-->")
_ANY_TAG = re.compile(f"{_TAG}|</?(?:{_UNSEEN})(?:{_ATTRIBUTE})*+\\s*+>|<!--|<!doctype\\b", re.IGNORECASE)
_SIGN_OF_MARKUP = re.compile(r"&[\w#]{2,32};|<[/!a-z]", re.IGNORECASE)

_SUPERSCRIPTS = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_SUBSCRIPTS = str.maketrans("0123456789+-−", "₀₁₂₃₄₅₆₇₈₉₊₋₋")
_MOST_PASSES = 8
"""Mark-up nested in its own escapes (`&lt;b&gt;`, `<<b>b>`) comes to light pass by pass; deeper is no document."""


class Html(CleaningStep):
    """Turn entities into characters, and take tags, comments, scripts and styles out.

    Only what is a tag for certain goes: a known element with well-formed attributes. `<5 mg`, `a < b`, `p<0.05` and
    the elements of other mark-up stay. Tags of blocks (`<p>`, `<br>`, `<li>`, …) become a newline and those of cells
    a space; others leave nothing. `<sup>` and `<sub>` around digits become raised or lowered digits, since
    10<sup>3</sup> is not 103. A match that a span begins or ends within stays.

    Escaped tags count as mark-up where a text has an escaped pair (`&lt;b&gt;…&lt;/b&gt;`), as whole documents that
    were escaped have. Else they are what the text speaks of, and stay as they are written: `use &lt;div&gt; here` with
    its entities decoded would lose its tag to the next step or run that reads HTML.

    For whole pages use the format `html`, which knows their structure. `whitespace` behind this step takes the
    newlines together.
    """

    def __call__(self, text: Text) -> Text:
        for _ in range(_MOST_PASSES):
            if not _SIGN_OF_MARKUP.search(text.content):
                break
            cleaned = text.edit(apart_from_bounds(_hidden(text.content), text))
            cleaned = cleaned.edit(apart_from_bounds(_edits(cleaned.content), cleaned))
            if cleaned is text:
                break
            text = cleaned
        return text


def _hidden(content: str) -> Iterator[Edit]:
    """The removal of comments, scripts and styles, with what is in them."""
    position, unclosed = 0, set[str]()
    while opening := _OPENING.search(content, position):
        name = (opening["unseen"] or "comment").lower()
        # What is not closed once is not closed later either; without this, time would be quadratic.
        closing = None if name in unclosed else _CLOSINGS[name].search(content, opening.end())
        if closing:
            yield Edit(opening.start(), closing.end(), "")
        else:
            unclosed.add(name)
        position = closing.end() if closing else opening.end()


def _edits(content: str) -> Iterator[Edit]:
    edits, entities = list[Edit](), list[Edit]()
    for match in _MARKUP.finditer(content):
        new = _replacement(match)
        if new is not None:
            (entities if match[0].startswith("&") else edits).append(Edit(*match.span(), new))
    return heapq.merge(edits, _apart_from_tags(content, entities), key=lambda edit: edit.start)


def _apart_from_tags(content: str, entities: list[Edit]) -> list[Edit]:
    """The entities to decode: all, or those outside the tags that they would make, if no such tag closes another."""
    decoded, places, position, length = list[str](), list[tuple[int, int]](), 0, 0
    for entity in entities:
        length += entity.start - position
        places.append((length, length + len(entity.new)))
        decoded += [content[position : entity.start], entity.new]
        position, length = entity.end, length + len(entity.new)
    made = "".join([*decoded, content[position:]])
    if "<" not in made:
        return entities
    ranges = Ranges(places)
    tags = [tag for tag in _ANY_TAG.finditer(made) if ranges.touch(*tag.span())]
    names: dict[bool, set[str]] = {True: set(), False: set()}
    for tag in tags:
        if tag["name"]:  # A script alone is no sign of a document: it would go with all that is in it.
            names[tag[0].startswith("</")].add(tag["name"].lower())
    if names[True] & names[False]:
        return entities
    kept = Ranges(tag.span() for tag in tags)
    return [entity for entity, place in zip(entities, places, strict=True) if not kept.touch(*place)]


def _replacement(match: re.Match[str]) -> str | None:
    """What takes the place of a piece of mark-up; None if it is no entity after all."""
    if match["name"]:
        name = match["name"].lower()
        return "\n" if name in _BLOCKS else " " if name in _CELLS else ""
    if match["raised"]:
        return match["digits"].translate(_SUPERSCRIPTS if match["raised"].lower() == "sup" else _SUBSCRIPTS)
    if match[0].startswith("<"):
        return ""
    return _character(match[0])


def _character(entity: str) -> str | None:
    """The character that an entity stands for, also one that was escaped several times."""
    inner = "&" + re.sub(r"^(?:amp;)+(?=.)", "", entity[1:], flags=re.IGNORECASE)
    if not inner.startswith("&#") and inner[1:] not in html5:
        return inner if inner != entity else None
    character = unescape(inner)
    return " " if character == "\u00a0" else character
