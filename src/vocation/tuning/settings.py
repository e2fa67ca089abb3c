"""The settings of the tuning stage."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from vocation.component import OneOf, Settings
from vocation.strategies import Strategy
from vocation.strategies.full import Full
from vocation.training.precision import Precision
from vocation.training.schedules import Shape


class EarlyStopping(Settings):
    """When to stop before the last epoch. The best checkpoint is kept in any case."""

    patience: int | None = Field(
        default=3,
        ge=1,
        description="Stop after so many evaluations in a row without improvement; null trains all epochs.",
    )
    metric: str | None = Field(
        default=None,
        description="Validation metric that chooses the best checkpoint; null is the task's own (accuracy, or f1).",
    )


class TuningSettings(Settings):
    """How the model learns its task."""

    strategies: tuple[Annotated[Strategy, OneOf("vocation.strategies")], ...] = Field(
        default=(Full(),),
        min_length=1,
        description="How the weights may change; several compose in the order in which they are listed.",
    )
    learning_rate: float = Field(
        default=1e-4,
        gt=0,
        lt=1,
        description="Highest learning rate. Small encoders (20–60 M weights) like 1e-4 to 5e-4, larger 2e-5 to 5e-5.",
    )
    epochs: int = Field(default=5, ge=1, description="How often every training row is seen.")
    batch_size: int = Field(default=32, ge=1, description="Examples of one update.")
    token_budget: int = Field(
        default=2048,
        ge=16,
        description="Padded tokens that are on the device at once. An update that is larger is divided; its result is "
        "the same. Where memory runs out, it is halved by itself.",
    )
    gradient_checkpointing: bool = Field(
        default=False,
        description="Keep only what enters each layer, and compute the rest again on the way back: far less memory for "
        "about a third more time. It does not change the result.",
    )
    weight_decay: float = Field(default=0.01, ge=0, description="Of matrices; biases and layer norms do not decay.")
    warmup: float = Field(default=0.1, ge=0, le=1, description="Share of the updates in which the learning rate rises.")
    schedule: Shape = Field(default="linear", description="What the learning rate does after the warm-up.")
    max_gradient_norm: float = Field(default=1.0, gt=0, description="Gradients are scaled down to this L2 norm.")
    precision: Precision = Field(
        default="auto",
        description="`auto` is bfloat16 on GPUs that compute in it, float32 everywhere else. On a processor with "
        "bfloat16 units (AMX) `bfloat16` rounds the factors of matrix products alone: about twice as fast.",
    )
    largest_cut: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Largest share of training rows of which the model may see a part only (longer than "
        "`task.max_length`, spans that tags cannot give back); a run that would cut more is refused.",
    )
    evaluations_per_epoch: int = Field(default=1, ge=1, description="How often an epoch is scored on validation.")
    early_stopping: EarlyStopping = Field(default=EarlyStopping(), description="When to stop, and what is the best.")
    checkpoint_minutes: float = Field(
        default=2.0, ge=0, description="Minutes between checkpoints; a killed run loses at most so much."
    )
    seed: int = Field(default=1, ge=0, lt=2**32, description="Of the new head, the order of the data, and dropout.")

    @field_validator("strategies")
    @classmethod
    def _one_of_a_role(cls, strategies: tuple[Strategy, ...]) -> tuple[Strategy, ...]:
        roles: dict[str, str] = {}
        for strategy in strategies:
            if strategy.role in roles:
                first, second = roles[strategy.role], strategy.kind
                raise ValueError(f"{first} and {second} contradict each other (both say {strategy.role}); keep one")
            if strategy.role is not None:
                roles[strategy.role] = strategy.kind
        return strategies
