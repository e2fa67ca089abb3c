"""Elastic weight consolidation against its formula, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import load_file

from tests.strategies.earlier import earlier_run, supplies_of
from tests.strategies.training import Trial, trial
from vocation.errors import RecipeError, TrainingError
from vocation.records import Record
from vocation.strategies import Context, Start, Strategy
from vocation.strategies.adapter import Adapter
from vocation.strategies.ewc import Ewc
from vocation.strategies.full import Full
from vocation.tasks import Task
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.tuning.material import Supply

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Records = Callable[[int, int], list[Record]]
LABELS = ["card", "fever", "money"]
STRENGTH = 50.0


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory, bert_folder: Path, intents: Records) -> Path:
    folder = tmp_path_factory.mktemp("earlier")
    earlier_run(folder, bert_folder, Classification(), intents(16, 2))
    return folder


@pytest.fixture(scope="module")
def consolidation() -> Ewc:
    return Ewc(previous="earlier", strength=STRENGTH, rows=12)


@pytest.fixture(scope="module")
def supplies(earlier: Path, consolidation: Ewc) -> dict[str, Supply]:
    return supplies_of([consolidation], earlier)


def test_the_gradient_is_that_of_the_formula(
    bert_folder: Path, intents: Records, consolidation: Ewc, supplies: dict[str, Supply]
) -> None:
    records = intents(16, 1)
    held = trial(bert_folder, Classification(), records, [Full(), consolidation], supplies).gradients()
    plain = trial(bert_folder, Classification(), records, [Full()])
    free, (supply,) = whole(plain), supplies.values()
    fisher, anchors = (load_file(supply.folder / name) for name in ("fisher.safetensors", "anchors.safetensors"))
    weights = dict(plain.lesson.model.named_parameters())
    pulled = 0.0
    for name, gradient in held.items():
        expected = free[name]
        if name in fisher:
            distance = weights[name].detach().double() - anchors[name].double()
            pull = STRENGTH * fisher[name].double() * distance
            expected = expected + pull
            pulled = max(pulled, float(pull.abs().max()))
        torch.testing.assert_close(gradient, expected, atol=1e-10, rtol=0)
    assert pulled > 1e-6, "the weights are away from where they are held, or the test would show nothing"


def whole(plain: Trial) -> dict[str, torch.Tensor]:
    """Gradients of every row of the embeddings, of which the engine keeps those that are used."""
    plain.lesson.release()
    return plain.gradients()


@pytest.mark.parametrize("task", [Classification(), Entities()], ids=lambda task: task.kind)
def test_an_update_does_not_depend_on_how_it_is_divided(
    task: Task, bert_folder: Path, request: pytest.FixtureRequest, consolidation: Ewc, supplies: dict[str, Supply]
) -> None:
    records = request.getfixturevalue("mentions" if task.record_schema.spans else "intents")(16, 1)
    taught = trial(bert_folder, task, records, [consolidation], supplies)
    once, divided = taught.gradients(), taught.gradients(token_budget=16)
    assert max(float(value.abs().max()) for value in once.values()) > 1e-3
    for name, value in once.items():
        torch.testing.assert_close(divided[name], value, atol=1e-10, rtol=0)


def test_what_matters_moves_less(bert_folder: Path, earlier: Path, intents: Records) -> None:
    model, moved = earlier / "model", []
    for strength in (1e-9, 1e5):
        strategy = Ewc(previous="earlier", strength=strength, rows=12)
        supplies = supplies_of([strategy], earlier)
        taught = trial(model, Classification(), intents(16, 1), [strategy], supplies)
        before = taught.weights()
        taught.learn(8)
        (supply,) = supplies.values()
        fisher = load_file(supply.folder / "fisher.safetensors")
        after = taught.weights()
        moved.append(sum(float((fisher[name] * (after[name] - before[name]) ** 2).sum()) for name in fisher))
    free, held = moved
    assert held < 0.5 * free


def test_it_tells_how_much_is_held(
    bert_folder: Path,
    earlier: Path,
    intents: Records,
    mentions: Records,
    supplies: dict[str, Supply],
    consolidation: Ewc,
) -> None:
    same = trial(earlier / "model", Classification(), intents(16, 1), [consolidation], supplies).lesson.penalties
    assert [penalty.description for penalty in same] == [
        "ewc: 39 of 39 weight tensors of the body are held (100.0% of its numbers that train); the head is free"
    ]
    assert trial(bert_folder, Classification(), intents(16, 1), [Full()]).lesson.penalties == []


class Frozen(Strategy):
    """Leaves the head alone to train."""

    def attach(self, model: PreTrainedModel, context: Context) -> PreTrainedModel:
        model.base_model.requires_grad_(False)
        return model


def test_an_earlier_run_with_adapters_holds_its_body(bert_folder: Path, intents: Records, tmp_path: Path) -> None:
    earlier_run(tmp_path, bert_folder, Classification(), intents(16, 2), Adapter(bottleneck=8))
    strategy = Ewc(previous="earlier", rows=5)
    strategy.check({strategy.needs()[0].name: tmp_path / "model"}, Start(bert_folder, "classification", LABELS))
    (penalty,) = trial(
        bert_folder, Classification(), intents(16, 1), [strategy], supplies_of([strategy], tmp_path)
    ).lesson.penalties
    assert penalty.description.startswith("ewc: 39 of 39 weight tensors")


def test_nothing_to_hold_is_refused(
    bert_folder: Path, roberta_folder: Path, intents: Records, consolidation: Ewc, supplies: dict[str, Supply]
) -> None:
    for folder, strategies in ((bert_folder, [Frozen(), consolidation]), (roberta_folder, [consolidation])):
        with pytest.raises(TrainingError, match="none has the name and the shape of one of earlier"):
            trial(folder, Classification(), intents(16, 1), strategies, supplies)
    with pytest.raises(TrainingError, match=r"The fisher of earlier \(rows 12, labels sampled\) was not prepared"):
        trial(bert_folder, Classification(), intents(16, 1), [consolidation])


def test_models_that_have_nothing_in_common_are_refused_before_anything_is_built(
    bert_folder: Path, roberta_folder: Path, earlier: Path, consolidation: Ewc
) -> None:
    sources = {need.name: earlier / "model" for need in consolidation.needs()}
    consolidation.check(sources, Start(bert_folder, "classification", ["card"]))
    with pytest.raises(RecipeError, match="no weight of the model has the name and the shape") as refused:
        consolidation.check(sources, Start(roberta_folder, "classification", ["card"]))
    assert "such as roberta.embeddings" in str(refused.value)
    assert "`model: run:earlier`" in str(refused.value)
