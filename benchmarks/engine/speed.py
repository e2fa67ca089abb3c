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
from typing import Any

from benchmarks.engine.sides import BATCH, SYSTEMS
from benchmarks.engine.workloads import MODEL, ROOT, WORKLOADS

RESULTS = Path(__file__).resolve().parent / "speed.json"
ROUNDS, UPDATES = 7, 12
PACKAGES = ("vocation", "torch", "transformers", "accelerate", "numba")


class Side:
    """A system in its own process.

    Args:
        system: one of `SYSTEMS`.
        workload: one of `WORKLOADS`.
        data: folder of data sets.
        updates: of a round.
    """

    def __init__(self, system: str, workload: str, data: Path, updates: int) -> None:
        command = [sys.executable, "-m", "benchmarks.engine.sides", system, workload, str(data), str(updates)]
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
        assert self._process.stdin
        self._process.stdin.write("go\n")
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


def machine() -> dict[str, Any]:
    """What the numbers were measured on."""
    import torch

    name = next((line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")), "")
    return {
        "processor": name or platform.processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "bfloat16 units": bool(torch.cpu._is_avx512_bf16_supported()),  # noqa: SLF001 - there is no public way to ask
        "python": platform.python_version(),
        "packages": {package: metadata.version(package) for package in PACKAGES},
    }


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


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
