"""How many rows have how many tokens, beside what the model reads at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vocation.evaluation.report.pictures import BASELINE, MODEL, WIDTH, Picture, picture


def lengths_chart(examined: Mapping[str, Any], words: Mapping[str, str]) -> Picture:
    """A histogram over the labelled rows of all splits, with a line at the model's window.

    Args:
        examined: summary of the examination.
        words: of the page.
    """
    import altair as alt

    edges = examined["edges"]
    counts = [
        sum(split["histogram"][place] for split in examined["splits"].values()) for place in range(len(edges) - 1)
    ]
    bars = [
        {"start": start, "end": end, "rows": rows, "none": 0}
        for start, end, rows in zip(edges, edges[1:], counts, strict=False)
    ]
    x = alt.X("start:Q", title=words["tokens_of_row"], axis=alt.Axis(tickCount=8, format="~s", grid=False))
    y = alt.Y("rows:Q", title=words["rows_of_split"], axis=alt.Axis(tickCount=5, format="~s"))
    layers = [
        alt.Chart(alt.InlineData(values=bars))
        .mark_bar(color=MODEL, fillOpacity=0.75, binSpacing=1)
        .encode(x=x, x2="end:Q", y=y, y2="none:Q")
    ]
    window = examined["window"]
    if window and window <= edges[-1]:
        rule = alt.Chart(alt.InlineData(values=[{"start": window}]))
        layers.append(rule.mark_rule(color=BASELINE, strokeWidth=2, strokeDash=[6, 3]).encode(x="start:Q"))
    chart = alt.layer(*layers).properties(width=WIDTH, height=180)
    return picture(chart, words["lengths_title"], words["lengths_note"])
