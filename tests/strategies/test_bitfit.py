"""BitFit trains bias terms and the head."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.strategies.few_weights import changed, trained
from tests.strategies.training import trial
from vocation.errors import TrainingError
from vocation.records import Record
from vocation.strategies.bitfit import Bitfit
from vocation.tasks.classification import Classification

Records = Callable[[int, int], list[Record]]


def test_every_bias_and_the_head_train_and_nothing_else(roberta_folder: Path, intents: Records) -> None:
    taught = trial(roberta_folder, Classification(), intents(16, 1), [Bitfit()])
    names = [name for name, _ in taught.lesson.model.named_parameters()]
    expected = {name for name in names if name.endswith("bias") or name.startswith("classifier.")}
    assert trained(taught.lesson.model) == expected
    before = taught.weights()
    taught.learn(2)
    still = {name for name in expected if name.endswith(".key.bias")}  # Softmax does not see them.
    assert expected - still <= changed(before, taught.lesson.model) <= expected


def test_a_model_without_bias_terms_is_refused(llama_folder: Path, intents: Records) -> None:
    with pytest.raises(TrainingError, match=r"llama model has no bias terms.*\n.*choose lora or ia3"):
        trial(llama_folder, Classification(), intents(16, 1), [Bitfit()])
