"""How training went: loss, validation metric and learning rate over the updates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation.evaluation.report.pictures import BASELINE, INK, MODEL, MUTED, WIDTH, Picture, picture

_POINTS = 300  # More could not be told apart on the width of the plot.
_HEIGHT = 170


def loss_curve(history: Mapping[str, Any], words: Mapping[str, str]) -> Picture:
    """Loss of every update, and its moving average over a fortieth of all updates."""
    import altair as alt

    steps = [entry["step"] for entry in history["steps"]]
    losses = np.array([entry["loss"] for entry in history["steps"]])
    smooth = moving_average(losses, max(1, len(losses) // 40))
    points = [
        {"step": step, "loss": loss, "smooth": even}
        for step, loss, even in thinned(list(zip(steps, losses.tolist(), smooth.tolist(), strict=True)))
    ]
    base = alt.Chart(alt.InlineData(values=points)).encode(x=_updates(steps, words))
    raw = base.mark_line(color=MUTED, strokeWidth=1, strokeOpacity=0.45).encode(
        y=alt.Y("loss:Q", title=words["loss"], scale=alt.Scale(zero=True))
    )
    even = base.mark_line(color=MODEL, strokeWidth=2).encode(y="smooth:Q")
    chart = alt.layer(raw, even).properties(width=WIDTH, height=_HEIGHT)
    return picture(chart, words["loss_title"], words["loss_note"])


def validation_curve(history: Mapping[str, Any], words: Mapping[str, str]) -> Picture:
    """The selection metric after every evaluation; the best point carries a diamond and its value."""
    import altair as alt

    steps = [entry["step"] for entry in history["steps"]]
    points = [
        {
            "step": entry["step"],
            "value": 100 * entry["selected"],
            "text": f"{100 * entry['selected']:.1f}" if entry["step"] == history["best_step"] else "",
        }
        for entry in history["evaluations"]
    ]
    best = [point for point in points if point["text"]]
    name = history["selection_metric"]
    x = _updates(steps, words)
    y = alt.Y("value:Q", title=f"{name} ({words['percent']})", scale=alt.Scale(zero=False, nice=True, padding=8))
    base = alt.Chart(alt.InlineData(values=points)).encode(x=x, y=y)
    line = base.mark_line(color=MODEL, strokeWidth=2)
    dots = base.mark_point(size=34, fill=MODEL, stroke=MODEL, opacity=1)
    marked = alt.Chart(alt.InlineData(values=best)).encode(x=x, y=y)
    diamond = marked.mark_point(
        shape="diamond", size=190, fill="var(--page)", stroke=BASELINE, strokeWidth=3, opacity=1
    )
    text = marked.mark_text(dy=-15, color=INK, fontSize=12, fontWeight="bold").encode(text="text:N")
    chart = alt.layer(line, dots, diamond, text).properties(width=WIDTH, height=_HEIGHT)
    return picture(chart, words["validation_title"], words["validation_note"])


def learning_rate_curve(history: Mapping[str, Any], words: Mapping[str, str]) -> Picture:
    """The learning rate of every update."""
    import altair as alt

    steps = [entry["step"] for entry in history["steps"]]
    rates = [(entry["step"], entry["learning_rate"]) for entry in history["steps"]]
    points = [{"step": step, "rate": rate} for step, rate in thinned(rates)]
    chart = (
        alt.Chart(alt.InlineData(values=points))
        .mark_line(color=MODEL, strokeWidth=2)
        .encode(
            x=_updates(steps, words),
            y=alt.Y("rate:Q", title=words["learning_rate"], axis=alt.Axis(format="~e", tickCount=4)),
        )
        .properties(width=WIDTH, height=_HEIGHT // 2)
    )
    return picture(chart, words["learning_rate_title"])


def moving_average(values: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """The mean of the `window` values before and behind each one, fewer at the ends; [N] to [N]."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    places = np.arange(len(values))
    first, last = np.maximum(places - window, 0), np.minimum(places + window + 1, len(values))
    means: NDArray[np.float64] = (sums[last] - sums[first]) / (last - first)
    return means


def thinned(points: Sequence[Any]) -> list[Any]:
    """At most a few hundred of the points, evenly spaced, the first and the last among them."""
    if len(points) <= _POINTS:
        return list(points)
    return [points[place] for place in np.linspace(0, len(points) - 1, _POINTS).round().astype(int)]


def _updates(steps: Sequence[int], words: Mapping[str, str]) -> Any:
    import altair as alt

    scale = alt.Scale(domain=[0, max(steps, default=1)], nice=False)
    return alt.X("step:Q", title=words["updates"], scale=scale, axis=alt.Axis(tickCount=6, format="~s", grid=False))
