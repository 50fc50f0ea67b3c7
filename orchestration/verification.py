"""A release proved: its files are whole, and archive and log give every table again, row by row.

The rebuild works in a folder of its own; nothing of the home is written, so a read-only home will do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from orchestration import steps
from orchestration.code_revision import code
from orchestration.finished_build import packages
from orchestration.settings import Settings
from publish.lock import Code, Lock, first_lines, read_lock, sha256_of
from publish.tables import DATABASE, PublishError, TableName, table_names


@dataclass(frozen=True)
class Comparison:
    """A table of the release beside the same one made again: rows, and rows that only one of them has."""

    table: TableName
    rows: int
    only_in_release: int
    only_made_again: int
    example: str | None

    @property
    def is_equal(self) -> bool:
        return not (self.only_in_release or self.only_made_again)


def refuse_other_code(release: str, made_by: Code) -> None:
    """Raise PublishError, with the command to check out the right code, unless it is at work."""
    here = code()
    if made_by.sha256 == here.sha256:
        return
    if made_by.revision == here.revision and not made_by.is_modified:
        raise PublishError(
            f"{release} was made at this revision, but files of this checkout were changed since:"
            " see `git status`, put them aside with `git stash -u`, then again. Its files are whole."
        )
    if made_by.revision is None or made_by.is_modified:
        near = f", near {made_by.revision}" if made_by.revision else ""
        raise PublishError(
            f"{release} was made by code that was never committed{near}: it cannot be made again."
            " Its files are whole."
        )
    raise PublishError(
        f"{release} was made at revision {made_by.revision[:12]}, this is {(here.revision or 'unknown')[:12]}"
        f"{' with changes' if here.is_modified else ''}. Its files are whole; to make it again:"
        f" git checkout {made_by.revision} && make setup && .venv/bin/mtm release verify {release}"
    )


@contextmanager
def made_again(settings: Settings, lock: Lock) -> Iterator[Path]:
    """The tables of a release, made from archive and log in a temporary home: the path of their database."""
    log = first_lines(settings.log.path, lock.log_lines)
    if sha256_of([log]) != lock.log_sha256:
        raise PublishError(f"{settings.log.path} was altered since: restore it from your backup.")
    with TemporaryDirectory(prefix="mtm-verify-") as folder:
        again = Settings(home=Path(folder) / "home")
        again.log.path.parent.mkdir(parents=True)
        again.log.path.write_bytes(log)
        again.archive.root.symlink_to(settings.archive.root)
        steps.land_answers(again)
        built = steps.build(again)
        if built.problems:
            raise PublishError(f"It cannot be built again: {'; '.join(built.problems)}")
        steps.audit(again)
        yield again.build


def compared(release: Path, again: Path) -> Iterator[Comparison]:
    """Every table of the release with the one made again, compared row by row."""
    with duckdb.connect() as con:
        for name, path in (("release", release), ("again", again)):
            con.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as {name} (read_only)")
        there = set(table_names(con, "again"))
        for table in table_names(con, "release"):
            rows = _count(con, f"from release.{table}")
            if table not in there:
                yield Comparison(table, rows, rows, 0, "the table is not made any more")
                continue
            gone = f"from release.{table} except all from again.{table}"
            new = f"from again.{table} except all from release.{table}"
            only = _count(con, gone), _count(con, new)
            example = None
            if any(only):
                different = gone if only[0] else new
                row = con.execute(f"select to_json(t) from ({different}) as t limit 1").fetchone()
                example = row[0] if row else None
            yield Comparison(table, rows, *only, example)


def verified(settings: Settings, release_id: str) -> list[Comparison]:
    """Prove a release; raises PublishError where that cannot be done at all."""
    folder = settings.releases.path(release_id)
    settings.releases.refuse_damage(release_id)
    lock = read_lock(folder)
    refuse_other_code(release_id, lock.code)
    with made_again(settings, lock) as again:
        return list(compared(folder / DATABASE, again))


def other_packages(settings: Settings, release_id: str) -> list[str]:
    """Packages that had another version when the release was made."""
    then, now = read_lock(settings.releases.path(release_id)).packages, packages()
    return [f"{name} {then[name]} then, {now.get(name)} now" for name in then if then[name] != now.get(name)]


def _count(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    row = con.execute(f"select count(*) from ({relation})").fetchone()
    assert row is not None
    return int(row[0])
