"""Bias terms alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from vocation.errors import TrainingError
from vocation.modeling.anatomy import freeze_body
from vocation.modeling.new_rows import merge_new_rows, train_new_rows
from vocation.strategies import Context, Strategy

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Bitfit(Strategy):
    """Train the bias terms alone (BitFit, Ben Zaken et al., 2022): about a thousandth of an encoder's weights.

    Adds nothing to the model. Likes about ten times the learning rate of `full`.
    """

    role: ClassVar[str | None] = "which weights train"

    def attach(self, model: PreTrainedModel, context: Context) -> PreTrainedModel:
        freeze_body(model)
        biases = [value for name, value in model.base_model.named_parameters() if name.rpartition(".")[2] == "bias"]
        if not biases:
            raise TrainingError(
                f"A {model.config.model_type} model has no bias terms, and bitfit trains nothing else.\n"
                "  what to do: choose lora or ia3"
            )
        for bias in biases:
            bias.requires_grad_(True)
        train_new_rows(model)
        return model

    def detach(self, model: PreTrainedModel) -> PreTrainedModel:
        merge_new_rows(model)
        return model
