"""A de-identified file with its identifiers back: what `vocation deidentify --restore` does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from vocation.corpus.format_choice import require_free
from vocation.corpus.reading_bar import reading_bar
from vocation.deidentification.row_texts import texts_of, with_texts
from vocation.deidentification.settings import Deidentification
from vocation.deidentification.vault import read_vault, restore
from vocation.deidentify_file import Summary
from vocation.deidentify_parts import one_writer, unfinished_folder
from vocation.deidentify_rows import Fields, require_columns, require_file, rewrite, watched_rows
from vocation.progress import SILENT, Progress


def restore_file(
    source: Path,
    target: Path,
    vault: Path,
    settings: Deidentification,
    *,
    overwrite: bool = False,
    progress: Progress = SILENT,
) -> Summary:
    """Puts back what the pseudonyms of a file stand for.

    A run that was killed starts anew: to read and to write is all that it does, and nothing that is kept could make
    that shorter.

    Args:
        source: a file that was de-identified with the method `pseudonym`.
        target: the file to write.
        vault: where the pseudonyms are kept.
        settings: of which only the key is used.
        overwrite: whether a target that is there already is replaced.
        progress: shows how far it is.

    Raises:
        ArtifactError: the vault cannot be opened with the key, or the target cannot be written.
        DataError: the source cannot be read.
        RecipeError: there is no key.
    """
    require_file(source)
    entries = read_vault(vault, settings.key.read())
    counts: Counter[tuple[str, str]] = Counter()
    total, touched = 0, 0

    def restored() -> Iterator[Fields]:
        nonlocal total, touched
        with reading_bar(progress, "restoring", [source]) as bar:
            for row in watched_rows(source, bar):
                require_columns(row, ())
                texts = dict(texts_of(row.fields))
                new = {place: restore(text, entries) for place, text in texts.items()}
                changed = [place for place in texts if new[place] is not texts[place]]
                counts.update((str(place[0]), "restored") for place in changed)
                total, touched = total + 1, touched + bool(changed)
                yield with_texts(row.fields, new)

    with one_writer(target, unfinished_folder(target)):
        require_free(source, target, overwrite=overwrite)
        rewrite(source, target, restored(), progress)
    return Summary(target, total, touched, dict(counts), vault)
