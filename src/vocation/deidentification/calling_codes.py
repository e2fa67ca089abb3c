"""Calling codes of countries, and how many digits may follow them."""

from __future__ import annotations

from typing import Final

# Calling code, fewest and most digits of a landline or mobile number behind it: ITU-T E.164 with its list of assigned
# codes, lengths as in the metadata of libphonenumber 9.0.43. Codes of services (800, 808, 870 to 888, 979) are among
# them. The most of Germany and Austria is that of numbers in use: longer ones are numbers with an extension.
_LENGTHS = """
1:10-10 7:10-10 20:8-10 27:5-9 30:10-10 31:9-11 32:8-9 33:9-9 34:9-9 36:8-9 39:6-12 40:6-9 41:9-9 43:4-13 44:9-10
45:8-8 46:7-10 47:8-8 48:7-9 49:5-12 51:8-9 52:10-10 53:6-10 54:10-11 55:10-11 56:9-9 57:8-10 58:10-10 60:8-10 61:9-9
62:7-12 63:6-10 64:8-10 65:8-8 66:8-9 81:9-10 82:5-11 84:9-10 86:7-12 90:10-10 91:10-10 92:9-10 93:9-9 94:9-9 95:6-10
98:6-10 211:9-9 212:9-9 213:8-9 216:8-8 218:9-9 220:7-9 221:9-9 222:8-8 223:8-8 224:8-9 225:8-10 226:8-8 227:8-8
228:8-8 229:8-10 230:7-8 231:7-9 232:8-8 233:9-9 234:8-10 235:8-8 236:8-8 237:8-9 238:7-7 239:7-7 240:9-9 241:7-8
242:9-9 243:7-10 244:9-9 245:7-9 246:7-7 247:5-6 248:7-7 249:9-9 250:8-9 251:9-9 252:6-9 253:8-8 254:7-10 255:9-9
256:9-9 257:8-8 258:8-9 260:9-9 261:9-9 262:9-9 263:7-10 264:8-9 265:7-9 266:8-8 267:7-8 268:8-8 269:7-7 290:4-5
291:7-7 297:7-7 298:6-6 299:6-6 350:8-8 351:9-9 352:5-11 353:7-10 354:7-9 355:8-9 356:8-8 357:8-8 358:5-12 359:7-9
370:8-8 371:8-8 372:7-8 373:8-8 374:8-8 375:9-9 376:6-9 377:8-9 378:6-10 380:9-9 381:7-12 382:8-8 383:8-9 385:8-9
386:8-8 387:8-9 389:8-8 420:9-9 421:7-9 423:7-9 500:5-5 501:7-7 502:8-8 503:8-8 504:8-8 505:8-8 506:8-8 507:7-8
508:6-9 509:8-8 590:9-9 591:8-8 592:7-7 593:8-9 594:9-9 595:7-9 596:9-9 597:6-7 598:8-8 599:7-8 670:7-8 672:5-6
673:7-7 674:7-7 675:7-8 676:5-7 677:5-7 678:5-7 679:7-7 680:7-7 681:6-6 682:5-5 683:4-7 685:5-7 686:5-8 687:6-6
688:5-7 689:6-8 690:4-7 691:7-7 692:7-7 800:8-8 808:8-8 850:8-10 852:8-8 853:8-8 855:8-9 856:8-10 870:9-12 878:12-12
880:8-10 881:9-10 882:7-12 883:8-12 886:8-9 888:11-11 960:7-7 961:7-8 962:8-9 963:8-9 964:8-10 965:8-8 966:9-9
967:7-9 968:8-8 970:8-9 971:8-9 972:8-9 973:8-8 974:8-8 975:7-8 976:8-8 977:8-10 979:9-9 992:9-9 993:8-8 994:9-9
995:9-9 996:9-9 998:9-9
"""


def _read(table: str) -> dict[str, tuple[int, int]]:
    rows = (row.replace("-", ":").split(":") for row in table.split())
    return {code: (int(fewest), int(most)) for code, fewest, most in rows}


LENGTHS: Final = _read(_LENGTHS)
"""Each calling code in use, with the fewest and the most digits that follow it."""
_LONGEST_CODE = 3


def calling_code(digits: str) -> str | None:
    """The calling code (ITU-T E.164) at the beginning of some digits, or None where there is none."""
    return next((digits[:size] for size in range(1, _LONGEST_CODE + 1) if digits[:size] in LENGTHS), None)


def international_end(text: str, start: int, end: int) -> int | None:
    """Where an international number ends that begins behind its + at `start`, or None where there is none.

    Digits beyond what its country has are another number, if a separator stands before them. A (0) that is dialled
    only at home does not count.

    Args:
        text: where it stands.
        start: offset of the first digit of its calling code.
        end: how far digits and separators go.
    """
    part = text[start:end]
    code = calling_code("".join(filter(str.isdigit, part[:8])))
    if code is None:
        return None
    fewest, most = (len(code) + length for length in LENGTHS[code])
    allowed = most + part.count("(0")
    places = [place for place, character in enumerate(part) if character.isdigit()]
    if len(places) < fewest:
        return None
    last = min(len(places), allowed) - 1
    following = text[start + places[last] + 1 :][:1]
    while last > 0 and following.isdigit():
        last -= 1
        following = text[start + places[last] + 1 :][:1]
    if places[last] - places[last - 1] > 1:
        last -= 1  # no group has one digit at the end: it counts what comes next
    return start + places[last] + 1 if last + 1 >= fewest else None
