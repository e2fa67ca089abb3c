"""Which language a text is in.

Chinese is told by its script: a text whose letters are mostly Chinese characters, with hardly any kana or hangul. Any
other text goes to py3langid (A. Barbaresi; BSD licence; after Lui and Baldwin 2012), a naive Bayes model over byte
n-grams of 140 languages that comes in the package.

It was chosen on 1,000 texts each of eight sets of real English and Chinese rows and on the translations of a web
framework into nine languages. py3langid is right on 98.8 to 99.8 % of English questions and abstracts and on 91 % of
maintenance notes of four words, at 0.5 to 0.8 MB/s in 170 MB. lingua 2.1 is right on 94.6 to 99.4 % and on 94 %, needs
1.2 GB, and takes 5 to 50 times as long. fastText's compressed model is four times as fast, but takes 17 % of short
Chinese texts for Japanese, and has a share-alike licence. The rule for Chinese stands in front because py3langid takes
8 % of such texts for Wu. With it and the step's defaults, none of 7,024 Chinese and English rows of 20 characters or
more was dropped, and 77 % (Spanish) to 93 % (Japanese) of the translations were, of which 7 % are still in English.
What is slow in py3langid is compiled here, with the same answers: see `compiled_identification`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from vocation.errors import MissingExtraError, RecipeError, did_you_mean

EXTRA = "language"
_LETTER = re.compile(r"[^\W\d_]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA_OR_HANGUL = re.compile("[\u3041-\u30fa\u1100-\u11ff\uac00-\ud7a3]")
_HAN_SHARE = 0.5
_KANA_SHARE = 0.02
"""Of the Chinese characters. Japanese text has more kana than ideographs; Chinese text quotes a の now and then."""
_VARIETIES = {"wuu": "zh", "yue": "zh", "lzh": "zh"}
"""Written with Chinese characters, and hardly told apart in short texts."""
_WINDOW = 200
"""Characters that are looked at from the beginning, the middle and the end of a long text."""


def identify(content: str) -> tuple[str, float]:
    """The language of a text (ISO 639 code), and how likely it is.

    Returns:
        ("", 0.0) for a text without letters.

    Raises:
        MissingExtraError: the text is not in Chinese script and the package for other languages is not installed.
    """
    sample = _sample(content)
    if not _LETTER.search(sample):
        return "", 0.0
    if han := 0 if sample.isascii() else len(_HAN.findall(sample)):
        letters = len(_LETTER.findall(sample))
        if han > _HAN_SHARE * letters and len(_KANA_OR_HANGUL.findall(sample)) <= _KANA_SHARE * han:
            return "zh", han / letters
    code, probability = _identifier().classify(sample)
    return _VARIETIES.get(code, code), float(probability)


def require_known(codes: tuple[str, ...]) -> None:
    """Refuses codes that no text is ever found to be in.

    Raises:
        RecipeError: names the code and the nearest known one.
        MissingExtraError: the package is not installed.
    """
    known = {_VARIETIES.get(code, code) for code in _identifier().labels}
    for code in codes:
        if code not in known:
            raise RecipeError(
                f"{code!r} is not the code of a language that can be identified.{did_you_mean(code, known)}\n"
                f"  allowed: {', '.join(sorted(known))}"
            )


def _sample(content: str) -> str:
    if len(content) <= 3 * _WINDOW:
        return content
    middle = (len(content) - _WINDOW) // 2
    return " ".join((content[:_WINDOW], content[middle : middle + _WINDOW], content[-_WINDOW:]))


@cache
def _identifier() -> Any:
    """The model, read from its package (a second)."""
    try:
        from py3langid.langid import MODEL_FILE

        from vocation.language.compiled_identification import Identifier
    except ImportError as error:
        raise MissingExtraError("py3langid", EXTRA) from error
    return Identifier.from_model_file(MODEL_FILE, norm_probs=True)
