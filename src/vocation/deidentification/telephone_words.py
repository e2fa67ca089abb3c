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
telegram skype imessage hotline helpline freephone tollfree landline pager beeper handset sms voicemail switchboard tty
tdd callback phoned telephoned
"""
_EUROPEAN = """
telefon telefonnummer telefonnr rufnummer handy handynummer mobil mobilnummer mobiltelefon mobilfunk festnetz
festnetznummer durchwahl fernsprecher faxnummer rückruf rückrufnummer anrufen erreichbar erreichen
téléphone téléphonique tél portable télécopie télécopieur joignable appeler appelez appelle
teléfono teléfonos teléf telf móvil celular llamar llame llamando llámeme
telefone telefones telemóvel telemovel contacto contato ligue ligar
telefono cellulare chiamare chiami chiamate
telefoon telefoonnummer mobiel gsm mobielnummer bellen
tlf tfn telefonnumret mobilnummeret mobilnr ringa
puhelin puh puhelinnumero matkapuhelin
sími símanúmer farsími
telefonu komórka komórkowy dzwonić telefonní telefonne telefónne telefónny telefonszám telefonszáma mobilszám
telefonski telefonska mobitel telefonul telefonului tālrunis telefonas
telefonunuz
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
registered shout buzz get catch hit ping speak talk touch connect available harassed spammed
"""
_NUMBERS = """
number numbers num no nos nr nummer numéro numero número numer numret numro szám číslo číslo broj номер
αριθμός αριθμό 번호 telno
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
at on under via to from or unter auf au sous sur su på по
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
_NAMELY = (
    _COPULA
    | _PREPOSITION
    | _set("me us him her them you back again gave give given left toll free in by with up someone agent")
)
_OTHER = _set(_OTHERS)
_TURN = _set(_TURNS) | _OTHER
_EXAMPLE = frozenset(("for", "such"))
_PLACES = _set("office home work desk direct cell reception")
_LOOSE = _VERB | _set("cell portable handy callback tty")
"""Words with other meanings, which say nothing from afar."""
_CUES = _SAID | _NUMBER
_LABEL_ENDS = ":：.?)#☎☏✆📞📱📠\ufe0f"
_VAGUE = _set("text texts message messages answer answers shout buzz")
"""Those that say something only where a word such as me, to or at leads from them to the number."""
_REACHING = _set("get catch hit ping speak talk touch connect available harassed spammed")
"""Those that, so led on, speak of telephones no more than by the way."""
_AFTERWARDS = NOUNS | _set("call called calls calling answered answers texted reach contact")
_CUES_BEHIND = _AFTERWARDS | _PLACES | _NUMBER

_HAN = re.compile("[\u4e00-\u9fff]")
_LATIN = re.compile("[A-Za-z]")
_TOKEN = re.compile(r"[^\W\d_]+")
_CHINESE = listed(
    "电话|电话号码|手机|手机号|手机号码|座机|固话|固定电话|传真|热线|致电|拨打|来电|联系方式|联系号码"
    "|電話|電話番号|手機|携帯|携帯電話|傳真|聯絡"
)
_CHINESE_LABEL = re.compile(rf"{any_word(_CHINESE)}[\s:：.是为為は号碼码，,（(【]{{0,5}}\Z")
_CHINESE_NEAR = re.compile(any_word(_CHINESE))
_LETTER = re.compile(
    r"(?:\A|[\n|,;•·(\t]|[ ]/|[ ]{2})[ ]?(?:[TPMFCHWOD])(?:\.?[ ]?[:：]|\.)[ ]{0,2}\Z|\([TMFHWO]\)[ ]\Z"
    r"|(?<![A-Za-z/-])(?i:ph|mob|tel|fax|cell)\.?[ ]?(?i:no|num|number)?\.?[ ]?[:：#]?[ ]{0,2}\Z"
    r"|[☎☏✆📞📱📠]\ufe0f?[ ]?[:：]?[ ]{0,2}\Z"
)
_PLACED = re.compile(rf"{any_word(listed('desk|office|home|work|direct'))}[ ]?[:：]\s{{0,2}}\Z")
_SERVED = re.compile(
    r"\b(?i:emergency|daytime|evening|private|business|reception|main|voice|service|support|help[ -]?desk|sales"
    r"|questions|enquiries|inquiries|info|information|skype|signal|line|bookings?|reservations?)"
    r"[ ]?[:：?][ ]{0,2}\Z"
)
_UNMARKED = ("Office ", "Home ", "Work ", "Desk ", "desk ", "Reception ", "Helpline ")
_SENT = "(?:send|sent|text|texted|messaged|delivered)"
_ONCE = "(?:code|otp|pin|password|link)"
_CODE_SENT = re.compile(
    rf"\b(?i:{_ONCE}\b[^0-9.!?\n]{{0,24}}\b{_SENT}|{_SENT}\b[^0-9.!?\n]{{0,24}}\b{_ONCE})\b"
    r"[^0-9.!?\n]{0,16}\bto[ ]\Z"
)
_GOES_ON = frozenset(" ,(-[/")
_LETTER_BEHIND = re.compile(r"[ ]?[(\[][whmoWHMO][)\]](?=[,;]|\s*(?:\n|\Z))")
_ASKED = re.compile(r"\b(?i:is|was)[ ]\Z")
_SENTENCE_END = re.compile(r"(?<!\b[A-Z])(?<!\b[A-Z][a-z])(?<!\bno)(?<!\bMrs)(?<!\bProf)[.!?。！？；](?:\s|\Z)|\n\s*\n")
_NEXT_LABEL = re.compile(r"\.?(?:[ ](?:no|nr|number)\b\.?)?\s{0,2}[:：#+(0-9]", re.IGNORECASE)
_CLOSED = re.compile(r"[ ]?(?:[,;|)\n]|\Z)")
_BESIDE = re.compile(
    r"\s{0,2}[-(\[/]\s?(?:[^\W\d_]+\s){0,2}\Z|[\s,]{0,2}(?:is|was|'s|are|as|still|ist|est|es|är|er|è)\b", re.IGNORECASE
)

_LABEL = re.compile(r"[ ]?[:：](?![:：A-Za-z])")
# What ends the link of a word to the number behind it; what sets the two apart; what such a gap has at least.
_SOMEBODY = re.compile(r"[ ](?:you|me|us|him|her|them)\b")
_UNLINKED = re.compile(r"[0-9,;={}<>*\\]|(?<!no)(?<!No)(?<!nr)[.!?。！？；](?:\s|\Z)")
_APART = re.compile(rf"[0-9={{}}<>*\\|_]|{_SENTENCE_END.pattern}")
_APART_MARK = re.compile(r"[0-9={}<>*\\|_.!?。！？；\n]")
_COUNT = re.compile(r"(?<![0-9A-Za-z])\(?[0-9][.)][ ]")

_REACH = 48  # characters before in which a word may stand
_LABEL_REACH = 16  # those in which a label has room
_NEAR = 32  # of them, those in which it may name a number with nothing else to show for it
_CHINESE_REACH = 24  # characters before, in Chinese
_BEHIND = 40  # characters behind


class Naming(IntEnum):
    """What the words beside a number make of it."""

    OTHERWISE = -1
    """It is named as something else: an order, an account."""
    UNNAMED = 0
    BEHIND = 1
    """Telephones are spoken of shortly behind."""
    NEAR = 2
    """Telephones are spoken of before."""
    DIRECT = 3
    """It is said to be a telephone number."""


def naming(text: str, start: int, end: int, enough: Naming = Naming.DIRECT) -> Naming:
    """What the words beside `start:end` make of the number that stands there.

    Args:
        text: where it stands.
        start: offset of its first character.
        end: offset behind its last one.
        enough: once the words before say so much, those behind are not read.
    """
    before = _before(text, start)
    if before >= enough or before is Naming.OTHERWISE:
        return before
    return max(before, _behind(text, start, end))


def speaks_otherwise(words: str) -> bool:
    """Whether a few words turn to something else than telephones: "for claims such as"."""
    return any(_singular(match[0]) in _TURN or match[0] in _EXAMPLE for match in _TOKEN.finditer(words))


def _before(text: str, start: int) -> Naming:
    first = max(0, start - _REACH)
    window = text[first:start]
    last = window[-_LABEL_REACH:].rstrip(" :：.#(\n\t").split()
    if last and last[-1].lower() in NOUNS:
        return Naming.DIRECT
    if labelled := _labelled(text, start):
        return labelled
    if not window.isascii():
        if chinese := _in_chinese(text, start):
            return chinese
        if _HAN.search(window) and not _LATIN.search(window):
            return Naming.UNNAMED
    low = window.lower()
    words = _TOKEN.findall(low)
    if _CUES.isdisjoint(words) or len(low) != len(window):
        return Naming.UNNAMED
    if first and text[first - 1].isalpha() and window[0].isalpha():
        del words[0]  # cut in two
    said = _read_backwards(window, low, words)
    return Naming.UNNAMED if said is Naming.NEAR and named_otherwise(text, start) else said


def _labelled(text: str, start: int) -> Naming:
    """What short labels right before a number make of it: "T:", "Office:", "a code was sent to"."""
    last = text[max(0, start - 2) : start].rstrip(" ")[-1:]
    if not last:
        return Naming.UNNAMED
    if last in _LABEL_ENDS:
        first = max(0, start - _LABEL_REACH)
        if _LETTER.search(text, first, start) or _PLACED.search(text, first, start):
            return Naming.DIRECT
        return Naming.NEAR if _SERVED.search(text, first, start) else Naming.UNNAMED
    if last == "o" and _CODE_SENT.search(text, max(0, start - _REACH), start):
        return Naming.DIRECT
    if last in "ekn" and text[max(0, start - 10) : start].endswith(_UNMARKED):
        return Naming.NEAR
    return Naming.UNNAMED


def _read_backwards(window: str, low: str, words: list[str]) -> Naming:
    """What the words of a window make of what follows it.

    Args:
        window: what stands before the number.
        low: the same in small letters.
        words: its words in small letters, in order.
    """
    linked, numbered, begin = True, False, len(low)
    for place in range(len(words) - 1, -1, -1):
        word = words[place]
        begin = low.rfind(word, 0, begin)
        gap = window[begin + len(word) :]
        if word in _SAID and (named := _named_by(word, gap)):
            return named
        if linked and not _UNLINKED.search(gap):
            if words[place - 1 : place + 1] == ["caller", "id"]:
                return Naming.DIRECT
            if words[place - 1 : place + 1] == ["on", "file"] or words[place : place + 2] == ["on", "file"]:
                continue  # "the number on file is …"
            if _singular(word) in _OTHER:
                return Naming.OTHERWISE
            if numbered and word in _POSSESSOR:
                return Naming.DIRECT
            numbered = numbered or (word in _NUMBER and low[begin - 1 : begin] != "_")
            linked = word in _COPULA
            continue
        linked = False
        if word in _NUMBER and place and words[place - 1] in _POSSESSOR:
            return _named_by(word, gap) or Naming.NEAR
    return Naming.NEAR if numbered else Naming.UNNAMED


def _singular(word: str) -> str:
    word = word.lower()
    return word[:-1] if word[-1] == "s" and word not in _OTHER else word


def _named_by(word: str, gap: str) -> Naming:
    """What a word that speaks of telephones makes of the number that follows it, with `gap` between them."""
    labels = _LABEL.match(gap) is not None
    afar = Naming.UNNAMED if word in _LOOSE and not (labels or _SOMEBODY.match(gap)) else Naming.NEAR
    apart = _APART_MARK.search(gap) and _APART.search(_COUNT.sub("", gap))
    if len(gap) > _NEAR or apart or (word not in NOUNS and gap == "-"):
        return afar
    between = _TOKEN.findall(gap)
    if word in _VAGUE | _REACHING and not labels:
        leads = between and all(one.lower() in _NAMELY or one.isupper() for one in between)
        return (Naming.NEAR if word in _REACHING else Naming.DIRECT) if leads else Naming.UNNAMED
    if not between or between[0].lower() in _NUMBER or between[-1].lower() in _PREPOSITION | _NUMBER:
        return Naming.DIRECT
    if all(one.lower() in _NAMELY or one.istitle() for one in between):
        return Naming.DIRECT
    turned = any(_singular(one) in _TURN for one in between)
    return Naming.DIRECT if between[-1].lower() in _COPULA and not turned else afar


def _in_chinese(text: str, start: int) -> Naming:
    if not _CHINESE_NEAR.search(text, max(0, start - _CHINESE_REACH), start):
        return Naming.UNNAMED
    if named_otherwise(text, start):
        return Naming.OTHERWISE
    return Naming.DIRECT if _CHINESE_LABEL.search(text, max(0, start - 12), start) else Naming.NEAR


def _behind(text: str, start: int, end: int) -> Naming:
    """What the words behind make of it: "… is my mobile number", "… (cell)", "…-Fax", "… (w)"."""
    if text[end : end + 1] not in _GOES_ON:
        return Naming.UNNAMED
    if _LETTER_BEHIND.match(text, end):
        return Naming.NEAR
    if _CUES_BEHIND.isdisjoint(_TOKEN.findall(text[end : end + _BEHIND].lower())):
        return Naming.UNNAMED
    stop = _SENTENCE_END.search(text, end, end + _BEHIND)
    line = text.find("\n", end, end + _BEHIND)
    last = min(stop.start() if stop else end + _BEHIND, line if line >= 0 else end + _BEHIND)
    whose, linked = False, True
    for match in _TOKEN.finditer(text, end, last):
        word = match[0].lower()
        place = linked and word in _PLACES
        named = linked and (word in NOUNS or (word in _NUMBER and whose))
        if place or named or word in _AFTERWARDS:
            if _NEXT_LABEL.match(text, match.end()):
                return Naming.UNNAMED
            if (place or named) and _answers(text, start, end, match):
                return Naming.DIRECT
            if not place:
                return Naming.BEHIND
        whose = whose or word in _POSSESSOR
        linked = linked and (word in _COPULA or word in _PREPOSITION)
    return Naming.UNNAMED


def _answers(text: str, start: int, end: int, word: re.Match[str]) -> bool:
    """Whether a word behind says what the number is: "is my …", "(…)", "-…", "…" at the end; or "is … your …?" asks."""
    between = text[end : word.start()]
    if _BESIDE.match(between) or _ASKED.search(text, max(0, start - 5), start):
        return True
    return between == " " and _CLOSED.match(text, word.end()) is not None
