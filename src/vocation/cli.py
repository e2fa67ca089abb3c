"""The command line: one thin command a verb. It prints; it never computes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from vocation.errors import VocationError
from vocation.training import processes

app = typer.Typer(
    name="vocation",
    help="Vocation (术业): a general pretrained language model becomes a specialist of one trade, with the evidence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

_INTERRUPTED = 130
_STOPPED = "Stopped. The same command goes on where it was."

RecipePath = Annotated[Path, typer.Argument(help="The recipe, a YAML file.", show_default=False)]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=VALUE", help="Replace one setting, as `tuning.learning_rate=2e-5`. Repeatable."
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="Folder of all runs and artifacts; `runs` beside the recipe unless given.",
        show_default=False,
    ),
]
Offline = Annotated[bool, typer.Option("--offline", help="Never open a connection, whatever the recipe names.")]
RunPlace = Annotated[
    Path,
    typer.Argument(
        help="The folder of a run, a folder of runs (the newest is taken), or a recipe that was run.",
        show_default=False,
    ),
]


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The new project's folder.", show_default=False)],
    task: Annotated[
        str, typer.Option(help="What the model shall learn: `classification` or `entities`.")
    ] = "classification",
) -> None:
    """Start a project: a commented recipe and a small real sample.

    Example: `vocation init my-project --task classification`
    """
    from vocation.templates import start_project

    recipe = start_project(folder, task)
    typer.echo(
        f"Wrote {recipe} and a small sample beside it. Next:\n  vocation check {recipe}\n  vocation run {recipe}"
    )


@app.command()
def check(
    recipe: RecipePath,
    overrides: Overrides = None,
    output: Output = None,
    offline: Offline = False,
    leakage: Annotated[
        bool, typer.Option("--leakage", help="Also train the baseline to say how much a random split would flatter.")
    ] = False,
    page: Annotated[
        bool, typer.Option("--page/--no-page", help="Write the data page into the folder of all runs.")
    ] = True,
) -> None:
    """Validate recipe, data and model; say what would happen, and show the data on a page. Trains no model.

    Example: `vocation check recipe.yaml --set corpus.splitting.test=0.2`
    """
    _stay_offline(offline)
    from vocation import screens
    from vocation.console import progress_for
    from vocation.inspection import inspect

    screens.show_forecast(inspect(recipe, overrides or (), output, progress_for(), leakage=leakage, page=page))


@app.command()
def run(recipe: RecipePath, overrides: Overrides = None, output: Output = None, offline: Offline = False) -> None:
    """Do everything that the recipe says, and nothing that was done before.

    A killed run goes on where it was when the same command is given again. Several processes train together when a
    launcher starts it: `accelerate launch -m vocation run recipe.yaml`.

    Example: `vocation run recipe.yaml --set tuning.learning_rate=2e-5`
    """
    _stay_offline(offline)
    from vocation import pipeline, screens
    from vocation.console import progress_for

    done = pipeline.run(recipe, overrides or (), output, progress_for())
    if not processes.is_helper():
        screens.show_end(done)
    processes.leave()


@app.command()
def show(run: RunPlace) -> None:
    """Summarise a finished run in the terminal.

    Example: `vocation show runs/bank-intents-3f2a91c0`
    """
    from vocation import screens
    from vocation.runs import find_run

    screens.show_run(find_run(run))


@app.command()
def compare(
    runs: Annotated[list[Path], typer.Argument(help="Two or more runs; the first is the one compared with.")],
) -> None:
    """Set runs side by side, with paired intervals where they answered the same rows.

    Example: `vocation compare runs/first-3f2a91c0 runs/second-77b0d2aa`
    """
    from vocation import screens
    from vocation.runs import find_run

    screens.show_comparison([find_run(place) for place in runs])


@app.command()
def predict(
    run: RunPlace,
    texts: Annotated[list[str] | None, typer.Argument(help="Texts to answer.", show_default=False)] = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="A data file of any format, told by its ending.")
    ] = None,
    column: Annotated[str, typer.Option(help="The file's column that holds the texts.")] = "text",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Write the answers here: .csv, .tsv, .json, .jsonl or .parquet.", show_default=False
        ),
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option(help="Of a CSV file, where it is not a comma.", show_default=False)
    ] = None,
) -> None:
    """Answer texts with a finished model.

    Example: `vocation predict runs/bank-intents-3f2a91c0 "Where is my card?"`

    Example: `vocation predict recipe.yaml --file in.csv --out out.parquet`
    """
    import vocation
    from vocation import screens
    from vocation.console import progress_for
    from vocation.file_prediction import predict_file, require_texts

    require_texts(texts, file, out)
    predictor = vocation.load(run)
    if texts:
        screens.show_predictions(texts, predictor.predict(texts))
    elif file:
        target = out or file.with_name(f"{file.stem}.predictions.csv")
        count = predict_file(predictor, file, column, target, progress_for(), delimiter)
        typer.echo(f"Wrote {count:,} answers to {target}")


@app.command()
def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="The file, or folder, to read.", show_default=False)],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write.", show_default=False)],
    source_kind: Annotated[
        str | None, typer.Option("--from", metavar="KIND", help="Format of IN, where its ending leaves it open.")
    ] = None,
    target_kind: Annotated[
        str | None, typer.Option("--to", metavar="KIND", help="Format of OUT, where its ending leaves it open.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="A setting of a format, as `columns.text=question`; `to.delimiter=;` for the one that is written. "
            "Repeatable.",
        ),
    ] = None,
    invalid_rows: Annotated[
        str, typer.Option(help="A row that cannot be used: `refuse` the file, or `drop` the row and count it.")
    ] = "refuse",
    force: Annotated[bool, typer.Option("--force", help="Replace OUT if it is there already.")] = False,
) -> None:
    """Turn a data file into another format.

    Example: `vocation convert rows.xlsx rows.jsonl --set sheet=2`

    Example: `vocation convert chats.json chats.jsonl --from sharegpt --to messages --invalid-rows drop`
    """
    from vocation.console import progress_for
    from vocation.conversion import Conversion

    conversion = Conversion(source, target, source_kind, target_kind, settings or (), invalid_rows, force)
    typer.echo(conversion.run(progress_for()).sentence)


@app.command()
def deidentify(
    source: Annotated[Path | None, typer.Argument(metavar="FILE", help="The file to read.", show_default=False)] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write.", show_default=False)] = None,
    method: Annotated[
        str | None,
        typer.Option(help="tag (unless given), mask, remove, hash, surrogate or pseudonym.", show_default=False),
    ] = None,
    columns: Annotated[
        list[str] | None, typer.Option(help="A column to look into; all unless given. Repeatable.")
    ] = None,
    whole: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=CATEGORY", help="A column of identifiers, as name=PERSON. Repeatable."),
    ] = None,
    group: Annotated[str | None, typer.Option(help="The column whose equal values are one person.")] = None,
    settings: Annotated[
        Path | None, typer.Option(help="YAML with more settings, or a recipe with `corpus.deidentification`.")
    ] = None,
    overrides: Overrides = None,
    key_file: Annotated[Path | None, typer.Option(help="Holds the key; else the variable VOCATION_KEY.")] = None,
    new_key: Annotated[Path | None, typer.Option(metavar="NEW", help="Only write a new key into this file.")] = None,
    vault: Annotated[Path | None, typer.Option(help="Where pseudonyms are kept; OUT.vault unless given.")] = None,
    restore: Annotated[bool, typer.Option("--restore", help="Put back what pseudonyms stand for.")] = False,
    audit: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write an audit into this folder.")] = None,
    labelled: Annotated[Path | None, typer.Option(help="With --audit: rows with text and spans, for the risk.")] = None,
    agreement: Annotated[Path | None, typer.Option(help="With --audit: the review.csv that people filled in.")] = None,
    chinese: Annotated[bool, typer.Option("--chinese", help="With --audit: the page in Chinese.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT if it is there already.")] = False,
    processes: Annotated[
        int | None, typer.Option(min=1, help="How many work at once; one a core where that is faster, unless given.")
    ] = None,
) -> None:
    """Take names, numbers and addresses of persons out of a data file.

    Example: `vocation deidentify notes.csv --out clean.csv --method surrogate --key-file ~/deid.key --group patient`

    Example: `vocation deidentify clean.csv --restore --vault clean.csv.vault --out notes.csv --key-file ~/deid.key`
    """
    from vocation.console import progress_for

    if new_key:
        from vocation.deidentification.keys import write_new_key

        write_new_key(new_key)
        typer.echo(
            f"Wrote a new key to {new_key}. Keep it away from the data; what it made cannot be undone without it."
        )
    elif source is None:
        _fail("Name the file to de-identify, or give --new-key.", 2)
    else:
        from vocation.deidentify_command import Request

        lists = (overrides or (), key_file, columns or (), whole or ())
        language: Literal["en", "zh"] = "zh" if chinese else "en"
        audited = (audit, labelled, agreement, language)
        request = Request(source, out, method, settings, *lists, group, vault, restore, *audited, force, processes)
        typer.echo("\n".join(request.run(progress_for())))


@app.command()
def schema() -> None:
    """Print the JSON Schema of recipes, for editors and other programs.

    Example: `vocation schema > recipe.schema.json`
    """
    import json

    from vocation.recipe import json_schema

    typer.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Take the options that stand before a command."""
    if version:
        from vocation import __version__

        typer.echo(f"vocation {__version__}")
        raise typer.Exit
    if processes.is_helper() and context.invoked_subcommand != "run":  # One process does what others cannot share.
        raise typer.Exit


def main() -> None:
    """The command `vocation`: runs a verb and turns errors into messages with exit status 1."""
    try:
        app(prog_name="vocation")
    except VocationError as error:
        _fail(str(error), 1)
    except KeyboardInterrupt:
        _fail(_STOPPED, _INTERRUPTED)
    except SystemExit as end:  # Typer turns Ctrl-C into a bare exit.
        if end.code == _INTERRUPTED:
            _fail(_STOPPED, _INTERRUPTED)
        raise


def _fail(message: str, status: int) -> NoReturn:
    if not processes.told_elsewhere():
        typer.echo(f"error: {message}", err=True)
    sys.exit(status)


def _stay_offline(offline: bool) -> None:
    """Must run before any library reads the environment."""
    if offline:
        os.environ["HF_HUB_OFFLINE"] = "1"


if __name__ == "__main__":
    main()
