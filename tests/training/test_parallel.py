"""What is asked of FSDP and DeepSpeed before they divide anything."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch

from tests.strategies.training import trial
from vocation.errors import TrainingError
from vocation.modeling.pretrained import load_model
from vocation.prediction.predictor import padding_of
from vocation.records import Record
from vocation.strategies import Context, Strategy
from vocation.strategies.full import Full
from vocation.tasks.classification import Classification
from vocation.training.batches import updates
from vocation.training.companions import Companion
from vocation.training.loop import Descent, train
from vocation.training.parallel import Replicas, divide, gradients, is_divided, layer_classes
from vocation.training.precision import accelerator
from vocation.tuning import lesson as lessons

NOTHING: Any = None  # Where what is refused, or looked at, comes before any model.


def launched(kind: str, **plugin: Any) -> Any:
    """An accelerator under a launcher's configuration, which divides nothing."""
    return SimpleNamespace(
        distributed_type=SimpleNamespace(value=kind),
        num_processes=1,
        state=SimpleNamespace(fsdp_plugin=SimpleNamespace(**plugin), deepspeed_plugin=SimpleNamespace(**plugin)),
        prepare=lambda *given: given,
    )


@pytest.mark.parametrize(
    ("name", "layers"),
    [("bert_folder", {"BertLayer"}), ("roberta_folder", {"RobertaLayer"}), ("llama_folder", {"LlamaDecoderLayer"})],
)
def test_the_layers_that_a_model_repeats_are_found(name: str, layers: set[str], request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(name)
    assert layer_classes(load_model(Classification().model_class(), folder, ["a", "b"], seed=1)) == layers


def test_layers_are_named_unless_the_configuration_does(bert_folder: Path) -> None:
    model = load_model(Classification().model_class(), bert_folder, ["a", "b"], seed=1)
    for given, expected in ((None, ["BertLayer"]), (["BertAttention"], ["BertAttention"])):
        made = launched("FSDP", fsdp_version=2, transformer_cls_names_to_wrap=given)
        divide(made, model, NOTHING, 1.0)
        assert made.state.fsdp_plugin.transformer_cls_names_to_wrap == expected


@pytest.mark.parametrize(
    ("kind", "plugin", "problem", "remedy"),
    [
        ("FSDP", {"fsdp_version": 1, "transformer_cls_names_to_wrap": None}, "FSDP version 1", "`fsdp_version: 2`"),
        ("DEEPSPEED", {"zero_stage": 3, "deepspeed_config": {}}, "ZeRO stage 3", "`zero_stage: 2`"),
    ],
)
def test_what_is_not_served_is_refused(kind: str, plugin: dict[str, Any], problem: str, remedy: str) -> None:
    with pytest.raises(TrainingError, match=problem) as caught:
        divide(launched(kind, **plugin), NOTHING, NOTHING, 1.0)
    assert remedy in str(caught.value)


def test_deepspeed_gets_one_batch_an_update_and_the_norm() -> None:
    config: dict[str, Any] = {"zero_optimization": {"stage": 2}}
    divide(launched("DEEPSPEED", zero_stage=2, deepspeed_config=config), NOTHING, NOTHING, 0.7)
    assert config["gradient_clipping"] == 0.7
    assert (config["gradient_accumulation_steps"], config["train_micro_batch_size_per_gpu"]) == (1, 1)


def test_one_process_divides_nothing(bert_folder: Path) -> None:
    model = load_model(Classification().model_class(), bert_folder, ["a", "b"], seed=1)
    device = accelerator(device="cpu")
    assert not is_divided(device)
    together = gradients(device, model)
    assert isinstance(together, Replicas)
    assert together.team.count == 1


class Watching(Strategy):
    """Looks at the weights beside the updates."""

    def companion(self, model: Any, context: Context) -> Companion:
        return Companion()


def test_strategies_that_look_at_whole_weights_are_refused_where_they_are_divided(
    bert_folder: Path, intents: Callable[[int, int], list[Record]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def divided(_: Any) -> bool:
        return True

    monkeypatch.setattr(lessons, "is_divided", divided)
    with pytest.raises(TrainingError, match=r"test_parallel look at whole weights") as caught:
        trial(bert_folder, Classification(), intents(8, 1), [Full(), Watching()])
    assert "examples/accelerate/ddp.yaml" in str(caught.value)


class Engine:
    """Stands for what `accelerate` makes of a model and its optimiser: notes what is asked of it."""

    def __init__(self, model: Any, optimiser: Any) -> None:
        self.model, self.optimiser, self.norm = model, optimiser, 3.25
        self.synchronised: list[bool] = []
        self.rates: list[float] = []
        self.device, self.mixed_precision = torch.device("cpu"), "no"
        self.distributed_type, self.num_processes = SimpleNamespace(value="DEEPSPEED"), 1
        self.sync_gradients = True

    def autocast(self) -> Any:
        return accelerator(device="cpu").autocast()

    def backward(self, loss: Any) -> None:
        self.synchronised.append(self.sync_gradients)
        self.rates.append(self.optimiser.param_groups[0]["lr"])
        loss.backward()

    def clip_grad_norm_(self, parameters: Any, largest: float) -> float:
        assert len(list(parameters)) == len(list(self.model.parameters()))
        return self.norm


def test_deepspeed_is_told_which_pass_is_the_last_and_asked_for_the_norm(
    bert_folder: Path, intents: Callable[[int, int], list[Record]]
) -> None:
    """It changes the weights within the last backward pass, so the learning rate must stand before."""
    taught = trial(bert_folder, Classification(), intents(16, 1), [Full()], token_budget=64)
    lesson = taught.lesson
    engine = Engine(lesson.model, lesson.optimiser)
    given = islice(updates(taught.data.training.examples, padding_of(taught.data.tokenizer), lesson.dealing), 1)
    descent, accelerated = Descent(lesson.optimiser, lambda _: 0.25, 1.0), cast("Any", engine)
    (step,) = train(lesson.model, given, lesson.objective, descent, accelerated, 1)
    assert len(engine.synchronised) > 1
    assert engine.synchronised == [False] * (len(engine.synchronised) - 1) + [True]
    assert step.gradient_norm == engine.norm
    assert set(engine.rates) == {0.25}
