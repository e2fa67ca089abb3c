"""What the commands print: tables and sentences for a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from vocation.evaluation.compare import compare
from vocation.evaluation.report.files import file_groups
from vocation.evaluation.significance import Difference, Interval
from vocation.ledger import Count, read_counts
from vocation.records import Prediction
from vocation.runs import Run

if TYPE_CHECKING:
    from vocation.inspection import Forecast

_PIPED_WIDTH = 200  # Characters; no cell of a table is broken in a pipe or a log.


def _console() -> Console:
    """Without markup: names of runs, files and labels may hold square brackets and colons."""
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    return Console(highlight=False, soft_wrap=True, markup=False, emoji=False, width=width)


def show_forecast(forecast: Forecast) -> None:
    """What a run would do, and what is worth knowing before."""
    console, corpus = _console(), forecast.corpus
    recipe = forecast.recipe
    console.print(Styled(recipe.name, style="bold"), f": {recipe.model} learns {recipe.task.kind}\n", sep="")
    console.print(_file_table(corpus["files"]))
    console.print(_split_table(corpus))
    if forecast.counts:
        console.print(_ledger_table(forecast.counts))
    console.print(f"Training: {forecast.updates:,} updates in {recipe.tuning.epochs} epochs at most.")
    for stage, done in forecast.stages.items():
        console.print(f"  {stage}: {'done before, will be kept' if done else 'will be done'}")
    console.print()
    for finding in forecast.findings:
        console.print(Styled("note", style="yellow"), f"  {finding.problem}", sep="")
        console.print(Styled(f"      {finding.remedy}", style="dim"))
    fit = Styled("The recipe, the data and the model fit together.", style="green")
    console.print(fit, "Nothing was trained.")
    if forecast.page:
        console.print(f"Data page: {forecast.page}")


def show_end(run: Run) -> None:
    """The headline of a run that has just ended, and where its report is."""
    console = _console()
    if run.reused:
        console.print("Nothing to do: every stage of this recipe was done before, with the same settings and data.")
    console.print(_metric_table(run))
    console.print(f"Report: {run.report}")
    console.print(f"Data:   {run.data_page}")
    console.print(f"Model:  {run.model}")


def show_run(run: Run) -> None:
    """A finished run in the terminal."""
    console, tuning = _console(), run.tuning.summary
    console.print(Styled(f"{run.folder.name}\n", style="bold"))
    console.print(_file_table(run.corpus.summary["files"]))
    console.print(_split_table(run.corpus.summary))
    counts = read_counts(run.corpus.folder)
    if counts:
        console.print(_ledger_table(counts))
    console.print(
        f"Tuning: {tuning['model']}, {tuning['parameters'] / 1e6:.1f} M weights on {tuning['device']} in "
        f"{tuning['precision']}; {tuning['steps']:,} updates in {tuning['seconds'] / 60:.1f} min "
        f"({tuning['texts_per_second']:.0f} texts/s); best {tuning['selection_metric']} on validation "
        f"{tuning['best_value']:.4f} after update {tuning['best_step']:,}."
    )
    console.print(_metric_table(run))
    console.print(f"Report: {run.report}")
    console.print(f"Data:   {run.data_page}")
    console.print(f"Model:  {run.model}")


def show_comparison(runs: Sequence[Run]) -> None:
    """Runs side by side; differences with paired intervals where the same rows were answered."""
    console = _console()
    compared = compare([run.evaluation.folder for run in runs])
    table = Table("metric", title="Metrics with their intervals", title_justify="left")
    for run in runs:
        table.add_column(run.folder.name, justify="right")
    for name in _shown(compared[0].metrics):
        table.add_row(name, *(_interval(one.metrics.get(name)) for one in compared))
    console.print(table)
    for run, one in list(zip(runs, compared, strict=True))[1:]:
        if one.note:
            console.print(f"{run.folder.name} beside {runs[0].folder.name}: {one.note}.")
            continue
        differences = Table(
            "metric", "difference", title=f"{run.folder.name} minus {runs[0].folder.name}, paired", title_justify="left"
        )
        for name in _shown(one.differences):
            differences.add_row(name, _interval(one.differences[name]))
        console.print(differences)


def show_predictions(texts: Sequence[str], predictions: Sequence[Prediction]) -> None:
    """One JSON object a text, for eyes and for other programs."""
    for text, prediction in zip(texts, predictions, strict=True):
        answer: Any = prediction.answer
        if not isinstance(answer, str):
            answer = [{**span._asdict(), "text": text[span.start : span.end]} for span in answer]
        typer.echo(
            json.dumps(
                {"text": text, "prediction": answer, "confidence": round(prediction.confidence, 4)}, ensure_ascii=False
            )
        )


def _metric_table(run: Run) -> Table:
    metrics = run.evaluation.summary
    table = Table(title=f"Results on {metrics['records']:,} rows of {metrics['split']}", title_justify="left")
    table.add_column("metric")
    for title in ("model", f"baseline ({metrics['baseline']['kind']})", "difference"):
        table.add_column(title, justify="right")
    for name in _shown(metrics["model"]):
        cells = (metrics[column][name] for column in ("model", "baseline", "difference"))
        table.add_row(name, *(_interval(Interval(cell["value"], cell["low"], cell["high"])) for cell in cells))
    return table


def _shown(names: Iterable[str]) -> list[str]:
    """The metrics for a screen: of single labels, micro averages all equal accuracy and are left out."""
    return [name for name in names if not name.endswith("_micro")]


def _interval(interval: Interval | Difference | None) -> str:
    return "–" if interval is None else f"{interval.value:.4f} [{interval.low:.4f}, {interval.high:.4f}]"


def _file_table(files: Sequence[Mapping[str, Any]]) -> Table:
    """A line a file; where there are many, a line for all of one folder that are alike."""
    table = Table("file", "format", "encoding", "split", title="What goes in", title_justify="left")
    table.add_column("rows", justify="right")
    for file in file_groups(files):
        name = file.path if file.files == 1 else f"{file.path} ({file.files:,} files)"
        table.add_row(name, file.format, file.encoding, file.split or "to be made", f"{file.rows:,}")
    return table


def _split_table(corpus: Mapping[str, Any]) -> Table:
    table = Table("split", "", title="What comes out", title_justify="left")
    for title in ("records", "labels", "characters (median)", "characters (longest)"):
        table.add_column(title, justify="right")
    for name, split in corpus["splits"].items():
        lengths = split["characters"]
        table.add_row(
            name,
            "made here" if corpus["split_made"].get(name) else "",
            f"{split['records']:,}",
            f"{len(split['labels'])}",
            f"{lengths['median']:.0f}",
            f"{lengths['max']:,}",
        )
    return table


def _ledger_table(counts: Iterable[Count]) -> Table:
    table = Table("what", "step", "reason", title="What was dropped, edited or found", title_justify="left")
    table.add_column("count", justify="right")
    for count in counts:
        table.add_row(count.action, count.step, count.reason, f"{count.count:,}")
    return table
