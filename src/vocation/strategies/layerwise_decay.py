"""Lower layers learn more slowly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from vocation.modeling.anatomy import depths_of
from vocation.strategies import Strategy

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class LayerwiseDecay(Strategy):
    """Multiply the learning rate by ξ with each layer downwards (Sun et al., 2019, section 5.3.4).

    Of L layers, the k-th has the factor ξ^(L − k) and the embeddings below them ξ^L; the top layer and what lies above
    it (the head) have 1. Keeps what the lower layers know. Combines with every strategy that says which weights train.
    """

    xi: float = Field(
        default=0.95,
        gt=0,
        le=1,
        description="ξ, the factor from a layer to the one below it; 0.95 in Sun et al., 2019.",
    )

    def rates(self, model: PreTrainedModel) -> Mapping[str, float]:
        depths = depths_of(model)
        top = max(depths.values()) - 1
        return {name: self.xi ** max(0, top - depth) for name, depth in depths.items()}
