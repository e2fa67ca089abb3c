"""Checkpoints: back to the bit, and never half, wherever the process dies."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from vocation.artifacts import publish, write_json
from vocation.errors import TrainingError
from vocation.training import checkpoints


class KilledError(BaseException):
    """Stands for the end of the process."""


def learner(seed: int = 1) -> tuple[torch.nn.Module, torch.optim.Optimizer]:
    torch.manual_seed(seed)
    model = torch.nn.Sequential(torch.nn.Linear(5, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))
    return model, torch.optim.AdamW(model.parameters(), lr=0.01, fused=True)


def learn(model: torch.nn.Module, optimiser: torch.optim.Optimizer, update: int) -> None:
    torch.manual_seed(update)
    model(torch.randn(8, 5)).square().sum().backward()
    optimiser.step()
    optimiser.zero_grad()


def weights(model: torch.nn.Module) -> list[torch.Tensor]:
    return [value.detach().clone() for value in model.parameters()]


def test_restored_training_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    model, optimiser = learner()
    for update in (1, 2, 3):
        learn(model, optimiser, update)
    checkpoints.save(tmp_path, 3, model, optimiser, {"best": 0.1 + 0.2, "name": "中"})
    saved = weights(model)
    learn(model, optimiser, 4)
    straight = weights(model)

    other, other_optimiser = learner(seed=2)
    assert checkpoints.restore(tmp_path, other, other_optimiser) == {"best": 0.1 + 0.2, "name": "中"}
    assert all(torch.equal(one, two) for one, two in zip(saved, weights(other), strict=True))
    learn(other, other_optimiser, 4)
    assert all(torch.equal(one, two) for one, two in zip(straight, weights(other), strict=True))

    forgetful, given_optimiser = learner(seed=2)
    checkpoints.restore(tmp_path, forgetful, given_optimiser)
    learn(forgetful, torch.optim.AdamW(forgetful.parameters(), lr=0.01, fused=True), 4)  # Without the moments.
    assert not all(torch.equal(one, two) for one, two in zip(straight, weights(forgetful), strict=True))


def test_without_a_checkpoint_nothing_is_restored(tmp_path: Path) -> None:
    model, optimiser = learner()
    before = weights(model)
    assert checkpoints.restore(tmp_path / "none", model, optimiser) is None
    assert all(torch.equal(one, two) for one, two in zip(before, weights(model), strict=True))


def test_weights_that_train_and_buffers_come_back_to_where_the_others_are_equal(tmp_path: Path) -> None:
    model, _ = learner()
    model.get_parameter("0.weight").requires_grad_(False)
    model.register_buffer("seen", torch.tensor([7.0]))
    optimiser = torch.optim.AdamW([value for value in model.parameters() if value.requires_grad], lr=0.01)
    learn(model, optimiser, 1)
    checkpoints.save(tmp_path, 1, model, optimiser, {})
    other, _ = learner(seed=2)
    other.get_parameter("0.weight").requires_grad_(False)
    other.register_buffer("seen", torch.tensor([0.0]))
    again = torch.optim.AdamW([value for value in other.parameters() if value.requires_grad], lr=0.01)
    with pytest.raises(TrainingError, match="belongs to another model"):
        checkpoints.restore(tmp_path, other, again)
    with torch.no_grad():
        other.get_parameter("0.weight").copy_(model.get_parameter("0.weight"))
    assert not torch.equal(model.get_parameter("2.weight"), other.get_parameter("2.weight"))
    checkpoints.restore(tmp_path, other, again)
    assert all(torch.equal(one, two) for one, two in zip(weights(model), weights(other), strict=True))
    assert other.get_buffer("seen").item() == 7.0


def test_only_the_newest_is_kept(tmp_path: Path) -> None:
    model, optimiser = learner()
    for number in (1, 2, 10):
        learn(model, optimiser, number)
        checkpoints.save(tmp_path, number, model, optimiser, {"number": number})
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-00000010"]


def die_at(count: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """The process dies in its `count`-th operation on files; gives how many operations there were."""
    done = 0

    def counted(operation: Callable[..., Any], half: Callable[..., Any] | None = None) -> Callable[..., Any]:
        def run(*arguments: Any, **keywords: Any) -> Any:
            nonlocal done
            done += 1
            if done == count:
                if half:
                    half(*arguments)
                raise KilledError
            return operation(*arguments, **keywords)

        return run

    def half_removed(folder: Path) -> None:
        """The weights are gone, the rest is still there."""
        for path in Path(folder).glob("*model*"):
            path.unlink()

    def half_written(_: Any, path: Any, *__: Any) -> None:
        Path(path).write_bytes(b"half")

    import safetensors.torch as files

    monkeypatch.setattr(shutil, "rmtree", counted(shutil.rmtree, half_removed))
    monkeypatch.setattr(files, "save_model", counted(files.save_model, half_written))
    monkeypatch.setattr(files, "save_file", counted(files.save_file, half_written))
    monkeypatch.setattr(checkpoints, "write_json", counted(write_json))
    monkeypatch.setattr(checkpoints, "publish", counted(publish))
    for name in ("rename", "replace", "mkdir"):
        monkeypatch.setattr(Path, name, counted(getattr(Path, name)))
    return lambda: done


@pytest.mark.parametrize("number", [2, 1], ids=["the next update", "the same update again"])
def test_a_death_at_any_operation_leaves_a_state_that_can_be_restored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    deaths, survived = 0, False
    while not survived:
        folder = tmp_path / str(deaths)
        model, optimiser = learner()
        learn(model, optimiser, 1)
        checkpoints.save(folder, 1, model, optimiser, {"number": 1})
        first = weights(model)
        if number == 2:
            learn(model, optimiser, 2)
        with monkeypatch.context() as patched:
            operations = die_at(deaths + 1, patched)
            try:
                checkpoints.save(folder, number, model, optimiser, {"number": number})
            except KilledError:
                deaths += 1
            else:
                survived = operations() == deaths
        other, other_optimiser = learner(seed=2)
        state = checkpoints.restore(folder, other, other_optimiser)
        assert state in ({"number": 1}, {"number": number})
        expected = first if state == {"number": 1} else weights(model)
        assert all(torch.equal(one, two) for one, two in zip(expected, weights(other), strict=True))
        checkpoints.save(folder, 3, other, other_optimiser, {"number": 3})
        assert [path.name for path in folder.iterdir()] == ["checkpoint-00000003"]
    assert number == 1 or deaths >= 5
