"""What is worth knowing of a corpus before anything is trained on it, each with what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from vocation.ledger import Count
from vocation.records import read_records
from vocation.tasks import Task

_FEW_TRAINING_ROWS = 8  # Below this, few-shot studies find fine-tuned encoders unreliable for a class.
_FEW_VALIDATION_ROWS = 100  # The 95 % interval of an accuracy of 0.9 is then about ±0.06.
_DRIFT, _CHANCE = (
    0.1,
    0.01,
)  # Drift is worth a word where a tenth of the labels would have to differ, and not by chance.
_SCANNED = 5000  # Texts of each split in which identifiers are looked for.
_NAMES_AND_PLACES = ("PERSON", "LOCATION", "STREET_ADDRESS")
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth knowing before training.

    Args:
        problem: what was seen.
        remedy: what to do about it.
    """

    problem: str
    remedy: str


def corpus_findings(summary: Mapping[str, Any], counts: Sequence[Count]) -> Iterator[Finding]:
    """What the corpus stage's summary and ledger say.

    Args:
        summary: of the corpus manifest.
        counts: of the corpus ledger.
    """
    yield from _rejected(counts)
    yield from _equal_texts(summary)
    yield from _near_texts(summary.get("near_duplicates"))
    yield from _splits(summary)
    yield from _audit(summary["split_audit"])


def cut_findings(cuts: Mapping[str, int]) -> Iterator[Finding]:
    """What the model would not see.

    Args:
        cuts: "split: reason" and how many rows.
    """
    for place, count in cuts.items():
        remedy = (
            "raise task.max_length, if the model can read more; tuning.largest_cut says from which share on to stop"
            if "max_length" in place
            else "correct the spans, or set task.subtokens: all where it is first; these cannot be found exactly"
        )
        yield Finding(f"{count} rows of {place}.", remedy)


def identifier_findings(folder: Path, task: Task) -> Iterator[Finding]:
    """Identifiers with a form or a check digit that stand in the texts; names and places are not looked for.

    Args:
        folder: of the corpus; its first few thousand texts of each split are scanned.
        task: of the records.
    """
    from vocation.deidentification.scanner import Scanner
    from vocation.deidentification.settings import default_detectors

    chosen = [d for d in default_detectors(("en", "zh")) if not set(d.found_categories()) & set(_NAMES_AND_PLACES)]
    scanner, found, texts = Scanner(tuple(chosen)), Counter[str](), 0
    for path in sorted(folder.glob("*.parquet")):
        if path.stem != "ledger":
            records = islice(read_records(path, task.record_schema), _SCANNED)
            contents = [text.content for record in records for text in record.texts.values()]
            texts += len(contents)
            for findings in scanner.scan(contents):
                found.update({finding.category for finding in findings})
    if found:
        named = ", ".join(f"{category} in {count:,}" for category, count in found.most_common(_NAMED))
        more = " …" if len(found) > _NAMED else ""
        yield Finding(
            f"Of {texts:,} texts looked at, some hold what identifies a person: {named}{more}.",
            "set corpus.deidentification, or clean the files with `vocation deidentify`; names were not looked for",
        )


def _rejected(counts: Sequence[Count]) -> Iterator[Finding]:
    refused = sum(count.count for count in counts if count.action == "refused")
    if refused:
        yield Finding(
            f"{refused:,} rows could not be used and were left out.",
            "the ledger has each with its place and what is wrong; corpus.invalid_rows: refuse stops at the first",
        )
    missing = sum(count.count for count in counts if count.reason == "missing value")
    if missing:
        yield Finding(f"{missing:,} rows lack a value and were left out.", "complete them, or set `missing: fill`")
    replaced = sum(count.count for count in counts if count.reason == "undecodable bytes replaced")
    if replaced:
        yield Finding(
            f"{replaced:,} bytes are no characters in their file's encoding and became U+FFFD.",
            "ask for the files anew in UTF-8, or name their `encoding`",
        )


def _equal_texts(summary: Mapping[str, Any]) -> Iterator[Finding]:
    for overlap in summary["overlap"]:
        left, right = overlap["between"]
        yield Finding(
            f"{overlap['texts']} texts stand in both {left} and {right} ({overlap['rows']} rows, {overlap['action']}).",
            "look at them in the ledger; corpus.deduplication.overlap decides what happens",
        )
    if summary["conflicts"]["texts"]:
        yield Finding(
            f"{summary['conflicts']['texts']} texts carry more than one answer ({summary['conflicts']['rows']} rows).",
            "correct the labels; corpus.deduplication.conflicts decides what happens",
        )


def _near_texts(near: Mapping[str, Any] | None) -> Iterator[Finding]:
    if near is None:
        return
    if near["clusters"]:
        places = ", ".join(near["examples"][0]["places"])
        yield Finding(
            f"{near['rows']:,} rows are near-duplicates of one another, in {near['clusters']:,} clusters; the largest "
            f"has {near['examples'][0]['rows']:,} ({places}).",
            "splits that are made here never part them; corpus.deduplication.near decides whether one of each stays",
        )
    for overlap in near["overlap"]:
        left, right = overlap["between"]
        yield Finding(
            f"{overlap['rows']:,} rows of {left} are nearly the text of a row of {right} ({overlap['action']}).",
            "results may flatter; corpus.deduplication.near.overlap: remove_from_train takes them out",
        )
    if near["conflicting_rows"]:
        yield Finding(
            f"{near['conflicting_rows']:,} training rows have near-duplicates with another answer.",
            "look at them in the ledger: many such pairs are mistakes of labelling",
        )


def _splits(summary: Mapping[str, Any]) -> Iterator[Finding]:
    splits = summary["splits"]
    if "test" not in splits:
        yield Finding(
            "There is no test split: results will be those on validation, which also chose the checkpoint.",
            "give a source `split: test`, or set corpus.splitting.test",
        )
    validation = splits.get("validation", {}).get("records", 0)
    if validation < _FEW_VALIDATION_ROWS:
        yield Finding(
            f"Validation has {validation} rows: the best checkpoint is chosen with much chance.",
            "raise corpus.splitting.validation, or label more rows",
        )
    few = {label: count for label, count in splits["train"]["labels"].items() if count < _FEW_TRAINING_ROWS}
    if few:
        rarest = sorted(few.items(), key=lambda item: item[1])[:_NAMED]
        named = ", ".join(f"{label[:40]} ({count})" for label, count in rarest)
        yield Finding(
            f"{len(few)} labels have fewer than {_FEW_TRAINING_ROWS} training examples: {named}"
            f"{' …' if len(few) > _NAMED else ''}.",
            "label more of them, or merge them with a neighbour",
        )


def _audit(audit: Mapping[str, Any]) -> Iterator[Finding]:
    for shared in audit["groups"]:
        left, right = shared["between"]
        yield Finding(
            f"{shared['sets']:,} groups stand in both {left} and {right} ({shared['rows'][0]:,} and "
            f"{shared['rows'][1]:,} rows).",
            "give each group to one split; rows without a given split are divided so",
        )
    for drift in audit["drift"]:
        if drift["total_variation"] > _DRIFT and drift["p_value"] < _CHANCE:
            left, right = drift["between"]
            shares = ", ".join(
                f"{one['label'][:40]} {one['first']:.1%} and {one['second']:.1%}" for one in drift["largest"][:3]
            )
            yield Finding(
                f"The labels of {left} and {right} differ by {drift['total_variation']:.0%}, more than chance makes: "
                f"{shares}.",
                "check how the splits were made; results hold for the mixture of labels that was tested",
            )
    for inversion in audit["inversions"]:
        left, right = inversion["between"]
        yield Finding(
            f"{inversion['rows']:,} rows of {left} are newer than the oldest row of {right}.",
            "where the model will meet the future, split by time: corpus.splitting: {kind: time}",
        )
