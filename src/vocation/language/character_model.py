"""A model of the characters of a text: how unlikely another text is beside it.

The probability of a character behind the `order - 1` characters before it is that of Witten and Bell (1991, "The
zero-frequency problem", method C), interpolated as Chen and Goodman (1999) write it:

    P(c | h) = (n(hc) + t(h) P(c | h')) / (n(h) + t(h))

n(hc) is how often c stands behind h, n(h) how often anything does, t(h) how many distinct characters do, and h' is h
without its first character; where nothing is known, all 1,114,112 code points are equally likely. It needs no setting
to be estimated, and is defined for any text, however small. Letters count as small ones, and a run of white space as
one space.

What is unlikely is measured a byte of UTF-8, as a Chinese character tells about as much as three letters do: texts of
both scripts, and of both in one, then compare with each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CODE_POINTS = 0x110000
_PIECE = 1000
"""Characters of the stretches that a reference is divided into; some are kept apart, none is near all the others."""
_APART = 10
"""One stretch in so many is kept apart."""
_LARGEST = 1_000_000
"""Characters from which a model is estimated; of more, stretches from all over are taken."""
_LENGTHS = tuple(1 << exponent for exponent in range(5, 13))
"""Bytes of the pieces of held-out text whose costs are compared: the cost of a short one varies more."""
_FEWEST = 20
"""Pieces of one length without which it says nothing."""


@dataclass(frozen=True, eq=False)
class CharacterModel:
    """What is known of the characters of some texts.

    Args:
        table: of `compiled_ngrams.estimate`.
        unknown: of `compiled_ngrams.estimate`.
        order: characters of the longest n-grams.
    """

    table: NDArray[np.uint64]
    unknown: float
    order: int

    @classmethod
    def of(cls, stretches: Sequence[NDArray[np.uint32]], order: int) -> Self:
        """The model of some texts, as `characters` gives them; no n-gram reaches from one into the next."""
        import numpy as np

        from vocation.language.compiled_ngrams import BREAK, count, estimate

        pause = np.array([BREAK], dtype=np.uint32)
        codes = np.concatenate([part for stretch in stretches for part in (stretch, pause)] or [pause])
        table, unknown = estimate(codes, *count(codes, order), 1 / _CODE_POINTS)
        return cls(table, unknown, order)

    def cost(self, content: str) -> tuple[float, int]:
        """How unlikely a text is: minus the natural logarithm of its probability a byte, and how many bytes it has.

        Returns:
            (0.0, 0) for a text of white space.
        """
        total, size = _kernel()(_codes(content), self.table, self.unknown, self.order)
        return (total / size, size) if size else (0.0, 0)


@dataclass(frozen=True, eq=False)
class Expectation:
    """What a model's costs of good text are: those of pieces of its reference that it was not estimated from.

    Args:
        lengths: of the pieces, in bytes, ascending.
        costs: [lengths] of all pieces of a length, ascending.
    """

    lengths: tuple[int, ...]
    costs: tuple[NDArray[np.float64], ...]

    def quantiles(self, share: float) -> list[float]:
        """What that share of the pieces of each length costs at most."""
        import numpy as np

        return [float(np.quantile(costs, share)) for costs in self.costs]


def learn(texts: Sequence[str], order: int) -> tuple[CharacterModel, tuple[Expectation, ...]]:
    """A model of some texts together, and what to expect of each.

    One stretch of a thousand characters in ten is kept apart for the second.

    Args:
        texts: of 30,000 bytes or more each.
        order: characters of the longest n-grams.
    """
    known: list[NDArray[np.uint32]] = []
    apart: list[list[NDArray[np.uint32]]] = []
    for text in texts:
        stretches = [characters(part) for part in _stretches(text, _LARGEST // len(texts))]
        apart.append(stretches[_APART // 2 :: _APART])
        known += [part for place, part in enumerate(stretches) if place % _APART != _APART // 2]
    model = CharacterModel.of(known, order)
    return model, tuple(_expectation(model, held) for held in apart)


def characters(content: str) -> NDArray[np.uint32]:
    """The code points of a text as a model sees them: small letters, and one space for a run of white space."""
    from vocation.language.compiled_ngrams import plain

    return plain(_codes(content))


def _codes(content: str) -> NDArray[np.uint32]:
    import numpy as np

    return np.frombuffer(content.lower().encode("utf-32-le", errors="surrogatepass"), dtype=np.uint32)


@cache
def _kernel() -> Callable[..., tuple[float, int]]:
    """Imported once, and not before it is needed: short texts come by the million."""
    from vocation.language.compiled_ngrams import score_text

    return score_text


def _stretches(text: str, most: int) -> list[str]:
    """A text in stretches of about a thousand characters; of a text that is too long, some from all over."""
    text = " ".join(text.split())
    count, wanted = (max(2 * _APART, size // _PIECE) for size in (len(text), most))
    places = range(count) if count <= wanted else (place * count // wanted for place in range(wanted))
    return [text[place * len(text) // count : (place + 1) * len(text) // count] for place in places]


def _expectation(model: CharacterModel, held: Sequence[NDArray[np.uint32]]) -> Expectation:
    import numpy as np

    from vocation.language.compiled_ngrams import score_pieces

    found = {}
    for length in _LENGTHS:
        costs = [score_pieces(codes, length, model.table, model.unknown, model.order) for codes in held]
        found[length] = np.sort(np.concatenate(costs))
    lengths = [length for length in _LENGTHS if len(found[length]) >= _FEWEST]
    return Expectation(tuple(lengths), tuple(found[length] for length in lengths))
