"""What each section of the page says, as plain values for its template."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from vocation.evaluation.report.curves import learning_rate_curve, loss_curve, validation_curve
from vocation.evaluation.report.evidence import Evidence
from vocation.evaluation.report.files import file_groups
from vocation.evaluation.report.highlight import SIGNS, pieces, side, window
from vocation.evaluation.report.intervals_chart import interval_chart
from vocation.evaluation.report.label_chart import label_chart
from vocation.evaluation.report.matrix import MOST_LABELS, confused_labels, confusion_chart
from vocation.evaluation.report.results import (
    chart_row,
    confusion_cells,
    label_rows,
    metric_name,
    overall_rows,
    percent,
)

Words = Mapping[str, str]
_PAIRS = 12  # Confused pairs in the table; the picture shows more.
_WORST = 20  # Labels in the chart of single labels.
_TEXT = 600  # Characters of a mistake's text.


def number(value: float) -> str:
    """A number with separators; a fraction with one digit."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def data(summary: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Files, splits and label counts of a corpus.

    Args:
        summary: of the corpus manifest.
        words: of the page.
    """
    splits = summary["splits"]
    labelled = [name for name in splits if splits[name].get("labels")]
    train = splits["train"]["labels"]
    names = sorted({label for name in labelled for label in splits[name]["labels"]})
    return {
        "sentence": words["data_sentence"].format(
            files=number(len(summary["files"])), read=number(summary["read"]), dropped=number(summary["dropped"])
        ),
        "files": [
            [
                file.path if file.files == 1 else words["file_count"].format(path=file.path, files=number(file.files)),
                file.format,
                file.encoding,
                _split(file.split, words) if file.split else words["split_made"],
                number(file.rows),
                _size(file.bytes),
            ]
            for file in file_groups(summary["files"])
        ],
        "splits": [
            [
                words["made_here"].format(split=_split(name, words))
                if summary["split_made"].get(name)
                else _split(name, words),
                number(split["records"]),
                number(len(split.get("labels", {}))),
                *(number(split["characters"][key]) for key in ("mean", "median", "p95", "max")),
            ]
            for name, split in splits.items()
        ],
        "picture": label_chart(train, words),
        "label_splits": [_split(name, words) for name in labelled],
        "labels": [
            [label, *(number(splits[name]["labels"].get(label, 0)) for name in labelled)]
            for label in sorted(names, key=lambda label: (-train.get(label, 0), label))
        ],
    }


def training(evidence: Evidence, words: Words) -> dict[str, Any]:
    """Curves, the best point, and how fast it went."""
    summary, history = evidence.tuning.summary, evidence.history
    best = next(entry for entry in history["evaluations"] if entry["step"] == history["best_step"])
    metric = metric_name(history["selection_metric"], words)
    facts = {
        "model": summary["model"],
        "parameters": f"{summary['parameters'] / 1e6:.1f} M",
        "trained": percent(summary["trained_parameters"] / summary["parameters"]) + " %",
        "device": f"{summary['device']}, {summary['precision']}",
        **_memory(summary, words),
        "duration": _duration(summary["seconds"]),
        "text_rate": number(summary["texts_per_second"]),
        "token_rate": number(summary["tokens_per_second"]),
    }
    return {
        "sentence": words["training_sentence"].format(
            steps=number(summary["steps"]),
            epochs=number(summary["epochs"]),
            metric=metric,
            value=percent(best["selected"]),
            step=number(best["step"]),
            epoch=number(best["epoch"]),
            stopped=_stopped(history["stopped"], metric, words),
        )
        + _choices(summary, words),
        "facts": [(words[f"fact_{name}"], value) for name, value in facts.items()],
        "metric": f"{metric} ({words['percent']})",
        "pictures": [
            loss_curve(history, words),
            validation_curve(history, words),
            learning_rate_curve(history, words),
        ],
        "evaluations": [
            [
                number(entry["step"]),
                number(entry["epoch"]),
                f"{entry['loss']:.4f}",
                percent(entry["selected"], digits=2),
                "◆" if entry["step"] == history["best_step"] else "",
            ]
            for entry in history["evaluations"]
        ],
    }


def results(evidence: Evidence, words: Words) -> dict[str, Any]:
    """Metrics over all labels and of each one, and what is confused with what."""
    metrics = evidence.metrics
    labels = label_rows(evidence)
    worst = [chart_row(row["label"], row["f1"], row["baseline"]) for row in labels[:_WORST]]
    overall = [
        chart_row(metric_name(name, words), metrics["model"][name], metrics["baseline"][name])
        for name in evidence.overall
    ]
    title = "labels_title" if len(worst) < len(labels) else "labels_title_all"
    confidence = percent(metrics["confidence"], digits=0)
    return {
        "sentence": words["results_sentence"].format(
            confidence=confidence, resamples=number(metrics["resamples"]), seed=metrics["seed"]
        ),
        "overall": overall_rows(evidence, words),
        "picture": interval_chart(overall, words, words["overall_title"]),
        "label_picture": interval_chart(worst, words, words[title].format(shown=len(worst), total=len(labels))),
        "labels": [
            [
                row["label"],
                number(row["support"]),
                *(percent(row[name]["value"]) for name in ("precision", "recall", "f1")),
                f"[{percent(row['f1']['low'])}, {percent(row['f1']['high'])}]",
                percent(row["baseline"]["value"]),
            ]
            for row in labels
        ],
        **_confusion(evidence, words),
    }


def mistakes(evidence: Evidence, words: Words) -> dict[str, Any]:
    """The hardest mistakes, with their texts."""
    found = evidence.mistakes
    categories = found.get("spans", {})
    return {
        "sentence": words["mistakes_sentence"].format(
            wrong=number(found["wrong"]), records=number(found["records"]), shown=number(len(found["hardest"]))
        ),
        "categories": [[words[f"category_{name}"], number(count)] for name, count in categories.items()],
        "legend": [
            {"name": words[f"category_{name}"], "sign": sign, "style": name.replace(" ", "-")}
            for name, sign in SIGNS.items()
        ],
        "shown": [_mistake(entry, words) for entry in found["hardest"]],
    }


def repeat(evidence: Evidence, words: Words) -> dict[str, Any]:
    """Recipe, keys, hashes, versions and machine."""
    stages = {"corpus": evidence.corpus, "tuning": evidence.tuning, "evaluation": evidence.evaluation}
    machine = evidence.tuning.manifest["machine"]
    packages = machine["packages"]
    return {
        "commands": "\n".join(
            [f"pip install vocation=={packages['vocation']}", "vocation check recipe.yaml", "vocation run recipe.yaml"]
        ),
        "recipe": evidence.recipe_yaml,
        "artifacts": [
            [
                name,
                artifact.key,
                str(artifact.manifest["version"]),
                artifact.manifest["started"],
                number(round(artifact.manifest["seconds"], 1)),
            ]
            for name, artifact in stages.items()
        ],
        "hashes": [
            *([file["path"], file["sha256"]] for file in evidence.corpus.summary["files"]),
            *([name, value] for name, value in evidence.tuning.manifest["inputs"].items() if name != "corpus"),
        ],
        "determinism": _determinism(evidence.tuning.summary["determinism"], words),
        "machine": [(words[f"machine_{name}"], machine[name]) for name in ("system", "processor", "cores", "python")],
        "packages": [[name, version] for name, version in packages.items()],
    }


def _memory(summary: Mapping[str, Any], words: Words) -> dict[str, str]:
    """What became of the token budget, where memory ran out."""
    shortages = summary["shortages"]
    if not shortages:
        return {}
    given, left = number(shortages[0]["before"]), number(summary["token_budget"])
    steps = ", ".join(number(shortage["step"]) for shortage in shortages)
    return {"memory": words["memory_ran_out"].format(given=given, left=left, steps=steps)}


def _choices(summary: Mapping[str, Any], words: Words) -> str:
    """A sentence for each choice of short trainings: what each of them gave, and what the choice cost there."""
    told = ""
    for choice in summary.get("choices", ()):
        tried, chosen = choice["tried"], choice["tried"][choice["chosen"]]
        told += words["choice_made"].format(
            chosen=f"{choice['strategy']}, {chosen['alternative']}",
            metric=metric_name(choice["metric"], words),
            scores="; ".join(f"{one['alternative']} → {percent(one['score'])}" for one in tried),
            updates=number(chosen["updates"]),
            duration=_duration(sum(one["seconds"] for one in tried)),
            change=percent(chosen["score"] - tried[0]["score"]),
        )
    return told


def _determinism(found: Mapping[str, Any], words: Words) -> dict[str, Any]:
    named = {name: found[name] or "–" for name in ("device", "processes", "threads", "attention")}
    return {
        "sentence": words["determinism_sentence"].format(**named),
        "limits": [words[f"limit_{name}"] for name in found["limits"]],
    }


def _stopped(reason: str, metric: str, words: Words) -> str:
    """Why training ended, as tuning put it, in the language of the page."""
    early = re.search(r"in (\d+) evaluations$", reason)
    if early:
        return words["stopped_early"].format(metric=metric, count=early[1])
    return words["stopped_done"] if reason == "all epochs done" else reason


def _confusion(evidence: Evidence, words: Words) -> dict[str, Any]:
    cells = confusion_cells(evidence, words)
    wrong = sorted(
        ((pair, count) for pair, count in cells.items() if pair[0] != pair[1]), key=lambda one: (-one[1], one[0])
    )
    confused = confused_labels(cells)
    everything = sorted({label for pair in cells for label in pair})
    drawable = len(confused) < len(everything) <= MOST_LABELS
    return {
        "pairs": [[gold, predicted, number(count)] for (gold, predicted), count in wrong[:_PAIRS]],
        "confusion_sentence": words["confusion_sentence"].format(
            wrong=number(sum(count for _, count in wrong)), pairs=number(len(wrong))
        ),
        "matrix": confusion_chart(cells, confused, words, words["matrix_title"]) if wrong else None,
        "full_matrix": confusion_chart(cells, everything, words, words["full_matrix"]) if drawable else None,
    }


def _mistake(entry: Mapping[str, Any], words: Words) -> dict[str, Any]:
    shown = {
        "place": f"{entry['file']}:{entry['row']}",
        "confidence": entry["confidence"],
        "baseline": words["baseline_right" if _agrees(entry) else "baseline_wrong"],
    }
    content = entry["text"]
    if "errors" not in entry:
        left_out = max(0, len(content) - _TEXT)
        lines = {"gold_line": None, "text": content[:_TEXT], "left_out": number(left_out) if left_out else ""}
        return {**shown, **lines, "gold": entry["gold"], "predicted": entry["predicted"]}
    places = [span[0] for error in entry["errors"] for span in (error["gold"], error["predicted"]) if span]
    part = window(content, places, _TEXT)
    for name in ("gold", "predicted"):
        shown[f"{name}_line"] = {
            "before": part.before,
            "pieces": pieces(content, side(entry, name), part),
            "after": number(part.after) if part.after else "",
        }
    return shown


def _agrees(entry: Mapping[str, Any]) -> bool:
    """Whether the baseline's answer is the gold one."""
    gold, baseline = entry["gold"], entry["baseline"]
    return bool(gold == baseline) if isinstance(gold, str) else _set(gold) == _set(baseline)


def _set(spans: Sequence[Sequence[Any]]) -> set[tuple[Any, ...]]:
    return {tuple(span) for span in spans}


def _split(name: str, words: Words) -> str:
    return words.get(f"split_{name}", name)


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{seconds:.1f} s"
