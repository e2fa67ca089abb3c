"""How good are the specialists of examples/? Runs each recipe over several seeds and writes results.json and README.md.

    .venv/bin/python benchmarks/quality/run.py                        # everything: about an hour on two cores
    .venv/bin/python benchmarks/quality/run.py disease-entities       # one experiment; the other's results stay
    .venv/bin/python benchmarks/quality/run.py --table                # only write README.md anew from results.json

The seed changes the new head, the order of the data and dropout; the split stays. What is done is not run again.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent
RESULTS = FOLDER / "results.json"

Measurement = Mapping[str, Any]
"""One run: seed, metrics of model and baseline with their intervals, time, machine. An entry of results.json."""


@dataclass(frozen=True)
class Experiment:
    """A recipe, and which of its metrics the table shows.

    Args:
        recipe: path from the repository's root.
        metrics: names, the headline first.
        target: what the headline must reach on average.
        reference: what is known of larger models on the same test rows, for orientation.
        note: what else a reader has to know, if anything.
    """

    recipe: str
    metrics: tuple[str, ...]
    target: float
    reference: str
    note: str = ""


EXPERIMENTS: Mapping[str, Experiment] = {
    "bank-intents": Experiment(
        recipe="examples/bank-intents/recipe.yaml",
        metrics=("accuracy", "f1_macro"),
        target=0.91,
        reference="a fully tuned BERT-base, five times larger, has an accuracy of 0.937 (Casanueva et al., 2020)",
    ),
    "disease-entities": Experiment(
        recipe="examples/disease-entities/recipe.yaml",
        metrics=("f1", "precision", "recall"),
        target=0.80,
        reference="BERT-base, five times larger, has an F1 of 0.855 to 0.867 (results published with SciBERT)",
    ),
}

HEAD = """# Quality of the examples

<!-- Written by benchmarks/quality/run.py from results.json. -->

Each recipe of `examples/` over several seeds (`tuning.seed`: the new head, the order of the data, dropout), scored on
the whole test split. Settings were chosen on validation data. Two intervals answer two questions:

- **over seeds**: the mean over seeds with its 95 % t-interval: how far would another training be off?
- **over rows**: the mean bounds of the runs' 95 % bootstrap intervals: how far would another test set be off?

Run it again: `.venv/bin/python benchmarks/quality/run.py`
"""


def measure(experiment: Experiment, seed: int) -> dict[str, Any]:
    """Runs a recipe with a seed and collects what the table needs."""
    import vocation

    run = vocation.run(ROOT / experiment.recipe, overrides=[f"tuning.seed={seed}"])
    scores = json.loads((run.evaluation.folder / "metrics.json").read_text(encoding="utf-8"))
    kept = {
        system: {name: scores[system][name] for name in experiment.metrics}
        for system in ("model", "baseline", "difference")
    }
    return {
        "seed": seed,
        "split": scores["split"],
        "records": scores["records"],
        **kept,
        "baseline_kind": scores["baseline"]["kind"],
        "tuning_minutes": round(run.tuning.manifest["seconds"] / 60, 2),
        "tuning_key": run.tuning.key,
        "machine": run.tuning.manifest["machine"],
    }


def t_interval(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """The interval of the mean of normally distributed values: mean ± t · s / √n with n - 1 degrees of freedom."""
    from scipy.stats import t

    if len(values) < 2:
        return -math.inf, math.inf
    half = float(t.ppf((1 + confidence) / 2, len(values) - 1)) * stdev(values) / math.sqrt(len(values))
    return mean(values) - half, mean(values) + half


def page(results: Mapping[str, Sequence[Measurement]]) -> str:
    """README.md: a section an experiment."""
    sections = [section(name, EXPERIMENTS[name], runs) for name, runs in results.items() if runs]
    return "\n".join([HEAD, *sections])


def section(name: str, experiment: Experiment, runs: Sequence[Measurement]) -> str:
    """Title, table, and what the numbers were measured on."""
    first = runs[0]
    headline = experiment.metrics[0]
    values = ", ".join(f"{run['model'][headline]['value']:.4f} (seed {run['seed']})" for run in runs)
    reached = "reached" if mean(run["model"][headline]["value"] for run in runs) >= experiment.target else "not reached"
    machine = first["machine"]
    versions = ", ".join(f"{package} {version}" for package, version in machine["packages"].items())
    lines = [
        f"## {name}",
        "",
        f"[Recipe](../../{experiment.recipe}), {first['split']} split, {first['records']:,} records, "
        f"baseline `{first['baseline_kind']}`.",
        "",
        "| metric | mean | over seeds | over rows | baseline | difference, over rows |",
        "|---|---|---|---|---|---|",
        *(row(metric, runs) for metric in experiment.metrics),
        "",
        f"- {headline} of each run: {values}",
        f"- target {headline} ≥ {experiment.target:.2f}: {reached}; for orientation, {experiment.reference}",
        f"- tuning took {mean(run['tuning_minutes'] for run in runs):.1f} minutes a run on a machine of "
        f"{machine['cores']} cores ({machine['processor']}, Python {machine['python']}); what else it did meanwhile is "
        "not recorded, so that this is no measure of speed",
        f"- {versions}",
        *([f"- {experiment.note}"] if experiment.note else []),
        "",
    ]
    return "\n".join(lines)


def row(metric: str, runs: Sequence[Measurement]) -> str:
    """One line of the table."""
    values = [run["model"][metric]["value"] for run in runs]
    low, high = t_interval(values)
    seeds = f"{low:.4f} to {high:.4f}" if math.isfinite(low) else "one seed"
    return (
        f"| {metric} | **{mean(values):.4f}** | {seeds} | {bounds('model', metric, runs)} "
        f"| {mean(run['baseline'][metric]['value'] for run in runs):.4f} "
        f"| {mean(run['difference'][metric]['value'] for run in runs):+.4f} ({bounds('difference', metric, runs)}) |"
    )


def bounds(system: str, metric: str, runs: Sequence[Measurement]) -> str:
    """The mean lower and upper bound of the bootstrap intervals."""
    low, high = (mean(run[system][metric][bound] for run in runs) for bound in ("low", "high"))
    sign = "+" if system == "difference" else ""
    return f"{low:{sign}.4f} to {high:{sign}.4f}"


def main() -> None:
    """Runs what was asked for, keeps the results of the rest, writes both files after each run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "experiments", nargs="*", metavar="EXPERIMENT", help=f"of {', '.join(EXPERIMENTS)}; default all"
    )
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3], help="default 1 2 3")
    parser.add_argument("--table", action="store_true", help="run nothing; write README.md from results.json")
    arguments = parser.parse_args()
    if unknown := set(arguments.experiments) - set(EXPERIMENTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(EXPERIMENTS)}")
    present = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    results: dict[str, list[Measurement]] = {name: present.get(name, []) for name in EXPERIMENTS}
    for name in [] if arguments.table else arguments.experiments or EXPERIMENTS:
        results[name] = []
        for seed in arguments.seeds:
            results[name].append(measure(EXPERIMENTS[name], seed))
            write(results)
    write(results)


def write(results: Mapping[str, Sequence[Measurement]]) -> None:
    """Both files."""
    RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (FOLDER / "README.md").write_text(page(results), encoding="utf-8")


if __name__ == "__main__":
    main()
