"""What a training remembers of itself."""

from __future__ import annotations

import json
from typing import Any

from vocation.training.loop import Step
from vocation.tuning.course import Course


def step(number: int, **changes: Any) -> Step:
    values: dict[str, Any] = {"epoch": 1, "loss": 0.5, "learning_rate": 1e-4, "gradient_norm": 1.0}
    return Step(number=number, **(values | {"examples": 4, "targets": 9, "tokens": 20, "seconds": 0.25} | changes))


def course_of(*values: float) -> Course:
    course = Course("accuracy")
    for number, value in enumerate(values, start=1):
        course.add_step(step(number))
        course.add_evaluation(step(number), 0.5, {"accuracy": value, "f1_macro": 1 - value})
    return course


def test_the_best_is_the_highest_and_of_equal_ones_the_earliest() -> None:
    course = course_of(0.2, 0.7, 0.7, 0.5)
    assert course.best["step"] == 2
    assert [entry["best"] for entry in course.evaluations] == [True, True, False, False]


def test_evaluations_without_improvement_are_counted_from_the_best() -> None:
    assert [
        course_of(*values).without_improvement() for values in ([0.5], [0.5, 0.4], [0.5, 0.5, 0.4], [0.1, 0.9])
    ] == [
        0,
        1,
        2,
        0,
    ]
    assert Course("accuracy").without_improvement() == 0


def test_it_survives_a_checkpoint() -> None:
    course = course_of(0.2, 0.1)
    again = Course.from_state(json.loads(json.dumps(course.state())))
    assert again == course
    assert again.best == course.best


def test_steps_are_kept_whole_and_summed() -> None:
    course = Course("accuracy")
    course.add_step(step(1, tokens=5))
    course.add_step(step(2, tokens=7))
    assert [entry["step"] for entry in course.steps] == [1, 2]
    assert "number" not in course.steps[0]
    assert (course.total("tokens"), course.total("examples")) == (12.0, 8.0)
