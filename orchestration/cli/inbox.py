"""Files that agencies send: `mtm inbox preview`, `mtm inbox add`, `mtm inbox withdraw`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, get_args

import typer

from ingest.archive import sha256_of
from ingest.catalogue import DATASETS
from ingest.checks import folded
from ingest.clock import today
from ingest.dataset import Dataset, ObtainedVia, PublishedBasis, SourceFile
from ingest.errors import SourceError
from ingest.inbox import (
    INDEX,
    Letter,
    add_letter,
    check_letter,
    holds_letter,
    is_landed,
    landed_letters,
)
from ingest.raw_tables import create_tables
from ingest.recorded import recorded_folder
from orchestration.cli.tables import console, errors, print_table
from orchestration.settings import Settings

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

FileArgument = Annotated[
    Path, typer.Argument(help="The file as the agency sent it", exists=True, dir_okay=False)
]
DatasetOption = Annotated[str | None, typer.Option("--dataset", help="Dataset that the file belongs to")]
SHOWN_ROWS = 15

inbox = typer.Typer(no_args_is_help=True, help="Look at a file that an agency sent, and take it in.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(inbox, name="inbox")


@inbox.command()
def preview(file: FileArgument, dataset: DatasetOption = None) -> None:
    """Draw a sheet with its cells coloured by role, or show the rows of a text; say what is missing.

    Without --dataset the datasets are tried one after another. Exit 1 when the file would be refused.
    """
    known = _known(dataset) if dataset else _fitting(file)
    if known.layout:
        from ingest.sheets.layout import load_layout
        from ingest.sheets.preview import show

        show(known.name, _source_file(file), load_layout(known.layout), console)
    frame = check_letter(known, file, today())
    if known.register:
        columns = ("month", "direction", "rows", "rejected, since")
        print_table(
            f"{known.name}: would land",
            columns,
            frame.astype(object).where(frame.notna(), "").values.tolist(),
        )
        return
    console.print(f"{known.name}: would land {len(frame)} rows", highlight=False)
    if not known.layout:
        _print_frame(frame)


@inbox.command()
def add(
    file: FileArgument,
    dataset: Annotated[str, typer.Option(help="Dataset that the file belongs to")],
    published_on: Annotated[str | None, typer.Option(help="Day of publication, YYYY-MM-DD")] = None,
    basis: Annotated[str, typer.Option(help="Where that day stands: stated, in the title, file date")] = "",
    via: Annotated[str, typer.Option(help=f"How it came: {', '.join(get_args(ObtainedVia))}")] = "",
    publisher: Annotated[str | None, typer.Option(help="Address or title of what it was taken from")] = None,
    name: Annotated[str | None, typer.Option(help="Name in the inbox; default: the file's own")] = None,
) -> None:
    """Check a file, put it into the inbox, archive and land it; `mtm refresh` then builds and publishes.

    A file that would be refused is not added. Values that differ from what is known are shown.
    """
    from orchestration import steps

    settings = Settings()
    settings.refuse_other_mode()
    known = _known(dataset)
    letter = Letter.model_validate(
        {
            "file": _plain_name(file.name if name is None else name),
            "obtained_via": _one_of(via, get_args(ObtainedVia), "--via"),
            "published_on": _day(published_on),
            "published_basis": _one_of(basis, get_args(PublishedBasis), "--basis")
            or ("stated" if published_on else "unknown"),
            "publisher": publisher,
        }
    )
    check_letter(known, file, today(), letter.file)
    with settings.writing():
        resource = add_letter(known, settings.inbox / known.name, file, letter)
    fetched = steps.fetch_datasets(settings, [known.name])[known.name]
    failures = [each.error for each in fetched if each.error]
    landings = [each for each in steps.land_answers(settings) if each.dataset == known.name]
    for landing in landings:
        said = landing.error or f"{landing.outcome}, {landing.rows} rows"
        console.print(f"{landing.resource}: {said}", highlight=False, markup=False, soft_wrap=True)
    for failure in failures:
        errors.print(f"mtm: {failure}", highlight=False, markup=False, soft_wrap=True)
    with settings.reading() as con:
        has_landed = is_landed(resource, landed_letters(con, known))
        _print_differences(con, known, sha256_of(file))
    if has_landed and letter.file not in [landing.resource for landing in landings]:
        said = f"{letter.file}: landed before, nothing is new"
        console.print(said, highlight=False, markup=False, soft_wrap=True)
    if failures or not has_landed or any(landing.outcome == "refused" for landing in landings):
        raise typer.Exit(1)
    console.print("`mtm refresh` builds and publishes it", highlight=False)


@inbox.command()
def withdraw(
    file: Annotated[str, typer.Argument(help="Name of the file in the inbox")],
    dataset: Annotated[str, typer.Option(help="Dataset that it was added to")],
    why: Annotated[str, typer.Option(help="Reason, kept in log/decisions.jsonl")],
) -> None:
    """Take a letter back: out of the inbox and of all figures; the archive keeps its bytes.

    `mtm refresh` then builds and publishes without it. The same file may be added again.
    """
    from orchestration import due, steps

    settings = Settings()
    settings.refuse_other_mode()
    known, name = _known(dataset), _plain_name(file)
    folder = settings.inbox / known.name
    if not why.strip():
        _refuse_use("--why needs a reason")
    is_ours = settings.sources == "recorded" or known.is_kept_here
    with settings.writing():
        with settings.build_connection() as con:
            create_tables(con, [])
            is_there = holds_letter(con, known, folder, name)
        if not (folder / name).is_file() and is_ours and (recorded_folder(known) / name).is_file():
            _refuse_use(f"{name} is a recorded file, part of the project; it cannot be withdrawn")
        if not is_there:
            _refuse_use(f"{known.name} has no letter {name}")
        due.withdraw(settings, known, name, why.strip())
    steps.land_answers(settings)
    said = f"{name}: withdrawn from {known.name}; `mtm refresh` builds and publishes without it"
    console.print(said, highlight=False, markup=False, soft_wrap=True)


def _print_differences(con: duckdb.DuckDBPyConnection, dataset: Dataset, sha256: str) -> None:
    """Figures of this file that another file of the dataset states otherwise."""
    amounts = [column.name for column in dataset.columns if column.kind == "number"]
    labels = [column for column in dataset.columns if column.name in dataset.key]
    if not amounts:
        return
    names = ", ".join(column.name for column in labels)
    key = ", ".join(
        folded(each) if each.kind == "text" else f"cast({each.name} as varchar)" for each in labels
    )
    rows = con.execute(
        f"with figure as (select {names}, {amounts[0]} as amount, source_file, source_cell,"
        f" concat_ws(chr(31), {key}) as figure_key from raw.{dataset.name} where source_file in"
        " (select sha256 from raw.fetch_log join raw.landing using (fetch_id) where outcome = 'landed'))"
        f" select {', '.join(f'this.{column.name}' for column in labels)}, other.amount, this.amount,"
        " left(other.source_file, 12), other.source_cell"
        " from figure as this inner join figure as other on this.figure_key = other.figure_key"
        " where this.source_file = ? and other.source_file <> ? and this.amount <> other.amount order by all",
        [sha256, sha256],
    ).fetchall()
    if rows:
        columns = [*(column.name for column in labels), "known", "in this file", "file", "cell"]
        print_table(f"{len(rows)} figures differ from what is known", columns, rows)
        console.print("Both are kept: the one published later is the known value from its day.")


def _source_file(path: Path) -> SourceFile:
    return SourceFile(sha256_of(path), path.name, path.read_bytes())


def _known(name: str) -> Dataset:
    dataset = DATASETS.get(name)
    if dataset and dataset.takes_letters:
        return dataset
    by_letter = ", ".join(sorted(each.name for each in DATASETS.values() if each.takes_letters))
    reason = "is fetched, it takes no files" if dataset else "is not a dataset"
    errors.print(f"mtm: {name} {reason}; by letter come: {by_letter}", highlight=False)
    raise typer.Exit(2)


def _fitting(file: Path) -> Dataset:
    """The one dataset whose rules the file meets; says what each of them misses where none or several do."""
    refusals: list[tuple[str, str]] = []
    fitting = []
    for dataset in DATASETS.values():
        if not dataset.takes_letters:
            continue
        try:
            check_letter(dataset, file, today())
            fitting.append(dataset)
        except SourceError as error:
            refusals.append((dataset.name, f"{error.cell} {error.rule}".strip()))
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = ", ".join(dataset.name for dataset in fitting)
        errors.print(f"mtm: {file.name} fits {names}: say which with --dataset", highlight=False)
    else:
        errors.print(f"mtm: {file.name} fits no dataset; --dataset NAME draws it with one:", highlight=False)
        print_table("", ("dataset", "what is missing or unclear"), refusals)
    raise typer.Exit(1 if not fitting else 2)


def _print_frame(frame: pd.DataFrame) -> None:
    """The first rows of a file that is no sheet: what was read from which place."""
    shown = frame.head(SHOWN_ROWS).drop(columns=["source_file"])
    rows = shown.astype(object).where(shown.notna(), None).values.tolist()
    print_table("", list(shown.columns), rows)


def _plain_name(name: str) -> str:
    """The name of a file that an inbox folder can hold: none that leads elsewhere, is hidden or the index."""
    reason = None
    if not name or name != Path(name).name or "\\" in name or name.startswith("."):
        reason = "is not the plain name of a file"
    elif name.casefold() == INDEX:
        reason = "is the index of the inbox"
    if reason:
        _refuse_use(f"{name!r} {reason}; give another: --name letter.xlsx")
    return name


def _refuse_use(reason: str) -> NoReturn:
    errors.print(f"mtm: {reason}", highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(2)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        errors.print(f"mtm: {text} is not a day; write 2023-11-09", highlight=False)
        raise typer.Exit(2) from None
    if day > today():
        errors.print(f"mtm: {text} lies in the future", highlight=False)
        raise typer.Exit(2)
    return day


def _one_of(text: str, allowed: tuple[str, ...], option: str) -> str | None:
    if text and text not in allowed:
        errors.print(f"mtm: {option} is one of: {', '.join(allowed)}; not {text}", highlight=False)
        raise typer.Exit(2)
    return text or None
