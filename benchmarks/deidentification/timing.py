"""How many texts a system reads in a second."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from benchmarks.deidentification.scoring import Find

_GROUP = 50  # texts that are timed together


def speeds(systems: Mapping[str, tuple[Find, int]], texts: Sequence[str]) -> dict[str, float]:
    """Texts that each system reads in a second of processor time.

    The systems take turns at each group of texts, and the best of each one's repeats counts, so that other work on the
    machine changes little, and changes it for all.

    Args:
        systems: by name, what finds and how often it is repeated.
        texts: what is read.
    """
    totals = dict.fromkeys(systems, 0.0)
    for find, _ in systems.values():
        find(texts[:_GROUP])
    for start in range(0, len(texts), _GROUP):
        group = texts[start : start + _GROUP]
        best = dict.fromkeys(systems, float("inf"))
        for turn in range(max(repeats for _, repeats in systems.values())):
            for name, (find, repeats) in systems.items():
                if turn < repeats:
                    best[name] = min(best[name], _seconds(find, group))
        totals = {name: total + best[name] for name, total in totals.items()}
    return {name: len(texts) / total for name, total in totals.items()}


def _seconds(find: Find, texts: Sequence[str]) -> float:
    start = time.process_time()
    find(texts)
    return time.process_time() - start
