"""Elastic weight consolidation: what an earlier task needs of the weights moves little."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from vocation.errors import RecipeError, TrainingError
from vocation.modeling.body import body_parameters, body_shapes
from vocation.strategies import Context, Need, Start, Strategy
from vocation.training.fisher import ANCHORS, FISHER, FisherLabels
from vocation.training.penalties import Penalty

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Ewc(Strategy):
    """Hold each weight the more firmly, the more an earlier task needs it (Kirkpatrick et al., 2017).

    Adds λ/2 · Σ_i F_i · (θ_i − θ*_i)² to the loss of each update: θ* are the weights of the earlier run, F is the
    diagonal of the Fisher information of its model on its training rows, which the run builds before tuning. The
    recipe's `model` is normally the model of the earlier run (`run:` and its path). Weights of the body are matched by
    name and shape; the head is new and stays free. Where the earlier rows may be learned from again, `rehearsal` keeps
    more of the earlier task; `l2_sp` needs no earlier run.
    """

    compares_weights: ClassVar[bool] = True

    previous: str = Field(
        min_length=1, description="The earlier run: its folder, or the recipe of which the newest run is taken."
    )
    strength: float = Field(
        default=1000.0,
        gt=0,
        description="λ. With λ = earlier rows / new rows the penalty is Bayes' rule under Laplace's approximation; in "
        "practice far more is needed, and the best value is found on validation, by powers of ten.",
    )
    rows: int = Field(
        default=1000, ge=1, description="Earlier training rows, drawn at random, on which F is estimated."
    )
    labels: FisherLabels = Field(
        default="sampled",
        description="`sampled`: F with labels drawn from the earlier model's predictions, an unbiased estimate of the "
        "Fisher information (Kunstner et al., 2019, show why it matters). `gold`: the empirical Fisher of the "
        "rows' own labels, which vanishes where the model fits them.",
    )

    def _fisher(self) -> Need:
        return Need(self.previous, "fisher", (("rows", self.rows), ("labels", self.labels)))

    def needs(self) -> Sequence[Need]:
        return (self._fisher(),)

    def check(self, sources: Mapping[str, Path], start: Start) -> None:
        earlier, new = (body_shapes(folder) for folder in (sources[self._fisher().name], start.model))
        if not any(new.get(name) == shape for name, shape in earlier.items()):
            raise RecipeError(
                f"ewc: no weight of the model has the name and the shape of one of {self.previous}.\n"
                f"  received: {len(new)} weight tensors such as {next(iter(new))}; the earlier run has {len(earlier)} "
                f"such as {next(iter(earlier))}\n"
                f"  what to do: start from the model of the earlier run (`model: run:{self.previous}`)"
            )

    def penalty(self, model: PreTrainedModel, context: Context) -> Penalty:
        from safetensors.torch import load_file

        from vocation.training.quadratic import Pull, quadratic

        folder = self._fisher().found_in(context.artifacts)
        fisher, anchors = load_file(folder / FISHER), load_file(folder / ANCHORS)
        trained = {name: weight for name, weight in body_parameters(model).items() if weight.requires_grad}
        pulls = [
            Pull(weight, anchors[name].to(weight), fisher[name].to(weight))
            for name, weight in trained.items()
            if name in fisher and fisher[name].shape == weight.shape
        ]
        if not pulls:
            raise TrainingError(
                f"ewc: of the {len(trained)} weight tensors of the body that train none has the name and the shape of "
                f"one of {self.previous}.\n"
                "  what to do: start from the model of the earlier run, and let its weights train (`full`); a strategy "
                "that freezes them or trains added weights has nothing that ewc could hold"
            )
        held, total = (sum(weight.numel() for weight in some) for some in ((p.weight for p in pulls), trained.values()))
        return Penalty(
            lambda: quadratic(pulls, self.strength),
            f"ewc: {len(pulls)} of {len(trained)} weight tensors of the body are held ({held / total:.1%} of its "
            "numbers that train); the head is free",
        )
