"""Rehearsal: rows of an earlier task are learned again beside the new ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import Field

from vocation.artifacts import load
from vocation.errors import RecipeError
from vocation.records import RecordSchema, draw_records
from vocation.strategies import Need, Start, Strategy
from vocation.strategies import Rehearsal as Rehearsed

_SEED = 0  # Which rows are kept in mind does not depend on the seed of the training.


class Rehearsal(Strategy):
    """Mix training rows of an earlier run among the new ones (Robins, 1995; experience replay, Rolnick et al., 2019).

    Each update has its new rows as without rehearsal, and rehearsed ones beside them, drawn anew in every epoch. Both
    runs must have the same kind of task; the head gets the labels of both. Rehearsed rows whose texts stand in this
    run's validation or test split are left out. For entities, an earlier row shows the new types as no entity, and a
    new row the old types, unless both were annotated with all of them. Where earlier rows may not be kept, `ewc` needs
    none of them in training.
    """

    previous: str = Field(
        min_length=1, description="The earlier run: its folder, or the recipe of which the newest run is taken."
    )
    share: float = Field(
        default=0.2,
        gt=0,
        lt=1,
        description="Of rehearsed examples among those of every epoch. More keeps more of the earlier task and costs "
        "more time.",
    )
    rows: int | None = Field(
        default=None, ge=1, description="Earlier training rows to draw from, chosen at random; null is all of them."
    )

    def _corpus(self) -> Need:
        return Need(self.previous, "corpus")

    def needs(self) -> Sequence[Need]:
        return (self._corpus(),)

    def check(self, sources: Mapping[str, Path], start: Start) -> None:
        earlier = load(sources[self._corpus().name]).manifest["settings"]["task"]
        if earlier != start.task:
            raise RecipeError(
                f"rehearsal: the rows of {self.previous} are those of the task {earlier}, and this run learns "
                f"{start.task}; one head cannot learn both.\n"
                "  allowed: an earlier run of the same kind of task\n"
                "  what to do: use ewc with this run, which keeps weights in place of rows"
            )

    def rehearse(self, artifacts: Mapping[str, Path], schema: RecordSchema) -> Rehearsed:
        path = self._corpus().found_in(artifacts) / "train.parquet"
        return Rehearsed(list(draw_records(path, schema, self.rows, _SEED)), self.share)
