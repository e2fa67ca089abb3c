"""Strategies, one module each: how the weights are allowed to change. They compose in the order of the recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vocation.component import Component

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from vocation.training.loop import Objective


class Strategy(Component, family=True):
    """A way of changing weights. Each part is optional: what a strategy does not define changes nothing."""

    def attach(self, model: PreTrainedModel) -> PreTrainedModel:
        """Prepares the model before training: chooses what trains, adds what is trained."""
        return model

    def wrap(self, objective: Objective) -> Objective:
        """Changes what is minimised."""
        return objective

    def detach(self, model: PreTrainedModel) -> PreTrainedModel:
        """Undoes `attach` after training, so that plain `transformers` loads the result."""
        return model
