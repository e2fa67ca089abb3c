"""From tag scores to the best legal BIO sequence."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


def tag_names(types: Sequence[str]) -> list[str]:
    """BIO tags of the entity types: O, then B- and I- of each."""
    return ["O", *(f"{prefix}-{name}" for name in types for prefix in "BI")]


def decode_tags(logits: NDArray[np.float32], names: Sequence[str]) -> tuple[list[tuple[int, int, str, float]], float]:
    """The entities of the most probable legal tag sequence (Viterbi, 1967, with illegal transitions forbidden).

    Legal is: I-x follows B-x or I-x only. The score of a sequence is the sum of its tags' log-probabilities.

    Args:
        logits: [T, L], T at least 1.
        names: the L tags, from `tag_names`.

    Returns:
        Entities as (first token, one behind the last token, type, probability), where the probability is the
        geometric mean over the entity's tags; and the lowest probability among all tags of the sequence.
    """
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))  # [T, L]
    path = _best_path(log_probabilities, *_legal(tuple(names)))
    chosen = log_probabilities[np.arange(len(path)), path]
    found = []
    position = 0
    while position < len(path):
        name = names[path[position]]
        end = position + 1
        if name != "O":
            while end < len(path) and names[path[end]] == f"I-{name[2:]}":
                end += 1
            found.append((position, end, name[2:], float(np.exp(chosen[position:end].mean()))))
        position = end
    return found, float(np.exp(chosen.min()))


def _best_path(
    log_probabilities: NDArray[np.float64], start: NDArray[np.float64], moves: NDArray[np.float64]
) -> NDArray[np.int64]:
    greedy: NDArray[np.int64] = log_probabilities.argmax(axis=1)
    if np.isfinite(start[greedy[0]]) and np.isfinite(moves[greedy[:-1], greedy[1:]]).all():
        return greedy  # Already legal, hence the best.
    back = np.zeros(log_probabilities.shape, dtype=np.int64)
    score = log_probabilities[0] + start
    for token in range(1, len(log_probabilities)):
        total = score[:, None] + moves  # [from, to]
        back[token] = total.argmax(axis=0)
        score = total.max(axis=0) + log_probabilities[token]
    path = np.zeros(len(log_probabilities), dtype=np.int64)
    path[-1] = score.argmax()
    for token in range(len(path) - 1, 0, -1):
        path[token - 1] = back[token, path[token]]
    return path


@lru_cache
def _legal(names: tuple[str, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Zero where a sequence may start with a tag [L], or a tag may follow another [from, to]; −∞ elsewhere."""
    start = np.array([-np.inf if name.startswith("I-") else 0.0 for name in names])
    moves = np.zeros((len(names), len(names)))
    for to, name in enumerate(names):
        if name.startswith("I-"):
            allowed = {f"B-{name[2:]}", name}
            moves[[position for position, other in enumerate(names) if other not in allowed], to] = -np.inf
    return start, moves
