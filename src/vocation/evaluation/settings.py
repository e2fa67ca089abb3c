"""How a recipe says what is measured and reported."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vocation.component import Settings


class EvaluationSettings(Settings):
    """How the tuned model is measured, and how the report reads."""

    split: Literal["validation", "test"] | None = Field(
        default=None,
        description="The split whose rows are answered. Without one: `test`, or `validation` where there is no test "
        "split; tuning chose its best point on the latter, so results on it are optimistic.",
    )
    resamples: int = Field(
        default=2000,
        ge=100,
        le=1_000_000,
        description="Bootstrap resamples of the intervals; 1,000 or more for 95 % (Efron & Tibshirani 1993, 13.3).",
    )
    confidence: float = Field(default=0.95, gt=0, lt=1, description="Share of the resamples that an interval covers.")
    seed: int = Field(default=1, ge=0, description="Seed of the resamples.")
    mistakes: int = Field(
        default=50, ge=0, description="How many of the hardest mistakes, and of the confused pairs, are shown."
    )
    token_budget: int = Field(default=4096, ge=128, description="Padded tokens of a batch at prediction at most.")
    language: Literal["en", "zh"] = Field(
        default="en", description="Language of the report. Changing it writes the report again and redoes nothing else."
    )
