"""What each section of the data page says, as plain values for its template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vocation.evaluation.report.intervals_chart import interval_chart
from vocation.evaluation.report.results import chart_row, metric_name
from vocation.evaluation.report.sections import number
from vocation.examination.page.lengths_chart import lengths_chart

Words = Mapping[str, str]
_SHARED = ("equal_texts", "near_texts", "groups")


def lengths(examined: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Token counts of each split beside the window, and what is lost."""
    window = examined["window"]
    return {
        "sentence": words["lengths_sentence"].format(window=number(window)) if window else "",
        "rows": [
            [
                words[f"split_{name}"],
                number(split["rows"]),
                number(split["tokens"]["total"]),
                *(number(split["tokens"][key]) for key in ("median", "p95", "max")),
                number(split["cut_rows"]),
                words["comma"].join(
                    words["lost_unit"].format(amount=number(cut["amount"]), unit=words[f"unit_{cut['unit']}"])
                    for cut in split["cuts"]
                )
                or words["nothing_lost"],
            ]
            for name, split in examined["splits"].items()
        ],
        "picture": lengths_chart(examined, words),
    }


def duplicates(corpus: Mapping[str, Any], clusters: Sequence[Mapping[str, Any]], words: Words) -> dict[str, Any]:
    """Equal texts by split, and the largest clusters of nearly equal ones with their texts.

    Args:
        corpus: summary of the corpus.
        clusters: what the examination found of the largest ones.
        words: of the page.
    """
    near = corpus.get("near_duplicates")
    equal = [
        words["finding_duplicates"].format(split=words[f"split_{name}"], count=number(count))
        for name, count in corpus["duplicates"].items()
        if count
    ]
    if near is None:
        sentence = words["near_off"]
    elif near["clusters"]:
        sentence = words["near_sentence"].format(rows=number(near["rows"]), clusters=number(near["clusters"]))
    else:
        sentence = words["near_none"]
    shown = [
        {
            "title": words["cluster"].format(rows=number(cluster["rows"]), place=cluster["texts"][0]["place"]),
            "texts": [
                {**text, "split": words[f"split_{text['split']}"] if text["split"] else words["not_kept"]}
                for text in cluster["texts"]
            ],
        }
        for cluster in clusters
    ]
    return {"equal": equal, "near": sentence, "clusters": shown}


def splits(corpus: Mapping[str, Any], examined: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """What stands on both sides of two splits, drift of labels, inversions of time, and leakage."""
    audit = corpus["split_audit"]

    def between(entry: Mapping[str, Any]) -> str:
        first, second = (words[f"split_{name}"] for name in entry["between"])
        return words["between"].format(first=first, second=second)

    return {
        "shared": [
            [
                words[kind],
                between(shared),
                " / ".join(shared["examples"][0]),
                number(shared["sets"]),
                *(number(rows) for rows in shared["rows"]),
            ]
            for kind in _SHARED
            for shared in audit[kind]
        ],
        "drift": [
            [
                between(drift),
                words["comma"].join(
                    words["drift_share"].format(
                        label=one["label"], first=f"{one['first']:.1%}", second=f"{one['second']:.1%}"
                    )
                    for one in drift["largest"][:3]
                ),
                f"{drift['total_variation']:.1%}",
                f"{drift['p_value']:.2g}",
            ]
            for drift in audit["drift"]
        ],
        "inversions": [[between(one), " / ".join(one["example"]), number(one["rows"])] for one in audit["inversions"]],
        "leakage": _leakage(examined["leakage"], words),
    }


def identifiers(found: Mapping[str, Any] | None, *, replaced: bool, words: Words) -> dict[str, Any]:
    """What identifies a person in the texts.

    Args:
        found: of the examination; None where it did not look.
        replaced: whether the corpus was de-identified.
        words: of the page.
    """
    if found is None:
        return {"sentence": words["identifiers_replaced" if replaced else "identifiers_off"], "rows": []}
    name = "identifiers_sentence" if found["found"] else "identifiers_none"
    return {
        "sentence": words[name].format(texts=number(found["texts"])),
        "rows": [[category, number(count)] for category, count in found["found"].items()],
    }


def _leakage(found: Mapping[str, Any] | None, words: Words) -> Any:
    """The picture of both scores, or None where nothing was measured."""
    if found is None:
        return None
    sides = {**words, "model": words["leakage_honest"], "baseline": words["leakage_random"]}
    row = chart_row(metric_name(found["metric"], words), found["honest"], found["random"])
    return interval_chart([row], sides, words["leakage_title"])
