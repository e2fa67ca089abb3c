"""A training that is killed ends with the same bits, whatever its strategies keep beside the weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from tests.strategies.earlier import needed_by
from vocation.modeling.pretrained import resolve
from vocation.progress import SILENT
from vocation.records import Record
from vocation.strategies import Strategy
from vocation.strategies.distillation import Distillation
from vocation.strategies.ema import Ema
from vocation.strategies.ewc import Ewc
from vocation.strategies.freelb import Freelb
from vocation.strategies.full import Full
from vocation.strategies.l2_sp import L2Sp
from vocation.strategies.mixup import Mixup
from vocation.strategies.oversampling import Oversampling
from vocation.strategies.rehearsal import Rehearsal
from vocation.strategies.smart import Smart
from vocation.strategies.swa import Swa
from vocation.tasks import Task
from vocation.tasks.classification import Classification
from vocation.training import checkpoints
from vocation.training.averaging import Average
from vocation.tuning import scoring, tune
from vocation.tuning.material import Tuning
from vocation.tuning.settings import EarlyStopping, TuningSettings

Records = Callable[[int, int], list[Record]]
Write = Callable[[Task, Mapping[str, Sequence[Record]]], Path]
STRATEGIES: list[Strategy] = [
    Distillation(teacher="earlier"),
    Ema(decay=0.9),
    Ewc(previous="earlier", rows=9, strength=100.0),
    L2Sp(),
    Rehearsal(previous="earlier"),
    Swa(start=0.0, every=1),
    Freelb(),
    Mixup(),
    Oversampling(),
    Smart(mu=1.0),
]


class KilledError(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def tuning_of(bert_folder: Path, intents: Records, write_corpus: Write, tmp_path: Path) -> Callable[[Strategy], Tuning]:
    """Makes a tuning of twelve updates that saves after each."""

    def make(strategy: Strategy) -> Tuning:
        corpus = write_corpus(Classification(), {"train": intents(18, 1), "validation": intents(9, 3)})
        supplies = needed_by(strategy, tmp_path / "earlier", bert_folder, Classification(), intents(18, 2))
        settings = TuningSettings(
            strategies=(Full(), strategy),
            epochs=4,
            batch_size=6,
            learning_rate=1e-3,
            checkpoint_minutes=0,
            early_stopping=EarlyStopping(patience=None),
        )
        pretrained = resolve(str(bert_folder), corpus)
        return Tuning(settings, Classification(), pretrained, (), corpus, supplies=supplies)

    return make


@pytest.fixture(autouse=True)
def every_evaluation_is_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the last weights are those that are kept."""
    rising = count()
    monkeypatch.setattr(scoring, "score", lambda *_: {"accuracy": float(next(rising))})


def weights(tuning: Tuning, folder: Path) -> bytes:
    folder.mkdir(exist_ok=True)
    tune.tune(tuning, folder, SILENT)
    return (folder / "model" / "model.safetensors").read_bytes()


def die_after(number: int, patch: pytest.MonkeyPatch) -> None:
    """The process ends just after the checkpoint of an update."""
    save = checkpoints.save

    def save_and_die(folder: Path, reached: int, *rest: object) -> None:
        save(folder, reached, *rest)  # type: ignore[arg-type]
        if reached == number:
            raise KilledError

    patch.setattr(checkpoints, "save", save_and_die)


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: strategy.kind)
def test_a_killed_training_ends_with_the_same_bits(
    strategy: Strategy, tuning_of: Callable[[Strategy], Tuning], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuning = tuning_of(strategy)
    alone = weights(tuning, tmp_path / "alone")
    for number in (2, 7):
        with monkeypatch.context() as patch:
            die_after(number, patch)
            with pytest.raises(KilledError):
                weights(tuning, tmp_path / "killed")
    assert weights(tuning, tmp_path / "killed") == alone
    plain = replace(tuning, settings=tuning.settings.model_copy(update={"strategies": (Full(),)}))
    assert weights(plain, tmp_path / "plain") != alone, "the strategy does something"


def test_an_average_that_is_forgotten_ends_with_others(
    tuning_of: Callable[[Strategy], Tuning], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuning = tuning_of(Ema(decay=0.9, warmup=False))
    alone = weights(tuning, tmp_path / "alone")
    with monkeypatch.context() as patch:
        die_after(7, patch)
        with pytest.raises(KilledError):
            weights(tuning, tmp_path / "killed")
    monkeypatch.setattr(Average, "load", lambda *_: None)
    assert weights(tuning, tmp_path / "killed") != alone
