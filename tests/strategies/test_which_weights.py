"""What all strategies that say which weights train share: head, new rows, exact division, checkpoints, roles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError

from tests.strategies.few_weights import NEW_ROWS, WORDS, changed, exact, plain, trained, with_new_rows
from tests.strategies.test_contract import STRATEGIES
from tests.strategies.training import Trial, trial
from vocation.modeling import new_rows
from vocation.modeling.additions import save_model
from vocation.modeling.anatomy import freeze_body
from vocation.records import Record
from vocation.strategies import Context, Strategy
from vocation.strategies.adapter import Adapter
from vocation.strategies.bitfit import Bitfit
from vocation.strategies.freeze import Freeze
from vocation.strategies.ia3 import Ia3
from vocation.strategies.lora import Lora
from vocation.strategies.prefix import Prefix
from vocation.strategies.prompt import Prompt
from vocation.tasks.classification import Classification
from vocation.training import checkpoints
from vocation.tuning.settings import TuningSettings

Records = Callable[[int, int], list[Record]]
FEW: list[Strategy] = [
    Adapter(bottleneck=8),
    Adapter(bottleneck=8, placement="houlsby", activation="gelu", layer_norms=True),
    Bitfit(),
    Freeze(layers=2),
    Freeze(gradual="epoch"),
    Ia3(),
    Lora(rank=4),
    Lora(rank=4, dora=True, rslora=True),
    Prefix(tokens=4),
    Prompt(tokens=4),
    Prompt(tokens=4, encoder="lstm", encoder_width=8),
]
TASK = Classification(max_length=64)
each = pytest.mark.parametrize("strategy", FEW, ids=lambda strategy: strategy.kind)


def test_every_kind_of_this_role_is_here() -> None:
    kinds = {type(strategy) for strategy in STRATEGIES if strategy.role == "which weights train"}
    assert {strategy.kind for strategy in FEW} | {"full"} == {kind.kind for kind in (kind() for kind in kinds)}


@each
def test_the_head_trains_and_most_of_the_body_does_not(bert_folder: Path, intents: Records, strategy: Strategy) -> None:
    taught = trial(bert_folder, TASK, intents(16, 1), [strategy])
    assert {"classifier.weight", "classifier.bias"} <= trained(taught.lesson.model)
    before = taught.weights()
    taught.learn(1)
    assert {"classifier.weight", "classifier.bias"} <= changed(before, taught.lesson.model)
    assert changed(before, taught.lesson.model) <= trained(taught.lesson.model)
    assert WORDS not in trained(taught.lesson.model)


@each
def test_new_rows_train_and_the_other_rows_do_not(
    bert_folder: Path, intents: Records, tmp_path: Path, strategy: Strategy
) -> None:
    folder = with_new_rows(bert_folder, tmp_path / "extended")
    taught = trial(folder, TASK, intents(16, 1), [strategy])
    old = plain(taught).float().get_input_embeddings().weight.detach()
    taught.learn(3)
    answers = taught.logits()
    save_model(taught.detached(), tmp_path / "saved")
    base = tmp_path / "saved" if strategy.mergeable else tmp_path / "saved" / "base"
    loaded, info = TASK.model_class().from_pretrained(base, output_loading_info=True)
    assert not info["missing_keys"]
    assert not info["unexpected_keys"]
    new = loaded.get_input_embeddings().weight.detach()
    assert torch.equal(new[:-NEW_ROWS], old[:-NEW_ROWS])
    ids = {int(number) for example in taught.data.training.examples for number in example.features["input_ids"]}
    read = [number for number in ids if number >= len(old) - NEW_ROWS]
    assert len(read) >= 3
    assert all((new[number] - old[number]).abs().max() > 1e-4 for number in read)
    assert loaded.config.vocation_new_rows == NEW_ROWS
    if strategy.mergeable:
        for one, other in zip(taught.logits(loaded), answers, strict=True):
            torch.testing.assert_close(torch.from_numpy(one), torch.from_numpy(other), rtol=0, atol=1e-5)


def test_without_the_mechanism_new_rows_are_lost(
    bert_folder: Path, intents: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_rows, "count_new_rows", lambda _: 0)
    taught = trial(with_new_rows(bert_folder, tmp_path / "extended"), TASK, intents(16, 1), [Lora(rank=4)])
    old = plain(taught).float().get_input_embeddings().weight.detach()
    taught.learn(3)
    assert torch.equal(taught.detached().get_input_embeddings().weight, old)


@each
def test_an_update_does_not_depend_on_how_it_is_divided(
    bert_folder: Path, intents: Records, strategy: Strategy
) -> None:
    def learned(budget: int) -> Trial:
        taught = exact(bert_folder, TASK, intents(16, 1), strategy, token_budget=budget)
        taught.learn(3)
        return taught

    whole, divided = learned(10_000), learned(24)
    before = dict(exact(bert_folder, TASK, intents(16, 1), strategy).weights())
    assert changed(before, whole.lesson.model)
    for name, value in divided.weights().items():
        torch.testing.assert_close(value, whole.weights()[name], rtol=0, atol=1e-10)


@each
def test_a_checkpoint_holds_what_trains_and_brings_it_back(
    bert_folder: Path, intents: Records, tmp_path: Path, strategy: Strategy
) -> None:
    straight, killed = (trial(bert_folder, TASK, intents(16, 1), [strategy]) for _ in range(2))
    straight.learn(4)
    killed.learn(2)
    lesson = killed.lesson
    checkpoints.save(tmp_path, 2, lesson.model, lesson.optimiser, {}, lesson.companions)
    size = (tmp_path / "checkpoint-00000002" / "model.safetensors").stat().st_size
    numbers = sum(len(group["params"]) and sum(value.numel() for value in group["params"]) for group in groups(lesson))
    buffers = sum(value.numel() * value.element_size() for value in lesson.model.buffers())
    assert size < 4 * numbers + buffers + 200 * len(list(lesson.model.parameters()))
    resumed = trial(bert_folder, TASK, intents(16, 1), [strategy])
    checkpoints.restore(tmp_path, resumed.lesson.model, resumed.lesson.optimiser, resumed.lesson.companions)
    resumed.learn(2, done=2)
    for name, value in resumed.weights().items():
        assert torch.equal(value, straight.weights()[name]), name


def groups(lesson: Any) -> list[dict[str, Any]]:
    return list(lesson.optimiser.param_groups)


def test_what_started_at_random_trains_with_the_head(bert_folder: Path, intents: Records, tmp_path: Path) -> None:
    from transformers import AutoModel

    AutoModel.from_pretrained(bert_folder, add_pooling_layer=False).save_pretrained(tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((bert_folder / name).read_bytes())
    without = trial(tmp_path, TASK, intents(16, 1), [Lora(rank=4)])
    assert "bert.pooler.dense.weight" in trained(without.lesson.model)
    assert "bert.pooler.dense.weight" not in trained(
        trial(bert_folder, TASK, intents(16, 1), [Lora(rank=4)]).lesson.model
    )


def test_two_that_say_which_weights_train_are_refused() -> None:
    with pytest.raises(ValidationError, match="lora and freeze contradict each other"):
        TuningSettings.model_validate({"strategies": ["lora", "freeze"]})
    assert (
        len(TuningSettings.model_validate({"strategies": ["reinitialise", "freeze", "layerwise_decay"]}).strategies)
        == 3
    )


def test_new_rows_of_a_tied_embedding_are_refused(bert_folder: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForMaskedLM

    from vocation.errors import TrainingError

    model = AutoModelForMaskedLM.from_pretrained(with_new_rows(bert_folder, tmp_path / "extended"))
    freeze_body(model)
    with pytest.raises(TrainingError, match="also gives the output"):
        new_rows.train_new_rows(model)


class Recorded(Strategy):
    """Keeps the context it is given."""

    def attach(self, model: Any, context: Context) -> Any:
        SEEN.append(context)
        return model


SEEN: list[Context] = []


def test_strategies_know_the_longest_text(bert_folder: Path, intents: Records) -> None:
    trial(bert_folder, TASK, intents(16, 1), [Recorded()])
    assert SEEN[-1].longest == 64
