"""How fast documents are cleaned: beside datatrove, with equal steps, from equal files, on all cores.

    .venv/bin/python -m benchmarks.corpus.cleaning DATA --python OTHER/bin/python  # a venv that has datatrove

DATA is a folder with text files (CSV, JSON, XML, …), of which passages are taken. Both systems read JSON lines and
write what stays and what goes, in turn, several times; cleaning.json has every measurement, README.md the table. What
is measured is kept in `--scratch` until all is, so that a benchmark that was killed goes on when it is run again.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import math
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from benchmarks.corpus.peak import Peak, peak_memory

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "cleaning.json"
SCRATCH = Path(tempfile.gettempdir()) / "vocation-cleaning"
DOCUMENTS, RUNS = 100_000, 5
LONG, LONG_RUNS = 180, 2
"""Seconds from which on a run is long, and how many of those are enough."""
RUN = "run-"
"""What the folders of single runs begin with."""
PATTERN = r"(?i)lorem ipsum|click here to|javascript is disabled"
STEPS = (
    "mojibake undone (ftfy), Gopher's repetition filter, Gopher's limits on symbols, bullet lines and ellipses, a "
    "regular expression that drops, e-mail and IPv4 addresses replaced"
)
_T = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447}
"""Student's t of 0.975, by the number of runs."""


@dataclass
class Measured:
    """One run of one system.

    Args:
        seconds: from the call to the last file written, with the start of its processes.
        memory: bytes at its peak beyond what was loaded; 0 where only time was measured.
        kept: digest of the text of each document that stays, by id.
        dropped: the reason of each that goes, by id.
    """

    seconds: float
    memory: int
    kept: dict[str, str]
    dropped: dict[str, str]


def vocation(source: Path, out: Path) -> Callable[[], tuple[dict[str, str], dict[str, str]]]:
    """Cleans; returns what reads what it wrote."""
    from vocation.corpus.clean import Chain, Link
    from vocation.corpus.first_pass import FirstPass
    from vocation.corpus.parts import records_of
    from vocation.corpus.reading import source_files
    from vocation.corpus.refine import CorpusSettings
    from vocation.deidentification.deidentifier import Deidentifier
    from vocation.deidentification.settings import Deidentification
    from vocation.ledger import read_entries
    from vocation.progress import SILENT
    from vocation.records import read_records
    from vocation.tasks.classification import Classification

    settings = CorpusSettings.model_validate(
        {
            "sources": [{"kind": "jsonl", "path": "*.jsonl", "split": "unlabelled"}],
            "cleaning": [
                "repair",
                "repetition",
                {"kind": "symbol_ratio", "alphabetic_words": 0},
                {"kind": "drop_matching", "patterns": [PATTERN]},
            ],
        }
    )
    addresses = Deidentification.model_validate({"detectors": ["email", {"kind": "ip_address"}]})
    chain, task = Chain(tuple(map(Link.of, settings.cleaning)), Deidentifier(addresses)), Classification()
    files = source_files(settings.sources, source)
    parts = FirstPass(files, task, "refuse", _cores(), SILENT).write(chain, out, lambda _: None)

    def read() -> tuple[dict[str, str], dict[str, str]]:
        records = [record for part in parts for record in read_records(records_of(part), task.record_schema)]
        entries = [entry for part in parts for entry in read_entries(part, limit=10**9)]
        kept = {record.id: _digest(record.text.content) for record in records}
        return kept, {entry["id"]: entry["reason"] for entry in entries}

    return read


def datatrove(source: Path, out: Path) -> Callable[[], tuple[dict[str, str], dict[str, str]]]:
    """Cleans; returns what reads what it wrote."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.filters import GopherQualityFilter, GopherRepetitionFilter, RegexFilter
    from datatrove.pipeline.formatters import FTFYFormatter, PIIFormatter
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    def gone(name: str) -> Any:
        return JsonlWriter(str(out / "gone" / name), compression=None)

    steps = [
        JsonlReader(str(source), glob_pattern="*.jsonl"),
        FTFYFormatter(unescape_html=False, remove_terminal_escapes=False, remove_control_chars=False),
        GopherRepetitionFilter(exclusion_writer=gone("repetition")),
        GopherQualityFilter(
            min_doc_words=None,
            max_doc_words=None,
            min_avg_word_length=None,
            max_avg_word_length=None,
            min_stop_words=None,
            max_non_alpha_words_ratio=None,
            exclusion_writer=gone("quality"),
        ),
        RegexFilter(PATTERN, exclusion_writer=gone("pattern")),
        PIIFormatter(only_remove_public_ips=False, email_replacement="[EMAIL_ADDRESS]", ip_replacement="[IP_ADDRESS]"),
        JsonlWriter(str(out / "kept"), compression=None),
    ]
    cores = _cores()
    LocalPipelineExecutor(steps, tasks=cores, workers=cores, logging_dir=str(out / "log")).run()

    def read() -> tuple[dict[str, str], dict[str, str]]:
        kept = {row["id"]: _digest(row["text"]) for row in _rows(out / "kept")}
        reasons = {
            row["id"]: f"{folder.name}: {row['metadata'].get('filter_reason', 'matches')}"
            for folder in (out / "gone").iterdir()
            for row in _rows(folder)
        }
        return kept, reasons

    return read


def _rows(folder: Path) -> list[dict[str, Any]]:
    files = sorted(folder.glob("*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").split("\n") if line]


SYSTEMS = {"vocation": vocation, "datatrove": datatrove}


def work(system: str, source: Path, result: Path, *, memory: bool) -> None:
    """A child process: one system, once, after a few documents that load everything."""
    run = SYSTEMS[system]
    with tempfile.TemporaryDirectory(prefix=RUN, dir=source) as folder:
        run(source / "few", Path(folder) / "few")
        if system == "vocation":
            from joblib.externals.loky import get_reusable_executor

            get_reusable_executor().shutdown(wait=True)  # Each run starts its processes.
        with peak_memory() if memory else nullcontext(Peak()) as peak:
            started = time.perf_counter()
            read = run(source, Path(folder) / "out")
            seconds = time.perf_counter() - started
        result.write_text(json.dumps(asdict(Measured(seconds, peak.total, *read()))), encoding="utf-8")


def measure(python: str, system: str, source: Path, result: Path, *, memory: bool = False) -> Measured:
    """Runs a system in a process of its own, unless its result is there already."""
    if not result.exists():
        unfinished = result.with_suffix(".unfinished")
        command = [python, "-m", "benchmarks.corpus.cleaning", "-", "--child", system, str(source), str(unfinished)]
        command += ["--memory"] if memory else []
        subprocess.run(command, check=True, capture_output=True, cwd=FOLDER.parent.parent)
        unfinished.rename(result)
    return Measured(**json.loads(result.read_text(encoding="utf-8")))


def in_turn(run: Callable[[str, int], Measured], runs: int) -> dict[str, list[Measured]]:
    """Every run of every system, by turns; a system whose first run is long has few.

    Args:
        run: runs a system for the n-th time.
        runs: how often.
    """
    found: dict[str, list[Measured]] = {system: [] for system in SYSTEMS}
    for number in range(runs):
        for system, done in found.items():
            if number < LONG_RUNS or done[0].seconds < LONG:
                done.append(run(system, number))
                print(system, f"{done[-1].seconds:.2f} s", flush=True)
    return found


def agreement(ours: Measured, theirs: Measured) -> dict[str, Any]:
    """How many documents both keep and drop, in how many both texts are equal, and why one alone drops."""
    both = ours.kept.keys() & theirs.kept.keys()
    return {
        "both_keep": len(both),
        "equal_texts": sum(ours.kept[name] == theirs.kept[name] for name in both),
        "both_drop": len(ours.dropped.keys() & theirs.dropped.keys()),
        "vocation_alone_drops": dict(Counter(ours.dropped[name] for name in theirs.kept.keys() - ours.kept.keys())),
        "datatrove_alone_drops": dict(Counter(theirs.dropped[name] for name in ours.kept.keys() - theirs.kept.keys())),
    }


def page(results: Mapping[str, Any]) -> list[str]:
    """The lines about cleaning in README.md."""
    count, megabytes, agreed = results["documents"], results["bytes"] / 1e6, results["agreement"]
    rows = []
    for name, system in sorted(results["systems"].items(), key=lambda item: mean(item[1]["seconds"])):
        speeds = [count / seconds / 1000 for seconds in system["seconds"]]
        half = _T[len(speeds)] * stdev(speeds) / math.sqrt(len(speeds))
        rows.append(
            f"| {name} | {mean(speeds):.2f} | {mean(speeds) - half:.2f} to {mean(speeds) + half:.2f} "
            f"| {megabytes / count * mean(speeds) * 1000:.1f} | {system['memory'] / 1e6:,.0f} |"
        )
    alone = [
        f"| {name} | {reason} | {number:,} |"
        for name in ("vocation", "datatrove")
        for reason, number in sorted(agreed[f"{name}_alone_drops"].items(), key=lambda item: -item[1])
    ]
    packages = ", ".join(f"{name} {version}" for name, version in results["machine"]["packages"].items())
    same = agreed["both_keep"] + agreed["both_drop"]
    some_have_few = any(len(system["seconds"]) < results["runs"] for system in results["systems"].values())
    few = f" (of {LONG_RUNS} where one took more than {LONG // 60} minutes)" if some_have_few else ""
    return [
        "## Cleaning",
        "",
        f"{count:,} English passages ({megabytes:.0f} MB: {results['distinct']:,} real ones again and again, each "
        "time with two words replaced, and faults planted in one of ten), "
        f"{results['machine']['cores']} processes, from JSON lines to files of what stays and of what goes. "
        f"Steps of both: {STEPS}. Mean of {results['runs']} runs in turn{few} with its 95 % interval (Student's t); "
        "the start of processes counts, importing in the first one does not. Memory is the peak of a run of its own, "
        "that of all processes together.",
        "",
        "| system | k documents/s | 95 % interval | MB/s | peak, MB |",
        "|---|---|---|---|---|",
        *rows,
        "",
        f"Both decide equally on {same:,} of {count:,} documents ({same / count:.2%}): {agreed['both_keep']:,} stay, "
        f"of which {agreed['equal_texts']:,} have equal texts afterwards, and {agreed['both_drop']:,} go. "
        "One alone drops:",
        "",
        "| system | reason | documents |",
        "|---|---|---|",
        *alone,
        "",
        "Where they differ, they count differently. datatrove's words are spaCy's tokens, so that a comma is a word "
        "and a part of phrases; Vocation's are runs without spaces, whatever their case. Gopher's limit on words "
        "without letters is left out for that: the two would measure different things by it. A character in two "
        "repeated phrases counts once, and phrases in texts of fewer than 50 words not at all.",
        "",
        f"{results['machine']['cores']} cores, Python {results['machine']['python']}, {packages}.",
        "",
    ]


def machine(python: str) -> dict[str, Any]:
    """What it ran on."""
    code = "import importlib.metadata as m; print(m.version('datatrove'), m.version('ftfy'), m.version('spacy'))"
    found = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    packages = dict(zip(("datatrove", "ftfy", "spacy"), found, strict=True))
    packages["vocation"] = importlib.metadata.version("vocation")
    return {"cores": _cores(), "python": platform.python_version(), "packages": packages}


def write_files(documents: Sequence[str], folder: Path) -> None:
    """As many files as cores, and a few documents apart; ids are "file:row", as Vocation names rows."""
    files = _cores()
    for name, chosen in ((".", documents), ("few", documents[: 200 * files])):
        (folder / name).mkdir(exist_ok=True)
        for number in range(files):
            with (folder / name / f"{number}.jsonl").open("w", encoding="utf-8") as file:
                for row, text in enumerate(chosen[number::files], start=1):
                    file.write(json.dumps({"id": f"{number}.jsonl:{row}", "text": text}, ensure_ascii=False) + "\n")


def prepare(folder: Path, documents: Sequence[str], about: Mapping[str, Any]) -> None:
    """The folder with the files that are read, and with what an earlier run measured on the same ones.

    Raises:
        FileExistsError: there are files of somebody else.
    """
    known = folder / "about.json"
    if known.exists():
        if json.loads(known.read_text(encoding="utf-8")) == about:
            for left in folder.glob(f"{RUN}*"):  # Its run was killed.
                shutil.rmtree(left)
            return
        shutil.rmtree(folder)
    elif folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty and was not made by this benchmark; give another --scratch")
    folder.mkdir(parents=True, exist_ok=True)
    known.write_text("{}", encoding="utf-8")  # The folder is ours, and not ready.
    write_files(documents, folder)
    known.write_text(json.dumps(about), encoding="utf-8")


def main() -> None:
    """Measures everything and writes both files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with text files")
    parser.add_argument("--python", default=sys.executable, help="interpreter that has datatrove installed")
    parser.add_argument("--documents", type=int, default=DOCUMENTS, help="how many")
    parser.add_argument("--runs", type=int, default=RUNS, choices=sorted(_T), help="how often")
    parser.add_argument("--scratch", type=Path, default=SCRATCH, help="folder for what is measured, until all is")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--memory", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        system, source, result = arguments.child
        work(system, Path(source), Path(result), memory=arguments.memory)
        return
    from benchmarks.corpus.page import write
    from benchmarks.corpus.texts import real_documents, with_faults

    distinct = real_documents(arguments.data)
    documents = with_faults(distinct, arguments.documents)
    pythons = {"vocation": sys.executable, "datatrove": arguments.python}
    about = {"documents": _digest("\0".join(documents)), "machine": machine(arguments.python)}
    folder: Path = arguments.scratch
    prepare(folder, documents, about)
    runs = in_turn(
        lambda system, number: measure(pythons[system], system, folder, folder / f"{system}-{number}.json"),
        arguments.runs,
    )
    memory = {
        system: measure(pythons[system], system, folder, folder / f"{system}-memory.json", memory=True).memory
        for system in SYSTEMS
    }
    results = {
        "documents": len(documents),
        "distinct": len(distinct),
        "bytes": sum(len(text.encode("utf-8")) for text in documents),
        "runs": arguments.runs,
        "machine": about["machine"],
        "systems": {
            system: {"seconds": [run.seconds for run in found], "memory": memory[system]}
            for system, found in runs.items()
        },
        "agreement": agreement(runs["vocation"][-1], runs["datatrove"][-1]),
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    write()
    shutil.rmtree(folder)


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8"), digest_size=8).hexdigest()


if __name__ == "__main__":
    main()
