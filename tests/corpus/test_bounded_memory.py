"""The corpus stage takes an input that is larger than the memory it may use. Linux alone limits and tells both."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

ALLOWANCE = 48 << 20
"""Bytes of address space that the process gets beyond what it takes once everything is imported, compiled and started.
The stacks of its threads are in it, and the allocator's one arena."""
UNLABELLED, LABELLED = 17_000, 1_000
ROW = 1500
"""Random bytes of a row, which make 375 words and 3.4 kB."""

CHILD = """
import json, resource, sys
from pathlib import Path

from joblib.externals.loky import get_reusable_executor

from vocation import ledger, records
from vocation.corpus import first_pass
from vocation.corpus.near_duplicates import clustering, rows
from vocation.corpus.refine import CorpusSettings, plan, refine
from vocation.progress import SILENT
from vocation.tasks.classification import Classification


def run(folder, out):
    settings, task = CorpusSettings.model_validate_json(sys.argv[3]), Classification()
    out.mkdir()
    return refine(settings, task, folder, plan(settings, task, folder), out, SILENT)


def address_space():
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmSize:")[1].split()[0]) << 10


large, small = Path(sys.argv[1]), Path(sys.argv[1]) / "small"
clustering.PLAIN_CHARACTERS = 0
# Small batches, so that a small input is large beside them.
records._BATCH_CHARACTERS = ledger._BATCH_CHARACTERS = rows._BATCH_BYTES = first_pass._PART = 1 << 19
first_pass._BATCH_CHARACTERS = 1 << 16
run(small, small / "out")
get_reusable_executor().shutdown(wait=True)  # Processes are started anew, and inherit the limit.
limit = address_space() + int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
print(json.dumps(run(large, large / "out")))
"""


def write_rows(folder: Path, unlabelled: int, labelled: int) -> int:
    """Random words, of which one row in ten repeats the row before it but for one word; returns their bytes."""
    generator = random.Random(0)
    folder.mkdir(exist_ok=True)
    with (folder / "unlabelled.jsonl").open("w", encoding="utf-8") as file:
        text = ""
        for row in range(unlabelled):
            if row % 10 == 9:
                text = f"{text[:1800]}changed{text[1807:]}"
            else:
                text = generator.randbytes(ROW).hex(" ", 4)
            file.write(f'{{"text": "{text}\\u3000"}}\n')
    with (folder / "labelled.csv").open("w", encoding="utf-8") as file:
        file.write("text,label\n")
        for row in range(labelled):
            file.write(f"{generator.randbytes(ROW).hex(' ', 4)}\u3000,{'ab'[row % 2]}\n")
    return sum(path.stat().st_size for path in folder.iterdir())


def test_an_input_larger_than_memory_passes(tmp_path: Path) -> None:
    write_rows(tmp_path / "small", 100, 100)
    size = write_rows(tmp_path, UNLABELLED, LABELLED)
    assert size > 1.2 * ALLOWANCE
    settings = {
        "sources": [
            {"kind": "csv", "path": "labelled.csv"},
            {"kind": "jsonl", "path": "unlabelled.jsonl", "split": "unlabelled"},
        ],
        "cleaning": ["whitespace", "minimum_length"],
        "processes": 2,
    }
    # One arena for all threads, and Arrow's buffers from it: other allocators reserve far more than they use.
    environment = {"MALLOC_ARENA_MAX": "1", "ARROW_DEFAULT_MEMORY_POOL": "system", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path), str(ALLOWANCE), json.dumps(settings)],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": "", **environment},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    summary: dict[str, Any] = json.loads(done.stdout)
    assert summary["read"] == UNLABELLED + LABELLED
    assert summary["dropped"] == UNLABELLED // 10
    assert summary["near_duplicates"]["clusters"] == UNLABELLED // 10
