"""Words beside a number that say whether it is a telephone's."""

from __future__ import annotations

import pytest

from vocation.deidentification.telephone_words import Naming, naming

NUMBER = "467 3395"


def named(text: str) -> Naming:
    start = text.index(NUMBER)
    return naming(text, start, start + len(NUMBER))


@pytest.mark.parametrize(
    "text",
    [
        f"Phone: {NUMBER}",
        f"Tel. no. {NUMBER}",
        f"T: {NUMBER}",
        f"☎ {NUMBER}",
        f"Please call Dr. Smith on {NUMBER}",
        f"my new number is {NUMBER}",
        f"change my number to {NUMBER}",
        f"a code was sent to {NUMBER}",
        f"caller ID {NUMBER}",
        f"{NUMBER} is my phone",
        f"{NUMBER} (mobile)",
        f"is {NUMBER} your number?",
        f"Telefonnummer: {NUMBER}",
        f"τηλέφωνο {NUMBER}",
        f"电话号码：{NUMBER}",
    ],
)
def test_it_is_said_to_be_one(text: str) -> None:
    assert named(text) is Naming.DIRECT


@pytest.mark.parametrize(
    "text",
    [
        f"She lost her phone. The new one is {NUMBER}",
        f"the number {NUMBER} is blocked",
        f"get in touch with us on {NUMBER}",
        f"Support: {NUMBER}",
        f"How can I reach you? {NUMBER}",
        f"打过电话，他说是这个：{NUMBER}",
    ],
)
def test_telephones_are_spoken_of_before(text: str) -> None:
    assert named(text) is Naming.NEAR


def test_telephones_are_spoken_of_behind() -> None:
    assert named(f"I tried {NUMBER} but nobody answered the phone") is Naming.BEHIND


@pytest.mark.parametrize(
    "text",
    [
        f"call us about order {NUMBER}",
        f"phone lost, policy number is {NUMBER}",
        f"call me, account: {NUMBER}",
        f"phone, lot {NUMBER}",
        f"电话里说的订单号{NUMBER}",
    ],
)
def test_it_is_named_as_something_else(text: str) -> None:
    assert named(text) is Naming.OTHERWISE


@pytest.mark.parametrize(
    "text",
    [
        f"see {NUMBER} there",
        f"text={NUMBER}",
        f"cell culture {NUMBER}",
        f"message {NUMBER} accepted",
        f"{NUMBER}\nPhone: 1",
        f"{NUMBER} Phone: 1",
        f"vol. 104 no. 27 {NUMBER}",
        f"{NUMBER}. Call",
    ],
)
def test_nothing_is_said(text: str) -> None:
    assert named(text) is Naming.UNNAMED
