"""What presidio finds in the same texts: its pattern recognisers alone, or its default set with a language model."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from benchmarks.deidentification.scoring import Find, Place

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine

# presidio's name of a type, where it is not the name that is used here.
_NAMES = {"DOMAIN_NAME": "URL"}


def patterns(minimum_score: float = 0.0) -> Find:
    """Presidio's default recognisers without the one that needs a language model; words are only cut at spaces."""
    import spacy

    engine = _engine(spacy.blank("en"), minimum_score, "en")
    engine.registry.remove_recognizer("SpacyRecognizer")
    return _finder(engine, "en")


def chinese(minimum_score: float = 0.0) -> Find:
    """Presidio's default recognisers for Chinese: patterns alone, as it brings no model that would know names."""
    import spacy

    engine = _engine(spacy.blank("zh"), minimum_score, "zh")
    engine.registry.remove_recognizer("SpacyRecognizer")
    return _finder(engine, "zh")


def default(model: str, minimum_score: float = 0.0) -> Find:
    """Presidio's default recognisers with a spaCy model: its name, or its folder."""
    import spacy

    return _finder(_engine(spacy.load(model), minimum_score, "en"), "en")


def versions(model: str | None) -> dict[str, str]:
    """The versions of presidio-analyzer, spaCy, phonenumbers, and of the spaCy model if there is one."""
    import spacy

    found = {name: version(name) for name in ("presidio-analyzer", "spacy", "phonenumbers")}
    if model:
        meta = spacy.load(model).meta
        found[f"{meta['lang']}_{meta['name']}"] = str(meta["version"])
    return found


def _engine(pipeline: Any, minimum_score: float, language: str) -> AnalyzerEngine:
    import tldextract
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine

    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    # Its e-mail recogniser asks the network for a newer list of domains; the list that ships with it is enough.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())

    engine = SpacyNlpEngine(ner_model_configuration=NerModelConfiguration())
    engine.nlp = {language: pipeline}  # loaded already
    registry = RecognizerRegistry(supported_languages=[language])
    registry.load_predefined_recognizers(languages=[language], nlp_engine=engine)
    return AnalyzerEngine(
        registry=registry, nlp_engine=engine, supported_languages=[language], default_score_threshold=minimum_score
    )


def _finder(engine: AnalyzerEngine, language: str) -> Find:
    def find(texts: Sequence[str]) -> list[list[Place]]:
        return [
            [
                Place(result.start, result.end, _NAMES.get(result.entity_type, result.entity_type))
                for result in engine.analyze(text, language=language)
            ]
            for text in texts
        ]

    return find
