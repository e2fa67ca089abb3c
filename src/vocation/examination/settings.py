"""How a recipe says what is looked at before training."""

from __future__ import annotations

from pydantic import Field

from vocation.component import Settings


class ExaminationSettings(Settings):
    """What is looked for in the finished corpus. It changes no row; the data page shows it."""

    texts: int = Field(
        default=20_000,
        ge=0,
        description="Texts of each split in which damage is looked for, and identifiers with a form where "
        "`corpus.deidentification` is not set; 0 for none.",
    )
    leakage: bool = Field(
        default=True,
        description="Train the cheap baseline on random splits as well, to say how much one would have flattered the "
        "result. Done only where rows have a given split, a group, a time, or near-duplicates.",
    )
    random_splits: int = Field(default=3, ge=1, le=100, description="How many random splits that comparison draws.")
