"""What counts as divergence: numbers that are none, and absurd losses in a row; never a sound training."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import pytest

from vocation.training.divergence import Watch

Numbers = Sequence[tuple[float, float]]


def diverges(numbers: Numbers) -> int | None:
    """The 1-based update at which a training with these losses and gradient norms diverges."""
    watch = Watch()
    return next((place for place, (loss, norm) in enumerate(numbers, 1) if watch.look(loss, norm)), None)


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
@pytest.mark.parametrize("place", ["loss", "norm"])
def test_a_number_that_is_none_is_divergence_at_once(wrong: float, place: str) -> None:
    bad = (wrong, 1.0) if place == "loss" else (1.0, wrong)
    assert diverges([(2.0, 1.0), bad]) == 2
    assert diverges([bad]) == 1
    watch = Watch()
    watch.look(*bad)
    assert watch.reason(*bad) == "not a finite number"


def test_five_absurd_losses_in_a_row_are_divergence_and_four_are_not() -> None:
    absurd, sound = (24.0, 1.0), (2.3, 1.0)
    assert diverges([sound, *[absurd] * 5]) == 6
    assert diverges([sound, *([*[absurd] * 4, sound] * 9)]) is None
    assert diverges([sound, *[(22.9, 1.0)] * 50]) is None


def test_five_absurd_gradient_norms_are_divergence_too() -> None:
    assert diverges([(2.3, 3.0), *[(2.3, 3001.0)] * 5]) == 6
    assert diverges([(2.3, 3.0), *[(2.3, 2999.0)] * 50]) is None
    assert "a loss above 23 or a gradient norm above 3000" in _watch_of([(2.3, 3.0)]).reason(2.3, 3001.0)


def late_and_memorised(_: random.Random, update: int) -> float:
    """Down to nothing, with hard batches between."""
    return 1e-4 if update > 50 and update % 3 else 3.0


def warm_start(draw: random.Random, update: int) -> float:
    """A model that knew its task meets other rows."""
    return 0.001 if update < 5 else draw.uniform(0.5, 4.0)


def useless(draw: random.Random, _: int) -> float:
    """A learning rate that is too high, so that nothing is learned; a person sees it in the metrics."""
    return draw.uniform(2.0, 15.0)


def large(draw: random.Random, update: int) -> float:
    """Of another scale, as a sum of several losses, or a penalty."""
    return draw.gauss(5000, 500) * 0.99**update


@pytest.mark.parametrize("course", [late_and_memorised, warm_start, useless, large])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_training_that_goes_on_is_stopped(course: Callable[[random.Random, int], float], seed: int) -> None:
    draw = random.Random(seed)
    numbers = [(course(draw, update), draw.lognormvariate(0, 1.5)) for update in range(1, 400)]
    assert diverges(numbers) is None


def test_what_was_usual_lately_would_have_stopped_a_sound_training() -> None:
    """Why the first update is the measure."""
    losses = [late_and_memorised(random.Random(1), update) for update in range(60, 70)]
    assert max(losses) > 10_000 * sorted(losses)[len(losses) // 2]


def test_a_run_that_goes_on_judges_as_one_that_was_never_stopped() -> None:
    numbers = [(2.3, 1.0), (2.0, 1.0), *[(99.0, 1.0)] * 5]
    for done in range(len(numbers)):
        watch = _watch_of(numbers[:done])
        ends = [watch.look(*pair) for pair in numbers[done:]]
        assert ends == [False] * (len(ends) - 1) + [True]
    assert (_watch_of(numbers[:4]).absurd, _watch_of(numbers[:2]).absurd) == (2, 0)


def _watch_of(numbers: Numbers) -> Watch:
    return Watch([{"loss": loss, "gradient_norm": norm} for loss, norm in numbers])
