"""Values with their intervals: a filled circle and a line for the model, a hollow square for the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vocation.evaluation.report.pictures import BASELINE, MODEL, WIDTH, Picture, picture

_ROW = 24  # Pixels of one line.


def interval_chart(rows: Sequence[Mapping[str, Any]], words: Mapping[str, str], title: str) -> Picture:
    """One line a row, in the order given, on a scale of percent.

    Args:
        rows: `name`, `value`, `low`, `high` of the model and `baseline`, `baseline_low`, `baseline_high`, between 0
            and 1.
        words: the texts of the page.
        title: what the picture shows.
    """
    import altair as alt

    points = []
    for row in rows:
        for system, prefix in (("model", ""), ("baseline", "baseline_")):
            names = ("value" if system == "model" else "baseline", f"{prefix}low", f"{prefix}high")
            value, low, high = (100 * row[name] for name in names)
            points.append({"name": row["name"], "system": words[system], "value": value, "low": low, "high": high})
    systems = [words["model"], words["baseline"]]
    lowest = min((point["low"] for point in points), default=0.0)
    start = max(0.0, 10 * (lowest // 10))
    shape = alt.Shape("system:N", scale=alt.Scale(domain=systems, range=["circle", "square"]), title=None)
    colour = alt.Color("system:N", scale=alt.Scale(domain=systems, range=[MODEL, BASELINE]), title=None)
    x = alt.X("value:Q", title=words["percent"], scale=alt.Scale(domain=[start, 100], nice=False))
    base = alt.Chart(alt.Data(values=points)).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(domain=False, ticks=False)),
        yOffset=alt.YOffset("system:N", sort=systems, scale=alt.Scale(paddingOuter=0.6)),
        color=colour,
    )
    lines = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title=words["percent"]), x2="high:Q")
    marks = base.mark_point(size=46, fill="var(--page)", strokeWidth=2, opacity=1).encode(x=x, shape=shape)
    chart = alt.layer(lines, marks).properties(width=WIDTH, height=alt.Step(_ROW / 2))
    return picture(chart, title, words["interval_note"])
