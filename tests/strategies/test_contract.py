"""What every strategy promises: something trains, the objective stays one, plain `transformers` loads the result."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
import torch

from vocation.component import kinds
from vocation.modeling.pretrained import load_model, load_tokenizer
from vocation.prediction.batching import example_logits
from vocation.prediction.predictor import padding_of
from vocation.records import Record
from vocation.strategies import Strategy
from vocation.strategies.full import Full
from vocation.tasks.classification import Classification
from vocation.training.batches import Dealing, updates
from vocation.training.loop import Descent, train
from vocation.training.optimisers import adamw
from vocation.training.precision import accelerator

STRATEGIES: list[Strategy] = [Full()]
LABELS = ["card", "fever", "money"]


def test_the_family_has_one_strategy_and_all_are_tested_here() -> None:
    family = kinds("vocation.strategies")
    assert sorted(family) == ["full"]
    assert {type(strategy) for strategy in STRATEGIES} == set(family.values())


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: strategy.kind)
def test_what_it_trained_is_loaded_by_plain_transformers(
    strategy: Strategy, roberta_folder: Path, intents: Callable[[int, int], list[Record]], tmp_path: Path
) -> None:
    task, tokenizer = Classification(), load_tokenizer(roberta_folder)
    model = strategy.attach(load_model(task.model_class(), roberta_folder, LABELS, seed=1))
    assert any(parameter.requires_grad for parameter in model.parameters())
    objective = strategy.wrap(task.objective)
    examples = task.encode(intents(16, 1), tokenizer, LABELS).examples
    before = example_logits(model, examples, padding_of(tokenizer))
    descent = Descent(adamw(model, 0.01), lambda _: 1e-3, 1.0)
    given = islice(updates(examples, padding_of(tokenizer), Dealing(8, 256, 2, seed=1)), 2)
    steps = list(train(model, given, objective, descent, accelerator(device="cpu"), seed=1))
    assert [step.targets for step in steps] == [8, 8]
    after = example_logits(model, examples, padding_of(tokenizer))
    assert max(abs(new - old).max() for new, old in zip(after, before, strict=True)) > 1e-3
    strategy.detach(model).save_pretrained(tmp_path)
    loaded, info = task.model_class().from_pretrained(tmp_path, output_loading_info=True)
    assert not info["missing_keys"]
    assert not info["unexpected_keys"]
    for ours, theirs in zip(after, example_logits(loaded, examples, padding_of(tokenizer)), strict=True):
        torch.testing.assert_close(torch.from_numpy(theirs), torch.from_numpy(ours), rtol=0, atol=1e-6)
    assert pickle.loads(pickle.dumps(strategy)) == strategy


def test_full_trains_every_weight_even_of_a_model_that_was_frozen(bert_folder: Path) -> None:
    model = load_model(Classification().model_class(), bert_folder, LABELS, seed=1).requires_grad_(False)
    assert all(parameter.requires_grad for parameter in Full().attach(model).parameters())


def test_a_strategy_that_defines_nothing_changes_nothing(bert_folder: Path) -> None:
    class Nothing(Strategy):
        """Leaves every part as it is."""

    model = load_model(Classification().model_class(), bert_folder, LABELS, seed=1)
    objective = Classification().objective
    assert Nothing().attach(model) is model
    assert Nothing().wrap(objective) == objective
    assert Nothing().detach(model) is model
