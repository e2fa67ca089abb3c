"""The page that shows the committed results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_HEAD = """# De-identification

<!-- Written by benchmarks/deidentification/run.py from results.json. -->

How well identifiers are found, and how fast, beside [presidio](https://github.com/microsoft/presidio) in the same run.
A finding is right when its bounds and its type are those of the truth; "half" also counts one that overlaps by half
(intersection over union). F2 weighs recall four times as much as precision. A false span overlaps nothing that is in
the truth.
Texts a second: of processor time in one process, in groups of fifty; the systems take turns at each group, and the
best of some repeats counts.

Run it again: `.venv/bin/python -m benchmarks.deidentification.run --data DIR --spacy-model MODEL`
"""

_ENGLISH = """
## English

`synth_dataset_v2.json` of presidio-research (MIT): 1,500 made-up texts. Detectors were written with a view of the texts
of even template numbers ("development", {development:,} texts); the tables show the others ("test", {test:,} texts),
which were only counted. "patterns" are all detectors but names and addresses, against presidio's recognisers without
its language model; "all" and "default" are the whole sets. Presidio runs at its default threshold; as URL it also
reports the domain of each e-mail address. Of both splits, a list of some values of each type had been seen beforehand.
"""

_FIXED = """
Types with a check digit or a form like no other (credit card, e-mail, IBAN, IP, URL, SSN), together:

| system | split | precision | recall | F2 | false spans | texts a second |
|---|---|---|---|---|---|---|
"""

_TYPES = """
By type, test split:

| type | system | gold | precision | recall | F2 | F2, half | false spans |
|---|---|---|---|---|---|---|---|
"""

_CHINESE = """
## Chinese

Texts that `chinese.py` makes from the templates beside it (hospital, bank, law, insurance, staff), with known truth and
with numbers that are no identifiers. Detectors were written with a view of the development templates; those of the
test split were only counted. Both come from one hand, so that real texts will be harder. Test split, {texts:,} texts
of {templates} templates, {characters:.0f} characters on average, {speed:,.0f} texts a second:

| type | gold | precision | recall | F2 | false spans | target |
|---|---|---|---|---|---|---|
"""


def page(results: Mapping[str, Any]) -> str:
    """The page as Markdown."""
    english, chinese = results["english"], results["chinese"]
    test = chinese["test"]
    parts = [_HEAD, _ENGLISH.format(**english["texts"]), _FIXED, *_fixed_rows(english["systems"]), _TYPES]
    parts += [*_type_rows(english["systems"])]
    parts += ["\n" + _speed_line(english["systems"])]
    filled = {"texts": test["texts"], "templates": test["templates"], "characters": test["characters"]}
    parts += [_CHINESE.format(**filled, speed=test["texts_per_second"]), *_chinese_rows(test["types"])]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    parts += [f"\n{versions}; Python {results['machine']['python']} on {results['machine']['processor']}.\n"]
    return "".join(parts)


def _fixed_rows(systems: Mapping[str, Any]) -> Iterable[str]:
    for split in ("test", "all"):
        for name, one in systems.items():
            scores = one[split]["fixed"]
            speed = f"{one['texts_per_second']:,.0f}" if split == "all" else ""
            yield f"| {name} | {split} | {_three(scores)} | {scores['false']} | {speed} |\n"


def _type_rows(systems: Mapping[str, Any]) -> Iterable[str]:
    kinds = next(iter(systems.values()))["test"]["types"]
    for kind in kinds:
        for name, one in systems.items():
            scores = one["test"]["types"][kind]
            if scores["gold"] and (scores["reported"] or "patterns" not in name):
                half = _number(scores["f2_overlap"])
                yield f"| {kind} | {name} | {scores['gold']} | {_three(scores)} | {half} | {scores['false']} |\n"


def _speed_line(systems: Mapping[str, Any]) -> str:
    theirs = systems["presidio, patterns"]["texts_per_second"]
    default, dated = (
        systems[name]["texts_per_second"] / theirs for name in ("vocation, patterns", "vocation, patterns and dates")
    )
    verdict = "reached" if default >= 40 else "not reached"
    return (
        f"Patterns run {default:.0f} times as fast as presidio's (target 40: {verdict}); with all dates, which a recipe"
        f" has to ask for\nand presidio always looks for, {dated:.0f} times.\n"
    )


def _chinese_rows(types: Mapping[str, Any]) -> Iterable[str]:
    for kind, scores in types.items():
        reached = (scores["recall"] or 0) >= 0.98 and (scores["precision"] or 0) >= 0.95
        verdict = "reached" if reached else "not reached"
        yield f"| {kind} | {scores['gold']} | {_three(scores)} | {scores['false']} | {verdict} |\n"


def _three(scores: Mapping[str, Any]) -> str:
    return " | ".join(_number(scores[name]) for name in ("precision", "recall", "f2"))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
