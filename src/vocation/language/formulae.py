"""Chemical formulae: H₂O, C2H5OH, Ca(OH)₂, CuSO₄·5H₂O, SO₄²⁻."""

from __future__ import annotations

import re
from collections.abc import Iterator

# The 118 elements (IUPAC, 2016); two-letter symbols stand first so that Cl is not read as C.
_TWO_LETTERS = (
    "He Li Be Ne Na Mg Al Si Cl Ar Ca Sc Ti Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Zr Nb Mo Tc Ru Rh Pd Ag Cd In "
    "Sn Sb Te Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac "
    "Th Pa Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og"
)
_ELEMENT = f"(?:{'|'.join(_TWO_LETTERS.split())}|[BCFHIKNOPSUVWY])"
_COUNT = "[0-9₀-₉]{0,3}"
_GROUP = f"(?:{_ELEMENT}{_COUNT}|[(\\[](?:{_ELEMENT}{_COUNT})+[)\\]]{_COUNT})"
_CHARGE = "(?:[⁰¹²³⁴-⁹]?[⁺⁻])?"
# Nothing before it, or a coefficient, as in 2H₂O.
_APART = "(?<![A-Za-z0-9_.-])"
_START = f"(?:(?<![A-Za-z0-9₀-₉])|(?<={_APART}[0-9])|(?<={_APART}[0-9][0-9]))"
_FORMULA = re.compile(f"{_START}[⁰¹²³⁴-⁹]{{0,3}}{_GROUP}+(?:·[0-9]{{0,2}}{_GROUP}+)?{_CHARGE}(?![A-Za-z0-9₀-₉⁺⁻])")
_RUN = re.compile("[A-Z(\\[⁰¹²³⁴-⁹][A-Za-z0-9₀-₉()\\[\\]·⁰¹²³⁴-⁹⁺⁻]+")
_HINT = re.compile("[0-9₀-₉⁰¹²³⁴-⁹⁺⁻]|.[A-Z]")
_MARKED = re.compile("[⁰¹²³⁴-⁹₀-₉⁺⁻]")
_SYMBOL = re.compile(_ELEMENT)
_DIGIT = re.compile("[0-9]")
_SALT = re.compile("[A-Z].*[a-z].*[A-Z]|[A-Z][A-Z][a-z]|[a-z][A-Z]")
_DIATOMIC = frozenset({"H2", "N2", "O2", "O3", "F2", "Cl2", "Br2", "I2"})


def formulae(content: str) -> Iterator[tuple[int, int]]:
    """Where chemical formulae stand in a text.

    A run of element symbols counts when it has a subscript, superscript or charge (H₂O, Na⁺), when it has digits and
    at least two symbols (C2H5OH), when it mixes symbols of one and two letters (NaCl), or is one of the elements'
    molecules (O2). So In, HIV and B12 are none, while H1N1 is taken for one: to be left alone harms neither.
    """
    for run in _RUN.finditer(content):  # Far quicker than the whole pattern at every place.
        if _HINT.search(run[0]):
            for match in _FORMULA.finditer(content, *run.span()):
                if _is_formula(match[0]):
                    yield match.span()


def _is_formula(run: str) -> bool:
    if _MARKED.search(run):
        return True
    symbols = len(_SYMBOL.findall(run))
    if symbols > 1 and _DIGIT.search(run):
        return True
    return run.strip("()[]") in _DIATOMIC or (symbols > 1 and _SALT.search(run) is not None)
