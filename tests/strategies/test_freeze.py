"""What is frozen stays to the bit; what joins joins at its time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError

from tests.strategies.few_weights import NEW_ROWS, WORDS, changed, trained, with_new_rows
from tests.strategies.training import trial
from vocation.errors import TrainingError
from vocation.records import Record
from vocation.strategies.freeze import Freeze
from vocation.tasks.classification import Classification

Records = Callable[[int, int], list[Record]]
TASK = Classification(max_length=64)
LAYERS = "bert.encoder.layer"


def parts(names: set[str]) -> set[str]:
    """Of a BERT, to which parameters belong."""
    starts = {"embeddings": "bert.embeddings", "0": f"{LAYERS}.0", "1": f"{LAYERS}.1", "pooler": "bert.pooler"}
    found = {part for part, start in starts.items() for name in names if name.startswith(start)}
    return found | {"head" for name in names if name.startswith("classifier")}


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        (Freeze(), {"0", "1", "pooler", "head"}),
        (Freeze(layers=1), {"1", "pooler", "head"}),
        (Freeze(layers=2), {"pooler", "head"}),
        (Freeze(layers=1, embeddings=False), {"embeddings", "1", "pooler", "head"}),
        (Freeze(parameters=("bert.pooler.*", "*")), {"head"}),
        (Freeze(parameters=(r"re:layer\.\d\.", "bert.pooler.*")), {"head"}),
    ],
    ids=["nothing", "one", "two", "one, not embeddings", "patterns", "expression"],
)
def test_what_is_frozen_stays_to_the_bit_and_the_rest_learns(
    bert_folder: Path, intents: Records, strategy: Freeze, expected: set[str]
) -> None:
    taught = trial(bert_folder, TASK, intents(16, 1), [strategy])
    assert parts(trained(taught.lesson.model)) == expected
    before = taught.weights()
    taught.learn(2)
    assert parts(changed(before, taught.lesson.model)) == expected
    assert changed(before, taught.lesson.model) <= trained(taught.lesson.model)


def test_a_pattern_freezes_what_it_names_alone(bert_folder: Path, intents: Records) -> None:
    strategy = Freeze(embeddings=False, parameters=("*.attention.*.key.*", "re:LayerNorm"))
    taught = trial(bert_folder, TASK, intents(16, 1), [strategy])
    names = {name for name, _ in taught.lesson.model.named_parameters()}
    frozen = {name for name in names if ".key." in name or "LayerNorm" in name}
    assert names - trained(taught.lesson.model) == frozen


@pytest.mark.parametrize(
    ("settings", "joins"),
    [
        ({"gradual": "epoch"}, [1, 3, 5]),
        ({"gradual": 0.25}, [1, 4, 7]),  # Three of twelve updates.
        ({"gradual": 0.25, "layers": 1}, [1, 4, None]),
        ({"gradual": "epoch", "embeddings": False}, [1, 3, 5]),
    ],
    ids=repr,
)
def test_weights_join_from_the_top(
    bert_folder: Path, intents: Records, settings: dict[str, Any], joins: list[int | None]
) -> None:
    """Two updates an epoch, six epochs: at which update pooler and head, layer 1 and layer 0 first change."""
    taught = trial(bert_folder, TASK, intents(16, 1), [Freeze(**settings)], epochs=6)
    assert taught.lesson.updates == 12
    first: dict[str, int] = {}
    for number in range(1, 13):
        before = taught.weights()
        taught.learn(1, done=number - 1)
        for part in parts(changed(before, taught.lesson.model)):
            first.setdefault(part, number)
    found = [first.get("head"), first.get("1"), first.get("0")]
    assert found == joins
    assert first["pooler"] == 1
    assert first.get("embeddings") == (7 if settings.get("embeddings") is False else None)


def test_a_resumed_run_unfreezes_at_the_same_updates(bert_folder: Path, intents: Records) -> None:
    taught = trial(bert_folder, TASK, intents(16, 1), [Freeze(gradual="epoch")])
    before = taught.weights()
    taught.learn(1, done=4)  # The fifth update, as if four had been done elsewhere.
    assert parts(changed(before, taught.lesson.model)) == {"0", "1", "pooler", "head"}


def test_new_rows_train_before_the_embeddings_join(bert_folder: Path, intents: Records, tmp_path: Path) -> None:
    folder = with_new_rows(bert_folder, tmp_path / "extended")
    strategy = Freeze(gradual="epoch", embeddings=False)
    taught = trial(folder, TASK, intents(16, 1), [strategy], epochs=6)
    start = taught.weights()[WORDS]
    taught.learn(4)  # The embeddings join with the seventh.
    early = taught.weights()
    assert torch.equal(early[WORDS], start)
    rows = "bert.embeddings.word_embeddings.new_rows"
    assert not torch.equal(early[rows], start[-NEW_ROWS:])
    taught.learn(4, done=4)
    weight = taught.detached().get_input_embeddings().weight
    assert not torch.equal(weight[:-NEW_ROWS], start[:-NEW_ROWS])
    assert not torch.equal(weight[-NEW_ROWS:], start[-NEW_ROWS:])


@pytest.mark.parametrize(
    ("strategy", "words"),
    [
        (Freeze(layers=3), ("freeze.layers is 3", "bert model has 2 layers", "set freeze.layers to 2 or less")),
        (
            Freeze(parameters=("bert.poler.dense.weight",)),
            ("fits no weight", "Did you mean 'bert.pooler.dense.weight'?"),
        ),
        (Freeze(parameters=("classifier.*",)), ("'classifier.*', which fits no weight below the head",)),
        (Freeze(gradual=0.9), ("1 of the 3 groups", "within 8 updates", "set freeze.gradual to 0.375 or less")),
    ],
    ids=["layers", "pattern", "head", "gradual"],
)
def test_what_cannot_be_is_refused_before_training(
    bert_folder: Path, intents: Records, strategy: Freeze, words: tuple[str, ...]
) -> None:
    with pytest.raises(TrainingError) as caught:
        trial(bert_folder, TASK, intents(16, 1), [strategy])
    for word in words:
        assert word in str(caught.value)


def test_the_share_that_is_advised_is_taken_and_a_larger_one_is_not(bert_folder: Path, intents: Records) -> None:
    trial(bert_folder, TASK, intents(16, 1), [Freeze(gradual=0.375)])
    with pytest.raises(TrainingError, match=r"2 of the 3 groups"):
        trial(bert_folder, TASK, intents(16, 1), [Freeze(gradual=0.38)])


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"'re:\(' is not a regular expression"):
        Freeze(parameters=("re:(",))
