"""Memory that runs out: the update is repeated in smaller parts, and is the same; nothing of the failure is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.strategies.training import Trial, largest_difference, trial
from vocation.errors import ResourceError
from vocation.prediction.predictor import padding_of
from vocation.records import Record
from vocation.strategies.full import Full
from vocation.tasks.classification import Classification
from vocation.training.batches import Dealing, updates
from vocation.training.loop import Descent, Step, train
from vocation.training.memory import is_out_of_memory, smaller_budget

Records = Callable[[int, int], list[Record]]


def no_gpu_memory() -> BaseException:
    return torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def no_memory_of_the_processor() -> BaseException:
    return RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: not enough memory: you tried …")


SAID: list[Callable[[], BaseException]] = [no_gpu_memory, no_memory_of_the_processor, MemoryError]


@contextmanager
def memory_for(model: Any, tokens: int, error: Callable[[], BaseException] = no_gpu_memory) -> Iterator[list[int]]:
    """A device whose memory suffices for so many padded tokens; gives the size of every forward pass."""
    passes: list[int] = []

    def look(_: Any, __: Any, given: Mapping[str, torch.Tensor]) -> None:
        passes.append(given["input_ids"].numel())
        if passes[-1] > tokens:
            raise error()

    hook = model.register_forward_pre_hook(look, with_kwargs=True)
    yield passes
    hook.remove()


def descend(taught: Trial, token_budget: int, count: int = 3) -> list[Step]:
    """Some updates, begun with a token budget."""
    lesson, data = taught.lesson, taught.data
    dealing = Dealing(12, token_budget, 4, seed=1)
    given = (one for one in updates(data.training.examples, padding_of(data.tokenizer), dealing) if one.number <= count)
    descent = Descent(lesson.optimiser, lambda _: 1e-3, 0.5)
    return list(train(lesson.model, given, lesson.objective, descent, lesson.accelerator, 1))


@pytest.fixture
def make(bert_folder: Path, intents: Records) -> Callable[[float], Trial]:
    """A tiny classification; `dropout` is its probability."""

    def new(dropout: float) -> Trial:
        taught = trial(bert_folder, Classification(), intents(36, 1), [Full()])
        for module in taught.lesson.model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = dropout
        return taught

    return new


@pytest.mark.parametrize("error", SAID)
def test_an_update_is_repeated_in_smaller_parts_and_is_the_same(
    make: Callable[[float], Trial], error: Callable[[], BaseException]
) -> None:
    short, enough = make(0.0), make(0.0)
    with memory_for(short.lesson.model.double(), 80, error) as passes:
        steps = descend(short, 4096)
    enough.lesson.model.double()
    whole = descend(enough, 4096)
    assert max(passes) > 80
    assert max(passes[passes.index(max(passes)) + 4 :]) <= 80, "later updates begin with the smaller budget"
    assert [step.token_budget for step in whole] == [4096] * 3
    assert steps[0].token_budget == 64
    assert [step.loss for step in steps] == pytest.approx([step.loss for step in whole], abs=1e-10)
    assert [step.gradient_norm for step in steps] == pytest.approx([step.gradient_norm for step in whole], abs=1e-10)
    assert largest_difference(list(short.weights().values()), list(enough.weights().values())) < 1e-10


def test_random_draws_begin_anew_so_the_bits_are_those_of_the_smaller_budget(make: Callable[[float], Trial]) -> None:
    """Also shows that no half-made gradient is left: the failed passes come after some that went well."""
    short, small, other = make(0.3), make(0.3), make(0.3)
    calls: list[int] = []

    def second_fails(*_: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise no_gpu_memory()

    hook = short.lesson.model.register_forward_pre_hook(second_fails)
    steps = descend(short, 128)
    hook.remove()
    assert steps[0].token_budget < 128
    expected = descend(small, steps[0].token_budget)
    assert [step.loss for step in steps] == [step.loss for step in expected]
    assert largest_difference(list(short.weights().values()), list(small.weights().values())) == 0
    descend(other, 128)
    assert largest_difference(list(short.weights().values()), list(other.weights().values())) > 1e-6


def test_a_single_example_that_does_not_fit_is_refused_with_what_to_do(make: Callable[[float], Trial]) -> None:
    taught = make(0.0)
    before = taught.weights()
    with (
        memory_for(taught.lesson.model, 8),
        pytest.raises(ResourceError, match=r"update 1, where a single example of \d+ tokens is too much") as caught,
    ):
        descend(taught, 4096)
    for remedy in ("lower task.max_length", "tuning.gradient_checkpointing", "tuning.strategies"):
        assert remedy in str(caught.value)
    assert all(value.grad is None for value in taught.lesson.model.parameters())
    assert all(torch.equal(before[name], value) for name, value in taught.weights().items())


def test_memory_that_the_optimiser_lacks_is_told_apart(
    make: Callable[[float], Trial], monkeypatch: pytest.MonkeyPatch
) -> None:
    taught = make(0.0)

    def fail(*_: Any) -> None:
        raise no_gpu_memory()

    monkeypatch.setattr(taught.lesson.optimiser, "step", fail)
    with pytest.raises(ResourceError, match="what the optimiser keeps of each weight"):
        descend(taught, 4096)


def test_other_errors_are_not_taken_for_a_want_of_memory(make: Callable[[float], Trial]) -> None:
    with (
        memory_for((taught := make(0.0)).lesson.model, 8, lambda: RuntimeError("mat1 and mat2 shapes differ")),
        pytest.raises(RuntimeError, match="shapes differ"),
    ):
        descend(taught, 4096)
    assert not is_out_of_memory(ValueError("out of memory"))
    assert is_out_of_memory(RuntimeError("MPS backend out of memory (MPS allocated: 17 GB)"))


@pytest.mark.parametrize(("budget", "failed", "smaller"), [(2048, 2000, 1024), (2048, 700, 512), (100, 100, 50)])
def test_the_budget_is_halved_until_the_part_is_divided(budget: int, failed: int, smaller: int) -> None:
    assert smaller_budget(budget, failed) == smaller


def test_what_is_divided_anew_are_the_same_rows(make: Callable[[float], Trial]) -> None:
    data = make(0.0).data
    first = next(updates(data.training.examples, padding_of(data.tokenizer), Dealing(12, 4096, 1, seed=1)))
    finer = first.within(40)
    assert first.indices is not None
    assert (len(first.batches), finer.token_budget, finer.size) == (1, 40, first.size)
    assert len(finer.batches) > 2
    rows = [ids[ids != 0].tolist() for batch in finer.batches for ids in batch.tensors["input_ids"]]
    expected = [data.training.examples[index].features["input_ids"].tolist() for index in np.sort(first.indices)]
    assert sorted(rows) == sorted(expected)
