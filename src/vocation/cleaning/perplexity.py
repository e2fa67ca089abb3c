"""Texts that are unlike good ones: garbled, mashed on a keyboard, encoded, tables of numbers, another language."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self, get_args

from pydantic import BeforeValidator, Field, PrivateAttr, ValidationInfo, model_validator

from vocation.cleaning import CleaningStep, Drop
from vocation.errors import DataError
from vocation.language.character_model import CharacterModel, learn
from vocation.language.reference_text import SMALLEST, Encoding, Reference, read_reference
from vocation.text import Text


def _listed(value: Any) -> Any:
    """One name as a list of one."""
    return (value,) if isinstance(value, str) else value


class Perplexity(CleaningStep):
    """Drop texts that a small language model of your own good texts finds unlikely.

    CCNet (Wenzek et al. 2020, arXiv 1911.00359) keeps the web pages that a 5-gram model of Wikipedia finds likely, and
    Moore and Lewis (2010) choose the sentences that are near to a trade. Here the model is of characters, so that it
    needs no division into words in any language, and it is estimated, when the step is first used, from `reference`:
    sound texts of the kind that you want to keep. It is never estimated from the corpus that is cleaned: that would
    call the rarest texts of a trade its worst.

    How unlikely a text may be is measured on the reference itself. A tenth of each file is kept apart; `quantile` of
    its pieces of a length have at most a certain perplexity, and `tolerance` times that is allowed to a text of this
    length. So the limit holds for any language and any trade, and leaves more room to a short text, whose perplexity
    varies more. Of several files the most lenient counts. The ledger has the perplexity of each text that is dropped
    beside what is allowed.

    It tells sound texts from damaged ones, not true from false, nor well written from badly written ones. Texts of
    another kind than the reference (chats beside statutes) are unlikely too: name a file of each kind.
    """

    at_prediction: ClassVar[bool] = False

    reference: Annotated[tuple[str, ...], BeforeValidator(_listed, json_schema_input_type=str | tuple[str, ...])] = (
        Field(
            min_length=1,
            description=f"File of good texts as plain text, {SMALLEST:,} bytes or more, better a million; or several, "
            "one for each language and kind of text. A path that is not absolute starts at the recipe's folder.",
        )
    )
    encoding: Encoding = Field(default="utf-8", description="Character encoding of the reference.")
    sha256: str = Field(
        default="",
        description="Hash of the reference's content, filled in when the recipe is read, so that another content makes "
        "another corpus. One that stands in the recipe is compared.",
    )
    order: int = Field(default=5, ge=2, le=8, description="Characters of the longest n-grams of the model.")
    quantile: float = Field(
        default=0.95, gt=0, le=1, description="Share of the held-out pieces whose perplexity is the measure."
    )
    tolerance: float = Field(
        default=2.5, ge=1, description="How many times that measure the perplexity of a text may be."
    )
    maximum: float | None = Field(
        default=None, gt=1, description="Highest perplexity a byte, in place of what is measured on the reference."
    )
    minimum_characters: int = Field(default=20, ge=1, description="Shorter texts are kept without a look.")

    _base: Path = PrivateAttr(default_factory=Path)

    @model_validator(mode="before")
    @classmethod
    def _with_the_hash(cls, data: Any, info: ValidationInfo) -> Any:
        """The settings with the hash of the reference.

        Where a step is read back, as from a model's folder, its reference need not be there: only to clean a corpus is
        it needed.

        Raises:
            DataError: the reference cannot be used, or is not the one whose hash is given.
        """
        base = (info.context or {}).get("base")
        if not isinstance(data, dict) or (base is None and data.get("sha256")):
            return data
        names, encoding = _listed(data.get("reference")), data.get("encoding", "utf-8")
        readable = isinstance(names, list | tuple) and all(isinstance(name, str) for name in names)
        if not readable or encoding not in get_args(Encoding):
            return data
        paths = tuple((base or Path()) / name for name in names)
        return {**data, "sha256": _read(paths, encoding, data.get("sha256") or "").sha256}

    @model_validator(mode="after")
    def _at_home(self, info: ValidationInfo) -> Self:
        self._base = Path((info.context or {}).get("base", Path())).absolute()
        return self

    def __call__(self, text: Text) -> Text | Drop:
        if len(text.content.strip()) < self.minimum_characters:
            return text
        found, allowed = self.perplexity(text.content)
        if found <= allowed:
            return text
        return Drop("unlike the reference", f"perplexity {found:.2f} a byte, {allowed:.2f} allowed")

    def perplexity(self, content: str) -> tuple[float, float]:
        """The perplexity of a text a byte, and the highest that is allowed to one of its length.

        Raises:
            DataError: the reference cannot be used, or changed since the step was made.
        """
        judge = _judge(*self._origin)
        cost, size = judge.model.cost(content)
        allowed = self.tolerance * math.exp(judge.expected(size)) if self.maximum is None else self.maximum
        return math.exp(cost), allowed

    @cached_property
    def _origin(self) -> tuple[tuple[str, ...], Encoding, str, int, float]:
        """What a judge is made of."""
        paths = tuple(str(self._base / name) for name in self.reference)
        return paths, self.encoding, self.sha256, self.order, self.quantile


@dataclass(frozen=True, slots=True)
class _Judge:
    """A model, and what good texts cost a byte at most, by the logarithm of their length in bytes."""

    model: CharacterModel
    lengths: tuple[float, ...]
    costs: tuple[float, ...]

    def expected(self, size: int) -> float:
        """The cost for a length, between those that were measured in proportion."""
        length = math.log(max(size, 1))
        place = bisect_left(self.lengths, length)
        if place in (0, len(self.lengths)):
            return self.costs[min(place, len(self.costs) - 1)]
        low, high = self.lengths[place - 1 : place + 1]
        share = (length - low) / (high - low)
        return (1 - share) * self.costs[place - 1] + share * self.costs[place]


@lru_cache(maxsize=2)
def _judge(paths: tuple[str, ...], encoding: Encoding, sha256: str, order: int, quantile: float) -> _Judge:
    """Made once in each process, as a model is too large to travel with the batches."""
    import numpy as np

    files = tuple(map(Path, paths))
    model, expected = learn(_read(files, encoding, sha256).texts, order)
    for file, one in zip(files, expected, strict=True):
        if not one.lengths:
            raise DataError(
                "The reference has hardly a character that can be seen", file=file, remedy="give a file of good texts"
            )
    lengths = np.log(sorted({length for one in expected for length in one.lengths}))
    costs = [np.interp(lengths, np.log(one.lengths), one.quantiles(quantile)) for one in expected]
    return _Judge(model, tuple(lengths.tolist()), tuple(np.max(costs, axis=0).tolist()))


def _read(paths: tuple[Path, ...], encoding: Encoding, sha256: str) -> Reference:
    reference = read_reference(paths, encoding)
    if sha256 not in ("", reference.sha256):
        raise DataError(
            "The reference is not the one that the step was made with",
            file=paths[0] if len(paths) == 1 else ", ".join(map(str, paths)),
            received=f"content with the hash {reference.sha256}",
            allowed=f"`sha256: {sha256}`",
            remedy="put the old content back, or take `sha256` out of the recipe and run again, which makes another "
            "corpus",
        )
    return reference
