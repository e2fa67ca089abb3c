"""Traditional and Simplified Chinese: one of the two, by OpenCC."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from vocation.cleaning import CleaningStep
from vocation.cleaning.rewriting import CHINESE, changed_characters
from vocation.errors import MissingExtraError
from vocation.text import Text

if TYPE_CHECKING:
    import opencc

Conversion = Literal["t2s", "tw2s", "hk2s", "s2t", "s2tw", "s2hk", "t2tw", "t2hk", "tw2t", "hk2t"]

_ANY_CHINESE = re.compile(f"[{CHINESE}]")
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
_BLOCKS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x2FA20), (0x30000, 0x323B0))


class ChineseVariant(CleaningStep):
    """Write Chinese in one variant: Traditional in Simplified characters, or the other way round.

    OpenCC (https://github.com/BYVoid/OpenCC) chooses by phrase where a character has several counterparts (头发 → 頭髮,
    发展 → 發展). The conversions offered here replace each character by one character, so that every place in the text,
    and every span, stays where it is. Those that also change words between regions (软件 → 軟體) are not offered.

    A text is converted only if it has a character that the wanted variant does not know. So Simplified text passes
    `tw2s` untouched, where OpenCC by itself would turn 么 into 幺, and a second time changes nothing. A text that
    could be of either variant (里面) stays.
    """

    conversion: Conversion = Field(
        default="t2s",
        description="From what to what: `s` is Simplified, `t` Traditional in OpenCC's own standard, `tw` as Taiwan "
        "writes it, `hk` as Hong Kong does.",
    )

    def __call__(self, text: Text) -> Text:
        if not _ANY_CHINESE.search(text.content):
            return text
        # OpenCC takes UTF-8, which has no unpaired surrogates, and may stop at a NUL.
        content = _UNREADABLE.sub("\ufffd", text.content)
        converted = _converter(self.conversion).convert(content)
        if converted == content:
            return text
        edits = changed_characters(content, converted)
        foreign = _foreign_characters(self.conversion)
        return text.edit(edits) if any(content[edit.start] in foreign for edit in edits) else text


@cache
def _converter(conversion: str) -> opencc.OpenCC:
    try:
        import opencc
    except ImportError as error:
        raise MissingExtraError("opencc", "chinese") from error
    # Without the characters of Unicode's later planes that few fonts, and fewer vocabularies, have.
    return opencc.OpenCC(conversion, include_tofu_risk_dictionaries=False)


@cache
def _foreign_characters(conversion: str) -> frozenset[str]:
    """The characters that the conversion changes, and that its own variant does not have.

    Which those are is what the standard character sets say: GB 2312 for Simplified, Big5 for Traditional Chinese.
    """
    characters = [chr(code) for first, end in _BLOCKS for code in range(first, end)]
    # On lines of their own, characters make no phrases.
    converted = _converter(conversion).convert("\n".join(characters)).split("\n")
    own = set(converted)
    if conversion.endswith("s") or conversion.startswith("s"):
        encoding = "gb2312" if conversion.endswith("s") else "big5"
        own.update("".join(characters).encode(encoding, "ignore").decode(encoding))
    pairs = zip(characters, converted, strict=True)
    return frozenset(old for old, new in pairs if old != new and old not in own)
