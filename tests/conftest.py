"""What all tests share: hypothesis' settings, tiny models with random weights, and tiny corpora."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from vocation.records import Record, write_records
from vocation.tasks import Task
from vocation.text import Span, Text

if TYPE_CHECKING:
    from tokenizers import Tokenizer

pytest_plugins = ("tests.projects",)  # Fixtures of whole runs.

settings.register_profile("vocation", deadline=None)  # A slow machine is no failure.
settings.load_profile("vocation")

SIZES: dict[str, Any] = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
CHARACTERS = "患者头痛发热咳嗽三天诊断为肺炎糖尿病高血压，。、"
WORDS = ("the", "my", "card", "was", "lost", "money", "transfer", "late", "fever", "cough", "patient", "has", "with")

LABELS = {"card": ("card", "bank card"), "money": ("money", "cash"), "fever": ("fever", "cough", "咳嗽")}
OPENINGS = ("the", "where is my", "it was a late", "please tell me of the", "is there any", "病人")
ENDINGS = ("", " .", " today", " , what now ?", " with my transfer of last week", " please")


@pytest.fixture(scope="session")
def bert_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT with random weights: width 32, 2 layers, WordPiece over words, letters and Chinese characters."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import TemplateProcessing
    from transformers import BertConfig, BertModel

    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    pieces += [*".,;:!?()-'/%", *CHARACTERS, *WORDS, "##ing", "##er", "##ts"]
    tokenizer = Tokenizer(WordPiece({piece: index for index, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    folder = tmp_path_factory.mktemp("bert")
    config = BertConfig(vocab_size=len(pieces), max_position_embeddings=160, initializer_range=0.2, **SIZES)
    special = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    inputs = ["input_ids", "token_type_ids", "attention_mask"]
    _save(folder, BertModel, config, tokenizer, {**special, "model_max_length": 160, "model_input_names": inputs})
    return folder


@pytest.fixture(scope="session")
def roberta_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A RoBERTa with random weights and a byte-level BPE, whose offsets count the space before a word into it."""
    from transformers import RobertaConfig, RobertaModel

    folder = tmp_path_factory.mktemp("roberta")
    tokenizer = _byte_level_bpe(("<s>", "<pad>", "</s>", "<unk>"), wrap=("<s>", "</s>"))
    config = RobertaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        max_position_embeddings=162,
        type_vocab_size=1,
        initializer_range=0.2,
        **SIZES,
    )
    special = {"unk_token": "<unk>", "pad_token": "<pad>", "cls_token": "<s>", "sep_token": "</s>"}
    inputs = ["input_ids", "attention_mask"]
    _save(folder, RobertaModel, config, tokenizer, {**special, "model_max_length": 160, "model_input_names": inputs})
    return folder


@pytest.fixture(scope="session")
def llama_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama with random weights and left padding; its configuration names no padding token, as many hub models'."""
    from transformers import LlamaConfig, LlamaModel

    folder = tmp_path_factory.mktemp("llama")
    tokenizer = _byte_level_bpe(("<s>", "<pad>", "</s>"), wrap=("<s>", None))
    config = LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        bos_token_id=0,
        eos_token_id=2,
        max_position_embeddings=160,
        initializer_range=0.2,
        **SIZES,
    )
    settings = {"pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>", "padding_side": "left"}
    inputs = ["input_ids", "attention_mask"]
    _save(folder, LlamaModel, config, tokenizer, {**settings, "model_max_length": 160, "model_input_names": inputs})
    return folder


@pytest.fixture(scope="session")
def intents() -> Callable[[int, int], list[Record]]:
    """Makes (count, seed) labelled texts of different lengths; a word in each gives its label away."""

    def make(count: int, seed: int) -> list[Record]:
        return [
            Record(f"intents:{row}", {"text": Text(content)}, {"label": label}, "intents.csv", row)
            for row, (content, _, label) in enumerate(_sentences(count, seed), start=2)
        ]

    return make


@pytest.fixture(scope="session")
def mentions() -> Callable[[int, int], list[Record]]:
    """Makes (count, seed) texts with one labelled span each; every fourth has none."""

    def make(count: int, seed: int) -> list[Record]:
        records = []
        for row, (content, word, label) in enumerate(_sentences(count, seed), start=1):
            start = content.index(word)
            spans = () if row % 4 == 0 else (Span(start, start + len(word), label),)
            records.append(Record(f"mentions:{row}", {"text": Text(content, spans)}, {}, "mentions.conll", row))
        return records

    return make


@pytest.fixture
def write_corpus(tmp_path: Path) -> Callable[[Task, Mapping[str, Sequence[Record]]], Path]:
    """Writes records of each split as the corpus stage does, and gives the folder."""

    def make(task: Task, splits: Mapping[str, Sequence[Record]]) -> Path:
        folder = tmp_path / "corpus"
        folder.mkdir()
        for split, records in splits.items():
            write_records(folder / f"{split}.parquet", records, task.record_schema)
        return folder

    return make


class Notes:
    """A progress that keeps what it is told."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def note(self, message: str) -> None:
        self.messages.append(message)

    def bar(self, description: str, total: int | None, unit: str, done: int = 0) -> Any:
        from vocation.progress import SILENT

        return SILENT.bar(description, total, unit, done)


@pytest.fixture
def notes() -> Notes:
    """A progress whose `messages` are what a stage noted."""
    return Notes()


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every attempt to connect fails; the fixture's value lists the attempts."""
    import socket

    attempts: list[str] = []

    def refuse(connection: socket.socket, address: Any) -> None:
        attempts.append(str(address))
        raise ConnectionRefusedError(111, "the network is blocked in this test")

    def refuse_name(host: Any, *arguments: Any, **keywords: Any) -> None:
        attempts.append(str(host))
        raise socket.gaierror(-2, "the network is blocked in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse_name)
    return attempts


def _sentences(count: int, seed: int) -> Iterator[tuple[str, str, str]]:
    """Texts, each with the word that matters and its label."""
    generator = random.Random(seed)
    for row in range(count):
        label = list(LABELS)[row % len(LABELS)]
        word = generator.choice(LABELS[label])
        yield f"{generator.choice(OPENINGS)} {word}{generator.choice(ENDINGS)}", word, label


def _byte_level_bpe(special: Sequence[str], wrap: tuple[str, str | None]) -> Tokenizer:
    """A byte-level BPE with the special tokens first, trained on the words above."""
    from tokenizers import Tokenizer, decoders
    from tokenizers.models import BPE
    from tokenizers.pre_tokenizers import ByteLevel
    from tokenizers.processors import TemplateProcessing
    from tokenizers.trainers import BpeTrainer

    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = BpeTrainer(
        vocab_size=330, special_tokens=list(special), initial_alphabet=ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator([" ".join(WORDS)] * 9 + [f" {word}" for word in WORDS] * 9, trainer)
    first, last = wrap
    template = f"{first} $A {last}" if last else f"{first} $A"
    named = [(name, tokenizer.token_to_id(name)) for name in wrap if name]
    tokenizer.post_processor = TemplateProcessing(single=template, special_tokens=named)
    return tokenizer


def _save(folder: Path, model_class: Any, config: Any, tokenizer: Tokenizer, settings: Mapping[str, Any]) -> None:
    import torch
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.manual_seed(7)
    model_class(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    content = json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", **settings})
    (folder / "tokenizer_config.json").write_text(content, encoding="utf-8")
