"""What every strategy promises: something trains, the objective stays one, plain `transformers` loads the result."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.strategies.training import largest_difference, trial
from vocation.component import kinds
from vocation.records import Record
from vocation.strategies import Strategy
from vocation.strategies.full import Full
from vocation.tasks import Task
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities

STRATEGIES: list[Strategy] = [Full()]
TASKS: dict[str, Task] = {"classification": Classification(), "entities": Entities()}
FOLDERS = ("bert_folder", "roberta_folder")

Records = Callable[[int, int], list[Record]]


def test_the_family_has_one_strategy_and_all_are_tested_here() -> None:
    family = kinds("vocation.strategies")
    assert len(family) == 1
    assert {type(strategy) for strategy in STRATEGIES} == set(family.values())
    assert set(TASKS) == set(kinds("vocation.tasks"))


@pytest.mark.parametrize("folder_name", FOLDERS)
@pytest.mark.parametrize("task_name", TASKS)
@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: strategy.kind)
def test_what_it_trained_is_loaded_by_plain_transformers(
    strategy: Strategy, task_name: str, folder_name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    task, folder = TASKS[task_name], request.getfixturevalue(folder_name)
    records: Records = request.getfixturevalue("mentions" if task.record_schema.spans else "intents")
    taught = trial(folder, task, records(16, 1), [strategy])
    before = taught.logits()
    steps = taught.learn(2)
    assert len(steps) == 2
    after = taught.logits()
    assert largest_difference(after, before) > 1e-4
    taught.detached().save_pretrained(tmp_path)
    loaded, info = task.model_class().from_pretrained(tmp_path, output_loading_info=True)
    assert not info["missing_keys"]
    assert not info["unexpected_keys"]
    assert largest_difference(taught.logits(loaded), after) < 1e-5
    assert pickle.loads(pickle.dumps(strategy)) == strategy


def test_a_strategy_that_defines_nothing_changes_nothing(bert_folder: Path, intents: Records) -> None:
    class Nothing(Strategy):
        """Leaves every part as it is."""

    plain, other = (trial(bert_folder, Classification(), intents(16, 1), [*given]) for given in ([Full()], [Nothing()]))
    assert [step.loss for step in plain.learn(2)] == [step.loss for step in other.learn(2)]
    assert largest_difference(plain.logits(), other.logits()) == 0
