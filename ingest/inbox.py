"""The inbox: files that an agency sent on request, and what is known of how they came to us.

What belongs here: which files lie in an inbox folder, their provenance from its `letters.yml`, their
bytes. A recorded inbox beside a dataset's module has the same shape as `inbox/<dataset>/` of a home.
"""

from __future__ import annotations

import filecmp
import shutil
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from ingest.archive import sha256_of
from ingest.checks import broken_cells, refuse_short
from ingest.client import Answer
from ingest.dataset import (
    Dataset,
    ObtainedVia,
    Provenance,
    PublishedBasis,
    Request,
    Resource,
    SourceFile,
)
from ingest.errors import SourceError
from ingest.register.preview import preview_register

if TYPE_CHECKING:
    import pandas as pd

INDEX = "letters.yml"
LETTER_LIMIT = 200_000_000
# Copies that are under way and what editors put beside an open file; hidden files are nobody's letters.
PASSING_ENDS = ("~", ".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp")


class Letter(BaseModel):
    """One line of `letters.yml`: a file and its provenance; what is not known is left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    obtained_via: ObtainedVia | None = None
    published_on: date | None = None
    published_basis: PublishedBasis = "unknown"
    publisher: str | None = None


class Letters(BaseModel):
    """The whole of `letters.yml`. origin: where the figures of recorded files come from."""

    model_config = ConfigDict(extra="forbid")

    origin: str | None = None
    letters: list[Letter] = []


def inbox_resources(dataset: Dataset, folder: Path) -> list[Resource]:
    """A resource for each file of an inbox folder, oldest publication first, undated ones last."""
    if folder.is_symlink() or not folder.is_dir():
        return []
    known = {letter.file: letter for letter in read_letters(dataset, folder).letters}
    try:
        names = {path.name for path in folder.iterdir() if not path.name.startswith(".")} - {INDEX}
    except OSError as fault:
        rule = f"the folder cannot be listed: {fault.strerror}"
        raise SourceError(dataset.name, rule, str(folder), next_step="Check its rights.") from None
    _refuse_lost(dataset, [*(known.keys() - names)])
    names -= {path.name for path in unread_entries(folder)}
    letters = [known.get(name) or Letter(file=name) for name in names]
    letters.sort(key=lambda letter: (letter.published_on or date.max, letter.file))
    return [_resource(dataset, folder, letter) for letter in letters]


def unread_entries(folder: Path) -> dict[Path, str]:
    """What lies in an inbox folder beside letters and hidden files, and why it is not read."""
    if folder.is_symlink() or not folder.is_dir():
        return {}
    entries = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    return {path: reason for path in entries if (reason := _why_unread(path))}


def _why_unread(path: Path) -> str | None:
    if path.is_symlink():
        return f"a symbolic link, to {printable(path.readlink())}, is never followed"
    if path.is_dir():
        return "a folder: files are taken from the folder of their dataset alone"
    if path.exists() and not path.is_file():
        return "neither a file nor a folder"
    if printable(path) != str(path):
        return "its name is not UTF-8: give it another"
    if path.name.startswith("~$") or path.name.endswith(PASSING_ENDS):
        return "by its name a copy under way or an editor's own file"
    return None


def printable(path: Path) -> str:
    """A path as text that can be written, whatever the bytes of its name."""
    return str(path).encode("utf-8", "backslashreplace").decode()


def read_letters(dataset: Dataset, folder: Path) -> Letters:
    """The `letters.yml` of a folder, empty where there is none; raises SourceError when it is not valid."""
    index = folder / INDEX
    if index.is_symlink():
        step = "Put the file itself there."
        raise SourceError(dataset.name, "a symbolic link is never followed", printable(index), next_step=step)
    if not index.exists():
        return Letters()
    step = "Each line of letters.yml has file, obtained_via, published_on, published_basis, publisher."
    try:
        return Letters.model_validate(yaml.load(index.read_text("utf-8"), yaml.CSafeLoader) or {})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise SourceError(dataset.name, first["msg"], str(index), key, step) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        rule = f"not readable as YAML: {' '.join(str(error).split())}"
        raise SourceError(dataset.name, rule, str(index), next_step=step) from None
    except OSError as fault:
        rule = f"the file cannot be read: {fault.strerror}"
        raise SourceError(dataset.name, rule, str(index), next_step="Check its rights.") from None


def landed_letters(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> set[tuple[str, str, Provenance]]:
    """Name, SHA-256 and provenance of every inbox file that landed."""
    rows = con.execute(
        "select fetch_log.resource, sha256, obtained_via, published_on, published_basis, publisher"
        " from raw.landing join raw.fetch_log using (fetch_id)"
        " where landing.dataset = ? and url like 'inbox:%' and outcome in ('landed', 'unchanged')",
        [dataset.name],
    ).fetchall()
    return {(name, sha256, Provenance(*known)) for name, sha256, *known in rows}


def is_landed(resource: Resource, landed: set[tuple[str, str, Provenance]]) -> bool:
    """Whether this file, as it lies there and with what is known of it, has landed."""
    if not resource.letter or resource.name not in {name for name, *_ in landed}:
        return False
    try:
        sha256 = sha256_of(resource.letter)
    except OSError:  # Told by the attempt to read it.
        return False
    return (resource.name, sha256, resource.first.provenance) in landed


def withdrawn_letters(con: duckdb.DuckDBPyConnection, dataset: Dataset, present: set[str]) -> list[str]:
    """Inbox files that were refused and lie there no more: the dataset need not wait for them."""
    rows = con.execute(
        "select fetch_log.resource from raw.fetch_log left join raw.landing using (fetch_id)"
        " where fetch_log.dataset = ? and url like 'inbox:%' group by all"
        " having arg_max(status <> 'withdrawn' and"
        " coalesce(outcome, '') not in ('landed', 'unchanged', 'empty'), log_line)",
        [dataset.name],
    ).fetchall()
    return sorted({row[0] for row in rows} - present)


def read_letter(dataset: Dataset, path: Path, url: str) -> Answer:
    """The bytes of an inbox file in the shape of an answer, so that it goes the way of every other."""
    try:
        size = path.stat().st_size
        if size > LETTER_LIMIT:
            rule = f"{size:,} bytes, at most {LETTER_LIMIT:,} are read"
            error = SourceError(dataset.name, rule, url, next_step="Is this the file? Ask for a smaller one.")
            return Answer(url, error=error)
        return Answer(url, content=path.read_bytes(), tries=1)
    except OSError as fault:
        rule = f"the file cannot be read: {fault.strerror}"
        return Answer(url, error=SourceError(dataset.name, rule, str(path), next_step="Check its rights."))


def check_letter(dataset: Dataset, path: Path, today: date, name: str = "") -> pd.DataFrame:
    """The rows that a file would land, counted for a register; raises SourceError as it would be refused.

    name: in the inbox, where it is not the file's own; a register's says its month.
    """
    if path.is_file() and not path.stat().st_size:
        step = "Copy it once more, or ask the agency for the file."
        raise SourceError(dataset.name, "the file is empty, 0 bytes", path.name, next_step=step)
    if dataset.register:
        return preview_register(dataset, path, name or path.name)
    answer = read_letter(dataset, path, f"inbox:{dataset.name}/{path.name}")
    if answer.error:
        raise answer.error
    file = SourceFile(sha256_of(path), path.name, answer.content or b"")
    frame = dataset.parse(Resource(file.path, Request(f"inbox:{dataset.name}/{file.path}")), [file])
    refuse_short(dataset, frame, file.path)
    with duckdb.connect() as con:
        con.register("frame", frame)
        broken = broken_cells(con, dataset, "frame", today)
    if len(broken):
        first = broken.iloc[0]
        more = f"; {len(broken)} cells in all" if len(broken) > 1 else ""
        step = "Ask the agency for a mended file."
        raise SourceError(
            dataset.name,
            f"{first['rule']}{more}",
            file.path,
            first["source_cell"],
            step,
            str(first["raw_text"] or ""),
        )
    return frame


def add_letter(dataset: Dataset, folder: Path, file: Path, letter: Letter) -> Resource:
    """Put a file into an inbox folder with its line in `letters.yml`; the same file again changes its line.

    Raises SourceError where another file lies there under this name, or the inbox cannot be listed.
    """
    path = folder / letter.file
    others = [each for each in read_letters(dataset, folder).letters if each.file != letter.file]
    _refuse_lost(dataset, [each.file for each in others if not (folder / each.file).is_file()])
    if path.exists() and not filecmp.cmp(path, file, shallow=False):
        step = "Give it another name: --name."
        raise SourceError(dataset.name, "another file of this name lies there", str(path), next_step=step)
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        try:
            shutil.copyfile(file, path)
        except OSError as fault:
            path.unlink(missing_ok=True)
            rule = f"the file could not be copied into the inbox: {fault.strerror}"
            step = "Make room on the disk of MTM_HOME, or mend its rights, then add it again."
            raise SourceError(dataset.name, rule, letter.file, next_step=step) from fault
    _write_letters(folder, [*others, letter])
    return _resource(dataset, folder, letter)


def holds_letter(con: duckdb.DuckDBPyConnection, dataset: Dataset, folder: Path, name: str) -> bool:
    """Whether an inbox folder has this file or a line of it, or it landed and was taken away by hand."""
    listed = {letter.file for letter in read_letters(dataset, folder).letters}
    landed = {known for known, *_ in landed_letters(con, dataset)}
    return name in listed | landed or ((folder / name).is_file() and name != INDEX)


def remove_letter(dataset: Dataset, folder: Path, name: str) -> None:
    """Take a file and its line out of an inbox folder."""
    letters = read_letters(dataset, folder).letters
    (folder / name).unlink(missing_ok=True)
    if len(others := [each for each in letters if each.file != name]) == len(letters):
        return
    if others:
        _write_letters(folder, others)
    else:
        (folder / INDEX).unlink(missing_ok=True)


def _write_letters(folder: Path, letters: list[Letter]) -> None:
    index = {"letters": [each.model_dump(exclude_none=True, exclude_defaults=True) for each in letters]}
    (folder / INDEX).write_text(yaml.safe_dump(index, allow_unicode=True, sort_keys=False), "utf-8")


def _refuse_lost(dataset: Dataset, lost: list[str]) -> None:
    """Raise SourceError for the first line of `letters.yml` whose file is not there."""
    if lost:
        step = f"Put the file back or take its line out of {INDEX}."
        rule = f"{INDEX} names a file that is not there"
        raise SourceError(dataset.name, rule, min(lost), next_step=step)


def _resource(dataset: Dataset, folder: Path, letter: Letter) -> Resource:
    provenance = Provenance(
        letter.obtained_via, letter.published_on, letter.published_basis, letter.publisher
    )
    request = Request(f"inbox:{dataset.name}/{letter.file}", provenance=provenance)
    return Resource(letter.file, request, letter=folder / letter.file)
