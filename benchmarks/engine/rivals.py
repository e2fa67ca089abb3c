"""From start to score beside fine-tuning with flair, SetFit and spaCy: the same encoder, rows and machine, over seeds.

    .venv/bin/python -m benchmarks.engine.rivals --python flair=A/bin/python setfit=B/bin/python spacy=C/bin/python
    .venv/bin/python -m benchmarks.engine.rivals --python flair=A/bin/python --seeds 1 --rows 300

Three seeds take about 40 minutes of an idle machine of two cores. The rivals are not dependencies of Vocation and do
not go well together: A, B and C are environments of their own, with `pip install` of `flair`, of `setfit`, and of
`spacy spacy-transformers`. Questions about cards (Banking77, CC BY 4.0), every tenth row to learn from held out for
validation. A rival's target is the validation accuracy at its end; Vocation's time is that until it was there, scored
four times an epoch. Seconds count from loading the encoder to the last update, cutting texts into tokens included,
imports and scoring left out. rivals.json has every measurement; what stands there is not measured again. `python -m
benchmarks.engine.page` writes the table.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.engine.reach import _told
from benchmarks.engine.rivals_sides import read
from benchmarks.engine.speed import machine
from benchmarks.engine.workloads import MODEL, ROOT

RESULTS = Path(__file__).resolve().parent / "rivals.json"
SIDES = "benchmarks.engine.rivals_sides"
EPOCHS, BATCH, RATE, WARMUP = 3, 16, 3e-4, 0.1
SEEDS = (1, 2, 3)
SCORED = 4  # Times an epoch that Vocation is scored.
AIM = 2.0  # Times as fast as a rival.
WORDS = {
    "flair": "flair, `ModelTrainer.fine_tune`, MOST epochs",
    "setfit": "SetFit, `Trainer`, MOST updates",
    "spacy": "spaCy, a transformer and a `textcat`, MOST updates",
}


def vocation(seed: int, most: int | None = None) -> dict[str, Any]:
    """Vocation's run: its seconds and accuracies whenever it was scored.

    Args:
        seed: of head, order and dropout.
        most: rows of each split; all where it is None.
    """
    from vocation.modeling.pretrained import load_tokenizer, resolve
    from vocation.prediction.predictor import padding_of
    from vocation.records import Record
    from vocation.tasks.classification import Classification
    from vocation.text import Text
    from vocation.training.batches import updates
    from vocation.training.loop import Descent, train
    from vocation.tuning.lesson import prepare
    from vocation.tuning.material import Data, Tuning
    from vocation.tuning.settings import TuningSettings

    importlib.import_module("transformers.models.bert.modeling_bert")  # Else it would be imported on the clock.
    task, pretrained = Classification(), resolve(MODEL, ROOT)
    records = {
        split: [
            Record(str(number), {"text": Text(text)}, {"label": label}) for number, (text, label) in enumerate(rows)
        ]
        for split, rows in read(most).items()
    }
    head_labels = task.head_labels(sorted({label for one in records["train"] for label in task.labels(one)}))
    settings = TuningSettings(learning_rate=RATE, epochs=EPOCHS, batch_size=BATCH, warmup=WARMUP, seed=seed)
    clock = time.perf_counter()
    tokenizer = load_tokenizer(pretrained.folder)
    encoded = task.encode(records["train"], tokenizer, head_labels)
    data = Data(tokenizer, [], head_labels, encoded, encoded, [], "")
    lesson = prepare(Tuning(settings, task, pretrained, (), ROOT), data)
    padding = padding_of(tokenizer)
    given = updates(encoded.examples, padding, lesson.dealing)
    descent = Descent(lesson.optimiser, lesson.learning_rate, lesson.max_gradient_norm, lesson.companions)
    seconds, scored, every = time.perf_counter() - clock, [], max(1, lesson.updates_per_epoch // SCORED)
    held = {split: task.encode(records[split], tokenizer, head_labels).examples for split in ("validation", "test")}
    clock = time.perf_counter()
    for step in train(lesson.model, given, lesson.objective, descent, lesson.accelerator, seed):
        seconds += time.perf_counter() - clock
        if step.number % every == 0 or step.number == lesson.updates:
            found = {split: _accuracy(lesson.model, examples, padding) for split, examples in held.items()}
            scored.append({"seconds": seconds, "updates": step.number, **found})
        clock = time.perf_counter()
    lesson.release()
    return {"scored": scored}


def _accuracy(model: Any, examples: Sequence[Any], padding: Any) -> float:
    from vocation.prediction.batching import example_logits

    logits = example_logits(model, examples, padding)
    return mean(int(row.argmax()) == int(one.targets[0]) for row, one in zip(logits, examples, strict=True))


def reached(run: Mapping[str, Any], target: float) -> tuple[Mapping[str, Any], bool]:
    """When Vocation's validation accuracy was a target for the first time, or its end; and whether it ever was."""
    there = (one for one in run["scored"] if one["validation"] >= target)
    first = next(there, None)
    return first or run["scored"][-1], first is not None


def measured(command: Sequence[str]) -> dict[str, Any]:
    """What a process says on the last line of its standard output.

    Raises:
        SystemExit: it failed; with what it said of that.
    """
    environment = {**os.environ, "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with status {done.returncode}:\n{done.stderr[-4000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures what rivals.json does not have yet, and writes it there."""
    from vocation.modeling.pretrained import resolve

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", nargs="*", default=[], metavar="RIVAL=INTERPRETER")
    parser.add_argument("--seeds", type=int, nargs="*", default=SEEDS)
    parser.add_argument("--rows", type=int, help="of each split: for a try; writes nothing")
    parser.add_argument("--most", type=int, help="epochs or updates of a rival: for a try; writes nothing")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.child is not None:
        print(json.dumps(vocation(given.child, given.rows)), flush=True)
        return
    pythons = {name: str(Path(path).absolute()) for name, _, path in (one.partition("=") for one in given.python)}
    if unknown := set(pythons) - set(WORDS):
        parser.error(f"no rival is called {', '.join(sorted(unknown))}; there are {', '.join(WORDS)}")
    a_try = [f"--{name}={value}" for name in ("rows", "most") if (value := getattr(given, name)) is not None]
    rows = [one for one in a_try if one.startswith("--rows")]
    ours = [sys.executable, "-m", "benchmarks.engine.rivals", *rows, "--child"]
    folder = str(resolve(MODEL, ROOT).folder)
    kept: dict[str, Any] = {"runs": {}, "rivals": {}}
    if RESULTS.exists() and not a_try:
        kept = json.loads(RESULTS.read_text(encoding="utf-8"))
    for seed in given.seeds:
        runs = kept["runs"].setdefault(str(seed), {})
        commands = {rival: [python, "-m", SIDES, rival, folder, str(seed), *a_try] for rival, python in pythons.items()}
        for system, command in {**commands, "vocation": [*ours, str(seed)]}.items():
            if system in runs:
                continue
            runs[system] = measured(command)
            if "versions" in runs[system]:
                kept["rivals"][system] = runs[system].pop("versions")
            end = runs[system].get("scored", [runs[system]])[-1]
            told = f"{end['seconds']:.0f} s, validation {end['validation']:.4f}, test {end['test']:.4f}"
            print(f"seed {seed}, {system}: {told}", flush=True)
            if not a_try:
                text = json.dumps({**kept, "machine": machine()}, indent=1)
                RESULTS.write_text(text + "\n", encoding="utf-8")
    if a_try:
        print("\n".join(page({**kept, "machine": machine()})))


def page(results: Mapping[str, Any]) -> list[str]:
    """The section of the page."""
    runs, box = list(results["runs"].values()), results["machine"]
    rivals = [rival for rival in WORDS if any(rival in run for run in runs)]
    lines = [
        "## From start to score, beside flair, SetFit and spaCy",
        "",
        "Questions about cards (Banking77, 27 classes, 2,952 rows to learn from, 328 to validate on, 1,080 of test), "
        f"`{MODEL}`. Each rival learns with what it defaults to or its documentation recommends, for as long as takes "
        "about four minutes; its validation accuracy in the end is the target. Vocation trains every weight, "
        f"{BATCH} rows an update, AdamW, a learning rate of {RATE:g} that rises over a tenth of the updates and then "
        f"falls, {EPOCHS} epochs, and is scored four times an epoch; its seconds are those until its validation "
        "accuracy was the target for the first time. Means over seeds with their 95 % intervals (Student's t). Seconds "
        "count from loading the encoder; cutting texts into tokens is included, imports and scoring are left out.",
        "",
        "| rival | seeds | its seconds | its validation, % | its test, % | Vocation's seconds until then | "
        "Vocation's test then, % | Vocation is faster by |",
        "|---|---|---|---|---|---|---|---|",
    ]
    missed, below = [], []
    for rival in rivals:
        pairs = [(run[rival], *reached(run["vocation"], run[rival]["validation"])) for run in runs if rival in run]
        faster = [its["seconds"] / ours["seconds"] for its, ours, _ in pairs]
        cells = [
            str(len(pairs)),
            _told([its["seconds"] for its, _, _ in pairs], 0),
            _told([100 * its["validation"] for its, _, _ in pairs], 2),
            _told([100 * its["test"] for its, _, _ in pairs], 2),
            _told([ours["seconds"] for _, ours, _ in pairs], 0),
            _told([100 * ours["test"] for _, ours, _ in pairs], 2),
            _told(faster, 2) + " ×",
        ]
        words = WORDS[rival].replace("MOST", str(pairs[0][0]["most"]))
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
        there = sum(is_there for _, _, is_there in pairs)
        missed += [] if there == len(pairs) else [f"{rival}'s with {there} of {len(pairs)} seeds"]
        below += [] if mean(faster) > AIM and there == len(pairs) else [rival]
    score = (
        f"It reached {', '.join(missed)}; with the others it is shown after all its epochs."
        if missed
        else ("It reached every target with every seed.")
    )
    aim = f"not met beside {', '.join(below)}" if below else "met beside each"
    versions = "; ".join(_versions(rival, results["rivals"][rival]) for rival in rivals)
    lines += [
        "",
        f"{score} The aim, the same score in less than half of a rival's time with every seed reaching it, is {aim}.",
        "",
        f"{box['processor']}, {box['threads']} threads. Vocation: {_versions('', box)}. {versions}.",
        "",
    ]
    return lines


def _versions(rival: str, what: Mapping[str, Any]) -> str:
    packages = ", ".join(f"{name} {version}" for name, version in what["packages"].items())
    return f"{rival}{': ' if rival else ''}Python {what['python']}, {packages}"


if __name__ == "__main__":
    main()
