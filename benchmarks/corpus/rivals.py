"""Near-duplicate detection by other libraries, each as its documentation shows it, on equal shingles.

Every function takes the texts and returns which of them it would flag. They shingle in Python, as users of these
libraries do: lower-cased words, three a shingle.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_WORD = re.compile(r"\w+")
_WORDS, _PERMUTATIONS = 3, 128


def shingles(text: str) -> list[str]:
    """Three lower-cased words each; a shorter text is one."""
    words = _WORD.findall(text.lower())
    return [" ".join(words[place : place + _WORDS]) for place in range(max(1, len(words) - _WORDS + 1))]


def rensa_deduplicator(texts: Sequence[str], threshold: float) -> list[bool]:
    """Candidates by LSH, accepted by the similarity of their signatures."""
    from rensa import RMinHashDeduplicator

    found = RMinHashDeduplicator(threshold=threshold, num_perm=_PERMUTATIONS, use_lsh=True)
    return [not kept for kept in found.add_pairs((str(place), shingles(text)) for place, text in enumerate(texts))]


def rensa_matrix(texts: Sequence[str], threshold: float) -> list[bool]:
    """Its batch interface over full sets; candidates are not checked."""
    from rensa import RMinHash, RMinHashLSH

    digests = RMinHash.digest_matrix_from_token_sets([shingles(text) for text in texts], _PERMUTATIONS, 42)
    return list(RMinHashLSH(threshold, _PERMUTATIONS, 16).query_duplicate_flags_matrix_one_shot(digests))


def rensa_rho(texts: Sequence[str], threshold: float) -> list[bool]:
    """Its batch interface over sampled tokens, the one that its own benchmark measures."""
    from rensa import RMinHash, RMinHashLSH

    digests = RMinHash.digest_matrix_from_token_sets_rho([shingles(text) for text in texts], _PERMUTATIONS, 42)
    return list(RMinHashLSH(threshold, _PERMUTATIONS, 8).query_duplicate_flags_matrix_one_shot(digests))


def datasketch(texts: Sequence[str], threshold: float) -> list[bool]:
    """Candidates by LSH, accepted by the similarity of their signatures."""
    from datasketch import MinHash, MinHashLSH

    index, flags = MinHashLSH(threshold=threshold, num_perm=_PERMUTATIONS), list[bool]()
    signatures: list[MinHash] = []
    for place, text in enumerate(texts):
        signature = MinHash(num_perm=_PERMUTATIONS)
        signature.update_batch([shingle.encode("utf-8") for shingle in shingles(text)])
        similar = index.query(signature)
        flags.append(any(signatures[other].jaccard(signature) >= threshold for other in similar))
        index.insert(place, signature)
        signatures.append(signature)
    return flags


def datatrove(texts: Sequence[str], threshold: float) -> list[bool]:
    """Its four steps on the local executor with a worker a core; the bands nearest to the threshold."""
    import json

    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter
    from datatrove.utils.hashing import HashConfig

    bands, rows = 25, 5  # Threshold 0.7, as (1/25)^(1/5) = 0.53 finds it with probability 0.99.
    del threshold
    hashing = HashConfig(precision=64, hash_fc="sha1")
    config = MinhashConfig(n_grams=_WORDS, num_buckets=bands, hashes_per_bucket=rows, hash_config=hashing)
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        (base / "input").mkdir()
        for part in range(2):
            with (base / "input" / f"{part}.jsonl").open("w", encoding="utf-8") as file:
                for place in range(part, len(texts), 2):
                    file.write(json.dumps({"text": texts[place], "id": str(place)}) + "\n")
        reader = JsonlReader(str(base / "input"))
        steps = [
            (2, [reader, MinhashDedupSignature(str(base / "signatures"), config=config)]),
            (bands, [MinhashDedupBuckets(str(base / "signatures"), str(base / "buckets"), config=config)]),
            (1, [MinhashDedupCluster(str(base / "buckets"), str(base / "remove"), config=config)]),
            (2, [reader, MinhashDedupFilter(str(base / "remove")), JsonlWriter(str(base / "kept"), compression=None)]),
        ]
        for number, (tasks, pipeline) in enumerate(steps):
            LocalPipelineExecutor(pipeline, tasks=tasks, workers=2, logging_dir=str(base / f"log{number}")).run()
        kept = {
            int(json.loads(line)["id"])
            for path in (base / "kept").glob("*.jsonl")
            for line in path.read_text(encoding="utf-8").splitlines()
        }
    return [place not in kept for place in range(len(texts))]


def text_dedup(texts: Sequence[str], threshold: float) -> list[bool]:
    """Its command on a JSON lines file, from reading to the rows that stay."""
    import json
    import subprocess
    import sys

    from datasets import load_from_disk

    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "texts.jsonl", Path(folder) / "out"
        with source.open("w", encoding="utf-8") as file:
            for place, text in enumerate(texts):
                file.write(json.dumps({"text": text, "place": place}) + "\n")
        settings = {"path": "json", "data_files": source, "split": "train", "cache_dir": Path(folder) / "cache"}
        settings |= {"output": out, "column": "text", "batch_size": 10000, "num_proc": 2}
        settings |= {"ngram": _WORDS, "num_perm": _PERMUTATIONS, "threshold": threshold}
        options = [option for name, value in settings.items() for option in (f"--{name}", str(value))]
        subprocess.run([sys.executable, "-m", "text_dedup.minhash", *options], check=True, capture_output=True)
        kept = set(load_from_disk(str(out))["place"])
    return [place not in kept for place in range(len(texts))]


SYSTEMS: Mapping[str, Callable[[Sequence[str], float], list[bool]]] = {
    "rensa, deduplicator": rensa_deduplicator,
    "rensa, matrix": rensa_matrix,
    "rensa, rho": rensa_rho,
    "datasketch": datasketch,
    "datatrove": datatrove,
    "text-dedup": text_dedup,
}
