"""Values with their intervals: a filled circle and a line for the model, a hollow square for the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vocation.evaluation.report.pictures import BASELINE, MODEL, WIDTH, Picture, picture

_ROW = 26  # Pixels of one line.


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
    scale = alt.Scale(domain=[10 * (lowest // 10), 100], nice=False, zero=False)

    def by_system(channel: Any, values: Sequence[str]) -> Any:
        return channel("system:N", scale=alt.Scale(domain=systems, range=values), title=None)

    base = alt.Chart(alt.InlineData(values=points)).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(domain=False, ticks=False)),
        yOffset=alt.YOffset("system:N", sort=systems, scale=alt.Scale(paddingOuter=0.6)),
        stroke=by_system(alt.Stroke, [MODEL, BASELINE]),
    )
    lines = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title=words["percent"], scale=scale), x2="high:Q")
    marks = base.mark_point(size=46, strokeWidth=2, opacity=1).encode(
        x=alt.X("value:Q", title=words["percent"], scale=scale),
        shape=by_system(alt.Shape, ["circle", "square"]),
        fill=by_system(alt.Fill, [MODEL, "var(--page)"]),
    )
    chart = alt.layer(lines, marks).properties(width=WIDTH, height=_ROW * len(rows))
    return picture(chart, title, words["interval_note"])
