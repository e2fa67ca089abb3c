"""How fast near-duplicates are found, how many, in how much memory: beside other libraries, on the same texts.

    .venv/bin/python -m benchmarks.corpus.near_duplicates DATA                            # all systems installed here
    .venv/bin/python -m benchmarks.corpus.near_duplicates DATA --python OTHER/bin/python  # rivals from another venv

DATA is a folder with text files (CSV, JSON, XML, …); every distinct English sentence in it is a document. Each system
runs in a process of its own, several times in turn, and once more for its memory; near_duplicates.json has every
measurement, README.md the tables.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.corpus.peak import Peak, peak_memory

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "near_duplicates.json"
THRESHOLD, EDITS, SAMPLE, RUNS = 0.7, 5000, 3000, 5
SLOW = 20
"""Seconds from which on one run is enough."""
BATCH = 50_000
SIZES = (10_000, 100_000, 1_000_000)
AIM, AIM_RECALL = 10, 0.95


@dataclass
class Measured:
    """One run of one system.

    Args:
        flags: whether each text has a near-duplicate, as the system sees it; 0 or 1.
        seconds: that it took. Importing and compiling are not counted.
        memory: bytes that it took at its peak beyond the texts and what was loaded; 0 where only time was measured.
    """

    flags: list[int]
    seconds: float
    memory: int


def find(system: str, texts: list[str], *, memory: bool) -> Measured:
    """Runs a system, once on a few texts and then on all."""
    run = _vocation if system == "vocation" else _rival(system)
    array: Any = texts
    if system == "vocation":
        import pyarrow as pa

        array = pa.array(texts, pa.large_string())
        texts.clear()
    run(array[:5000] if system == "vocation" else array[:200])  # Loads or compiles everything.
    with peak_memory() if memory else nullcontext(Peak()) as peak:
        started = time.perf_counter()
        flags = run(array)
        seconds = time.perf_counter() - started
    return Measured([int(flag) for flag in flags], seconds, peak.total)


def _rival(system: str) -> Callable[[list[str]], Sequence[bool]]:
    from benchmarks.corpus.rivals import SYSTEMS

    return lambda texts: SYSTEMS[system](texts, THRESHOLD)


def _vocation(array: Any) -> Sequence[bool]:
    import numpy as np

    from vocation.corpus.near_duplicates.clustering import NearDuplicateSettings, find_clusters

    def batches() -> Any:
        starts = range(0, len(array), BATCH)
        return ((np.arange(start, min(start + BATCH, len(array))), array.slice(start, BATCH)) for start in starts)

    found = find_clusters(batches, len(array), 10**9, NearDuplicateSettings(threshold=THRESHOLD))
    flags: list[bool] = (np.bincount(found.cluster, minlength=len(array))[found.cluster] > 1).tolist()
    return flags


def work(system: str, texts_path: Path, out: Path, *, memory: bool) -> None:
    """A child process: one system, once."""
    measured = find(system, json.loads(texts_path.read_text(encoding="utf-8")), memory=memory)
    out.write_text(json.dumps(asdict(measured)), encoding="utf-8")


def measure(python: str, system: str, texts: Sequence[str], scratch: Path, *, memory: bool = False) -> Measured:
    """Runs a system in a process of its own."""
    source, out = scratch / "texts.json", scratch / "result.json"
    source.write_text(json.dumps(list(texts)), encoding="utf-8")
    command = [python, "-m", "benchmarks.corpus.near_duplicates", "-", "--child", system, str(source), str(out)]
    subprocess.run(
        [*command, *(["--memory"] if memory else [])], check=True, capture_output=True, cwd=FOLDER.parent.parent
    )
    return Measured(**json.loads(out.read_text(encoding="utf-8")))


def exact_neighbours(texts: Sequence[str], sample: Sequence[int]) -> dict[int, list[int]]:
    """For each sampled text, all others whose shingles' exact Jaccard similarity reaches the threshold."""
    from benchmarks.corpus.rivals import shingles

    sets = [set(shingles(text)) for text in texts]
    holders: dict[str, list[int]] = {}
    for place, found in enumerate(sets):
        for shingle in found:
            holders.setdefault(shingle, []).append(place)
    neighbours = {}
    for place in sample:
        common: dict[int, int] = {}
        for shingle in sets[place]:
            for other in holders[shingle]:
                common[other] = common.get(other, 0) + 1
        neighbours[place] = [
            other
            for other, count in common.items()
            if other != place and count / (len(sets[place]) + len(sets[other]) - count) >= THRESHOLD
        ]
    return neighbours


def quality(flags: Sequence[int], pairs: Sequence[tuple[int, int]], exact: Mapping[int, list[int]]) -> dict[str, float]:
    """Recall on the planted pairs and on sampled exact pairs (found where one side is flagged), and precision."""
    near = [(place, other) for place, others in exact.items() for other in others]
    flagged = [place for place in exact if flags[place]]
    return {
        "recall_planted": sum(flags[one] or flags[two] for one, two in pairs) / len(pairs),
        "recall": sum(flags[one] or flags[two] for one, two in near) / len(near),
        "precision": sum(bool(exact[place]) for place in flagged) / max(len(flagged), 1),
    }


def machine(python: str) -> dict[str, Any]:
    """What it ran on."""
    names = ("vocation", "numba", "numpy", "rensa", "datasketch", "datatrove", "text-dedup")
    code = (
        "import importlib.metadata as m, json\n"
        f"print(json.dumps({{d.name: d.version for d in m.distributions() if d.name in {names!r}}}))"
    )
    versions = json.loads(subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout)
    own = {d.name: d.version for d in importlib.metadata.distributions() if d.name in names}
    cores = len(os.sched_getaffinity(0))
    return {"cores": cores, "python": platform.python_version(), "packages": dict(sorted((versions | own).items()))}


def page(results: Mapping[str, Any]) -> list[str]:
    """The lines about near-duplicates in README.md."""
    systems = results["systems"]
    megabytes = results["bytes"] / 1e6
    rows = [
        f"| {name} | {results['texts'] / s['seconds'] / 1000:,.1f} | {megabytes / s['seconds']:,.1f} "
        f"| {s['memory'] / 1e6:,.0f} | {s['recall_planted']:.3f} | {s['recall']:.3f} | {s['precision']:.3f} |"
        for name, s in sorted(systems.items(), key=lambda item: item[1]["seconds"])
    ]
    growth = [
        f"| {int(size):,} | {s['seconds']:.2f} | {int(size) / s['seconds'] / 1000:,.0f} | {s['memory'] / 1e6:,.0f} "
        f"| {s['memory'] / int(size):,.0f} |"
        for size, s in results["growth"].items()
    ]
    packages = ", ".join(f"{name} {version}" for name, version in results["machine"]["packages"].items())
    return [
        "## Near-duplicates",
        "",
        f"{results['texts']:,} English sentences ({megabytes:.1f} MB, {EDITS:,} of them copies with one word "
        f"changed), Jaccard similarity of three-word shingles ≥ {THRESHOLD}, from texts in memory (Arrow for "
        "Vocation, as its stages have them; strings for the others) to flags, median of "
        f"{RUNS} runs in turn (of one run, where that took more than {SLOW} s), each in a process of its own. "
        "Recall and precision are against exact similarity, "
        f"of {SAMPLE:,} sampled texts and all that are near them; a pair counts as found where one of its texts is "
        "flagged. One changed word leaves some planted copies below the threshold. Importing and compiling are not "
        "counted. Memory is the peak of a run of its own, beyond the texts and what was loaded before; for those that "
        "start processes (datatrove, text-dedup) it has these whole.",
        "",
        "| system | k texts/s | MB/s | peak, MB | recall, planted | recall, exact pairs | precision |",
        "|---|---|---|---|---|---|---|",
        *rows,
        "",
        _aim(systems),
        "",
        "Growth of Vocation's time and memory (the sentences again and again, two words in three replaced):",
        "",
        "| texts | seconds | k texts/s | peak, MB | peak, bytes a text |",
        "|---|---|---|---|---|",
        *growth,
        "",
        f"{results['machine']['cores']} cores, Python {results['machine']['python']}, {packages}.",
        "",
    ]


def _aim(systems: Mapping[str, Any]) -> str:
    """Whether the aim is met, against each variant of rensa that finds as much."""
    own = systems["vocation"]["seconds"]
    rivals = {
        name: s["seconds"] / own
        for name, s in systems.items()
        if name.startswith("rensa") and s["recall"] >= AIM_RECALL
    }
    told = ", ".join(
        f"{factor:.1f} × {name} ({'reached' if factor >= AIM else 'missed'}; its precision is "
        f"{systems[name]['precision']:.3f})"
        for name, factor in sorted(rivals.items())
    )
    return f"The aim is {AIM} times the speed of rensa where its recall of exact pairs is {AIM_RECALL} or more: {told}."


def main() -> None:
    """Measures everything and writes both files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with text files")
    parser.add_argument("--python", default=sys.executable, help="interpreter that has the rivals installed")
    parser.add_argument("--systems", nargs="*", help="which rivals; default all")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--memory", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        system, source, out = arguments.child
        work(system, Path(source), Path(out), memory=arguments.memory)
        return
    import tempfile

    from benchmarks.corpus.rivals import SYSTEMS
    from benchmarks.corpus.texts import many, real_sentences, with_planted_edits

    sentences = real_sentences(arguments.data)
    texts, pairs = with_planted_edits(sentences, EDITS)
    exact = exact_neighbours(texts, list(range(0, len(texts), max(1, len(texts) // SAMPLE))))
    systems = ["vocation", *(SYSTEMS if arguments.systems is None else arguments.systems)]
    pythons = {system: sys.executable if system == "vocation" else arguments.python for system in systems}
    runs: dict[str, list[Measured]] = {system: [] for system in systems}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for _ in range(RUNS):
            for system in systems:
                if runs[system] and runs[system][0].seconds > SLOW:
                    continue
                runs[system].append(measure(pythons[system], system, texts, folder))
                print(system, f"{runs[system][-1].seconds:.2f} s", flush=True)
        memory = {system: measure(pythons[system], system, texts, folder, memory=True).memory for system in systems}
        growth = {str(size): _growth(many(sentences, size), folder) for size in SIZES}
    results = {
        "texts": len(texts),
        "bytes": sum(len(text.encode("utf-8")) for text in texts),
        "machine": machine(arguments.python),
        "systems": {
            system: {
                "seconds": median(run.seconds for run in found),
                "all_seconds": [run.seconds for run in found],
                "memory": memory[system],
                **quality(found[0].flags, pairs, exact),
            }
            for system, found in runs.items()
        },
        "growth": growth,
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    from benchmarks.corpus.page import write

    write()


def _growth(texts: Sequence[str], folder: Path) -> dict[str, float]:
    seconds = median(measure(sys.executable, "vocation", texts, folder).seconds for _ in range(3))
    return {"seconds": seconds, "memory": measure(sys.executable, "vocation", texts, folder, memory=True).memory}


if __name__ == "__main__":
    main()
