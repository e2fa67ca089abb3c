"""Words beside a number that say whether it is a telephone number, in English, Chinese and other languages.

A number is read backwards from where it begins: the words that only link (is, at, number) are passed over, and the
first other word decides, then the nearest one that speaks of telephones.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Final

from vocation.deidentification.contexts import any_word, listed, named_otherwise

_ENGLISH = """
phone phones telephone telephones tel tele mobile mobiles cell cellphone cellular fax facsimile telefax whatsapp viber
telegram hotline helpline landline pager handset sms voicemail switchboard tty tdd callback ph mob phoned telephoned
"""
_EUROPEAN = """
telefon telefonnummer telefonnr rufnummer handy handynummer mobil mobilnummer mobiltelefon mobilfunk festnetz
festnetznummer durchwahl fernsprecher faxnummer rückruf rückrufnummer anrufen erreichbar erreichen
téléphone téléphonique tél portable télécopie télécopieur joignable appeler appelez appelle
teléfono teléfonos teléf telf móvil celular llamar llame llamando llámeme
telefone telefones telemóvel telemovel contacto contato ligue ligar
telefono cellulare chiamare chiami chiamate
telefoon telefoonnummer mobiel gsm mobielnummer bellen
tlf tfn telefonnumret mobilnummeret mobilnr ring ringa
puhelin puh puhelinnumero matkapuhelin
sími símanúmer farsími
telefonu komórka komórkowy dzwonić telefonní telefonne telefónne telefónny telefonszám telefonszáma mobilszám
telefonski telefonska mobitel telefonul telefonului tālrunis telefonas
telefonunuz cep
тел телефон телефона телефону телефоны моб мобильный мобильного факс звоните позвоните звонить
телефонен телефонний телефонний мобільний факсът
τηλ τηλέφωνο τηλεφώνου κινητό κινητού φαξ
전화 전화번호 휴대폰 휴대전화 휴대폰번호 연락처 팩스
هاتف جوال موبايل تلفن موبایل טלפון נייד פקס
telepon telp ponsel โทร โทรศัพท์ फोन फ़ोन मोबाइल ফোন মোবাইল ტელეფონი ტელ հեռ հեռախոս
"""
_VERBS = """
call calls called calling caller dial dials dialed dialled dialing dialling ring rang ringing text texts texted texting
reach reached reachable contact contacts contacted answer answers answering answered message messages messaged messaging
registered
"""
_NUMBERS = """
number numbers num no nos nr nummer numéro numero número numer numret numro szám číslo číslo broj номер αριθμός αριθμό
번호 telno
"""
_WHOSE = """
my his her our your their its new old current usual previous home work office business private personal direct main
emergency contact best alternative alternate alternatively another other second secondary primary day daytime evening
night same following local international temporary back backup whose desk reception meine meiner mein unsere ihre seine
neue mon ma notre votre son nouveau mi su nuestro nuevo meu minha mio mia nuovo mijn min mitt mit moj můj min uusi
this that wrong correct right
"""
_COPULAS = """
is are was were be been the a an as of s re it its also now still again only just please either and or
ist sind lautet est sont es son al è sono är er на
"""
_PREPOSITIONS = """
at on under via to by with in from or unter auf au sous sur en su på under по
"""
_OTHERS = """
order invoice account acct ticket reference ref tracking serial transaction isbn issn imei iccid imsi sku batch lot part
model item product case parcel shipment policy claim card passport licence license ssn security nhs mrn member
membership customer client employee student user id identifier code zip zipcode postcode postal plz pin password otp
vat iva tax tin ein iban bic swift routing sort version release build revision patent docket file chapter section
article clause paragraph page vol volume issue year date dated amount sum total price cost balance fee salary paid
latitude longitude lat lon coordinates doi pmid cas ndc upc ean gtin asin barcode room flat apartment box score range
weight height bill budget revenue income credit debit registration registry permit certificate plate vin meter contract
booking reservation confirmation flight form protocol record receipt voucher coupon sample specimen accession study
trial grant
bestellnummer bestellung rechnung rechnungsnummer kundennummer auftrag auftragsnummer aktenzeichen konto kontonummer
vertragsnummer artikelnummer commande facture client compte dossier pedido factura cuenta fattura ordine conto siret
siren nif nie cif cpf cnpj pesel regon nip cep
"""
_TURNS = """
about regarding concerning over than per worth between since until till before after during against minus plus
times app application plan data network operator game store count counting center centre rate volume option culture
type division wall membrane
"""


def _set(*words: str) -> frozenset[str]:
    return frozenset(" ".join(words).split())


NOUNS: Final = _set(_ENGLISH, _EUROPEAN)
"""Words for a telephone, and for what is done with it in other languages."""
_VERB = _set(_VERBS)
_SAID = NOUNS | _VERB
_NUMBER = _set(_NUMBERS)
_POSSESSOR = _set(_WHOSE)
_COPULA = _set(_COPULAS) | _NUMBER | _POSSESSOR
_PREPOSITION = _set(_PREPOSITIONS)
_NAMELY = _COPULA | _PREPOSITION | _set("me us him them you back again")
_OTHER = _set(_OTHERS)
_TURN = _set(_TURNS) | _OTHER
_EXAMPLE = frozenset(("for", "such"))
_PLACES = _set("office home work desk direct cell reception")
_LOOSE = _VERB | {"cell"}
"""Words with other meanings, which say nothing from afar."""

_TOKEN = re.compile(r"[^\W\d_]+")
_CHINESE = listed(
    "电话|电话号码|手机|手机号|手机号码|座机|固话|固定电话|传真|热线|致电|拨打|来电|联系方式|联系号码|電話|電話番号|手機|携帯|携帯電話|傳真|聯絡"
)
_CHINESE_LABEL = re.compile(rf"{any_word(_CHINESE)}[\s:：.是为為は号碼码，,（(【]{{0,5}}\Z")
_CHINESE_NEAR = re.compile(any_word(_CHINESE))
_LETTER = re.compile(
    r"(?:\A|[\n|,;•·(\t]|[ ]{2})[ ]?(?:[TPMFC]|Ph|Mob|Tel|Fax)(?:\.?[ ]?[:：]|\.)[ ]{0,2}\Z|[☎☏✆📞📱📠][️]?[ ]?[:：]?[ ]{0,2}\Z"
)
_PLACE = re.compile(
    rf"{any_word(listed('desk|office|home|work|direct|emergency|daytime|evening|private|business|reception|main|voice'))}"
    r"[ ]?[:：]\s{0,2}\Z"
)
_SENTENCE_END = re.compile(r"(?<!\b[A-Z])(?<!\b[A-Z][a-z])(?<!\bMrs)(?<!\bProf)[.!?。！？；](?:\s|\Z)|\n\s*\n")
_NEXT_LABEL = re.compile(r"\.?(?:[ ](?:no|nr|number)\b\.?)?\s{0,2}[:：#+(0-9]", re.IGNORECASE)
_BESIDE = re.compile(
    r"\s{0,2}[-(\[/]\s?(?:[^\W\d_]+\s){0,2}\Z|[\s,]{0,2}(?:is|was|'s|are|still|ist|est|es|är|er|è)\b", re.IGNORECASE
)

_COUNT = re.compile(r"(?<![0-9A-Za-z])\(?[0-9][.)][ ]")

_REACH = 64  # characters before in which a word may stand
_NEAR = 32  # of them, those in which it may name a number with nothing else to show for it
_BEHIND = 40  # characters behind


class Naming(IntEnum):
    """What the words beside a number make of it."""

    OTHERWISE = -1
    """It is named as something else: an order, an account."""
    UNNAMED = 0
    NEAR = 1
    """Telephones are spoken of nearby."""
    DIRECT = 2
    """It is said to be a telephone number."""


def naming(text: str, start: int, end: int) -> Naming:
    """What the words beside `start:end` make of the number that stands there."""
    before = _before(text, start)
    if before in (Naming.DIRECT, Naming.OTHERWISE):
        return before
    return max(before, _behind(text, end))


def speaks_otherwise(words: str) -> bool:
    """Whether a few words turn to something else than telephones: "for claims such as"."""
    return any(_singular(match[0]) in _TURN or match[0] in _EXAMPLE for match in _TOKEN.finditer(words))


def _before(text: str, start: int) -> Naming:
    first = max(0, start - _REACH)
    if _LETTER.search(text, max(0, start - 10), start) or _PLACE.search(text, first, start):
        return Naming.DIRECT
    if not text[first:start].isascii() and (chinese := _in_chinese(text, start)):
        return chinese
    words = list(_TOKEN.finditer(text, first, start))
    if words and words[0].start() == first and first and text[first - 1].isalpha():
        del words[0]  # cut in two
    linked, numbered = True, False
    for place in range(len(words) - 1, -1, -1):
        word = words[place][0].lower()
        if word in _SAID:
            named = _named_by(text, words[place:], start)
            if named or word not in _LOOSE or text[words[place].end()] in ":：":
                return named or Naming.NEAR
        if linked:
            if _singular(word) in _OTHER and _links(text, words[place].end(), start):
                return Naming.OTHERWISE
            if numbered and word in _POSSESSOR:
                return Naming.DIRECT
            numbered = numbered or word in _NUMBER
            linked = word in _COPULA
    return Naming.NEAR if numbered and not named_otherwise(text, start) else Naming.UNNAMED


def _singular(word: str) -> str:
    word = word.lower()
    return word[:-1] if word[-1] == "s" and word not in _OTHER else word


def _links(text: str, end: int, start: int) -> bool:
    """Whether nothing ends between a word and the number that it names."""
    between = text[end:start]
    return not ("," in between or ";" in between or _has_digit(between) or _SENTENCE_END.search(text, end + 1, start))


def _has_digit(part: str) -> bool:
    return any(character.isdigit() for character in part)


def _named_by(text: str, words: list[re.Match[str]], start: int) -> Naming:
    """Whether a word that speaks of telephones, with those behind it, names what begins at `start`."""
    end = words[0].end()
    if start - end > _NEAR or _has_digit(_COUNT.sub("", text[end:start])) or _SENTENCE_END.search(text, end + 1, start):
        return Naming.UNNAMED
    between = [match[0] for match in words[1:]]
    if not between or between[0].lower() in _NUMBER or between[-1].lower() in _PREPOSITION | _NUMBER:
        return Naming.DIRECT
    if any(_singular(word) in _TURN for word in between):
        return Naming.UNNAMED
    loose = words[0][0].lower() in _LOOSE and not all(word.lower() in _NAMELY or word.istitle() for word in between)
    return Naming.UNNAMED if loose else Naming.DIRECT


def _in_chinese(text: str, start: int) -> Naming:
    if named_otherwise(text, start):
        return Naming.OTHERWISE
    if _CHINESE_LABEL.search(text, max(0, start - 12), start):
        return Naming.DIRECT
    return Naming.NEAR if _CHINESE_NEAR.search(text, max(0, start - 24), start) else Naming.UNNAMED


def _behind(text: str, end: int) -> Naming:
    """What the words behind make of it: "… is my mobile number", "… (cell)", "…-Fax"."""
    stop = _SENTENCE_END.search(text, end, end + _BEHIND)
    last = stop.start() if stop else min(len(text), end + _BEHIND)
    line = text.find("\n", end, last)
    whose, linked = False, True
    for match in _TOKEN.finditer(text, end, line if line >= 0 else last):
        word = match[0].lower()
        named = linked and (word in NOUNS or word in _PLACES or (word in _NUMBER and whose))
        if named or word in _SAID:
            if _NEXT_LABEL.match(text, match.end()):
                return Naming.UNNAMED
            if named and _BESIDE.match(text[end : match.start()]):
                return Naming.DIRECT
            if word in _SAID or word in _NUMBER:
                return Naming.NEAR
        whose = whose or word in _POSSESSOR
        linked = linked and (word in _COPULA or word in _PREPOSITION)
    return Naming.UNNAMED
