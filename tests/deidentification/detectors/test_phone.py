"""Telephone numbers of the world: what is found in texts, and what is left."""

from __future__ import annotations

import pytest

from vocation.deidentification.detectors.phone import Phone
from vocation.deidentification.scanner import Scanner

# Texts in which the parts between « and » are found, and nothing else.
FOUND = [
    "«345-899-3560x4587»",
    "«03.93.92.16.85»",
    "«07700 900 966»",
    "Phone:\n«467 3395»",
    "mobile number is «9498777106» now",
    "«+44 7700 900123» 2023",
    "desk: «+1-604-696-5272x565»",
    "«+44 20 7946 0958 ext. 12».",
    "«0044 20 7946 0958»",
    "from abroad «00 44 20 7946 0958»",
    "or «011 44 20 7946 0958»",
    "«(+370) 61234567»",
    "«+(370) 61234567»",
    "in brackets («+44 20 7946 0958»)",
    "1-800-CDC-INFO («1-800-232-4636»)",
    "«+৮৮০-১৮১২-৩৪৬৮৩৮»",
    "Niue «+683 7079»",
    "«8 (495) 123-45-67» or «8 800 555 35 35»",
    "«(11) 92375-5422»",
    "«11 92375-5422»",
    "«25/851-7812»",
    "«71-33-52-22»",
    "«02/123.45.67»",
    "«0711 / 123456»",
    "«(351) 277 835 337»",
    "«914-177-7631»",
    "my number is «78 651 450», thanks",
    "«9498777106» is my mobile number.",
    "is «467 3395» your number?",
    "the code was sent to «9498777106»",
    "Reminder sent to «2212-8887» (mobile)",
    "«467-3395»-Office,«467-3396»-Fax",
    "I tried «609 141 777» twice but nobody answered the phone.",
    "T: «22 859495» | M: «99 668472»",
    "Office: «9469 9966»",
    "Phone: «20.49.85.64»",
    "Numéro de téléphone : «12345678»",
    "Telefon: «5123456»",
    "тел. «2123457»",
    "전화번호 «212-3457»",
    "电话：«2123 4567»，地址",
    "Old phone «467 3395», new one «467 3396».",
    "Emergency contacts: 1) mother «467 3395» 2) father «467 3396»",
    "Anna Berg\nSales manager\n«78 651 450»\nanna@example.com",
    "Anna Berg\n12 Elm Street\nSpringfield\n«467 3395»",
    "Anna Berg, «467 3395», anna@example.com",
    "I'll be under «912 34 56 78» all day",
    "call «9498777106x123»",
    "call «467 3395» or «467 3396»",
    "caller ID «467 3395»",
    "the number on file is «467 3395»",
]
# Texts in which nothing is found.
LEFT = [
    "1,234,567",
    "+999 123",
    "80%+1808/21.75×13",
    "part +1-604-696-5272x565mm",
    "(2013)+10183.35元",
    "01.02.2023",
    "3.141592653",
    "Boston, MA 02110-1301, USA",
    "12345678",
    "5403926876",
    "4673395",
    "(12345678)",
    "467 3395",
    "call us about order 12345678",
    "phone bill of 1 234 567 EUR",
    "the mobile app 19.13.26049",
    "call volume was 12 345 678",
    "contact center handled 12345678 requests",
    "The phone company sold 12 345 678 handsets",
    "phone, IBAN DE12 3456",
    "Call us. Member ID 467-3395",
    "my phone broke; invoice 2019-904127",
    "Call before 20230115",
    "call on 12.05.23 at 10",
    "SSN 536-90-4399, phone lost",
    "Random Struct. Algor. 18 (2001) 116-140",
    "Physical Review, vol. 104 no. 27 11150-11154",
    "phones sold: 2019-2020",
    "call for papers 1998--2001",
    "10.84-14.07 per cell",
    "cell count was 165.79-248.69",
    "cell count 289676 - 434514 /µl",
    "clause 52.227.19 (c)",
    "3747 3911 Fourth Avenue is where you call",
    "Weight Pulse\n191 36 50\n189 37 52\n",
    "7f 45 4c 46 02 01 00 00 68 00 71 00 77",
    "4111 1111 1111 1111 is my phone",
    "电话费1234567元",
    "电话0755-276××××6",
    "国权音字06-2004-0762",
    "行罚决字(2014)719-721号",
    "text=2310144 and message-1631570135665",
    "call $1 234 567",
    "phone context = {12345678}",
]


def marked(text: str) -> str:
    done, position = "", 0
    for start, end, *_ in Scanner((Phone(),)).scan([text])[0]:
        done += f"{text[position:start]}«{text[start:end]}»"
        position = end
    return done + text[position:]


@pytest.mark.parametrize("text", FOUND)
def test_telephone_number_is_found_whole(text: str) -> None:
    assert marked(text.replace("«", "").replace("»", "")) == text


@pytest.mark.parametrize("text", LEFT)
def test_what_is_no_telephone_number_is_left(text: str) -> None:
    assert marked(text) == text
