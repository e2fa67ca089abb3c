"""What a strategy leaves open is chosen by short trainings, such as how many layers are frozen.

Every alternative learns from the same few rows, for equally many updates, and is scored on the validation split. Taken
is the last of them, as they are ordered from the safest to the cheapest, that costs no more than the recipe allows.
What is measured is kept at once, so that a killed run does not measure it again.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from vocation.artifacts import SCRATCH, write_json
from vocation.errors import TrainingError
from vocation.prediction.predictor import padding_of
from vocation.progress import Progress
from vocation.strategies import Strategy
from vocation.training.batches import updates
from vocation.training.loop import Descent, train
from vocation.training.processes import launched
from vocation.tuning.lesson import Lesson, prepare
from vocation.tuning.material import Data, Tuning
from vocation.tuning.scoring import validation_logits, validation_metrics

_SHARE, _LEAST = 0.1, 60
"""Of the updates of the whole training, those of a short one, and how many at least."""


def settle(tuning: Tuning, data: Data, folder: Path, progress: Progress) -> tuple[Tuning, list[dict[str, Any]]]:
    """The tuning with nothing left open, and what was measured for each choice.

    Args:
        tuning: as the recipe has it.
        data: what is learned from.
        folder: of the artifact, whose scratch part keeps what was measured.
        progress: shown to the user.

    Raises:
        TrainingError: several processes train together.
    """
    choices: list[dict[str, Any]] = []
    for place, strategy in enumerate(tuning.settings.strategies):
        alternatives = strategy.alternatives(tuning.pretrained.folder)
        if alternatives:
            _require_one_process(strategy)
            tried = _Trial(tuning, data, folder, place, alternatives).measured(progress)
            chosen = _chosen(tried, strategy.tolerated_loss)
            progress.note(_told(strategy, tried, chosen, data.metric))
            choices.append({"strategy": strategy.kind, "metric": data.metric, "chosen": chosen, "tried": tried})
            tuning = _with(tuning, place, alternatives[chosen])
    return tuning, choices


class _Trial:
    """Short trainings with one strategy exchanged.

    Args:
        tuning: as it is so far.
        data: of the whole training.
        folder: of the artifact.
        place: of the strategy among all.
        alternatives: to it.
    """

    def __init__(self, tuning: Tuning, data: Data, folder: Path, place: int, alternatives: Sequence[Strategy]) -> None:
        self._place, self._alternatives, self._folder = place, alternatives, folder
        self._data, epochs = _few_rows(data, tuning)
        self._tuning = replace(tuning, settings=tuning.settings.model_copy(update={"epochs": epochs}))

    def measured(self, progress: Progress) -> list[dict[str, Any]]:
        """The validation score and the seconds of each alternative, in their order."""
        file = self._folder / SCRATCH / f"choice-{self._place}.json"
        tried: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
        for alternative in self._alternatives[len(tried) :]:
            tried.append(self._try(alternative, progress))
            file.parent.mkdir(parents=True, exist_ok=True)
            write_json(file, tried)
        return tried

    def _try(self, alternative: Strategy, progress: Progress) -> dict[str, Any]:
        tuning = _with(self._tuning, self._place, alternative)
        clock = time.monotonic()
        lesson = prepare(tuning, self._data)
        label = f"trying {alternative.kind}, {alternative.told}"
        with progress.bar(label, lesson.updates, "updates") as bar:
            for _ in _steps(lesson, self._data, self._folder / SCRATCH / "choice"):
                bar.advance(1)
        metrics = validation_metrics(validation_logits(lesson, self._data), self._data, tuning.task)
        lesson.release()
        shutil.rmtree(self._folder / SCRATCH / "choice", ignore_errors=True)
        seconds = round(time.monotonic() - clock, 1)
        return {
            "alternative": alternative.told,
            "score": metrics[self._data.metric],
            "updates": lesson.updates,
            "seconds": seconds,
        }


def _steps(lesson: Lesson, data: Data, scratch: Path) -> Any:
    """The updates of a short training."""
    examples: Any = data.training.examples
    padding = padding_of(data.tokenizer)
    if lesson.prefix is not None:
        scratch.mkdir(parents=True, exist_ok=True)
        examples = lesson.prefix.outputs(examples, padding, scratch, lambda _: None)
    given = updates(examples, padding, lesson.dealing, 0, lesson.share)
    descent = Descent(lesson.optimiser, lesson.learning_rate, lesson.max_gradient_norm, lesson.companions)
    return train(lesson.engine, given, lesson.objective, descent, lesson.accelerator, lesson.dealing.seed)


def _few_rows(data: Data, tuning: Tuning) -> tuple[Data, int]:
    """Rows of the training split that last for the updates of a short training, and in how many epochs."""
    settings = tuning.settings
    own = len(data.training.examples) - sum(rehearsed.examples for rehearsed in data.rehearsed)
    whole = -(-own // settings.batch_size) * settings.epochs
    wanted = min(whole, max(_LEAST, round(_SHARE * whole))) * settings.batch_size
    drawn = np.random.default_rng(settings.seed).permutation(own)[:wanted]
    training = replace(data.training, examples=[data.training.examples[row] for row in sorted(drawn)])
    return replace(data, training=training, rehearsed=()), max(1, round(wanted / len(drawn)))


def _chosen(tried: Sequence[dict[str, Any]], tolerated: float) -> int:
    """The last alternative that is no more than so much below the first one, or a better one before it."""
    best, chosen = tried[0]["score"], 0
    for place, entry in enumerate(tried):
        best = max(best, entry["score"])
        if entry["score"] >= best - tolerated:
            chosen = place
    return chosen


def _told(strategy: Strategy, tried: Sequence[dict[str, Any]], chosen: int, metric: str) -> str:
    scores = ", ".join(f"{entry['alternative']}: {entry['score']:.3f}" for entry in tried)
    seconds = sum(entry["seconds"] for entry in tried)
    cost = tried[0]["score"] - tried[chosen]["score"]
    return (
        f"{strategy.kind}: {tried[chosen]['alternative']} after short trainings ({metric} {scores}; "
        f"{tried[0]['updates']} updates each, {seconds:.0f} s); it cost {cost:+.3f} there"
    )


def _with(tuning: Tuning, place: int, strategy: Strategy) -> Tuning:
    strategies = list(tuning.settings.strategies)
    strategies[place] = strategy
    return replace(tuning, settings=tuning.settings.model_copy(update={"strategies": tuple(strategies)}))


def _require_one_process(strategy: Strategy) -> None:
    if launched():
        raise TrainingError(
            f"{strategy.kind} leaves a choice to short trainings, and these run in one process.\n"
            "  what to do: run it once without `accelerate launch`, and write what it chose into the recipe"
        )
