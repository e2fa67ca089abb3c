"""The tuning stage on a tiny model: what it keeps, when it stops, what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from vocation import artifacts
from vocation.artifacts import Artifact, Store
from vocation.cleaning.unicode import Unicode
from vocation.errors import DataError, RecipeError, TrainingError
from vocation.ledger import read_counts, read_entries
from vocation.prediction.predictor import Predictor
from vocation.progress import SILENT, Progress
from vocation.records import Record
from vocation.strategies import Context, Strategy
from vocation.tasks import Task
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.text import Span, Text
from vocation.training import checkpoints
from vocation.training.objective import Objective, Outcome
from vocation.tuning import requirements, scoring, tune
from vocation.tuning.material import Tuning
from vocation.tuning.settings import TuningSettings

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


Make = Callable[..., Tuning]
Records = Callable[[int, int], list[Record]]


class KilledError(BaseException):
    """Stands for the end of the process."""


def weights(folder: Path) -> bytes:
    return (folder / "model" / "model.safetensors").read_bytes()


def run(tuning: Tuning, folder: Path, progress: Progress = SILENT) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The summary and the history of a tuning."""
    folder.mkdir(exist_ok=True)
    summary = tune.tune(tuning, folder, progress)
    return summary, json.loads((folder / "history.json").read_text(encoding="utf-8"))


def with_settings(tuning: Tuning, **changes: Any) -> Tuning:
    return replace(tuning, settings=type(tuning.settings)(**(tuning.settings.model_dump() | changes)))


@pytest.fixture
def accuracies(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[float]], None]:
    """Makes the next evaluations give these accuracies."""

    def give(values: Sequence[float]) -> None:
        coming = iter(values)
        monkeypatch.setattr(scoring, "score", lambda *_: {"accuracy": next(coming)})

    return give


def test_the_folder_holds_a_model_its_history_and_a_ledger_and_scratch(tuning_of: Make, tmp_path: Path) -> None:
    tuning = replace(tuning_of(), cleaning=(Unicode(),))
    summary, history = run(tuning, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "history.json",
        "ledger.json",
        "ledger.parquet",
        "model",
        "scratch",
    ]
    assert [entry["step"] for entry in history["steps"]] == [1, 2, 3, 4, 5, 6]
    assert [entry["step"] for entry in history["evaluations"]] == [3, 6]
    assert history["best_step"] == summary["best_step"]
    assert (history["selection_metric"], history["stopped"]) == ("accuracy", "all epochs done")
    assert set(history["evaluations"][0]["metrics"]) >= {"accuracy", "f1_macro"}
    assert (summary["labels"], summary["steps"], summary["epochs"]) == (["card", "fever", "money"], 6, 2)
    assert (summary["precision"], summary["trained_parameters"]) == ("float32", summary["parameters"])
    assert json.loads(json.dumps(summary)) == summary
    predictor = Predictor.load(tmp_path / "out" / "model")
    assert predictor.description.head_labels == ("card", "fever", "money")
    assert predictor.description.cleaning == (Unicode(),)
    assert len(predictor.predict(["the card"])) == 1


def test_equal_seeds_give_equal_bits_and_another_seed_does_not(tuning_of: Make, tmp_path: Path) -> None:
    tuning = tuning_of(epochs=1)
    results = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        run(with_settings(tuning, seed=seed), tmp_path / name)
        results.append(weights(tmp_path / name))
    assert results[0] == results[1] != results[2]


def test_the_best_point_is_kept_not_the_last(
    tuning_of: Make, tmp_path: Path, accuracies: Callable[[Sequence[float]], None]
) -> None:
    steady = {"schedule": "constant", "warmup": 0.0}  # Rates that do not depend on how long training is.
    tuning = tuning_of(**steady)
    accuracies([0.1, 0.9, 0.3])
    _, history = run(with_settings(tuning, epochs=3), tmp_path / "best in the middle")
    assert (history["best_step"], len(history["steps"])) == (6, 9)
    accuracies([0.1, 0.2])
    run(with_settings(tuning, epochs=2), tmp_path / "ends there")
    accuracies([0.1, 0.2, 0.3])
    run(with_settings(tuning, epochs=3), tmp_path / "best at the end")
    kept = weights(tmp_path / "best in the middle")
    assert kept == weights(tmp_path / "ends there")
    assert kept != weights(tmp_path / "best at the end")


@pytest.mark.parametrize(
    ("patience", "epochs", "stopped"), [(2, 4, "no better accuracy in 2 evaluations"), (None, 6, "all epochs done")]
)
def test_training_stops_when_nothing_improves_any_more(
    tuning_of: Make,
    tmp_path: Path,
    accuracies: Callable[[Sequence[float]], None],
    patience: int | None,
    epochs: int,
    stopped: str,
) -> None:
    accuracies([0.5, 0.6, 0.6, 0.4, 0.9, 0.1])
    _, history = run(tuning_of(epochs=6, early_stopping={"patience": patience}), tmp_path / "out")
    assert (len(history["evaluations"]), history["stopped"]) == (epochs, stopped)
    assert history["best_step"] == (6 if patience else 15)


@pytest.mark.parametrize(("share", "steps"), [(1, [3, 6]), (2, [2, 3, 5, 6]), (3, [1, 2, 3, 4, 5, 6])])
def test_an_epoch_is_evaluated_as_often_as_asked(tuning_of: Make, tmp_path: Path, share: int, steps: list[int]) -> None:
    tuning = tuning_of(evaluations_per_epoch=share, early_stopping={"patience": None})
    _, history = run(tuning, tmp_path / "out")
    assert [entry["step"] for entry in history["evaluations"]] == steps


def test_what_encoding_cuts_is_in_the_ledger(tuning_of: Make, intents: Records, tmp_path: Path, notes: Any) -> None:
    long = Record("long", {"text": Text("card " * 50)}, {"label": "card"}, "intents.csv", 99)
    splits = {"train": [*intents(18, 1), long], "validation": intents(9, 2)}
    summary, _ = run(tuning_of(Classification(max_length=16), splits, epochs=1), tmp_path / "out", notes)
    (count,) = read_counts(tmp_path / "out")
    assert (count.action, count.step, count.reason) == ("cut", "classification", "text longer than max_length")
    assert summary["cut"] == {"text longer than max_length": count.count}
    entry = next(entry for entry in read_entries(tmp_path / "out") if entry["id"] == "long")
    assert (entry["split"], entry["row"], entry["detail"]) == ("train", 99, "36 tokens")
    assert f"{count.count} rows: text longer than max_length (in the ledger)" in notes.messages
    assert not any("card card" in message for message in notes.messages)


def test_entities_are_learned_too(tuning_of: Make, mentions: Records, tmp_path: Path) -> None:
    splits = {"train": mentions(18, 1), "validation": mentions(9, 2)}
    summary, history = run(tuning_of(Entities(max_length=16, stride=4), splits), tmp_path / "out")
    assert (summary["labels"], summary["selection_metric"]) == (["card", "fever", "money"], "f1")
    assert history["steps"][-1]["targets"] > 18
    (prediction,) = Predictor.load(tmp_path / "out" / "model").predict(["the card"])
    assert isinstance(prediction.answer, tuple)


def test_a_decoder_without_a_padding_token_in_its_configuration_learns(
    tuning_of: Make, llama_folder: Path, tmp_path: Path
) -> None:
    run(tuning_of(model=llama_folder, epochs=1), tmp_path / "out")
    predictor = Predictor.load(tmp_path / "out" / "model")
    together = predictor.predict(["the card", "where is my money today please"])
    alone = [predictor.predict([text])[0] for text in ("the card", "where is my money today please")]
    for one, other in zip(together, alone, strict=True):
        assert one.scores == pytest.approx(other.scores, abs=1e-5)


@pytest.mark.parametrize("split", ["train", "validation"])
@pytest.mark.parametrize("given", ["absent", "empty"])
def test_a_missing_split_is_refused(tuning_of: Make, intents: Records, tmp_path: Path, split: str, given: str) -> None:
    splits = {"train": intents(18, 1), "validation": intents(9, 2)}
    splits = {name: rows for name, rows in splits.items() if name != split} | ({split: []} if given == "empty" else {})
    with pytest.raises(DataError, match=f"no {split} split") as caught:
        run(tuning_of(splits=splits), tmp_path / "out")
    assert f"split: {split}" in str(caught.value.remedy)


def test_an_unknown_metric_is_refused_with_the_nearest(tuning_of: Make, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="Did you mean 'f1_macro'") as caught:
        run(tuning_of(early_stopping={"metric": "f1_makro"}), tmp_path / "out")
    assert "tuning.early_stopping.metric is 'f1_makro', which classification does not have" in str(caught.value)
    assert "accuracy" in str(caught.value).rpartition("allowed:")[2]


def test_a_known_metric_chooses_the_best(tuning_of: Make, tmp_path: Path) -> None:
    _, history = run(tuning_of(early_stopping={"metric": "f1_macro"}), tmp_path / "out")
    assert history["selection_metric"] == "f1_macro"
    assert all(entry["selected"] == entry["metrics"]["f1_macro"] for entry in history["evaluations"])


def test_a_window_longer_than_the_model_reads_is_refused(tuning_of: Make, tmp_path: Path) -> None:
    tuning = tuning_of(Classification(max_length=161), epochs=1)
    with pytest.raises(RecipeError, match=r"task\.max_length is 161") as caught:
        run(tuning, tmp_path / "out")
    assert "at most 160 tokens" in str(caught.value)
    assert "set task.max_length to 160 or less" in str(caught.value)
    run(replace(tuning, task=Classification(max_length=160)), tmp_path / "out")


TOO_LONG, MISALIGNED = "text longer than max_length", "entity boundary inside a token"


@pytest.mark.parametrize(
    ("task", "reason", "remedy", "other"),
    [
        (Classification(), TOO_LONG, "raise `task.max_length`", "start and end"),
        (Entities(), MISALIGNED, "start and end count characters (not tokens, bytes or UTF-16 units)", "max_length"),
    ],
    ids=["length", "boundary"],
)
def test_too_many_cuts_are_refused_with_what_to_do_about_their_reason(
    task: Task, reason: str, remedy: str, other: str
) -> None:
    cuts = [{"reason": reason, "rows": 525}]
    requirements.refuse_cuts(task, cuts, 525, 1050, 0.5)
    with pytest.raises(DataError, match="Too many of the training rows would lose a part") as caught:
        requirements.refuse_cuts(task, cuts, 525, 538, 0.5)
    assert caught.value.received == f"525 of 538 rows: {reason} (525)"
    assert remedy in str(caught.value.remedy)
    assert other not in str(caught.value.remedy)
    assert "raise `tuning.largest_cut`" in str(caught.value.remedy)


def test_spans_that_count_tokens_are_refused_before_training(tuning_of: Make, tmp_path: Path) -> None:
    content = "the patient lost weight"
    spans = (Span(1, 2, "loss"), Span(2, 3, "loss"))  # The second and the third word, counted in words.
    rows = [Record(str(place), {"text": Text(content, spans)}, {}, "rows.jsonl", place) for place in range(9)]
    tuning = tuning_of(Entities(max_length=16), {"train": rows, "validation": rows})
    with pytest.raises(DataError, match=r"9 of 9 rows: entity boundary inside a token \(9\)") as caught:
        run(tuning, tmp_path / "out")
    assert "check that start and end count characters" in str(caught.value.remedy)


class Recording(Strategy):
    """Trains the head alone, and enters what is called."""

    name: str
    freeze_all: bool = False

    def attach(self, model: PreTrainedModel, context: Context) -> PreTrainedModel:
        CALLS.append(f"attach {self.name}")
        for name, parameter in model.named_parameters():
            parameter.requires_grad_(name.startswith("classifier") and not self.freeze_all)
        return model

    def wrap(self, objective: Objective, context: Context) -> Objective:
        def run(model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
            CALLS.append(f"objective {self.name}")
            return objective(model, batch)

        return objective.wrapped(run)

    def detach(self, model: PreTrainedModel) -> PreTrainedModel:
        CALLS.append(f"detach {self.name}")
        return model


CALLS: list[str] = []


def with_strategies(tuning: Tuning, *strategies: Strategy) -> Tuning:
    return replace(tuning, settings=tuning.settings.model_copy(update={"strategies": strategies}))


def test_strategies_attach_in_order_wrap_around_and_detach_in_reverse(tuning_of: Make, tmp_path: Path) -> None:
    CALLS.clear()
    tuning = with_strategies(tuning_of(epochs=1), Recording(name="inner"), Recording(name="outer"))
    summary, _ = run(tuning, tmp_path / "out")
    assert CALLS[:2] == ["attach inner", "attach outer"]
    assert CALLS[2:-2] == ["objective outer", "objective inner"] * 3
    assert CALLS[-2:] == ["detach outer", "detach inner"]
    assert summary["trained_parameters"] == 32 * 3 + 3


def test_strategies_that_leave_nothing_to_train_are_refused(tuning_of: Make, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"tuning.strategies \(.*\) leave no weight that trains"):
        run(with_strategies(tuning_of(), Recording(name="all", freeze_all=True)), tmp_path / "out")


def test_the_best_that_a_checkpoint_names_is_there_when_the_process_dies_before_the_next(
    tuning_of: Make, tmp_path: Path, accuracies: Callable[[Sequence[float]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[int] = []

    def die_at_the_third(folder: Path, number: int, *rest: Any) -> None:
        saved.append(number)
        if len(saved) == 3:
            raise KilledError
        save(folder, number, *rest)

    save = checkpoints.save
    accuracies([0.1, 0.9, 0.95])
    monkeypatch.setattr(checkpoints, "save", die_at_the_third)
    with pytest.raises(KilledError):
        run(tuning_of(epochs=3), tmp_path / "out")
    (checkpoint,) = (tmp_path / "out" / "scratch" / "checkpoints").glob("checkpoint-*")
    course = json.loads((checkpoint / "state.json").read_text(encoding="utf-8"))
    assert [entry["step"] for entry in course["evaluations"]] == [3, 6]
    bests = (tmp_path / "out" / "scratch" / "checkpoints").glob("best-*")
    assert sorted(path.name for path in bests) == ["best-00000006.safetensors", "best-00000009.safetensors"]


def test_a_process_that_dies_before_publishing_does_not_train_again(
    tuning_of: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuning, store = tuning_of(), Store(tmp_path / "store")
    plan = tune.plan(tuning, "corpus")

    def build() -> Artifact:
        return store.build(plan, lambda folder: tune.tune(tuning, folder, SILENT), resumable=True)

    def die(*_: Any) -> None:
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(artifacts, "publish", die)
        with pytest.raises(KilledError):
            build()
    trained = json.loads((store.root / "partial" / plan.folder_name / "history.json").read_text(encoding="utf-8"))
    built = build()
    assert json.loads((built.folder / "history.json").read_text(encoding="utf-8")) == trained
    assert not (built.folder / "scratch").exists()
    assert not any(name.startswith("scratch") for name in built.manifest["files"])


OTHER_VALUES: Mapping[str, Any] = {
    "learning_rate": 2e-5,
    "epochs": 7,
    "batch_size": 3,
    "token_budget": 99,
    "weight_decay": 0.5,
    "warmup": 0.3,
    "schedule": "cosine",
    "max_gradient_norm": 2.0,
    "precision": "bfloat16",
    "evaluations_per_epoch": 3,
    "early_stopping": {"patience": 9},
    "seed": 5,
}


def test_every_setting_but_four_has_another_value_above() -> None:
    without = {"checkpoint_minutes", "gradient_checkpointing", "largest_cut", "strategies"}
    assert set(TuningSettings.model_fields) - set(OTHER_VALUES) == without


@pytest.mark.parametrize("name", OTHER_VALUES)
def test_another_setting_is_another_artifact(tuning_of: Make, name: str) -> None:
    tuning = tuning_of(epochs=2)
    changed = with_settings(tuning, **{name: OTHER_VALUES[name]})
    assert tune.plan(changed, "corpus").key != tune.plan(tuning, "corpus").key


def test_how_often_checkpoints_are_written_makes_no_other_artifact(tuning_of: Make) -> None:
    tuning = tuning_of()
    assert tune.plan(with_settings(tuning, checkpoint_minutes=9), "corpus") == tune.plan(tuning, "corpus")


def test_what_is_computed_twice_to_save_memory_makes_no_other_artifact(tuning_of: Make) -> None:
    tuning = tuning_of()
    assert tune.plan(with_settings(tuning, gradient_checkpointing=True), "corpus") == tune.plan(tuning, "corpus")


def test_what_would_be_refused_makes_no_other_artifact(tuning_of: Make) -> None:
    tuning = tuning_of()
    assert tune.plan(with_settings(tuning, largest_cut=0.9), "corpus") == tune.plan(tuning, "corpus")


def test_task_corpus_and_model_are_in_the_key(tuning_of: Make) -> None:
    tuning = tuning_of()
    other_model = replace(tuning, pretrained=replace(tuning.pretrained, fingerprint="other"))
    plans = [
        tune.plan(tuning, "corpus"),
        tune.plan(tuning, "another corpus"),
        tune.plan(replace(tuning, task=Classification(max_length=64)), "corpus"),
        tune.plan(other_model, "corpus"),
    ]
    assert len({plan.key for plan in plans}) == 4
    moved = replace(tuning, pretrained=replace(tuning.pretrained, folder=Path("elsewhere")), corpus=Path("elsewhere"))
    assert tune.plan(moved, "corpus") == plans[0]
