"""How many training records each label has."""

from __future__ import annotations

from collections.abc import Mapping

from vocation.evaluation.report.pictures import INK, MODEL, WIDTH, Picture, picture

_SHOWN = 24  # Labels in the picture; of more, the most and the least frequent half.


def label_chart(counts: Mapping[str, int], words: Mapping[str, str]) -> Picture:
    """Bars, the most frequent label first; of many labels the most and the least frequent ones."""
    import altair as alt

    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    few = len(ordered) <= _SHOWN
    chosen = ordered if few else [*ordered[: _SHOWN // 2], *ordered[-(_SHOWN // 2) :]]
    points = [{"label": label, "count": count} for label, count in chosen]
    base = alt.Chart(alt.InlineData(values=points)).encode(
        x=alt.X("count:Q", title=words["training_count"], axis=alt.Axis(tickCount=5, format="~s")),
        y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(domain=False, ticks=False)),
    )
    bars = base.mark_bar(color=MODEL, fillOpacity=0.75, height=12)
    text = base.mark_text(align="left", dx=4, color=INK, fontSize=11).encode(text=alt.Text("count:Q", format=","))
    chart = alt.layer(bars, text).properties(width=WIDTH - 30, height=alt.Step(18))
    note = "" if few else words["label_note"].format(most=_SHOWN // 2, total=len(ordered))
    return picture(chart, words["label_title"], note)
