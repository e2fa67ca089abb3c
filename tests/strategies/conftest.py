"""Models that stand still, of two families and for both tasks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.strategies.still import Records, Still, still
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities

CASES = ("bert, classification", "roberta, classification", "bert, entities", "llama, entities")


@pytest.fixture(params=CASES)
def each_still(request: pytest.FixtureRequest, intents: Records, mentions: Records) -> Still:
    """Six texts of different lengths; the test runs for every family and task."""
    family, _, task = request.param.partition(", ")
    folder: Path = request.getfixturevalue(f"{family}_folder")
    if task == "classification":
        return still(folder, Classification(), intents(6, 1))
    return still(folder, Entities(), mentions(6, 1))


@pytest.fixture
def texts(bert_folder: Path, intents: Records) -> Still:
    """Eight texts of one label each, for a BERT."""
    return still(bert_folder, Classification(), intents(8, 1))
