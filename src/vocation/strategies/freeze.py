"""Chosen weights do not train."""

from __future__ import annotations

import fnmatch
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from vocation.errors import TrainingError, did_you_mean
from vocation.modeling.anatomy import depths_of, head_names, layer_count, require_layers, train_head
from vocation.modeling.new_rows import merge_new_rows, train_new_rows
from vocation.strategies import Context, Strategy
from vocation.training.companions import Companion
from vocation.training.unfreezing import Unfreezing

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

_REGULAR_EXPRESSION = "re:"


class Freeze(Strategy):
    """Keep lower layers, embeddings or chosen weights as they are, and train the rest; the head trains in any case.

    Saves time and memory, and keeps what the model knows when rows are few. With `gradual` the weights that train join
    one after the other, from the head down (gradual unfreezing of ULMFiT, Howard & Ruder, 2018).
    """

    role: ClassVar[str | None] = "which weights train"

    layers: Literal["auto"] | Annotated[int, Field(ge=0)] = Field(
        default=0,
        description="How many layers from the bottom are frozen. `auto` tries none, a third, half and two thirds "
        "of them in short trainings, and takes the most that cost no more than `tolerance`.",
    )
    tolerance: float = Field(
        default=0.01,
        ge=0,
        lt=1,
        description="With `auto`: how much lower the validation metric of the short training may be with more layers "
        "frozen.",
    )
    embeddings: bool = Field(default=True, description="Whether the embeddings below the layers are frozen.")
    parameters: tuple[str, ...] = Field(
        default=(),
        description="Names of further weights that are frozen, with * for anything (`*.attention.*`), or `re:` and a "
        "regular expression that matches somewhere in the name.",
    )
    gradual: Literal["epoch"] | Annotated[float, Field(gt=0, lt=1)] | None = Field(
        default=None,
        description="When the next layer joins, after the head from the start: with each `epoch`, or after a share "
        "of the updates, such as 0.1; null trains all of them from the start.",
    )

    @field_validator("parameters")
    @classmethod
    def _patterns_compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                _compiled(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
        return patterns

    def alternatives(self, model: Path) -> Sequence[Freeze]:
        if self.layers != "auto":
            return ()
        count = layer_count(model, "freeze.layers: auto")
        depths = sorted({0, round(count / 3), round(count / 2), round(2 * count / 3)})
        return [self.model_copy(update={"layers": depth}) for depth in depths]

    @property
    def tolerated_loss(self) -> float:
        return self.tolerance

    @property
    def told(self) -> str:
        return f"layers: {self.layers}"

    def attach(self, model: PreTrainedModel, context: Context) -> PreTrainedModel:
        if self.layers == "auto":
            raise TrainingError(
                "freeze.layers is auto, which the tuning stage decides with the rows that it learns from.\n"
                "  what to do: give a number of layers where a model is prepared without it"
            )
        require_layers(model, self.layers, "freeze.layers")
        model.requires_grad_(True)
        depths = depths_of(model)
        frozen = {name for name, depth in depths.items() if 1 <= depth <= self.layers}
        frozen |= {name for name, depth in depths.items() if depth == 0 and self.embeddings}
        frozen |= {name for pattern in self.parameters for name in _matched(pattern, model)}
        for name in frozen:
            model.get_parameter(name).requires_grad_(False)
        train_head(model)
        train_new_rows(model, whole_later=self.gradual is not None)
        if self.gradual is not None:
            self._require_time(model, context)
        return model

    def companion(self, model: PreTrainedModel, context: Context) -> Companion | None:
        return Unfreezing(_groups(model), self._pause(context)) if self.gradual is not None else None

    def detach(self, model: PreTrainedModel) -> PreTrainedModel:
        merge_new_rows(model)
        return model

    def _pause(self, context: Context) -> int:
        """Updates from one group to the next."""
        if isinstance(self.gradual, float):
            return max(1, math.ceil(self.gradual * context.updates))
        return context.updates_per_epoch

    def _require_time(self, model: PreTrainedModel, context: Context) -> None:
        """Refuses a training that ends before the last group joins."""
        groups, reached = len(_groups(model)), 1 + (context.updates - 1) // self._pause(context)
        if groups > reached:
            longest = (context.updates - 1) // (groups - 1) / context.updates
            slower = f"set freeze.gradual to {math.floor(1000 * longest) / 1000:g} or less, " if longest > 0.001 else ""
            raise TrainingError(
                f"freeze.gradual is {self.gradual!r}, and only {reached} of the {groups} groups (the head, then one "
                f"layer after the other) would join within {context.updates} updates.\n"
                f"  what to do: {slower}raise tuning.epochs, or raise freeze.layers by "
                f"{groups - reached} to freeze the others for good"
            )


def _groups(model: PreTrainedModel) -> Sequence[Sequence[torch.nn.Parameter]]:
    """The parameters that train, from the top to the bottom."""
    by_depth: dict[int, list[torch.nn.Parameter]] = {}
    for name, depth in depths_of(model).items():
        parameter = model.get_parameter(name)
        if parameter.requires_grad:
            by_depth.setdefault(depth, []).append(parameter)
    return [by_depth[depth] for depth in sorted(by_depth, reverse=True)]


def _matched(pattern: str, model: PreTrainedModel) -> list[str]:
    """Names of the parameters below the head that a pattern means.

    Raises:
        TrainingError: there is none.
    """
    head = head_names(model)
    names = [name for name, _ in model.named_parameters() if name not in head]
    expression = _compiled(pattern)
    found = [name for name in names if expression.search(name)]
    if not found:
        raise TrainingError(
            f"freeze.parameters has {pattern!r}, which fits no weight below the head."
            f"{did_you_mean(pattern, names)}\n"
            f"  allowed: names such as {names[0]}, with * for anything, or re: and a regular expression"
        )
    return found


def _compiled(pattern: str) -> re.Pattern[str]:
    if pattern.startswith(_REGULAR_EXPRESSION):
        return re.compile(pattern.removeprefix(_REGULAR_EXPRESSION))
    return re.compile(rf"^{fnmatch.translate(pattern)}")
