"""The benchmark of causal models: what the systems train on, and the page of its results."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.engine.causal import BESIDE, page
from benchmarks.engine.causal_sides import SYSTEMS
from benchmarks.engine.causal_workloads import Chat, Workload, _chat
from vocation.modeling.pretrained import load_tokenizer
from vocation.modeling.starters import starter_folder


def test_both_engines_learn_the_same_tokens_of_a_chat() -> None:
    folder = starter_folder("smollm2")
    tokenizer: Any = load_tokenizer(folder)
    chat = _chat(tokenizer, "What is a fever?", "A temperature above 38 °C.")
    asked = tokenizer.decode(chat.ids[~chat.learned])
    assert asked.endswith("<|im_start|>user\nWhat is a fever?<|im_end|>\n<|im_start|>assistant\n")
    assert tokenizer.decode(chat.ids[chat.learned]) == "A temperature above 38 °C.<|im_end|>"
    (example,) = Workload(folder, tokenizer, [chat], []).examples
    labels = np.array(chat.labels)
    np.testing.assert_array_equal(example.features["input_ids"], chat.ids[:-1])
    np.testing.assert_array_equal(example.targets, labels[1:])  # transformers shifts them in the loss.


def test_a_chat_without_an_answer_has_no_labels() -> None:
    assert Chat(np.arange(3), np.zeros(3, dtype=np.bool_)).labels == [-100, -100, -100]


def measured(tokens: float, peak: float) -> dict[str, Any]:
    rounds = [{"seconds": 2.0, "texts": 8, "tokens": tokens * scale, "peak": peak} for scale in (1, 2, 3)]
    return {"start": 1.25, "rounds": rounds}


def test_the_page_has_ratios_within_rounds_and_losses_over_seeds() -> None:
    systems = {"vocation": measured(900, 1500), "trainer, dynamic": measured(300, 5000)}
    losses = {name: {"1": [2.5, 2.0], "2": [2.7, 2.2]} for name in systems}
    entry = {
        "systems": systems,
        "losses": losses,
        "batch": 8,
        "longest": 512,
        "at once": 4,
        "held out": 9,
        "learned": 7,
    }
    machine = {"processor": "P", "threads": 2, "python": "3", "packages": {"torch": "2"}}
    lines = page({"workloads": {"dialogues": entry}, "machine": machine})
    loss = "2.600 → 2.100 (2.000 to 2.200)"
    assert f"| dialogues | vocation | 900 |  |  | 1,500 | 1.2 | {loss} |" in lines
    assert f"| dialogues | trainer, dynamic | 300 | 3.00 × (3.00 to 3.00) | ≥ 2 | 5,000 | 1.2 | {loss} |" in lines


def test_what_is_set_beside_each_other_is_measured() -> None:
    assert set(BESIDE) | {name for names in BESIDE.values() for name in names} == set(SYSTEMS)
