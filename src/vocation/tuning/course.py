"""The course of a training: what happened so far, which point was the best, and whether to stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from vocation.training.loop import Step


@dataclass
class Course:
    """What happened so far; plain values that go into every checkpoint and, at the end, into `history.json`.

    Args:
        metric: name of the validation metric by which the best point is chosen; higher is better.
        token_budget: padded tokens of a micro-batch at most, as it is now.
        steps: one mapping an update, with the fields of `Step`.
        evaluations: one mapping an evaluation: step, epoch, loss, metrics, selected, best.
        shortages: one mapping each time that memory ran out: step, and the token budget before and after it.
    """

    metric: str
    token_budget: int = 0
    steps: list[dict[str, Any]] = field(default_factory=list)
    evaluations: list[dict[str, Any]] = field(default_factory=list)
    shortages: list[dict[str, int]] = field(default_factory=list)

    def add_step(self, step: Step) -> dict[str, int] | None:
        """Enters a step; returns the shortage of memory that it met, if it met one."""
        entry = asdict(step)
        entry["step"] = entry.pop("number")
        left = entry.pop("token_budget")
        self.steps.append(entry)
        if left == self.token_budget:
            return None
        self.shortages.append({"step": step.number, "before": self.token_budget, "after": left})
        self.token_budget = left
        return self.shortages[-1]

    def add_evaluation(self, step: Step, loss: float, metrics: Mapping[str, float]) -> bool:
        """Enters an evaluation; returns whether it is the best so far. Of equal ones the earliest is the best."""
        selected = metrics[self.metric]
        best = not self.evaluations or selected > self.best["selected"]
        self.evaluations.append(
            {
                "step": step.number,
                "epoch": step.epoch,
                "loss": loss,
                "metrics": dict(metrics),
                "selected": selected,
                "best": best,
            }
        )
        return best

    @property
    def best(self) -> dict[str, Any]:
        """The best evaluation so far."""
        return [evaluation for evaluation in self.evaluations if evaluation["best"]][-1]

    def without_improvement(self) -> int:
        """Evaluations since the best one."""
        return next((count for count, entry in enumerate(reversed(self.evaluations)) if entry["best"]), 0)

    def total(self, name: str) -> float:
        """The sum of a field of the steps, such as `seconds` or `tokens`."""
        return float(sum(entry[name] for entry in self.steps))

    def state(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        return cls(**state)
