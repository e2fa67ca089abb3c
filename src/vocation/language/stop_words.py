"""Words that carry grammar and hardly any topic, in English and Chinese, and how they are found.

English: the list of the Snowball stemmer (M. Porter and R. Boulton; BSD licence). Chinese: a short list of pronouns,
particles, prepositions, conjunctions and adverbs, most of which stand in the list of Stopwords ISO (G. Diaz; MIT
licence); that list's numerals and words with a topic of their own (人, 月, 大) are left out, some adverbs added.
Words of negation stand apart: `no fever` and `fever` are not the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal

from vocation.errors import MissingExtraError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Language = Literal["en", "zh"]
EXTRA = "chinese"

_ENGLISH = """
i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it its
itself they them their theirs themselves what which who whom this that these those am is are was were be been being
have has had having do does did doing would should could ought i'm you're he's she's it's we're they're i've you've
we've they've i'd you'd he'd she'd we'd they'd i'll you'll he'll she'll we'll they'll let's that's who's what's here's
there's when's where's why's how's a an the and but if or because as until while of at by for with about against
between into through during before after above below to from up down in out on off over under again further then once
here there when where why how all any both each few more most other some such only own same so than too very will can
"""
_CHINESE = """
我 我们 你 你们 您 他 他们 她 她们 它 它们 咱 咱们 自己 自身 大家 本 该 此 其 其中 之 之一 某 某些 每 各 各个 各种
这 这个 这些 这种 这样 这里 这儿 这么 这时 那 那个 那些 那种 那样 那里 那儿 那么 那时 谁 什么 哪 哪个 哪些 哪里
怎么 怎样 的 地 得 了 着 过 等 等等 所 们 吗 呢 吧 啊 呀 哦 嘛 啦 嗯 哎 唉 哈 么 的话 而已 似的 一般 一样
在 从 自 自从 由 由于 于 对 对于 关于 至于 把 被 将 给 向 往 朝 跟 同 与 和 及 以及 或 或者 还是 以 按 按照 根据
依据 依照 据 通过 经 经过 为 为了 为着 因 因为 因此 因而 所以 从而 比 比如 例如 除 除了 除外 随 随着 沿 沿着 当 趁
凭 凭借 虽 虽然 尽管 但 但是 可是 然而 而 而且 而是 并 并且 且 况且 何况 不但 不仅 不过 只是 如 如果 如此 如何
若 若是 假如 假使 倘若 要是 即 即使 即便 就算 无论 不论 不管 只要 只有 既 既然 则 否则 于是 然后 另外 此外 另
又 也 还 还有 都 就 就是 便 才 再 很 太 更 更加 最 非常 十分 比较 较 相当 挺 极 极其 已 已经 曾 曾经 正 正在 刚
刚刚 仍 仍然 是 有 有些 有的 能 会 可 可以 个 些 一个 一些 一种 来 去 上 下 里 中 时 时候 后 前 之后 之前
以后 以前 以上 以下 以来
"""
_ENGLISH_NEGATIONS = """
no nor not never without cannot isn't aren't wasn't weren't hasn't haven't hadn't doesn't don't didn't won't wouldn't
shan't shouldn't can't couldn't mustn't
"""
_CHINESE_NEGATIONS = "不 没 没有 无 未 未曾 非 别 莫 勿 毋 不是 不能 不会 不要 不得"

STOP_WORDS: dict[Language, frozenset[str]] = {
    "en": frozenset(_ENGLISH.split()),
    "zh": frozenset(_CHINESE.split()),
}
NEGATIONS: dict[Language, frozenset[str]] = {
    "en": frozenset(_ENGLISH_NEGATIONS.split()),
    "zh": frozenset(_CHINESE_NEGATIONS.split()),
}

_LATIN_LETTER = re.compile("[A-Za-zÀ-ɏ]")
_CHINESE_RUN = re.compile("[\u3400-\u9fff]+")


def occurrences(content: str, words: frozenset[str], *, chinese: bool) -> list[tuple[int, int]]:
    """Where some words stand in a text, as words of their own: first those in Latin letters, then the Chinese ones.

    Args:
        content: the text.
        words: in small letters, with straight apostrophes.
        chinese: whether runs of Chinese characters are divided into words (by jieba's dictionary and model) and looked
            at too; 的 is then found in 我的书 and not in 目的.

    Raises:
        MissingExtraError: the package that divides Chinese into words is not installed.
    """
    found = _latin_occurrences(content, words) if _LATIN_LETTER.search(content) else []
    return found + _chinese_occurrences(content, words) if chinese else found


def _latin_occurrences(content: str, words: frozenset[str]) -> list[tuple[int, int]]:
    find = _latin_finder(words)
    return list(map(tuple, find(content.encode("utf-32-le", errors="surrogatepass")).tolist()))


@lru_cache(maxsize=16)
def _latin_finder(words: frozenset[str]) -> Callable[[bytes], NDArray[np.int64]]:
    """Finds the words in a text as UTF-32; made once, as short texts come by the million."""
    import numpy as np

    from vocation.language.compiled_words import find_words, hash_table

    letters, table = _letters(), hash_table(words)
    return lambda data: find_words(np.frombuffer(data, dtype=np.uint32), letters, table)


@cache
def _letters() -> NDArray[np.uint32]:
    """[592] for each code point below U+0250 the small letter that it counts as; 0 where it is no Latin letter."""
    import numpy as np

    letters = np.zeros(0x250, dtype=np.uint32)
    for match in _LATIN_LETTER.finditer("".join(map(chr, range(len(letters))))):
        small = match[0].lower()
        letters[match.start()] = ord(small if len(small) == 1 else match[0])
    return letters


def _chinese_occurrences(content: str, words: frozenset[str]) -> list[tuple[int, int]]:
    runs = list(_CHINESE_RUN.finditer(content))
    if not runs:
        return []
    # All runs in one call, on lines of their own: as jieba knows no word with a line end, it divides each by itself.
    divided = _segmenter()("\n".join([run[0] for run in runs]))
    found: list[tuple[int, int]] = []
    number, place = 0, runs[0].start()
    for word in divided:
        if word == "\n":
            number += 1
            place = runs[number].start()
            continue
        end = place + len(word)
        if word in words:
            found.append((place, end))
        place = end
    return found


@cache
def _segmenter() -> Callable[[str], list[str]]:
    try:
        import rjieba
    except ImportError as error:
        raise MissingExtraError("rjieba", EXTRA) from error
    cut: Callable[[str], list[str]] = rjieba.cut
    return cut
