"""Baselines, one module each: what a cheap method reaches on the same rows, without any pretrained model."""

from __future__ import annotations

from collections.abc import Sequence

from vocation.component import Component
from vocation.records import Prediction, Record
from vocation.tasks import Task


class Baseline(Component, family=True):
    """A cheap way to do a task; `Task.baseline` names the one whose results stand beside the model's."""

    def fit_predict(self, train: Sequence[Record], test: Sequence[Record], task: Task) -> list[Prediction]:
        """Learns from the training records and answers the others; deterministic.

        Args:
            train: labelled records.
            test: what to answer; their gold answers are not looked at.
            task: gives the gold answers of the training records.

        Returns:
            One prediction for each test record, in order.
        """
        raise NotImplementedError
