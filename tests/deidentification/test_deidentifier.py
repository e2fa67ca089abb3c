"""De-identification of texts: settings, consistency, and independence of order and process."""

from __future__ import annotations

import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest
from pydantic import ValidationError

from vocation.deidentification.deidentifier import Deidentifier
from vocation.deidentification.settings import Deidentification
from vocation.errors import RecipeError
from vocation.text import Span, Text

TEXTS = [
    Text("患者张三，电话13800138000，住北京市朝阳区建国路88号。"),
    Text("Mr. John Smith, john@bank.com. Smith is well."),
]


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOCATION_KEY", "a secret of many letters")


def contents(settings: Deidentification, scope: str = "doc") -> list[str]:
    return [text.content for text, _ in Deidentifier(settings).apply(TEXTS, scope)]


def test_without_settings_every_identifier_becomes_its_category() -> None:
    assert contents(Deidentification()) == [
        "患者[PERSON]，电话[PHONE_NUMBER]，住[STREET_ADDRESS]。",
        "Mr. [PERSON], [EMAIL_ADDRESS]. [PERSON] is well.",
    ]


def test_a_category_has_its_own_method_and_another_is_kept() -> None:
    settings = Deidentification.model_validate(
        {"methods": {"PHONE_NUMBER": {"kind": "mask", "keep_last": 4}}, "keep": ["STREET_ADDRESS"]}
    )
    chinese = contents(settings)[0]
    assert chinese == "患者[PERSON]，电话*******8000，住北京市朝阳区建国路88号。"
    findings = Deidentifier(settings).apply(TEXTS, "doc")[0][1]
    assert "STREET_ADDRESS" in {finding.category for finding in findings}


def test_terms_and_patterns_of_ones_own_are_looked_for_beside_the_others() -> None:
    settings = Deidentification.model_validate(
        {"more_detectors": [{"kind": "custom_pattern", "category": "WARD", "pattern": "W-[0-9]{3}"}]}
    )
    text = Deidentifier(settings).apply([Text("Dr. Smith, ward W-123")], "doc")[0][0]
    assert text.content == "Dr. [PERSON], ward [WARD]"


def test_an_unknown_category_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValidationError, match="Did you mean 'PHONE_NUMBER'"):
        Deidentification.model_validate({"methods": {"PHONE_NUMBERS": "mask"}})


def test_a_keyed_method_needs_a_key_before_the_first_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VOCATION_KEY")
    with pytest.raises(RecipeError, match="needs a key"):
        Deidentifier(Deidentification.model_validate({"method": "surrogate"}))


def test_names_are_consistent_in_the_scope_and_differ_outside_of_it() -> None:
    document = Deidentification.model_validate({"method": "surrogate"})
    corpus = Deidentification.model_validate({"method": "surrogate", "scope": "corpus"})
    assert contents(document, "a") == contents(document, "a")
    assert contents(document, "a") != contents(document, "b")
    assert contents(corpus, "a") == contents(corpus, "b")
    english = contents(document)[1]
    assert english.count(english.removeprefix("Mr. ").split(",")[0].split()[1]) == 2


def test_labelled_spans_stay_on_what_they_label() -> None:
    settings = Deidentification.model_validate({"method": "surrogate"})
    text = Text("患者张三发热三天", (Span(2, 4, "NAME"), Span(4, 6, "SYMPTOM")))
    done = Deidentifier(settings).apply([text], "doc")[0][0]
    assert [done.content[span.start : span.end] for span in done.spans][1] == "发热"
    assert done.content[2:4] != "张三"
    assert done.spans[0] == Span(2, 4, "NAME")


def test_a_text_known_to_be_an_identifier_is_one_whole() -> None:
    deidentifier = Deidentifier(Deidentification())
    plain, known = deidentifier.process([Text("Xq"), Text("Xq")], ["a", "b"], whole=[None, "PERSON"])
    assert (plain.text.content, known.text.content) == ("Xq", "[PERSON]")


def test_order_and_processes_make_no_difference_and_the_key_does_not_travel() -> None:
    deidentifier = Deidentifier(Deidentification.model_validate({"method": "pseudonym"}))
    pickled = pickle.dumps(deidentifier)
    assert b"secret" not in pickled
    expected = [text.content for text, _ in deidentifier.apply(TEXTS, "doc")]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        one_by_one = [pool.submit(deidentifier.apply, [text], "doc").result() for text in reversed(TEXTS)]
    assert [done[0][0].content for done in reversed(one_by_one)] == expected


def test_a_process_with_another_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pickled = pickle.dumps(Deidentifier(Deidentification.model_validate({"method": "hash"})))
    assert pickle.loads(pickled).check_value
    monkeypatch.setenv("VOCATION_KEY", "another secret of many letters")
    with pytest.raises(RecipeError, match="another key"):
        pickle.loads(pickled)


def test_the_vault_gets_what_pseudonyms_stand_for() -> None:
    settings = Deidentification.model_validate({"method": "pseudonym", "methods": {"PERSON": "tag"}})
    done = Deidentifier(settings).process(TEXTS, ["doc", "doc"])
    assert set(done[0].pseudonyms.values()) == {"13800138000", "北京市朝阳区建国路88号"}
    assert set(done[0].pseudonyms) <= {one for one in done[0].pseudonyms if one in done[0].text.content}
    assert settings.reversible()


def test_the_check_value_tells_keys_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Deidentification.model_validate({"method": "hash"})
    first = Deidentifier(settings).check_value
    monkeypatch.setenv("VOCATION_KEY", "another of many letters")
    assert Deidentifier(settings).check_value != first
    assert Deidentifier(Deidentification()).check_value == ""
