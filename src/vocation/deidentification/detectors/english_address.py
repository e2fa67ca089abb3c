"""Postal addresses and streets in Latin letters: their grammar, and what stands beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vocation.deidentification import Finding
from vocation.deidentification.detectors import NAMED, PATTERN, Detector

_SPACE = r"[ \t]++"
_LETTERS = r"[^\W\d_]{1,30}+(?:['’.-][^\W\d_]{1,30}+){0,4}+"
# A point belongs to a short word (Av., St.); behind a long one it ends the sentence.
_CAPITAL = rf"(?<![^\W\d_])(?=[A-ZÀ-ÖØ-ÞĀ-ɎΑ-Ω])(?:[^\W\d_]{{1,3}}+\.|{_LETTERS})"
_SUFFIX = (
    r"(?:Street|St|Avenue|Ave|Av|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Way|Court|Ct|Square|Sq|Place|Pl|Terrace|Ter|"
    r"Crescent|Cres|Close|Highway|Hwy|Parkway|Pkwy|Circle|Cir|Trail|Trl|Alley|Row|Walk|Quay|Mews|Loop|Route|Pike|Plaza|"
    r"Turnpike|Gardens|Grove|Esplanade)\b\.?"
)
_ROAD_WORD = (
    r"(?:(?<![^\W\d_])(?=[^\W\d_]{4,30}+\b)[^\W\d_]{1,24}?(?:stra(?:ss|ß)e|strasse|straat|weg|gasse|platz|allee|gatan|gata|vägen|vegen|veien|vej|gade|tie|"
    r"katu|kuja|laan|plein|dreef|ulica|utca|tér))\b"
)
_ROAD_BEFORE = (
    r"(?:Rua|Rue|Via|Viale|Piazza|Calle|C/|Avenida|Av\.|Av|Avenue|Boulevard|Ul\.|ul\.|Ulica|ulica|Plaza|Paseo|Largo|"
    r"Travessa|Chaussée|Strada|Corso|Praça|Rodovia|Ctra\.)"
)
_UNIT = (
    r"(?:(?:Apt|Apartment|Suite|Ste|Unit|Flat|Room|Rm|Floor|Fl|Building|Bldg|Lot|Box)\b\.?[ \t]*#?[ \t]*"
    r"[0-9]+[A-Za-z]?|#[ \t]*[0-9]+[A-Za-z]?)\b"
)
_SMALL = r"(?:de|da|do|dos|das|del|della|la|le|les|du|des|of|the|van|von|der|den|i|y|e|di|am|an|upon|nad|sur)"
_CAPITALS = rf"{_CAPITAL}(?:{_SPACE}(?:{_SMALL}{_SPACE}){{0,2}}{_CAPITAL}){{0,4}}"
_NUMBER = r"(?<![\w#.$€£%/-])[0-9]{1,5}(?:[ /-][0-9]{1,3})?[A-Za-z]?\b"
_BREAK = r"(?:(?=[\s,])[ \t]*+,?[ \t]*+(?:\n[ \t>?]*+){0,2}|[ \t]*+\n[ \t>?]*+,[ \t]*+)"
_CODE = (
    r"(?:[A-Z]{2}[ \t]+[0-9]{5}(?:-[0-9]{4})?|[A-Z]{1,2}[0-9][0-9A-Z]?[ \t]?[0-9][A-Z]{2}|"
    r"[A-Z][0-9][A-Z][ \t]?[0-9][A-Z][0-9]|[0-9]{5}(?:-[0-9]{4})?|[0-9]{4}[ \t]?[A-Z]{2}|"
    r"[0-9]{3}[ \t][0-9]{2}|[0-9]{2}-[0-9]{3}|[0-9]{4,5})\b(?![-.]?[0-9])"
)
_CITY = rf"{_CAPITAL}(?:{_SPACE}(?:{_SMALL}{_SPACE}){{0,2}}{_CAPITAL}){{0,3}}(?:[ \t]\([^\W\d_]++\))?"
# City, region and country lines behind a street: up to three of them, then a postal code.
_TAIL = rf"(?:(?:{_BREAK}{_CITY}){{0,3}}{_BREAK}(?:nan[ \t]+)?{_CODE})?"

_STREET = (
    rf"(?:{_NUMBER}{_SPACE}(?:[NSEW]\.?{_SPACE})?(?:[0-9]{{1,3}}(?:st|nd|rd|th)?{_SPACE})?"
    rf"(?:{_CAPITAL}{_SPACE}){{0,4}}?{_SUFFIX}"
    rf"(?:{_SPACE}(?:North|South|East|West|N|S|E|W)\b)?)"
)
_FOREIGN = (
    rf"(?:(?:{_NUMBER}{_SPACE})?(?:{_ROAD_BEFORE}{_SPACE}{_CAPITALS}|(?:{_CAPITAL}{_SPACE}){{0,2}}{_ROAD_WORD}|"
    rf"{_CAPITALS}{_SPACE}(?:u|út|utca|útja|ter|tee|pst|mnt)\.?){_SPACE}[0-9]{{1,5}}[a-rt-zA-RT-Z]?\b\.?)"
)
# French puts the number in front, the street's kind in small letters, and the postal code in front of the town.
_FRENCH = (
    rf"(?:{_NUMBER}(?:[ \t](?:bis|ter))?,?{_SPACE}"
    rf"(?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Bb]d|[Cc]hemin|[Aa]llée|[Qq]uai|[Ii]mpasse){_SPACE}"
    rf"(?:(?:{_SMALL}{_SPACE}){{0,3}}(?:[ld]['’])?{_CAPITALS}|[ld]['’]{_CAPITALS})"
    rf"(?:{_BREAK}[0-9]{{5}}{_SPACE}{_CITY})?)"
)
# A number, words and a number may be a street, and much else: 5 July 2020, Chapter 5 Section 3.
_NO_STREET = (
    r"(?!(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b|(?:Section|Chapter|Part|Article|Table|Figure|Fig|"
    r"Page|Pages|Stage|Grade|Phase|Type|Level|Class|Group|Day|Days|Week|Weeks|Year|Years|Month|Months|Version|Step|"
    r"Question|Item|Line|Season|Episode|Volume|Vol|No|Nos|Number|and|or)\b)"
)
_TWO_NUMBERS = (
    rf"(?:{_NUMBER}{_SPACE}{_NO_STREET}(?:{_CAPITALS}|{_ROAD_BEFORE}{_SPACE}{_CAPITALS}){_SPACE}"
    rf"(?!(?:19|20)[0-9]{{2}}\b)[0-9]{{1,5}}[a-rt-zA-RT-Z]?\b\.?)"
)
_POST_BOX = (
    r"(?:(?:\b[0-9]{1,5}[ \t]+)?\b(?:P\.?[ ]?O\.?[ ]?Box|Postbox|PO BOX)[ \t]+[0-9]+|"
    r"\b(?:PSC|Unit|CMR)[ \t]+[0-9]+,?[ \t]+Box[ \t]+[0-9]+|\bUS(?:NS|NV|CGC|S)[ \t]+[A-ZÀ-Ž]\w+)"
)
_MILITARY = r"(?:\s+[ADF]PO[ \t]+[A-Z]{2}[ \t]+[0-9]{5})?"
_WITH_UNIT = rf"(?:(?:{_NUMBER}{_SPACE})?{_CAPITALS}(?:{_SPACE}[0-9]{{1,5}}[a-zA-Z]?\b\.?)?{_BREAK}{_UNIT})"
_SURE = re.compile(
    rf"(?:{_POST_BOX}{_MILITARY}|{_FRENCH}|(?:{_TWO_NUMBERS}|{_STREET}|{_FOREIGN}|{_WITH_UNIT})(?:{_BREAK}{_UNIT}){{0,2}}){_TAIL}"
)
_BARE = re.compile(rf"(?<!\w)(?:(?:{_CAPITAL}{_SPACE}){{1,3}}{_SUFFIX}|(?:Apt|Suite|Flat|Floor)\b\.?[ \t]*[0-9]+\b)")
# Behind a word that brings an address: numbers, capitalised words and the small words between them.
_PART = (
    rf"(?:(?![0-9]+\.[0-9]|[0-9a-f]+:)(?:[0-9]{{1,2}}\.|[0-9][\w/-]*+)|#[ ]?[0-9]+|{_CAPITAL}|"
    r"(?:rue|de|del|della|da|do|dos|e|i|la|le|les|du|des|u\.|ul\.|út|útja|utca|nan|and|the corner of|"
    r"van|der|street)\b)"
)
_CUED = re.compile(
    r"(?i:\b(?:address(?:es)?(?: (?:is|are|to|with|now|the|same|following))*|located at|live[sd]? (?:at|on)|"
    r"(?:office|restaurant) is at|meet(?: me| you)? at|arrived at|return to|taxi to|station is on|side of|"
    r"drops you off at|enter on|corner of|sent? to|(?:what['’]s the )?address\?(?: it is)?|it['’]s in|live[sd]? in)"
    r"|\b(?:address|residence|home)[^\n:?]{0,12}[:?]|here they are)[ \t:]*\s{0,3}"
    rf"(?P<place>{_PART}(?:{_BREAK}(?:\s{{0,2}}){_PART})*+)"
)
_HAS_NUMBER = re.compile(r"[0-9]")


class EnglishAddress(Detector):
    """Postal addresses and streets with their numbers, in the forms of English and other European languages.

    Found are a house number with a street (24 Clarke Avenue, Rua Diadema 1903, Friedhofstrasse 33, 12 rue de Rivoli),
    post boxes, apartments and suites, and any capitalised place with a number behind words such as "lives at"; the
    lines of city, region and postal code that follow belong to it. It misses streets without a number and without a
    word such as Street, and the city behind a street where no postal code follows. For Chinese see `chinese_address`.
    """

    categories = ("STREET_ADDRESS",)
    needs = "[0-9]|Street|Avenue|Road|Lane"
    languages = ("en",)

    def find(self, text: str) -> Iterator[Finding]:
        found = [self.finding(*match.span(), NAMED + 0.05) for match in _SURE.finditer(text)]
        found += [
            self.finding(*match.span("place"), NAMED + 0.05)
            for match in _CUED.finditer(text)
            if _HAS_NUMBER.search(match["place"])
        ]
        found += [self.finding(*match.span(), PATTERN + 0.1) for match in _BARE.finditer(text)]
        yield from sorted(found)
