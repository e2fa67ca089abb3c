"""How a chart becomes part of the page: small, accessible SVG that takes its colours and font from the page.

Colours are CSS variables, so that a picture follows the page into dark mode and into print.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

INK, MUTED, RULE = "var(--ink)", "var(--muted)", "var(--rule)"
MODEL, BASELINE = "var(--model)", "var(--baseline)"
WIDTH = 500
"""Width of a plot in pixels, axis labels apart: narrow enough to read on a phone with little scrolling."""
FONT = "Arial, Helvetica, Liberation Sans, sans-serif"
"""The widths of this font are what room is left for; the page asks for it and falls back to fonts with CJK."""

_TAG = re.compile(r"<[^>]+>")
_EMPTY = re.compile(r'<path[^>]* d="(?:M0,0h0v0h0Z)?"[^>]*/>')
_NOISE = re.compile(
    r' (?:xmlns|xmlns:xlink|version|pointer-events|aria-[a-z]+|role|class|font-family)="[^"]*"| opacity="1"'
)
_LONG_NUMBER = re.compile(r"(\d+\.\d{2})\d+")


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart, ready for the page.

    Args:
        svg: the drawing.
        title: what it shows; also what a screen reader says.
        note: how to read it.
    """

    svg: str
    title: str
    note: str = ""


def picture(chart: Any, title: str, note: str = "") -> Picture:
    """An altair chart as a picture.

    Args:
        chart: any altair chart, not yet configured.
        title: what it shows.
        note: how to read it.
    """
    import altair as alt
    import vl_convert

    axis = alt.AxisConfig(
        labelColor=INK,
        titleColor=MUTED,
        gridColor=RULE,
        domainColor=RULE,
        tickColor=RULE,
        labelFontSize=12,
        titleFontSize=12,
        titleFontWeight="normal",
        labelLimit=170,
    )
    legend = alt.LegendConfig(labelColor=INK, titleColor=MUTED, labelFontSize=12, titleFontSize=12, orient="top")
    drawn = chart.configure(
        aria=False,
        background="transparent",
        axis=axis,
        legend=legend,
        font=FONT,
        padding={"left": 12, "right": 4, "top": 2, "bottom": 2},
    )
    raw: str = vl_convert.vegalite_to_svg(drawn.configure_view(stroke=None).to_dict())
    return Picture(_on_the_page(raw, title, note), title, note)


def _on_the_page(raw: str, title: str, note: str) -> str:
    """The SVG without what the page says already, named for screen readers."""
    slim = _TAG.sub(lambda tag: _LONG_NUMBER.sub(r"\1", _NOISE.sub("", tag.group())), _EMPTY.sub("", raw))
    head, body = slim.split(">", 1)
    label = html.escape(title)
    return f'{head} role="img" aria-label="{label}"><title>{label}</title><desc>{html.escape(note)}</desc>{body}'
