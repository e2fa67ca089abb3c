"""The texts of the corpus benchmarks: real English sentences, with near-duplicates planted among them."""

from __future__ import annotations

import html
import random
import re
from collections.abc import Sequence
from pathlib import Path

_SUFFIXES = (".xml", ".json", ".csv", ".tsv", ".txt")
_TAG = re.compile(r"<[^>]+>")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n\s*\n|\\n")
_ENGLISH = re.compile(r"[A-Za-z]{2,}(?:\W+[A-Za-z]{2,}){5}")


def real_sentences(folder: Path) -> list[str]:
    """Distinct sentences of 40 to 1,000 characters from every text file below a folder, in a fixed random order."""
    found: dict[str, None] = {}
    for path in sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES and path.is_file()):
        text = html.unescape(_TAG.sub(" ", path.read_text(encoding="utf-8", errors="replace")))
        for piece in _SENTENCE_END.split(text):
            sentence = " ".join(piece.split())
            if 40 <= len(sentence) <= 1000 and _ENGLISH.search(sentence):
                found[sentence] = None
    sentences = list(found)
    random.Random(0).shuffle(sentences)
    return sentences


def with_planted_edits(sentences: Sequence[str], edits: int, seed: int = 1) -> tuple[list[str], list[tuple[int, int]]]:
    """Sentences, and copies of some of them in which one word is another, all in random order.

    Returns:
        texts: [n + edits]
        pairs: places of each original and its copy.
    """
    generator = random.Random(seed)
    words = sorted({word for sentence in sentences[:5000] for word in sentence.split()})
    long = [place for place, sentence in enumerate(sentences) if len(sentence.split()) >= 12]
    tagged = [(sentence, place, 0) for place, sentence in enumerate(sentences)]
    for place in generator.sample(long, edits):
        parts = sentences[place].split()
        parts[generator.randrange(len(parts))] = generator.choice(words)
        tagged.append((" ".join(parts), place, 1))
    generator.shuffle(tagged)
    originals = {place: at for at, (_, place, copy) in enumerate(tagged) if not copy}
    pairs = [(originals[place], at) for at, (_, place, copy) in enumerate(tagged) if copy]
    return [text for text, _, _ in tagged], pairs


def many(sentences: Sequence[str], count: int, seed: int = 2) -> list[str]:
    """As many texts as wanted: the sentences again and again, each time with two words in three replaced."""
    generator = random.Random(seed)
    words = sorted({word for sentence in sentences[:5000] for word in sentence.split()})
    texts = list(sentences[:count])
    while len(texts) < count:
        parts = sentences[len(texts) % len(sentences)].split()
        texts.append(" ".join(part if generator.random() < 1 / 3 else generator.choice(words) for part in parts))
    return texts


def real_documents(folder: Path) -> list[str]:
    """Distinct English passages of 800 characters or more, of whole lines of one file each, in a fixed random order."""
    found: dict[str, None] = {}
    for path in sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES and path.is_file()):
        text = html.unescape(_TAG.sub("\n", path.read_text(encoding="utf-8", errors="replace"))).replace("\\n", "\n")
        lines = list[str]()
        for line in text.splitlines():
            stripped = " ".join(line.split())
            if _ENGLISH.search(stripped) or (lines and stripped):
                lines.append(stripped[:2000])
            if sum(map(len, lines)) >= 800:
                found["\n".join(lines)] = None
                lines = []
    documents = list(found)
    random.Random(0).shuffle(documents)
    return documents


def with_faults(documents: Sequence[str], count: int, seed: int = 3) -> list[str]:
    """As many documents as wanted: the given ones again and again, each time with two words replaced, and in some of
    them what cleaning is there for: an address, mojibake, repeated lines, a list, a phrase that marks a template.
    """
    generator = random.Random(seed)
    words = sorted({word for document in documents[:2000] for word in document.split()})
    faults = (
        lambda text: (
            f"{text}\nWrite to {generator.choice(words[-999:]).strip('.')}@example.org or {_address(generator)}."
        ),
        lambda text: f"Itâ€™s said in SÃ£o Paulo, and in MÃ¼nchen too.\n{text}",
        lambda text: "\n".join([*text.split("\n"), *["All rights reserved by the owner of this page."] * 12]),
        lambda text: "\n".join(f"• {line}" for line in text.replace(". ", ".\n").split("\n")),
        lambda text: f"{text}\nClick here to subscribe to our newsletter",
    )
    made = list[str]()
    while len(made) < count:
        parts = documents[len(made) % len(documents)].split(" ")
        if len(made) >= len(documents):
            for _ in range(2):
                parts[generator.randrange(len(parts))] = generator.choice(words)
        text = " ".join(parts)
        made.append(generator.choice(faults)(text) if generator.random() < 0.1 else text)
    return made


def _address(generator: random.Random) -> str:
    return ".".join(str(generator.randint(11, 254)) for _ in range(4))
