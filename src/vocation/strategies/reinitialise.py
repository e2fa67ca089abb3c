"""The top layers start anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from vocation.errors import TrainingError
from vocation.modeling.anatomy import depths_of, layers_of, require_layers
from vocation.strategies import Context, Strategy
from vocation.training.companions import Companion

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Reinitialise(Strategy):
    """Draw the top layers and the pooler anew, as the model's authors did before pre-training (Zhang et al., 2021).

    The top layers know pre-training's own task best; with few rows, drawing them anew makes training steadier.
    Combines with `full` and `freeze`, under which these layers train.
    """

    layers: int = Field(default=1, ge=1, description="How many layers from the top; 1 to 6 in Zhang et al. (2021).")
    pooler: bool = Field(default=True, description="Whether a pooler above the layers is drawn anew too.")

    def attach(self, model: PreTrainedModel, context: Context) -> PreTrainedModel:
        import torch

        require_layers(model, self.layers, f"{self.kind}.layers")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(context.seed)
            fresh = type(model)(model.config)  # A whole model: some draw layers by their place in it.
        new = dict(fresh.named_parameters())
        if not new.keys() >= set(self._anew(model)):  # Something was put in front of these layers' weights.
            raise _wasted()
        with torch.no_grad():
            for name in self._anew(model):
                model.get_parameter(name).copy_(new[name])
        return model

    def companion(self, model: PreTrainedModel, context: Context) -> Companion | None:
        """Has none; by now every strategy has said which weights train."""
        if not all(model.get_parameter(name).requires_grad for name in self._anew(model)):
            raise _wasted()
        return None

    def _anew(self, model: PreTrainedModel) -> list[str]:
        """Names of the parameters that are drawn anew."""
        lowest = len(layers_of(model)) - self.layers + 1
        body = f"{model.base_model_prefix}."
        above = {name for name in dict(model.base_model.named_parameters(prefix=body[:-1])) if "pooler" in name}
        return [
            name
            for name, depth in depths_of(model).items()
            if lowest <= depth <= len(layers_of(model)) or (self.pooler and name in above)
        ]


def _wasted() -> TrainingError:
    return TrainingError(
        "Layers that are drawn anew would not train, and stay noise.\n"
        "  what to do: combine reinitialise with full, or with freeze of lower layers only"
    )
