"""The step `terms`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from vocation.cleaning import CleaningStep, Drop, Pieces
from vocation.cleaning.case import Case
from vocation.cleaning.stop_words import StopWords
from vocation.cleaning.terms import Terms
from vocation.component import kinds
from vocation.errors import DataError
from vocation.language.dictionary import Term
from vocation.recipe import load_recipe
from vocation.templates import start_project
from vocation.text import Span, Text

UNIFY = Term(term="MI", action="unify", replacement="myocardial infarction")
EXPAND = Term(term="HTN", action="expand", replacement="hypertension")


def cleaned(content: str, *terms: Term) -> str:
    return Terms(terms=terms)(Text(content)).content


def test_unify_writes_the_wanted_form_everywhere() -> None:
    heart = Term(term="心梗", action="unify", replacement="急性心梗")
    assert cleaned("MI, MI; not MIX", UNIFY) == "myocardial infarction, myocardial infarction; not MIX"
    assert cleaned("心梗与急性心梗", heart) == "急性心梗与急性心梗"
    assert cleaned("MI") == "MI"


def test_expand_spells_out_the_first_mention_unless_the_text_does() -> None:
    assert cleaned("HTN. HTN again.", EXPAND) == "hypertension (HTN). HTN again."
    for content in ("Hypertension (HTN) and HTN", "高血压（HTN），HTN", "HTN (hypertension) and HTN"):
        assert cleaned(content, EXPAND) == content


def test_protected_terms_and_formulae_stay_as_later_steps_go_over_them() -> None:
    text = Terms(terms=(Term(term="The Lancet"),))(Text("The Lancet on H₂O and the C₂H₅OH"))
    assert text.protected == ((0, 10), (14, 17), (26, 32))
    assert StopWords()(text).content == "The Lancet H₂O C₂H₅OH"
    assert StopWords()(Text(text.content)).content == "Lancet H₂O C₂H₅OH"
    assert Terms(formulae=False)(Text("H₂O")).protected == ()


REFERENCE = Path(__file__).parents[2] / "examples" / "disease-entities" / "data" / "test.tsv"
SETTINGS: dict[str, dict[str, Any]] = {
    "perplexity": {"reference": str(REFERENCE), "maximum": 1e9},
    "drop_matching": {"patterns": ["never"]},
    "punctuation": {"chinese_quotes": "corner"},
    "stop_words": {"more": ["h", "o", "na", "no", "in"]},
    "case": {"form": "fold"},
    "separators": {"numbers": "ascii"},
    "unicode": {"fullwidth_punctuation": "ascii"},
}


@pytest.mark.parametrize("kind", sorted(set(kinds("vocation.cleaning")) - {"terms"}))
def test_no_step_changes_a_protected_formula(kind: str) -> None:
    formulae = ["H₂O", "C₂H₅OH", "Na⁺", "SO₄²⁻", "CuSO₄·5H₂O", "[Fe(CN)₆]³⁻", "NO2", "5H₂O", "InCl3"]
    content = "。 ".join(f"{number}）於二〇二三年服{formula} 5mg" for number, formula in enumerate(formulae))
    step = kinds("vocation.cleaning")[kind].model_validate(SETTINGS.get(kind, {}))
    assert isinstance(step, CleaningStep)
    result = step(Terms()(Text(content)))
    assert not isinstance(result, Drop)
    texts = result.texts if isinstance(result, Pieces) else (result,)
    cleaned = "\n".join(text.content for text in texts)
    assert all(formula in cleaned for formula in formulae)


def test_a_formula_that_is_not_protected_is_changed() -> None:
    assert "H₂O" not in Case()(Text("H₂O")).content


def test_spans_move_and_a_mention_across_a_span_stays() -> None:
    text = Terms(terms=(UNIFY,))(Text("MI and MI", (Span(0, 2, "A"), Span(8, 9, "B"))))
    assert text.content == "myocardial infarction and MI"
    assert text.spans == (Span(0, 21, "A"), Span(27, 28, "B"))


def test_the_medical_list_expands() -> None:
    assert Terms(abbreviations="medical")(Text("An MRI.")).content == "An magnetic resonance imaging (MRI)."
    own = Terms(abbreviations="medical", terms=(Term(term="MRI"),))
    assert own(Text("An MRI.")).content == "An MRI."


def test_case_is_ignored_on_demand() -> None:
    assert Terms(terms=(EXPAND,), ignore_case=True)(Text("htn")).content == "hypertension (htn)"
    assert Terms(terms=(EXPAND,))(Text("htn")).content == "htn"


def test_the_terms_of_a_file_become_settings_and_those_of_the_recipe_win(tmp_path: Path) -> None:
    (tmp_path / "terms.tsv").write_text("MI\tunify\tx\nBP\n", encoding="utf-8")
    data = {"kind": "terms", "file": "terms.tsv", "terms": [UNIFY.model_dump()]}
    step = Terms.model_validate(data, context={"base": tmp_path})
    assert step.terms == (Term(term="BP"), UNIFY)
    assert step.file is None
    assert Terms.model_validate(step.model_dump(mode="json")) == step


def test_a_relative_file_starts_at_the_recipes_folder(tmp_path: Path) -> None:
    recipe = start_project(tmp_path / "project", "classification")
    (recipe.parent / "words").mkdir()
    (recipe.parent / "words" / "terms.tsv").write_text("BP\n", encoding="utf-8")
    loaded = load_recipe(recipe, ["corpus.cleaning=[{kind: terms, file: words/terms.tsv}]"])
    assert loaded.corpus.cleaning == (Terms(terms=(Term(term="BP"),)),)


def test_a_changed_file_changes_the_settings(tmp_path: Path) -> None:
    (tmp_path / "terms.tsv").write_text("BP\n", encoding="utf-8")
    before = Terms(file=str(tmp_path / "terms.tsv"))
    (tmp_path / "terms.tsv").write_text("HR\n", encoding="utf-8")
    assert Terms(file=str(tmp_path / "terms.tsv")) != before


def test_a_missing_file_is_refused() -> None:
    with pytest.raises(DataError, match="cannot be read"):
        Terms(file="no-such-file.tsv")


def test_a_term_that_becomes_another_one_is_refused() -> None:
    other = Term(term="AMI", action="unify", replacement="MI")
    with pytest.raises(ValidationError, match="'AMI' becomes 'MI', which is a term that is changed itself"):
        Terms(terms=(UNIFY, other))
