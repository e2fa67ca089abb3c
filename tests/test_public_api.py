"""The package as Python code uses it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import vocation
from tests.projects import Finished, NewProject, environment
from vocation.errors import ArtifactError, ModelError
from vocation.text import Span


def test_everything_that_is_promised_is_there() -> None:
    assert sorted(vocation.__all__) == ["Predictor", "Recipe", "Run", "load", "load_recipe", "run"]
    for name in vocation.__all__:
        assert getattr(vocation, name).__doc__


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'vocation' has no attribute 'train'"):
        vocation.train  # noqa: B018


def test_import_is_free() -> None:
    program = "import sys, vocation; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment()
    )
    assert set(done.stdout.split()) & {"torch", "transformers", "pydantic", "numpy", "pyarrow", "yaml"} == set()


def test_run_then_load_then_predict(new_project: NewProject, capfd: pytest.CaptureFixture[str]) -> None:
    run = vocation.run(new_project().recipe, ["tuning.epochs=1"])
    assert isinstance(run, vocation.Run)
    assert run.report.is_file()
    predictor = vocation.load(run)
    assert isinstance(predictor, vocation.Predictor)
    first, second = predictor.predict(["my card was lost", "which rate applies"])
    assert isinstance(first.answer, str)
    assert {first.answer, second.answer} <= {"card", "rate", "refund"}
    assert set(first.scores) == {"card", "rate", "refund"}
    assert sum(first.scores.values()) == pytest.approx(1, abs=1e-6)
    assert capfd.readouterr() == ("", "")


def test_every_place_of_a_run_gives_the_same_predictor(topics: Finished) -> None:
    model = next(topics.project.store.glob("tuning-*")) / "model"
    places: list[Path | str] = [topics.folder, str(topics.folder), topics.folder.parent, topics.project.recipe, model]
    answers = [vocation.load(place).predict(["where is the refund"])[0] for place in places]
    assert all(answer == answers[0] for answer in answers)


def test_spans_are_in_the_characters_of_the_raw_text(drugs: Finished) -> None:
    raw = "take　ａｓｐｉｒｉｎ\u200b on  monday"
    (prediction,) = vocation.load(drugs.folder).predict([raw])
    assert isinstance(prediction.answer, tuple)
    for span in prediction.answer:
        assert isinstance(span, Span)
        assert 0 <= span.start < span.end <= len(raw)


def test_model_loads_with_plain_transformers(topics: Finished, drugs: Finished) -> None:
    from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification, AutoTokenizer

    for finished, auto in ((topics, AutoModelForSequenceClassification), (drugs, AutoModelForTokenClassification)):
        folder = next(finished.project.store.glob("tuning-*")) / "model"
        model = auto.from_pretrained(folder)
        logits = model(**AutoTokenizer.from_pretrained(folder)("take aspirin", return_tensors="pt")).logits
        assert logits.shape[-1] == len(model.config.id2label) == 3


def test_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="There is no finished run"):
        vocation.load(tmp_path)


def test_model_folder_that_was_not_tuned_is_refused(bert_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "vocation.json").write_text("not JSON")
    with pytest.raises(ModelError, match="is not a model that Vocation tuned"):
        vocation.load(tmp_path)
    with pytest.raises(ArtifactError, match="There is no finished run"):
        vocation.load(bert_folder)


def test_recipe_is_read_and_dumped(topics: Finished) -> None:
    recipe = vocation.load_recipe(topics.project.recipe, ["tuning.epochs=9"])
    assert isinstance(recipe, vocation.Recipe)
    assert recipe.tuning.epochs == 9
    assert "epochs: 9" in recipe.dump()
