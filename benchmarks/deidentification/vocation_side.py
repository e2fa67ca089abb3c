"""What our detectors find, with names and addresses or without."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.deidentification.scoring import Find, Place
from vocation.component import kinds
from vocation.deidentification.detectors import Detector
from vocation.deidentification.scanner import Scanner

_NAMED = {"PERSON", "LOCATION", "STREET_ADDRESS", "ORGANIZATION"}


def ours(*, names: bool, dates: bool) -> Find:
    """Every detector that needs no settings: with names and addresses or without, with all dates or births only."""
    scanner = Scanner(tuple(_chosen(names=names, dates=dates)))

    def find(texts: Sequence[str]) -> list[list[Place]]:
        return [
            [Place(finding.start, finding.end, finding.category) for finding in findings]
            for findings in scanner.scan(texts)
        ]

    return find


def _chosen(*, names: bool, dates: bool) -> list[Detector]:
    classes = kinds("vocation.deidentification.detectors")
    chosen: list[Detector] = []
    for kind, detector in classes.items():
        assert issubclass(detector, Detector)
        named = bool(_NAMED & set(detector.categories))
        if (detector.on_request and not (dates and kind == "date_time")) or (named and not names):
            continue
        chosen.append(detector())
    return chosen
