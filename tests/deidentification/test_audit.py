"""Audit, review, risk and rules."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from vocation.deidentification import Finding
from vocation.deidentification.audit import Audit
from vocation.deidentification.audit_words import words_of
from vocation.deidentification.deidentifier import Deidentifier
from vocation.deidentification.methods import Method
from vocation.deidentification.methods.hash import Hash
from vocation.deidentification.methods.pseudonym import Pseudonym
from vocation.deidentification.methods.tag import Tag
from vocation.deidentification.review import Place, ReviewSample, read_agreement
from vocation.deidentification.risk import Share, residual_risk
from vocation.deidentification.rules import ARTICLES, SAFE_HARBOR
from vocation.deidentification.settings import Deidentification, default_detectors
from vocation.errors import DataError
from vocation.text import Span, Text


def finding(start: int, end: int, category: str = "PERSON") -> Finding:
    return Finding(start, end, category, 0.85, "test")


def filled(path: Path, verdicts: list[tuple[str, str, str]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["category", "reviewer_1", "reviewer_2"])
        writer.writerows(verdicts)
    return path


def test_a_share_has_wilsons_interval() -> None:
    share = Share.of(8, 10)  # Wilson (1927): 0.490 to 0.943
    assert (round(share.low, 3), round(share.high, 3)) == (0.49, 0.943)
    assert Share.of(0, 0).high == 1.0


def test_the_residual_risk_counts_what_is_left_not_what_is_named_otherwise() -> None:
    text = Text("Ann Lee, 5 Oak St", (Span(0, 7, "PERSON"), Span(9, 17, "STREET_ADDRESS")))
    half, other, none = [finding(0, 3)], [finding(0, 8), finding(9, 17, "STREET_ADDRESS")], list[Finding]()
    risk = residual_risk([(text, half), (text, other), (text, none), (Text("no one"), none)])
    person, address = risk.labels
    assert (person.label, person.leaked.count, person.recall.count) == ("PERSON", 2, 0)
    assert (address.leaked.count, address.recall.count, address.recall.total) == (2, 1, 3)
    assert address.f2 == pytest.approx(5 * 1 * (1 / 3) / (4 * 1 + 1 / 3))
    assert (risk.texts, risk.leaking.count) == (4, 2)


def test_verdicts_give_precision_and_kappa(tmp_path: Path) -> None:
    rows = [("PERSON", "right", "right"), ("PERSON", "wrong", "right"), ("URL", "对", "对"), ("URL", "错", "错")]
    agreement = read_agreement(filled(tmp_path / "r.csv", [*rows, ("", "right", ""), ("", "", "")]))
    assert {name: (one.count, one.total) for name, one in agreement.precision.items()} == {
        "": (2, 4),
        "PERSON": (1, 2),
        "URL": (1, 2),
    }
    assert agreement.clean
    assert (agreement.clean.count, agreement.both, agreement.agreed) == (1, 4, 3)
    from sklearn.metrics import cohen_kappa_score

    assert agreement.kappa == pytest.approx(cohen_kappa_score([1, 0, 1, 0], [1, 1, 1, 0]))


def test_verdicts_that_are_all_the_same_have_no_kappa(tmp_path: Path) -> None:
    assert read_agreement(filled(tmp_path / "r.csv", [("URL", "1", "1")])).kappa is None


def test_a_sample_that_cannot_be_used_is_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)row 2.*'reviewer_1'.*maybe"):
        read_agreement(filled(tmp_path / "r.csv", [("URL", "maybe", "")]))
    with pytest.raises(DataError, match="no verdict"):
        read_agreement(filled(tmp_path / "r.csv", [("URL", "", "")]))
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="There is no column 'category'"):
        read_agreement(tmp_path / "other.csv")
    with pytest.raises(DataError, match="cannot be read"):
        read_agreement(tmp_path / "nowhere.csv")


def test_the_sample_is_bounded_and_does_not_depend_on_the_order() -> None:
    def sample(rows: list[int]) -> str:
        chosen = ReviewSample(each=3)
        for row in rows:
            chosen.add(Place("f", row, "text"), f"=Ann Lee {row}", [finding(0, 4)] if row % 2 else [])
        written = io.StringIO()
        assert chosen.write(written) == 6
        return written.getvalue()

    written = sample(list(range(40)))
    assert written == sample(list(range(39, -1, -1)))
    assert "'=Ann" in written  # no formula for a spreadsheet


def test_safe_harbor_has_its_18_identifiers_and_says_what_is_not_covered() -> None:
    assert [one.letter for one in SAFE_HARBOR] == list("ABCDEFGHIJKLMNOPQR")
    looked = {category for one in default_detectors(("en", "zh")) for category in one.found_categories()}
    covers = {one.letter: one.cover(looked) for one in SAFE_HARBOR}
    assert (covers["F"], covers["A"], covers["P"], covers["C"]) == ("covered", "partly", "not covered", "partly")
    assert SAFE_HARBOR[5].cover(looked - {"EMAIL_ADDRESS"}) == "not covered"
    known = looked | {"DATE_TIME"}
    assert {category for one in SAFE_HARBOR for category in one.categories} <= known


def test_an_identifier_names_the_categories_that_stay() -> None:
    dates, accounts = SAFE_HARBOR[2], SAFE_HARBOR[9]
    assert dates.absent({"DATE_OF_BIRTH"}) == ("DATE_TIME",)
    assert dates.absent({"DATE_OF_BIRTH", "DATE_TIME"}) == ()
    assert (accounts.cover(set(accounts.categories)), accounts.note[0][:5]) == ("partly", "cards")


def test_articles_are_served_by_the_methods_that_they_need_and_anonymity_is_never_claimed() -> None:
    kinds_of_methods: tuple[list[Method], ...] = ([Pseudonym()], [Hash()], [Tag()], [Tag(), Hash()], [])
    served = {(one.law, one.place): [one.served(methods) for methods in kinds_of_methods] for one in ARTICLES}
    assert served["GDPR", "4 (5)"] == ["yes", "no", "no", "no", "no"]
    assert served["GDPR", "32 (1) (a)"] == ["yes", "yes", "no", "partly", "no"]
    assert served["GDPR", "Recital 26"] == served["PIPL", "4, 73 (4)"] == ["no"] * 5
    assert served["PIPL", "51 (3)"] == ["yes", "yes", "yes", "yes", "no"]


def test_the_page_of_the_default_settings_says_that_dates_stay_and_no_vault_serves(tmp_path: Path) -> None:
    page = Audit(Deidentification()).write(tmp_path, source="f.csv").read_text(encoding="utf-8")
    assert "not looked for, or kept: DATE_TIME; ages are not looked for" in page
    data = json.loads((tmp_path / "audit.json").read_text(encoding="utf-8"))
    assert {one["served"] for one in data["articles"] if one["place"] == "32 (1) (a)"} == {"no"}


def test_a_sample_asks_nothing_of_cells_without_words() -> None:
    sample = ReviewSample()
    for row, content in enumerate(("4", "3.14", "F", "男", "no", "  ", "王五", "Ann Lee")):
        sample.add(Place("f", row, "cell"), content, [])
    written = io.StringIO()
    assert sample.write(written) == 2
    assert "王五" in written.getvalue()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_page_and_json_hold_counts_and_no_text(tmp_path: Path, language: str) -> None:
    settings = Deidentification(keep=("LOCATION",))
    audit, text = Audit(settings), Text("患者张三，电话13800138000，在南京市。")
    audit.add(Place("f.csv", 1, "note"), text, Deidentifier(settings).process([text], ["f"])[0])
    page = audit.write(tmp_path, source="f.csv", language="zh" if language == "zh" else "en")
    html, data = page.read_text(encoding="utf-8"), (tmp_path / "audit.json").read_text(encoding="utf-8")
    assert words_of(language)["risk_none"] in html.replace("&#34;", '"')
    assert f'lang="{language}"' in html
    for secret in ("张三", "13800138000", "南京"):
        assert secret not in html + data
        assert secret in (tmp_path / "review.csv").read_text(encoding="utf-8-sig")
    counts = {one["category"]: (one["found"], one["replaced"]) for one in json.loads(data)["looked_for"]}
    assert (counts["PERSON"], counts["LOCATION"], counts["URL"]) == ((1, 1), (1, 0), (0, 0))
    assert (tmp_path / "review.csv").stat().st_mode & 0o077 == 0
    assert "http" not in html.replace("http-equiv", "")


def test_both_languages_of_the_page_say_the_same_things() -> None:
    english, chinese = words_of("en"), words_of("zh")
    assert english.keys() == chinese.keys()
    for name in english:
        assert sorted(part.partition("}")[0] for part in english[name].split("{")[1:]) == sorted(
            part.partition("}")[0] for part in chinese[name].split("{")[1:]
        )
