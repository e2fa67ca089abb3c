"""What is worth knowing of a corpus before anything is trained on it, each with what to do about it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vocation.ledger import Count

Words = Mapping[str, str]
_FEW_TRAINING_ROWS = 8  # Below this, few-shot studies find fine-tuned encoders unreliable for a class.
_FEW_VALIDATION_ROWS = 100  # The 95 % interval of an accuracy of 0.9 is then about ±0.06.
_DRIFT = 0.1  # Worth a word where a tenth of the labels would have to differ,
_CHANCE = 0.01  # and chance alone does not make that.
_NAMED = 5
_LABEL = 40  # Characters of a label's name in a sentence.


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth knowing before training.

    Args:
        problem: what was seen.
        remedy: what to do about it.
        section: of the data page, where more of it stands.
    """

    problem: str
    remedy: str
    section: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What findings are drawn from.

    Args:
        corpus: summary of the corpus manifest.
        examined: summary of the examination's manifest.
        counts: ledger of the corpus.
    """

    corpus: Mapping[str, Any]
    examined: Mapping[str, Any]
    counts: Sequence[Count]


def findings(facts: Facts, words: Words) -> list[Finding]:
    """Everything worth knowing, in the language of the words.

    Args:
        facts: of a corpus and its examination.
        words: see `vocation.examination.words`.
    """
    say = _Speaker(words)
    return [
        *_rejected(facts, say),
        *_files(facts.corpus["files"], say),
        *_faults(facts.examined["faults"], say),
        *_cuts(facts.examined, say),
        *([say("case_lost", "lengths")] if facts.examined["case_lost"] else []),
        *_equal_texts(facts.corpus, say),
        *_near_texts(facts.corpus.get("near_duplicates"), facts.counts, say),
        *_splits(facts.corpus["splits"], say),
        *_labels(facts.corpus["splits"], say),
        *_audit(facts.corpus["split_audit"], say),
        *_leakage(facts.examined["leakage"], say),
        *_identifiers(facts.examined["identifiers"], say),
    ]


class _Number(int):
    """A number in a sentence, with what is counted: of `{rows:row is|rows are}`, the first where it is one."""

    def __format__(self, specification: str) -> str:
        number = f"{int(self):,}"
        if not specification:
            return number
        one, many = specification.split("|")
        return f"{number} {one if self == 1 else many}"


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Puts findings into words: the problem is called by a name, and its remedy by that name and `_remedy`."""

    words: Words

    def __call__(self, name: str, section: str, **values: Any) -> Finding:
        filled = {key: _Number(value) if isinstance(value, int) else value for key, value in values.items()}
        return Finding(self.words[name].format(**filled), self.words[f"{name}_remedy"].format(**filled), section)

    def split(self, name: str) -> str:
        return self.words[f"split_{name}"]

    def pair(self, between: Sequence[str]) -> dict[str, str]:
        return {"first": self.split(between[0]), "second": self.split(between[1])}

    def listed(self, items: Sequence[str], most: int = _NAMED) -> str:
        """The first few, and a sign that there are more."""
        return self.words["comma"].join(items[:most]) + (" …" if len(items) > most else "")


def _rejected(facts: Facts, say: _Speaker) -> Iterator[Finding]:
    counts = facts.counts
    if problems := facts.examined["refused"]:
        rows = sum(problem["rows"] for problem in problems)
        named = say.listed([say.words["refused_for"].format(**problem) for problem in problems], most=3)
        yield say("refused", "losses", rows=rows, share=f"{rows / facts.corpus['read']:.1%}", named=named)
    for reason, name in (("missing value", "missing"), ("undecodable bytes replaced", "undecodable")):
        if found := sum(count.count for count in counts if count.reason == reason):
            yield say(name, "losses", count=found)


def _files(files: Sequence[Mapping[str, Any]], say: _Speaker) -> Iterator[Finding]:
    mixed = []
    for file in files:
        counts = {name.upper(): count for name, count in file.get("line_ends", {}).items() if count}
        if len(counts) > 1:
            told = say.words["comma"].join(f"{count:,} {name}" for name, count in counts.items())
            mixed.append(say.words["line_ends_of"].format(path=file["path"], counts=told))
    if mixed:
        yield say("line_ends", "data", files=len(mixed), named=say.listed(mixed, most=3))
    if marked := [file["path"] for file in files if file["encoding"] == "utf-8-sig"]:
        yield say("byte_order_mark", "data", files=len(marked), named=say.listed(marked, most=3))
    broken = [file for file in files if file.get("broken_cells", {}).get("rows")]
    if broken:
        first = f"{broken[0]['path']}:{broken[0]['broken_cells']['first']}"
        yield say("broken_cells", "data", rows=sum(file["broken_cells"]["rows"] for file in broken), first=first)


def _faults(faults: Mapping[str, Any], say: _Speaker) -> Iterator[Finding]:
    for fault, rows in faults["found"].items():
        yield say(f"fault_{fault}", "losses", rows=rows, texts=faults["texts"])


def _cuts(examined: Mapping[str, Any], say: _Speaker) -> Iterator[Finding]:
    splits = examined["splits"]
    lost: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for name, split in splits.items():
        for cut in split["cuts"]:
            lost.setdefault((cut["reason"], cut["unit"]), {})[name] = cut
    for (_, unit), cuts in lost.items():
        each = say.words["comma"].join(
            say.words["cut_split"].format(
                rows=f"{cut['rows']:,}", all=f"{splits[name]['rows']:,}", split=say.split(name)
            )
            for name, cut in cuts.items()
        )
        amount = sum(cut["amount"] for cut in cuts.values())
        if unit == "tokens":
            share = amount / sum(split["tokens"]["total"] for split in splits.values())
            yield say(
                "cut_tokens", "lengths", each=each, amount=amount, share=f"{share:.1%}", window=examined["window"]
            )
        else:
            yield say("cut_entities", "lengths", each=each, amount=amount)


def _equal_texts(summary: Mapping[str, Any], say: _Speaker) -> Iterator[Finding]:
    repeated = {name: count for name, count in summary["duplicates"].items() if count}
    if repeated:
        each = say.words["comma"].join(
            say.words["repeats_of"].format(rows=f"{count:,}", split=say.split(name)) for name, count in repeated.items()
        )
        yield say("repeats", "duplicates", each=each)
    for overlap in summary["overlap"]:
        removed = overlap["action"].startswith("removed")
        values = {**say.pair(overlap["between"]), "texts": overlap["texts"], "rows": overlap["rows"]}
        yield say("overlap_removed" if removed else "overlap", "duplicates", **values)
    if summary["conflicts"]["texts"]:
        yield say("conflicts", "duplicates", **summary["conflicts"])


def _near_texts(near: Mapping[str, Any] | None, counts: Sequence[Count], say: _Speaker) -> Iterator[Finding]:
    if near is None:
        return
    if dropped := sum(count.count for count in counts if (count.action, count.reason) == ("dropped", "near-duplicate")):
        yield say("near_dropped", "duplicates", rows=dropped)
    if near["clusters"]:
        largest = near["examples"][0]
        yield say(
            "near",
            "duplicates",
            rows=near["rows"],
            clusters=near["clusters"],
            largest=largest["rows"],
            place=largest["places"][0],
        )
    for overlap in near["overlap"]:
        removed = overlap["action"].startswith("removed")
        values = {**say.pair(overlap["between"]), "rows": overlap["rows"]}
        yield say("near_overlap_removed" if removed else "near_overlap", "duplicates", **values)
    if near["conflicting_rows"]:
        yield say("near_conflicts", "duplicates", rows=near["conflicting_rows"])


def _splits(splits: Mapping[str, Any], say: _Speaker) -> Iterator[Finding]:
    if "test" not in splits:
        yield say("no_test", "splits")
    validation = splits.get("validation", {}).get("records", 0)
    if validation < _FEW_VALIDATION_ROWS:
        yield say("small_validation", "splits", rows=validation)


def _labels(splits: Mapping[str, Any], say: _Speaker) -> Iterator[Finding]:
    learned = splits["train"]["labels"]
    few = {label: count for label, count in learned.items() if count < _FEW_TRAINING_ROWS}
    if few:
        rarest = sorted(few.items(), key=lambda item: item[1])
        named = say.listed([f"{label[:_LABEL]} ({count})" for label, count in rarest])
        yield say("rare_labels", "data", labels=len(few), least=_FEW_TRAINING_ROWS, named=named)
    if untested := sorted(learned.keys() - splits.get("test", splits["train"])["labels"].keys()):
        named = say.listed([label[:_LABEL] for label in untested])
        yield say("untested_labels", "data", labels=len(untested), named=named)
    alike = _alike(sorted({label for split in splits.values() for label in split["labels"]}))
    if alike:
        named = say.listed([" / ".join(label[:_LABEL] for label in labels) for labels in alike])
        yield say("alike_labels", "data", sets=len(alike), named=named)
    if broken := [label for label in learned if "\ufffd" in label]:
        yield say("broken_labels", "data", labels=len(broken), named=say.listed([label[:_LABEL] for label in broken]))


def _alike(labels: Sequence[str]) -> list[list[str]]:
    """The labels that differ by width, case, spacing and punctuation alone."""
    folded: dict[str, list[str]] = {}
    for label in labels:
        key = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", label).casefold()))
        folded.setdefault(key, []).append(label)
    return [same for key, same in folded.items() if key and len(same) > 1]


def _audit(audit: Mapping[str, Any], say: _Speaker) -> Iterator[Finding]:
    for shared in audit["groups"]:
        rows = {"first_rows": shared["rows"][0], "second_rows": shared["rows"][1]}
        yield say("shared_groups", "splits", **say.pair(shared["between"]), groups=shared["sets"], **rows)
    for drift in audit["drift"]:
        if drift["total_variation"] > _DRIFT and drift["p_value"] < _CHANCE:
            shares = say.words["comma"].join(
                say.words["drift_share"].format(
                    label=one["label"][:_LABEL], first=f"{one['first']:.1%}", second=f"{one['second']:.1%}"
                )
                for one in drift["largest"][:3]
            )
            pair = say.pair(drift["between"])
            yield say("drift", "splits", **pair, share=f"{drift['total_variation']:.0%}", shares=shares)
    for inversion in audit["inversions"]:
        yield say("inversion", "splits", **say.pair(inversion["between"]), rows=inversion["rows"])


def _leakage(found: Mapping[str, Any] | None, say: _Speaker) -> Iterator[Finding]:
    if found:
        scores = {name: _interval(found[name]) for name in ("honest", "random")}
        difference = _interval(found["difference"], signed=True)
        metric = say.words.get(f"metric_{found['metric']}", found["metric"])
        name = "leakage_flatters" if found["flatters"] else "leakage_none"
        yield say(name, "splits", metric=metric, difference=difference, **scores)


def _interval(interval: Mapping[str, float], *, signed: bool = False) -> str:
    value, low, high = (f"{interval[name]:{'+' if signed else ''}.3f}" for name in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"


def _identifiers(found: Mapping[str, Any] | None, say: _Speaker) -> Iterator[Finding]:
    if found and found["found"]:
        named = say.listed([f"{category} {count:,}" for category, count in found["found"].items()])
        yield say("identifiers", "identifiers", texts=found["texts"], named=named)
