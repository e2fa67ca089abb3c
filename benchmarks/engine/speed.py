"""How fast the engine trains, beside the Trainer of transformers: the same model, rows, updates and machine, in turn.

    .venv/bin/python -m benchmarks.engine.speed DATA                  # every workload and system
    .venv/bin/python -m benchmarks.engine.speed DATA --rounds 9

DATA is a folder with the data sets that the repository does not carry. Each system is a process of its own that lives
through all rounds; in each round every system trains equally many updates, one system after the other, so that a
machine which drifts does so for all. What counts is the median of the ratios within rounds. speed.json has every
measurement; `python -m benchmarks.engine.page` writes the tables.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.engine.sides import BATCH, SYSTEMS
from benchmarks.engine.workloads import MODEL, ROOT, WORKLOADS

RESULTS = Path(__file__).resolve().parent / "speed.json"
MODULE = "benchmarks.engine.sides"
ROUNDS, UPDATES = 7, 12
PACKAGES = ("vocation", "torch", "transformers", "accelerate", "numba")


class Side:
    """A system in its own process.

    Args:
        system: one of `SYSTEMS`.
        workload: one of `WORKLOADS`.
        data: folder of data sets.
        updates: of a round.
        module: what the process runs.
        seed: of the system, where it takes one.
    """

    def __init__(
        self, system: str, workload: str, data: Path, updates: int, module: str = MODULE, seed: int | None = None
    ) -> None:
        command = [sys.executable, "-m", module, system, workload, str(data), str(updates)]
        command += [] if seed is None else [str(seed)]
        environment = {**os.environ, "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1"}
        clock = time.perf_counter()
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        ready = self._answer()
        self.start = time.perf_counter() - clock - ready["encode"]
        """Seconds from nothing to the first update done: imports, weights, compiling; encoding the rows left out."""

    def round(self) -> Mapping[str, float]:
        """Trains the updates of a round."""
        return self.ask("go")

    def ask(self, word: str) -> Mapping[str, float]:
        """What the process answers to a word."""
        assert self._process.stdin
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate()

    def _answer(self) -> Mapping[str, float]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"a side ended with status {self._process.wait()}")
        result: Mapping[str, float] = json.loads(line)
        return result


def measure(workload: str, systems: Sequence[str], data: Path, rounds: int, updates: int) -> dict[str, Any]:
    """All rounds of one workload: for each system its start, and each round's seconds, texts, tokens and peak."""
    sides = {system: Side(system, workload, data, updates) for system in systems}
    result: dict[str, Any] = {system: {"start": side.start, "rounds": []} for system, side in sides.items()}
    for side in sides.values():  # Not counted: caches and allocators settle.
        side.round()
    for number in range(rounds):
        order = list(sides) if number % 2 == 0 else list(reversed(sides))
        for system in order:
            result[system]["rounds"].append(sides[system].round())
        speeds = {name: entry["rounds"][-1] for name, entry in result.items()}
        told = ", ".join(f"{name} {one['texts'] / one['seconds']:.1f}" for name, one in speeds.items())
        print(f"{workload}, round {number + 1} of {rounds}, texts/s: {told}", flush=True)
    for side in sides.values():
        side.close()
    return result


def peak_rate() -> float:
    """The fastest product of square matrices in float32, in floating-point operations a second."""
    import torch

    size = 2048
    one, other = torch.rand(size, size), torch.rand(size, size)
    seconds = []
    for _ in range(10):
        clock = time.perf_counter()
        torch.mm(one, other)
        seconds.append(time.perf_counter() - clock)
    return 2 * size**3 / min(seconds)


def machine() -> dict[str, Any]:
    """What the numbers were measured on."""
    import torch

    name = next((line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")), "")
    return {
        "processor": name or platform.processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "peak": peak_rate(),
        "bfloat16 units": bool(torch.cpu._is_amx_tile_supported()),  # noqa: SLF001 - there is no public way to ask
        "python": platform.python_version(),
        "packages": {package: metadata.version(package) for package in PACKAGES},
    }


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


TRAINERS = {"vocation": ("trainer, padded", "trainer, dynamic"), "vocation, products": ("trainer, dynamic, products",)}
"""What each of ours stands beside: those that compute in the same precision."""
AIMS = {"trainer, padded": {"notes": 4.5, "entities": 5.5}, "trainer, dynamic": {"notes": 2.0, "entities": 2.0}}
OPERATIONS_A_TOKEN = 6 * 10_646_784
"""Of the layers of MiniLM-L6 in a forward and a backward pass: 6 for each of their weights (Kaplan et al., 2020);
products of attention, which are few at these lengths, are left out."""


def page(results: Mapping[str, Any]) -> list[str]:
    """The section of the page."""
    box = results["machine"]
    lines = [
        "## Speed",
        "",
        f"`{MODEL}` (22.7 million weights), every weight trained, {BATCH} rows an update, AdamW, gradients clipped, "
        "beside the `Trainer` of transformers: padded to 128 tokens, and padded to the longest of a batch with rows of "
        "like length together (dynamic). Each system is a process of its own; in each round all train equally many "
        "updates in turn. *products*: matrix products of numbers rounded to bfloat16, summed in float32, everything "
        "else in float32, as `tuning.precision: bfloat16` computes on a processor with AMX, and "
        '`torch.set_float32_matmul_precision("medium")` for the Trainer.',
        "",
        "Ratios are medians of those within rounds, with the lowest and the highest. Peak memory is of the whole "
        "process. Start is from nothing to the first update done, encoding left out. The share of the peak counts 6 "
        f"operations a weight of the layers and token against {box['peak'] / 1e9:.0f} GFLOP/s of a large product in "
        "float32.",
        "",
        "| rows | system | tokens/s | share of peak | ours is faster by | aim | peak, MB | start, s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for workload, measured in results["workloads"].items():
        lines += [_row(workload, name, measured["systems"], box["peak"]) for name in measured["systems"]]
    packages = ", ".join(f"{name} {version}" for name, version in box["packages"].items())
    remark = f" {results['remark']}" if "remark" in results else ""
    where = f"{box['processor']}, {box['threads']} threads, Python {box['python']}; {packages}.{remark}"
    return [*lines, "", where, ""]


def _row(workload: str, name: str, systems: Mapping[str, Any], peak: float) -> str:
    rates = _rates(systems[name])
    ours = next((one for one, others in TRAINERS.items() if name in others), None)
    faster, aim = "", AIMS.get(name, {}).get(workload)
    if ours is not None and ours in systems:
        ratios = [fast / slow for fast, slow in zip(_rates(systems[ours]), rates, strict=True)]
        faster = f"{median(ratios):.2f} × ({min(ratios):.2f} to {max(ratios):.2f})"
    share = median(rates) * OPERATIONS_A_TOKEN / peak
    memory = max(one["peak"] for one in systems[name]["rounds"])
    start = systems[name]["start"]
    told = f"≥ {aim}" if aim else ""
    cells = (f"{median(rates):,.0f}", f"{share:.0%}", faster, told, f"{memory:,.0f}", f"{start:.1f}")
    return f"| {workload} | {name} | " + " | ".join(cells) + " |"


def _rates(entry: Mapping[str, Any]) -> list[float]:
    return [one["tokens"] / one["seconds"] for one in entry["rounds"]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures, and writes speed.json; what another workload has there stays."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--workload", action="append", choices=list(WORKLOADS))
    parser.add_argument("--system", action="append", choices=list(SYSTEMS))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--updates", type=int, default=UPDATES)
    given = parser.parse_args(arguments)
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {"workloads": {}}
    for workload in given.workload or WORKLOADS:
        measured = measure(workload, given.system or list(SYSTEMS), given.data, given.rounds, given.updates)
        kept["workloads"][workload] = {"updates": given.updates, "batch": BATCH, "model": MODEL, "systems": measured}
        kept["machine"] = machine()
        RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
