"""One rival's training, in a process of its own and by an interpreter of its own: it imports nothing of Vocation.

    python -m benchmarks.engine.rivals_sides RIVAL FOLDER SEED                         # its line of JSON
    python -m benchmarks.engine.rivals_sides RIVAL FOLDER SEED --rows 300 --most 1     # a try

FOLDER has the encoder. Each rival learns with what it defaults to or its documentation recommends; only how long is
ours, so that a training takes at most about four minutes of two cores, and its schedule is fitted to that. Seconds
count from loading the encoder to the last update, texts cut into tokens included, imports and scoring left out.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import json
import platform
import random
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent.parent / "examples" / "bank-intents" / "data"

Row = tuple[str, str]
"""A text and its label."""
Answer = Callable[[Sequence[str]], Sequence[str]]
"""The labels that a trained system gives to texts."""
Learn = Callable[[Sequence[Row], str, int, int], tuple[float, Answer]]


@dataclass(frozen=True)
class Rival:
    """Another library.

    Args:
        learn: trains on rows, with the encoder's folder, a seed and how long; tells the seconds and how it answers.
        most: how long: epochs or updates.
        packages: whose versions are told.
    """

    learn: Learn
    most: int
    packages: tuple[str, ...]


def read(most: int | None = None) -> dict[str, list[Row]]:
    """The rows by split: questions about cards (Banking77, CC BY 4.0); every tenth row to learn from is validation's.

    Args:
        most: rows of each split that are kept, drawn at random; all where it is None.
    """
    found: dict[str, list[Row]] = {"train": [], "validation": [], "test": []}
    for split in ("train", "test"):
        with (DATA / f"cards_{split}.csv").open(encoding="utf-8", newline="") as file:
            for number, fields in enumerate(csv.DictReader(file)):
                row = (fields["text"], fields["category"])
                found["validation" if split == "train" and number % 10 == 0 else split].append(row)
    if most is None:
        return found
    return {split: random.Random(1).sample(rows, min(most, len(rows))) for split, rows in found.items()}


def flair(rows: Sequence[Row], folder: str, seed: int, most: int) -> tuple[float, Answer]:
    """`ModelTrainer.fine_tune` with its defaults (AdamW, 5e-5 falling linearly after a tenth, 4 rows an update).

    Args:
        rows: to learn from.
        folder: of the encoder.
        seed: of head, order and dropout.
        most: epochs.

    Returns:
        The seconds it took, and how it answers.
    """
    import flair as package
    from flair.data import Corpus, Sentence
    from flair.datasets.base import FlairDatapointDataset
    from flair.embeddings import TransformerDocumentEmbeddings
    from flair.models import TextClassifier
    from flair.trainers import ModelTrainer

    def labelled(text: str, label: str) -> Any:
        sentence = Sentence(text)
        sentence.add_label("intent", label)
        return sentence

    package.set_seed(seed)
    package.device = importlib.import_module("torch").device("cpu")
    clock = time.perf_counter()
    sentences = [labelled(text, label) for text, label in rows]
    corpus = Corpus(train=FlairDatapointDataset(sentences), sample_missing_splits=False)
    labels = corpus.make_label_dictionary("intent")
    embeddings = TransformerDocumentEmbeddings(folder, fine_tune=True)
    model = TextClassifier(embeddings, label_dictionary=labels, label_type="intent")
    with tempfile.TemporaryDirectory() as scratch:
        ModelTrainer(model, corpus).fine_tune(scratch, max_epochs=most, save_final_model=False)
    seconds = time.perf_counter() - clock

    def answer(texts: Sequence[str]) -> Sequence[str]:
        asked = [Sentence(text) for text in texts]
        model.predict(asked, mini_batch_size=32, label_name="answer")
        return [sentence.get_label("answer").value for sentence in asked]

    return seconds, answer


def setfit(rows: Sequence[Row], folder: str, seed: int, most: int) -> tuple[float, Answer]:
    """SetFit's `Trainer` with its defaults: pairs of texts, oversampled, 16 an update; then a logistic regression.

    Args:
        rows: to learn from.
        folder: of the encoder.
        seed: of the pairs and their order.
        most: updates of the encoder; an epoch of all pairs would be more than half a million.

    Returns:
        The seconds it took, and how it answers.
    """
    from datasets import Dataset
    from setfit import SetFitModel, Trainer, TrainingArguments

    given = Dataset.from_dict({"text": [text for text, _ in rows], "label": [label for _, label in rows]})
    with tempfile.TemporaryDirectory() as scratch:
        clock = time.perf_counter()
        model = SetFitModel.from_pretrained(folder)
        arguments = TrainingArguments(
            output_dir=scratch,
            max_steps=most,
            seed=seed,
            report_to="none",
            save_strategy="no",
            logging_strategy="no",
            show_progress_bar=False,
        )
        Trainer(model=model, args=arguments, train_dataset=given).train()
        seconds = time.perf_counter() - clock
    return seconds, lambda texts: [str(label) for label in model.predict(list(texts), show_progress_bar=False)]


def spacy(rows: Sequence[Row], folder: str, seed: int, most: int) -> tuple[float, Answer]:
    """What `spacy init config --pipeline textcat --gpu` writes: a transformer of spacy-transformers and a `textcat`.

    Its schedule, which is made for 20,000 updates with a warm-up of 250, is fitted to those that there are, with a
    warm-up of a tenth.

    Args:
        rows: to learn from.
        folder: of the encoder.
        seed: of head, order and dropout.
        most: updates.

    Returns:
        The seconds it took, and how it answers.
    """
    from spacy.cli.init_config import init_config
    from spacy.schemas import ConfigSchemaTraining
    from spacy.training.example import Example
    from spacy.training.initialize import init_nlp
    from spacy.training.loop import create_train_batches, train_while_improving
    from spacy.util import fix_random_seed, registry

    def corpus(nlp: Any) -> Any:
        for text, label in rows:
            yield Example.from_dict(nlp.make_doc(text), {"cats": {one: float(one == label) for one in labels}})

    labels = sorted({label for _, label in rows})
    registry.readers.register("rows", func=lambda: corpus)
    config = init_config(lang="en", pipeline=["textcat"], optimize="accuracy", gpu=True)
    config["corpora"] = {name: {"@readers": "rows"} for name in ("train", "dev")}
    config["components"]["transformer"]["model"]["name"] = folder
    config["system"]["seed"] = seed
    config["training"]["optimizer"]["learn_rate"].update(total_steps=most, warmup_steps=-(-most // 10))
    clock = time.perf_counter()
    nlp = init_nlp(config)
    fix_random_seed(seed)
    settings = registry.resolve(nlp.config.interpolate()["training"], schema=ConfigSchemaTraining)
    steps = train_while_improving(
        nlp,
        settings["optimizer"],
        create_train_batches(nlp, corpus, settings["batcher"], settings["max_epochs"]),
        lambda: (0.0, {}),  # Nothing is scored on the way.
        dropout=settings["dropout"],
        eval_frequency=most + 1,
        accumulate_gradient=settings["accumulate_gradient"],
        patience=0,
        max_steps=0,
        exclude=[],
        annotating_components=[],
        before_update=None,
    )
    for _ in islice(steps, most):
        pass
    seconds = time.perf_counter() - clock
    return seconds, lambda texts: [max(doc.cats, key=doc.cats.__getitem__) for doc in nlp.pipe(texts)]


RIVALS: Mapping[str, Rival] = {
    "flair": Rival(flair, 3, ("flair", "transformers", "torch")),
    "setfit": Rival(setfit, 500, ("setfit", "sentence-transformers", "transformers", "torch")),
    "spacy": Rival(spacy, 200, ("spacy", "spacy-transformers", "thinc", "transformers", "torch")),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains, scores, and prints a line of JSON: seconds, how long it was to learn, accuracies and versions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rival", choices=list(RIVALS))
    parser.add_argument("folder")
    parser.add_argument("seed", type=int)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--most", type=int)
    given = parser.parse_args(arguments)
    rival, rows = RIVALS[given.rival], read(given.rows)
    most = given.most or rival.most
    seconds, answer = rival.learn(rows["train"], given.folder, given.seed, most)
    packages = {name: metadata.version(name) for name in rival.packages}
    versions = {"python": platform.python_version(), "packages": packages}
    scores = {split: accuracy(answer, rows[split]) for split in ("validation", "test")}
    print(json.dumps({"seconds": seconds, "most": most, **scores, "versions": versions}), flush=True)


def accuracy(answer: Answer, rows: Sequence[Row]) -> float:
    """The share of rows that are answered with their label."""
    answers = answer([text for text, _ in rows])
    return sum(given == label for given, (_, label) in zip(answers, rows, strict=True)) / len(rows)


if __name__ == "__main__":
    main()
