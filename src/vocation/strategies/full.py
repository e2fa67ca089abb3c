"""Every weight trains."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from vocation.strategies import Context, Strategy

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Full(Strategy):
    """Train every weight of the model: the most accurate choice when there are a few thousand labelled rows."""

    role: ClassVar[str | None] = "which weights train"

    def attach(self, model: PreTrainedModel, context: Context) -> PreTrainedModel:
        return model.requires_grad_(True)
