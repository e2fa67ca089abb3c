"""What the systems of the benchmark of causal models train on: real chats, tokenised once, the same for all.

A workload is questions with their answers; each is laid out by the model's chat template, and the answer is learned.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
from numpy.typing import NDArray

from vocation.modeling.pretrained import load_tokenizer, resolve
from vocation.training.causal import next_token_targets

ROOT = Path(__file__).resolve().parent.parent.parent
MODEL = "starter:smollm2"
LONGEST = 512
"""Tokens; what is longer is left out, and the system that always pads pads to it."""
HELD_OUT = 40
TASK = "Summarise this dialogue as a section of a clinical note.\n\n"


@dataclass(frozen=True)
class Chat:
    """A question and its answer as tokens.

    Args:
        ids: of the whole chat, [T].
        learned: which of them are the answer, [T].
    """

    ids: NDArray[np.int64]
    learned: NDArray[np.bool_]

    @property
    def labels(self) -> list[int]:
        """As transformers wants them: the token itself where it is learned, else -100."""
        return [int(label) for label in np.where(self.learned, self.ids, -100)]


@dataclass(frozen=True)
class Example:
    """A chat as Vocation's engine reads it."""

    features: Mapping[str, NDArray[np.int64]]
    targets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True)
class Workload:
    """Chats to learn from, and some to be scored on.

    Args:
        folder: of the model.
        tokenizer: of the model.
        training: to learn from.
        held_out: to be scored on.
    """

    folder: Path
    tokenizer: Any
    training: Sequence[Chat]
    held_out: Sequence[Chat]

    @property
    def examples(self) -> list[Example]:
        """The training chats as Vocation's engine reads them."""
        pairs = (next_token_targets(chat.ids, chat.learned) for chat in self.training)
        return [Example({"input_ids": ids}, targets) for ids, targets in pairs]


def dialogues(data: Path) -> Iterator[tuple[str, str]]:
    """Dialogues of doctor and patient, to be written down as a note (MTS-Dialog, CC BY 4.0)."""
    path = data / "mts_dialog" / "Main-Dataset" / "MTS-Dialog-TrainingSet.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield TASK + row["dialogue"], row["section_text"]


def questions(data: Path) -> Iterator[tuple[str, str]]:
    """Patients' questions on topics of health, to be answered (MedQuAD, MedlinePlus, CC BY 4.0)."""
    for path in sorted((data / "medquad" / "4_MPlus_Health_Topics_QA").glob("*.xml")):
        for pair in ET.parse(path).iter("QAPair"):  # noqa: S314 - files that lie in the data folder
            answer = (pair.findtext("Answer") or "").strip()
            if answer:
                yield pair.findtext("Question") or "", answer


WORKLOADS: Mapping[str, Callable[[Path], Iterator[tuple[str, str]]]] = {"dialogues": dialogues, "questions": questions}


def load(name: str, data: Path) -> Workload:
    """Reads and tokenises a workload.

    Args:
        name: one of `WORKLOADS`.
        data: folder of the data sets that the repository does not carry.
    """
    folder = resolve(MODEL, ROOT).folder
    tokenizer: Any = load_tokenizer(folder)
    chats = [_chat(tokenizer, question, answer) for question, answer in WORKLOADS[name](data)]
    short = [chat for chat in chats if len(chat.ids) <= LONGEST]
    order = np.random.default_rng(1).permutation(len(short))
    shuffled = [short[place] for place in order]
    return Workload(folder, tokenizer, shuffled[HELD_OUT:], shuffled[:HELD_OUT])


def _chat(tokenizer: Any, question: str, answer: str) -> Chat:
    messages = [{"role": "user", "content": question}]
    asked = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    before, after = tokenizer(asked)["input_ids"], tokenizer(answer + tokenizer.eos_token)["input_ids"]
    return Chat(np.array(before + after), np.arange(len(before) + len(after)) >= len(before))
