"""The examination of a finished corpus: lengths beside the model's window, identifiers, near-duplicates, leakage.

It changes no row. The folder gets `clusters.json` (the largest clusters of nearly equal texts) and the ledger of what
encoding would cut and of identifiers; counts and measures stand in the manifest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocation.artifacts import Plan, write_json
from vocation.examination.clusters import cluster_examples
from vocation.examination.identifiers import identifiers_in
from vocation.examination.leakage import LeakageOptions, leakage_of
from vocation.examination.lengths import Encoder, Measured, bin_edges, labelled_splits
from vocation.examination.refusals import refusals
from vocation.examination.settings import ExaminationSettings
from vocation.examination.text_faults import text_faults
from vocation.ledger import Ledger
from vocation.modeling.pretrained import Pretrained, load_tokenizer
from vocation.progress import Progress
from vocation.tasks import Task

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

VERSION = 1
CLUSTERS = "clusters.json"
_CASED = "The Mg of Mr Case"


@dataclass(frozen=True, slots=True)
class Examination:
    """What is examined.

    Args:
        settings: what is looked for.
        task: of the records.
        pretrained: whose tokenizer and window count.
        corpus: folder of the corpus artifact.
        summary: of its manifest.
        cleaning: kinds of the steps that cleaned it.
        deidentified: whether identifiers have been looked for and replaced.
    """

    settings: ExaminationSettings
    task: Task
    pretrained: Pretrained
    corpus: Path
    summary: Mapping[str, Any]
    cleaning: Sequence[str]
    deidentified: bool


def plan(settings: ExaminationSettings, task: Task, pretrained: Pretrained, corpus_key: str) -> Plan:
    """What the artifact is made from."""
    values = {"examination": settings.model_dump(mode="json"), "task": task.model_dump(mode="json")}
    return Plan("examination", VERSION, values, {"corpus": corpus_key, "model": pretrained.fingerprint})


def examine(examination: Examination, folder: Path, progress: Progress) -> dict[str, Any]:
    """Looks, and returns the summary for the manifest.

    Args:
        examination: what is examined.
        folder: takes the files.
        progress: shows how far it is.

    Returns:
        `window` (tokens that the model reads at once, or None), `case_lost` (if cleaning took away capitals that the
        model would have read), `edges` of the histograms of token counts, `splits` with token counts and cuts of each,
        `refused` (why rows were left out), `faults` (texts with each kind of damage), `identifiers` and `leakage`, None
        where they were not looked for.
    """
    settings, task = examination.settings, examination.task
    window: int | None = getattr(task, "max_length", None)
    with Ledger(folder) as ledger:
        tokenizer = load_tokenizer(examination.pretrained.folder)
        measured = _measure(examination, tokenizer, ledger, progress)
        edges = bin_edges(list(measured.values()), window)
        identifiers = None
        if settings.texts and not examination.deidentified:
            identifiers = identifiers_in(examination.corpus, task, settings.texts, ledger)
        faults = text_faults(examination.corpus, task, settings.texts, ledger)
    near = examination.summary.get("near_duplicates") or {"examples": []}
    write_json(folder / CLUSTERS, cluster_examples(examination.corpus, near["examples"], task.record_schema.texts))
    return {
        "window": window,
        "edges": edges.tolist(),
        "case_lost": "case" in examination.cleaning and _keeps_case(tokenizer),
        "splits": {name: split.summary(edges) for name, split in measured.items()},
        "refused": refusals(examination.corpus),
        "faults": faults,
        "identifiers": identifiers,
        "leakage": _leakage(examination, progress),
    }


def could_leak(summary: Mapping[str, Any]) -> bool:
    """Whether a split of single rows by chance could differ from the splits that were made: some rows have a given
    split, a group, a time, or near-duplicates.

    Args:
        summary: of the corpus manifest.
    """
    near = summary.get("near_duplicates")
    return any(summary["given"].values()) or bool(near and near["clusters"])


def _keeps_case(tokenizer: PreTrainedTokenizerFast) -> bool:
    """Whether a model tells capitals from small letters."""
    return bool(tokenizer.tokenize(_CASED) != tokenizer.tokenize(_CASED.lower()))


def _measure(
    examination: Examination, tokenizer: PreTrainedTokenizerFast, ledger: Ledger, progress: Progress
) -> dict[str, Measured]:
    splits = examination.summary["splits"]
    head_labels = examination.task.head_labels(sorted(splits["train"]["labels"]))
    encoder = Encoder(examination.task, tokenizer, head_labels)
    found = list(labelled_splits(examination.corpus))
    with progress.bar("examining", sum(splits[name]["records"] for name, _ in found), "rows") as bar:
        return {name: encoder.measure(path, name, ledger, bar) for name, path in found}


def _leakage(examination: Examination, progress: Progress) -> dict[str, Any] | None:
    settings = examination.settings
    if not settings.leakage or not could_leak(examination.summary):
        return None
    progress.note(f"baseline: {examination.task.baseline} on these splits and on {settings.random_splits} random ones")
    found = leakage_of(examination.corpus, examination.task, LeakageOptions(seeds=settings.random_splits))
    return found.summary() if found else None
