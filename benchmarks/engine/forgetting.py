"""How much of one task is forgotten while a model learns another, and what the strategies against it keep.

    OMP_NUM_THREADS=1 .venv/bin/python -m benchmarks.engine.forgetting DATA      # about 25 minutes of one core
    .venv/bin/python -m benchmarks.engine.forgetting DATA --seeds 1

DATA is a folder with the data sets that the repository does not carry (`mts_dialog`). For each seed the model learns
task A, then task B from A's model, once a condition. After B, A's own head answers A's rows with the body that B left.
Strengths are chosen with the first seed by the mean of both accuracies on validation rows; the table shows test rows.
What is done is not done again: measurements stand in forgetting.json, finished and half-finished trainings in the
folder of runs. `python -m benchmarks.engine.page` writes the table.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.engine.workloads import ROOT
from benchmarks.quality.run import t_interval

RESULTS = Path(__file__).resolve().parent / "forgetting.json"
FIRST_ROWS, SECOND_ROWS = 1500, 400
"""Training rows of A and B: parts of them, so that the measurement takes half an hour and not a day."""
RATE = 4e-4
FIRST = f"""\
name: first
model: starter:minilm
task: {{kind: classification, max_length: 64}}
corpus:
  sources:
    - {{kind: csv, path: first_train.csv, split: train, columns: {{label: category}}}}
    - {{kind: csv, path: first_test.csv, split: test, columns: {{label: category}}}}
  limit: {FIRST_ROWS}
examination: {{leakage: false}}
tuning: {{strategies: [full], learning_rate: {RATE}, epochs: 4, batch_size: 16}}
evaluation: {{resamples: 100}}
"""
SECOND = f"""\
name: second
model: run:PREVIOUS
task: {{kind: classification, max_length: 96}}
corpus:
  sources:
    - {{kind: csv, path: second_train.csv, split: train}}
    - {{kind: csv, path: second_validation.csv, split: validation}}
    - {{kind: csv, path: second_test.csv, split: test}}
  limit: {SECOND_ROWS}
  unseen_labels: drop
tuning: {{strategies: [full], learning_rate: {RATE}, epochs: 3, batch_size: 16}}
"""
NOTES = {"train": "TrainingSet", "validation": "ValidationSet", "test": "TestSet-1-MEDIQA-Chat-2023"}

Measurement = Mapping[str, Any]
"""One training on B: seed, condition, strength, accuracies by task and split, seconds."""


@dataclass(frozen=True)
class Condition:
    """A way to learn B.

    Args:
        words: what it is called in the table.
        settings: overrides of B's recipe; PREVIOUS is A's run, VALUE the strength.
        strengths: those that are tried with the first seed; the best is used with the others.
        one_head: whether its head also knows A's labels, so that it answers A's rows itself.
    """

    words: str
    settings: tuple[str, ...] = ()
    strengths: tuple[float, ...] = (0.0,)
    one_head: bool = False


CONDITIONS: Mapping[str, Condition] = {
    "plain": Condition("fine-tuning, nothing against it"),
    "low rate": Condition("learning rate × VALUE", (f"tuning.learning_rate=VALUE*{RATE}",), (0.25, 0.05)),
    "ema": Condition("`ema`, decay VALUE", ("tuning.strategies=[full, {kind: ema, decay: VALUE}]",), (0.98,)),
    "l2_sp": Condition(
        "`l2_sp`, α VALUE",
        ("tuning.strategies=[full, {kind: l2_sp, alpha: VALUE}]", "tuning.weight_decay=0"),
        (0.01, 0.1, 1.0),
    ),
    "ewc": Condition(
        "`ewc`, λ VALUE",
        ("tuning.strategies=[full, {kind: ewc, previous: PREVIOUS, rows: 300, strength: VALUE}]",),
        (1e3, 1e4, 1e5),
    ),
    "rehearsal": Condition(
        "`rehearsal`, share VALUE",
        ("tuning.strategies=[full, {kind: rehearsal, previous: PREVIOUS, share: VALUE}]",),
        (0.2,),
        one_head=True,
    ),
}


def prepare(data: Path, work: Path) -> None:
    """Writes recipes and rows into the folder of runs."""
    work.mkdir(parents=True, exist_ok=True)
    (work / "first.yaml").write_text(FIRST, encoding="utf-8")
    (work / "second.yaml").write_text(SECOND, encoding="utf-8")
    for split in ("train", "test"):
        source = ROOT / "examples" / "bank-intents" / "data" / f"cards_{split}.csv"
        (work / f"first_{split}.csv").write_bytes(source.read_bytes())
    for split, name in NOTES.items():
        source = data / "mts_dialog" / "Main-Dataset" / f"MTS-Dialog-{name}.csv"
        with source.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        with (work / f"second_{split}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["text", "label"])
            writer.writerows((row["section_text"], row["section_header"]) for row in rows)


def overrides(name: str, strength: float, seed: int, previous: str) -> list[str]:
    """What a condition changes in B's recipe.

    Args:
        name: of the condition.
        strength: takes the place of VALUE.
        seed: of the training.
        previous: folder of A's run, from that of the recipe.
    """
    result = [f"tuning.seed={seed}", f"model=run:{previous}"]
    for setting in CONDITIONS[name].settings:
        filled = setting.replace(f"VALUE*{RATE}", f"{strength * RATE:.3e}").replace("VALUE", f"{strength:f}")
        result.append(filled.replace("PREVIOUS", previous))
    return result


def learn_second(work: Path, settings: Sequence[str]) -> tuple[Path, Path]:
    """The folders of B's corpus and of the model that learned it: corpus and tuning of a run, without its reports."""
    from vocation.artifacts import Store
    from vocation.corpus import refine
    from vocation.earlier_runs import build_needs, check_fit, find_needs, starting_model
    from vocation.pipeline import tuning_of
    from vocation.progress import SILENT
    from vocation.recipe import load_recipe
    from vocation.tuning import tune

    recipe = load_recipe(work / "second.yaml", settings)
    store, needs, pretrained = Store(work / "runs" / "store"), find_needs(recipe, work), starting_model(recipe, work)
    plan = refine.plan(recipe.corpus, recipe.task, work)
    corpus = store.build(
        plan, lambda folder: refine.refine(recipe.corpus, recipe.task, work, plan, folder, SILENT), resumable=True
    )
    check_fit(recipe, needs, pretrained, corpus.summary)
    tuning = tuning_of(recipe, pretrained, corpus.folder, build_needs(needs, store, store.build, SILENT))
    tuned = store.build(tune.plan(tuning, corpus.key), lambda folder: tune.tune(tuning, folder, SILENT), resumable=True)
    return corpus.folder, tuned.folder / "model"


def accuracies(model: Path, corpus: Path, body: Path | None = None) -> dict[str, float]:
    """Of a model's answers to the validation and test rows of a corpus.

    Args:
        model: folder of the model whose head answers.
        corpus: folder of the rows.
        body: folder of the model whose body it gets; its own unless given.
    """
    import torch

    from vocation.modeling.body import body_parameters
    from vocation.modeling.pretrained import load_saved
    from vocation.prediction.predictor import Predictor
    from vocation.records import read_records

    predictor = Predictor.load(model)
    if body is not None:
        other = body_parameters(load_saved(body))
        with torch.no_grad():
            for name, weight in body_parameters(predictor.model).items():
                weight.copy_(other[name])
    result = {}
    for split in ("validation", "test"):
        records = list(read_records(corpus / f"{split}.parquet", predictor.description.task.record_schema))
        answers = predictor.predict_records(records)
        right = [answer.answer == record.values["label"] for answer, record in zip(answers, records, strict=True)]
        result[split] = mean(right)
    return result


def measure(work: Path, name: str, strength: float, seed: int) -> dict[str, Any]:
    """Learns B after A, and scores both."""
    import vocation

    clock = time.process_time()
    first = vocation.run(work / "first.yaml", overrides=[f"tuning.seed={seed}"])
    corpus, model = learn_second(work, overrides(name, strength, seed, f"runs/{first.folder.name}"))
    result = {
        "condition": name,
        "strength": strength,
        "seed": seed,
        "before": accuracies(first.model, first.corpus.folder),
        "A": accuracies(first.model, first.corpus.folder, body=model),
        "B": accuracies(model, corpus),
    }
    if CONDITIONS[name].one_head:
        result["A, one head"] = accuracies(model, first.corpus.folder)
    seconds = round(time.process_time() - clock, 1)
    return {**result, "processor_seconds": seconds, "machine": first.tuning.manifest["machine"]}


def chosen(runs: Sequence[Measurement], name: str, seed: int) -> float:
    """The strength with the best mean of both accuracies on validation rows, by one seed."""
    tried = [run for run in runs if (run["condition"], run["seed"]) == (name, seed)]
    best = max(tried, key=lambda run: mean(run[task]["validation"] for task in ("A", "B")))
    return float(best["strength"])


def wanted(runs: Sequence[Measurement], seeds: Sequence[int]) -> Iterator[tuple[str, float, int]]:
    """What is measured: every strength with the first seed, and the chosen one with the others."""
    for seed in seeds:
        for name, condition in CONDITIONS.items():
            for strength in condition.strengths if seed == seeds[0] else (chosen(runs, name, seeds[0]),):
                yield name, strength, seed


def page(results: Mapping[str, Any]) -> list[str]:
    """The section of README.md: a table of the chosen strengths, and what else was tried."""
    runs: Sequence[Measurement] = results["runs"]
    seeds = sorted({run["seed"] for run in runs})
    return [
        "## Forgetting",
        "",
        f"MiniLM learns task A (27 card intents of bank customers, {FIRST_ROWS:,} rows), then task B (20 headers of "
        f"sections of clinical notes, {SECOND_ROWS:,} rows) from A's model. Afterwards A's own head answers A's test "
        f"rows with the body that B left. Accuracies on test rows: mean over {len(seeds)} seeds with its 95 % "
        "t-interval (few seeds make it wide). Differences from plain fine-tuning are paired by seed. Strengths were "
        f"chosen with seed {seeds[0]} by the mean of both accuracies on validation rows.",
        "",
        f"Task A before task B: **{_interval([run['before']['test'] for run in _of(runs, 'plain')])}**",
        "",
        "| task B learned with | A after B | against plain | B | against plain |",
        "|---|---|---|---|---|",
        *(_row(runs, name) for name in CONDITIONS),
        "",
        *_notes(runs, seeds[0]),
        "",
    ]


def _of(runs: Sequence[Measurement], name: str) -> list[Measurement]:
    """The runs of a condition with its chosen strength, by seed."""
    strength = chosen(runs, name, min(run["seed"] for run in runs))
    found = [run for run in runs if (run["condition"], run["strength"]) == (name, strength)]
    return sorted(found, key=lambda run: int(run["seed"]))


def _row(runs: Sequence[Measurement], name: str) -> str:
    found, plain = _of(runs, name), {run["seed"]: run for run in _of(runs, "plain")}
    words = CONDITIONS[name].words.replace("VALUE", f"{found[0]['strength']:g}")
    cells = []
    for task in ("A", "B"):
        values = [run[task]["test"] for run in found]
        differences = [run[task]["test"] - plain[run["seed"]][task]["test"] for run in found]
        cells += [_interval(values), "" if name == "plain" else _interval(differences, signed=True)]
    return f"| {words} | {' | '.join(cells)} |"


def _interval(values: Sequence[float], *, signed: bool = False) -> str:
    low, high = t_interval(values)
    sign = "+" if signed else ""
    return f"{mean(values):{sign}.3f} ({low:{sign}.3f} to {high:{sign}.3f})"


def _notes(runs: Sequence[Measurement], seed: int) -> list[str]:
    lines = []
    for name, condition in CONDITIONS.items():
        if condition.one_head:
            values = [run["A, one head"]["test"] for run in _of(runs, name)]
            lines.append(
                f"- `{name}` leaves one head for both tasks, which has to tell A's labels from B's as well: it answers "
                f"A's test rows with accuracy {_interval(values)}"
            )
        tried = [run for run in runs if (run["condition"], run["seed"]) == (name, seed)]
        if len(tried) > 1:
            listed = "; ".join(
                f"{run['strength']:g}: {run['A']['validation']:.3f} and {run['B']['validation']:.3f}" for run in tried
            )
            lines.append(f"- {name}, tried on validation rows (strength: A and B): {listed}")
    machine = runs[0]["machine"]
    minutes = sum(run["processor_seconds"] for run in runs) / 60
    packages = ", ".join(f"{package} {version}" for package, version in machine["packages"].items())
    return [
        *lines,
        f"- {len(runs)} trainings on B took {minutes:.0f} minutes of one core in all ({machine['processor']}, Python "
        f"{machine['python']}); {packages}",
    ]


def main() -> None:
    """Measures what is missing; writes the results after each training."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with the data sets that the repository does not carry")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3], help="default 1 2 3")
    parser.add_argument("--work", type=Path, default=ROOT / "runs" / "forgetting", help="folder of the runs")
    arguments = parser.parse_args()
    prepare(arguments.data, arguments.work)
    runs: list[Measurement] = json.loads(RESULTS.read_text(encoding="utf-8"))["runs"] if RESULTS.exists() else []
    for name, strength, seed in wanted(runs, arguments.seeds):
        if any((run["condition"], run["strength"], run["seed"]) == (name, strength, seed) for run in runs):
            continue
        runs.append(measure(arguments.work, name, strength, seed))
        RESULTS.write_text(json.dumps({"runs": runs}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        scores = ", ".join(f"{task} {runs[-1][task]['validation']:.3f}" for task in ("before", "A", "B"))
        print(f"seed {seed}, {name} {strength:g}: {scores} on validation rows", flush=True)


if __name__ == "__main__":
    main()
