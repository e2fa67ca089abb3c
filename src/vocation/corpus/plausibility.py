"""How like text the characters are that an encoding makes of a file's bytes.

Most files in Big5 are valid GB18030 and many short ones the other way round, so that validity alone does not tell them
apart. Frequency does: some 500 frequent characters make up more than a third of any Chinese text, and next to nothing
of what the wrong encoding makes of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vocation.errors import DataError

_FREQUENT = (  # In clinical-trial criteria, examination questions and statutes, a third each: the first 400.
    "的者人或法有不性为定病一以在第中行民合用能和是分条患其可物院生期过应理血重同内上发意于体对当年解他知出国受经事关规成等十故情时本并作选标动正心据个下二药及化疾前实权确后产会与疗因要三制试大文证案术严所"
    "方治高题明验加数常究月项件提书管研间全新自无原查了认进地请主结史相处现系之量组依功子公使利质审根参入外诉检由度力断细部神学岁保接到肝机除被变未通罪素业刑品代判最政准基表诊符具统形任得龄种小如手员胞级程"
    "已精家日申工执位款四起限施交症律决求务周该存染临计这五节列损造女从瘤议照面而活状床影课次裁错反向肾共商非金支资取义签误说感讼转害单适偿持糖责抗肿失需且料收类指异服果多评价特开包百炎效复点水调构犯排告署"
    "敏电值别式则信予区响液型来尿立道展脑释司障身平白此承设致赔增况肺乳达传属吸委导但近息供植问碍察长将压社气愿移六考两线强妇酸名毒材完直天医答剂甲膜改我癌少脏罚词放肌免干食运语句没织孕括妊娠们段就超流至境"
)
_EVERYDAY = (  # Of prose and talk, where such texts have few.
    "也你那着里然么去都看还好些样她只想军它把又很战头美见什己西斯话回老给世门先海教儿东声比真论走各几口尔更打总何安报才目太再建做必场市德命山克许队便空马科眼听却界光即像难思王象色路记南住北边死张万拉格望觉"
    "领师观清今切让识候带争笔吗谢您吧呢"
)
_TRADITIONAL = (  # Of all these, the forms that differ (OpenCC, s2t).
    "爲條過應內發於體對當國經關規時並選標動據個藥實權確後產會與療試證術嚴題驗數項書間無認進請結處現組質審參訴檢斷細學歲機變業準診統齡種員級執決務該臨計這節損從議狀牀課錯腎資義籤誤說訟轉單適償責腫類異評價開"
    "復點調構電別則區響來腦釋設賠況達傳屬導問礙長將壓氣願兩線強婦醫劑髒罰詞幹運語沒織們裏麼還樣軍戰頭見話給門兒東聲論幾爾總報場許隊馬聽卻難記邊張萬覺領師觀讓識帶爭筆嗎謝"
)
_PUNCTUATION = "，。、；：？！（）《》“”‘’　「」『』【】—…·％"
_COMMON = re.compile(f"[{_FREQUENT}{_EVERYDAY}{_TRADITIONAL}{_PUNCTUATION}]+")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")
_PLAIN = re.compile("[\t\n\r -~]+")
_COMMON_SHARE = 0.2
"""Smallest share of common characters among those beyond ASCII. Measured with `choose` on court documents, patients'
questions, résumés, old medical books and lists of terms, none of which the frequencies come from, 200 pieces each in
GB18030, in Big5, and in traditional characters in GB18030: of 1,000 characters all are told right; of 100 characters
none is told wrong and 1 in 100 is refused; of 20 characters 3 in 1,000 are told wrong and 3 in 100 refused."""
_ENOUGH = 200_000
"""Characters beyond ASCII after which no more are looked at."""
_CLEAR = 3
"""How many times as common the characters of the chosen encoding must be as those of the other."""
_BASIC_SHARE = 0.2
"""Smallest share of characters of the encoding's basic set: GB2312 for GB18030, the first level of Big5. Simplified
Chinese has about 0.99 in the one, traditional Chinese about 0.5 in the one and 0.97 in the other; Western text in
Latin-1 that happens to be valid has about 0 (an accented letter and the ASCII letter behind it make a rare one)."""
_SECOND_LEVEL = bytes(range(0xC7, 0x100))
"""First bytes of Big5's rarer characters."""
_TEXT_SHARE = 0.3
"""Smallest share of plain ASCII and common Chinese characters in UTF-16 without a mark."""


@dataclass(slots=True)
class Evidence:
    """Counts over the characters that one encoding makes of a file.

    Args:
        codec: of the encoding.
        characters: all of them.
        beyond_ascii: those that are not ASCII.
        common: those that are among the most frequent of Chinese.
        basic: those that are in the encoding's basic set.
        plain: those that are printable ASCII, tabs or line ends.
    """

    codec: str
    characters: int = 0
    beyond_ascii: int = 0
    common: int = 0
    basic: int = 0
    plain: int = 0

    def add(self, text: str) -> None:
        """Counts the characters of another part of the file."""
        beyond = "".join(_BEYOND_ASCII.findall(text))
        self.characters += len(text)
        self.beyond_ascii += len(beyond)
        self.common += sum(map(len, _COMMON.findall(beyond)))
        self.plain += sum(map(len, _PLAIN.findall(text)))
        if self.codec == "gb18030":
            self.basic += len(beyond.encode("gb2312", errors="ignore")) // 2
        elif self.codec == "big5hkscs":
            self.basic += len(beyond.encode("big5", errors="ignore")[::2].translate(None, _SECOND_LEVEL))

    @property
    def common_share(self) -> float:
        """Share of common characters among those beyond ASCII."""
        return self.common / max(self.beyond_ascii, 1)

    def is_enough(self) -> bool:
        """Whether more text would not change what is seen."""
        return self.beyond_ascii >= _ENOUGH

    def is_chinese(self) -> bool:
        """Whether enough characters are of the encoding's basic set."""
        return self.basic >= _BASIC_SHARE * max(self.beyond_ascii, 1)

    def is_text(self) -> bool:
        """Whether the characters, ASCII among them, are those of text."""
        return self.plain + self.common >= _TEXT_SHARE * max(self.characters, 1)


def choose(path: Path, candidates: Mapping[str, Evidence], *, all_valid: bool = True) -> str:
    """The encoding that a file is in, among those that it may be in.

    Args:
        path: for the message.
        candidates: what each of "gb18030", "big5hkscs" makes of it; at least one.
        all_valid: whether all bytes are valid in them; if not, validity is no evidence by itself.

    Raises:
        DataError: none makes text of it, or both do.
    """
    chinese = [codec for codec, found in candidates.items() if found.is_chinese()]
    ranked = sorted(chinese, key=lambda codec: candidates[codec].common_share, reverse=True)
    share = candidates[ranked[0]].common_share if ranked else 0.0
    other = candidates[ranked[1]].common_share if len(ranked) > 1 else 0.0
    if share >= _COMMON_SHARE and share >= _CLEAR * other:
        return ranked[0]
    if ranked == ["gb18030"] and all_valid:  # Rare characters, as in lists of terms.
        return ranked[0]
    names = {"gb18030": "GB18030", "big5hkscs": "Big5"}
    found = "; ".join(
        f"as {names[codec]} {found.beyond_ascii} characters beyond ASCII, {found.common} of them common in Chinese"
        for codec, found in candidates.items()
    )
    raise DataError(
        "The file is not UTF-8, and its characters would be unlikely ones in "
        + " and in ".join(names[codec] for codec in candidates)
        if share < _COMMON_SHARE
        else "The file is not UTF-8, and it is unclear whether it is GB18030 or Big5",
        file=path,
        received=found,
        allowed="UTF-8, UTF-16, GB18030 (GBK, GB2312) or Big5",
        remedy="look at it in both and set `encoding: gb18030` or `encoding: big5` for this source; or convert it to "
        "UTF-8 (for Western text: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW)",
    )
