"""Every weight trains, whatever was frozen before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.strategies.training import trial
from vocation.records import Record
from vocation.strategies import Context, Strategy
from vocation.strategies.full import Full
from vocation.tasks.classification import Classification

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Frozen(Strategy):
    """Leaves the head alone to train."""

    def attach(self, model: PreTrainedModel, context: Context) -> PreTrainedModel:
        model.base_model.requires_grad_(False)
        return model


def test_full_trains_every_weight_even_of_a_model_that_was_frozen(
    bert_folder: Path, intents: Callable[[int, int], list[Record]]
) -> None:
    frozen = trial(bert_folder, Classification(), intents(16, 1), [Frozen()])
    assert not all(value.requires_grad for value in frozen.lesson.model.parameters())
    full = trial(bert_folder, Classification(), intents(16, 1), [Frozen(), Full()])
    assert all(value.requires_grad for value in full.lesson.model.parameters())
