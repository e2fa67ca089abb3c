"""Settings of de-identification: what is looked for, and what takes its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from vocation.component import OneOf, Settings, kinds
from vocation.deidentification.detectors import Detector
from vocation.deidentification.keys import KeySource
from vocation.deidentification.methods import Method
from vocation.deidentification.methods.tag import Tag
from vocation.errors import did_you_mean

_DETECTORS = "vocation.deidentification.detectors"
AnyDetector = Annotated[Detector, OneOf(_DETECTORS)]
AnyMethod = Annotated[Method, OneOf("vocation.deidentification.methods")]


class Deidentification(Settings):
    """Find identifiers in texts and put something else in their place.

    Without more said, every detector of the languages looks, and each identifier becomes its category in brackets.
    """

    languages: tuple[Literal["en", "zh"], ...] = Field(
        default=("en", "zh"), min_length=1, description="Languages of the texts; they choose the default detectors."
    )
    detectors: tuple[AnyDetector, ...] = Field(
        default=(), description="The detectors that look, in place of those that `languages` chooses."
    )
    more_detectors: tuple[AnyDetector, ...] = Field(
        default=(),
        description="Detectors beside those that `languages` chooses: your own terms and patterns, dates, or one of "
        "them with other settings.",
    )
    method: AnyMethod = Field(default_factory=Tag, description="What takes an identifier's place.")
    methods: Mapping[str, AnyMethod] = Field(
        default_factory=dict, description="Another method for single categories, as `PHONE_NUMBER: {kind: mask}`."
    )
    keep: tuple[str, ...] = Field(default=(), description="Categories that are looked for but stay as they are.")
    scope: Literal["document", "corpus"] = Field(
        default="document",
        description="Within what equal values get equal replacements: one document (nobody can be followed from one "
        "to the next) or the whole corpus (so that rows can be joined). Dates always shift by group.",
    )
    minimum_score: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Less sure findings stay. Lower finds more, and more wrongly.",
    )
    key: KeySource = Field(
        default_factory=KeySource, description="Where the key is that hash, surrogate and pseudonym need."
    )

    @model_validator(mode="after")
    def _known_categories(self) -> Self:
        known = sorted({category for detector in self.chosen_detectors() for category in detector.found_categories()})
        for name in (*self.methods, *self.keep):
            if name not in known:
                raise ValueError(
                    f"no chosen detector finds {name!r}.{did_you_mean(name, known)} They find: {', '.join(known)}"
                )
        return self

    def chosen_detectors(self) -> tuple[Detector, ...]:
        """The detectors that look: those named, or the default ones of the languages; one of each kind and setting."""
        chosen = self.detectors or default_detectors(self.languages)
        added = {detector.kind for detector in self.more_detectors}
        return (*(detector for detector in chosen if detector.kind not in added), *self.more_detectors)

    def method_of(self, category: str) -> Method:
        """The method for a category."""
        return self.methods.get(category, self.method)

    def needs_key(self) -> bool:
        """Whether one of the methods needs the key."""
        return any(method.needs_key for method in (self.method, *self.methods.values()))

    def reversible(self) -> bool:
        """Whether one of the methods writes what a vault can undo."""
        return any(method.reversible for method in (self.method, *self.methods.values()))


def default_detectors(languages: tuple[str, ...]) -> tuple[Detector, ...]:
    """Every detector that is at home in one of the languages, or in all.

    Left out are those that look on request only, and those that cannot do without settings, such as your own terms.
    """
    found = []
    for detector in kinds(_DETECTORS).values():
        assert issubclass(detector, Detector)
        asked_for = detector.on_request or any(field.is_required() for field in detector.model_fields.values())
        if not asked_for and (not detector.languages or set(detector.languages) & set(languages)):
            found.append(detector())
    return tuple(found)
