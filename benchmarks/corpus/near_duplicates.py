"""How fast near-duplicates are found, and how many: beside other libraries, on the same texts, in one run.

    .venv/bin/python -m benchmarks.corpus.near_duplicates DATA                            # all systems installed here
    .venv/bin/python -m benchmarks.corpus.near_duplicates DATA --python OTHER/bin/python  # rivals from another venv

DATA is a folder with text files (CSV, JSON, XML, …); every distinct English sentence in it is a document. Each system
runs in a process of its own, several times in turn; results.json has every measurement, README.md the table.
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
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results.json"
THRESHOLD, EDITS, SAMPLE, RUNS = 0.7, 5000, 3000, 5
SLOW = 20
BATCH = 50_000
"""Seconds from which on one run is enough."""
SIZES = (10_000, 100_000, 1_000_000)


def find(system: str, texts: Sequence[str]) -> tuple[list[bool], float]:
    """Which texts a system flags, and in how many seconds. Importing and compiling are not counted."""
    if system != "vocation":
        from benchmarks.corpus.rivals import SYSTEMS

        SYSTEMS[system](texts[:200], THRESHOLD)
        started = time.perf_counter()
        return SYSTEMS[system](texts, THRESHOLD), time.perf_counter() - started
    import numpy as np
    import pyarrow as pa

    from vocation.corpus.near_duplicates.clustering import NearDuplicateSettings, find_clusters

    def run(array: Any) -> Any:
        settings = NearDuplicateSettings(threshold=THRESHOLD)
        starts = range(0, len(array), BATCH)

        def batches() -> Any:
            return ((np.arange(start, min(start + BATCH, len(array))), array.slice(start, BATCH)) for start in starts)

        return find_clusters(batches, len(array), 10**9, settings)

    array = pa.array(texts, pa.large_string())
    run(array.slice(0, 5000))  # Loads or compiles every kernel.
    started = time.perf_counter()
    found = run(array)
    seconds = time.perf_counter() - started
    return (np.bincount(found.cluster, minlength=len(texts))[found.cluster] > 1).tolist(), seconds


def work(system: str, texts_path: Path, out: Path) -> None:
    """A child process: one system, once."""
    texts = json.loads(texts_path.read_text(encoding="utf-8"))
    flags, seconds = find(system, texts)
    result = {"flags": [int(flag) for flag in flags], "seconds": seconds}
    out.write_text(json.dumps(result), encoding="utf-8")


def measure(python: str, system: str, texts: Sequence[str], scratch: Path) -> dict[str, Any]:
    """Runs a system in a process of its own."""
    source, out = scratch / "texts.json", scratch / "result.json"
    source.write_text(json.dumps(list(texts)), encoding="utf-8")
    command = [python, "-m", "benchmarks.corpus.near_duplicates", "-", "--child", system, str(source), str(out)]
    subprocess.run(command, check=True, capture_output=True, cwd=FOLDER.parent.parent)
    result: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return result


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


def page(results: Mapping[str, Any]) -> str:
    """README.md."""
    systems = results["systems"]
    megabytes = results["bytes"] / 1e6
    rows = [
        f"| {name} | {results['texts'] / s['seconds'] / 1000:,.1f} | {megabytes / s['seconds']:,.1f} "
        f"| {s['recall_planted']:.3f} | {s['recall']:.3f} "
        f"| {s['precision']:.3f} |"
        for name, s in sorted(systems.items(), key=lambda item: item[1]["seconds"])
    ]
    growth = [f"| {int(size):,} | {s:.2f} | {int(size) / s / 1000:,.0f} |" for size, s in results["growth"].items()]
    packages = ", ".join(f"{name} {version}" for name, version in results["machine"]["packages"].items())
    return "\n".join(
        [
            "# Near-duplicates",
            "",
            "<!-- Written by benchmarks/corpus/near_duplicates.py from results.json. -->",
            "",
            f"{results['texts']:,} English sentences ({megabytes:.1f} MB, {EDITS:,} of them copies with one word "
            f"changed), Jaccard similarity of three-word shingles ≥ {THRESHOLD}, from texts in memory (Arrow for "
            "Vocation, as its stages have them; strings for the others) to flags, median of "
            f"{RUNS} runs in turn (of one run, where that took more than {SLOW} s), each in a process of its own. "
            "Recall and precision are against exact similarity, "
            f"of {SAMPLE:,} sampled texts and all that are near them; a pair counts as found where one of its texts is "
            "flagged. One changed word leaves some planted copies below the threshold. Importing and compiling are not "
            "counted.",
            "",
            "Vocation keeps 4 bytes a band and text (88 bytes at this threshold) and 4 bytes a shingle of the texts "
            "that are in candidate pairs.",
            "",
            "| system | k texts/s | MB/s | recall, planted | recall, exact pairs | precision |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            "Growth of Vocation's time (the sentences again and again, two words in three replaced):",
            "",
            "| texts | seconds | k texts/s |",
            "|---|---|---|",
            *growth,
            "",
            f"{results['machine']['cores']} cores, Python {results['machine']['python']}, {packages}.",
            "",
        ]
    )


def main() -> None:
    """Measures everything and writes both files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with text files")
    parser.add_argument("--table", action="store_true", help="run nothing; write README.md from results.json")
    parser.add_argument("--python", default=sys.executable, help="interpreter that has the rivals installed")
    parser.add_argument("--systems", nargs="*", help="which rivals; default all")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        work(arguments.child[0], Path(arguments.child[1]), Path(arguments.child[2]))
        return
    if arguments.table:
        write(json.loads(RESULTS.read_text(encoding="utf-8")))
        return
    import tempfile

    from benchmarks.corpus.rivals import SYSTEMS
    from benchmarks.corpus.texts import many, real_sentences, with_planted_edits

    sentences = real_sentences(arguments.data)
    texts, pairs = with_planted_edits(sentences, EDITS)
    exact = exact_neighbours(texts, list(range(0, len(texts), max(1, len(texts) // SAMPLE))))
    systems = ["vocation", *(SYSTEMS if arguments.systems is None else arguments.systems)]
    runs: dict[str, list[dict[str, Any]]] = {system: [] for system in systems}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(RUNS):
            for system in systems:
                if runs[system] and runs[system][0]["seconds"] > SLOW:
                    continue
                python = sys.executable if system == "vocation" else arguments.python
                runs[system].append(measure(python, system, texts, Path(folder)))
                print(system, f"{runs[system][-1]['seconds']:.2f} s", flush=True)
        growth = {
            str(size): measure(sys.executable, "vocation", many(sentences, size), Path(folder))["seconds"]
            for size in SIZES
        }
    results = {
        "texts": len(texts),
        "bytes": sum(len(text.encode("utf-8")) for text in texts),
        "machine": machine(arguments.python),
        "systems": {
            system: {
                "seconds": median(run["seconds"] for run in found),
                "all_seconds": [run["seconds"] for run in found],
                **quality(found[0]["flags"], pairs, exact),
            }
            for system, found in runs.items()
        },
        "growth": growth,
    }
    write(results)


def write(results: Mapping[str, Any]) -> None:
    """Both files."""
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (FOLDER / "README.md").write_text(page(results), encoding="utf-8")


if __name__ == "__main__":
    main()
