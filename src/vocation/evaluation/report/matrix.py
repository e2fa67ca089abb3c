"""The confusion matrix, as a picture: the confused labels only, or all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from vocation.evaluation.report.pictures import INK, MODEL, MUTED, RULE, Picture, picture

Cells = Mapping[tuple[str, str], int]
"""How often each gold label (first) was answered with each label (second)."""

MOST_LABELS = 150
"""A matrix of more labels is not drawn: its labels could not be read."""


def confused_labels(cells: Cells, most: int = 16) -> list[str]:
    """The labels that take part in the most frequent confusions, at most `most`, in alphabetical order."""
    wrong = Counter({pair: count for pair, count in cells.items() if pair[0] != pair[1]})
    chosen: dict[str, None] = {}
    for pair, _ in sorted(wrong.items(), key=lambda entry: (-entry[1], entry[0])):
        if len(chosen | dict.fromkeys(pair)) <= most:
            chosen |= dict.fromkeys(pair)
    return sorted(chosen)


def confusion_chart(cells: Cells, labels: Sequence[str], words: Mapping[str, str], title: str) -> Picture:
    """Gold labels down, answers across; a cell is the darker, the larger its share of the gold label's row.

    Where nothing is gold (spurious entities), it is the share of the answer's column.
    Counts stand in the cells where they have room; the diagonal, which is right, has a frame.

    Args:
        cells: counts; those of labels that are not drawn count towards the row's share.
        labels: those that are drawn, in order.
        words: the texts of the page.
        title: what the picture shows.
    """
    import altair as alt

    points = _points(cells, labels, no_entity(words))
    few = len(labels) <= 20
    size = 30 if few else 11
    font = 12 if few else 9
    order = list(labels)
    ticks: dict[str, Any] = {"ticks": False, "domain": False, "labelFontSize": font, "labelLimit": 160}
    x = alt.X(
        "predicted:N",
        sort=order,
        scale=alt.Scale(domain=order, padding=0),
        title=words["predicted"],
        axis=alt.Axis(labelAngle=-90, orient="top", labelOverlap=False, **ticks),
    )
    y = alt.Y(
        "gold:N",
        sort=order,
        scale=alt.Scale(domain=order, padding=0),
        title=words["gold"],
        axis=alt.Axis(labelOverlap=False, **ticks),
    )
    grid = alt.Chart(alt.InlineData(values=[{"label": label} for label in labels]))
    frame = grid.mark_rect(fill="transparent", stroke=MUTED if few else RULE, strokeWidth=1).encode(
        x=alt.X("label:N", sort=order), y=alt.Y("label:N", sort=order)
    )
    base = alt.Chart(alt.InlineData(values=points)).encode(x=x, y=y)
    fill = base.mark_rect(fill=MODEL, stroke=None).encode(
        fillOpacity=alt.FillOpacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.12, 1.0]), legend=None)
    )
    layers = [fill, frame]
    if few:
        colour = alt.condition("datum.share > 0.55", alt.value("var(--page)"), alt.value(INK))
        layers.append(base.mark_text(fontSize=11).encode(text="count:Q", color=colour))
    chart = alt.layer(*layers).properties(width=alt.Step(size), height=alt.Step(size))
    return picture(chart, title, words["matrix_note"])


def no_entity(words: Mapping[str, str]) -> str:
    """What stands for "no entity" among the labels; the brackets keep it apart from a label of that name."""
    return f"({words['no_entity']})"


def _points(cells: Cells, labels: Sequence[str], nothing: str) -> list[dict[str, Any]]:
    """The cells that are drawn, with their counts and shares."""
    rows: Counter[str] = Counter()
    columns: Counter[str] = Counter()
    for pair, cell in cells.items():
        rows[pair[0]] += cell
        columns[pair[1]] += cell
    return [
        {
            "gold": gold,
            "predicted": predicted,
            "count": count,
            "share": count / (columns[predicted] if gold == nothing else rows[gold]),
        }
        for gold in labels
        for predicted in labels
        if (count := cells.get((gold, predicted)))
    ]
