"""Files taken away from a release: CSV gives the table back and runs no formula; what is refused, and how."""

from __future__ import annotations

import csv
import hashlib
import re
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.export.csv_tables import UNDO, write_csv
from publish.export.described import described_tables
from publish.release import Releases
from tests.conftest import ROOT, release, run_mtm

BOM = b"\xef\xbb\xbf"


@pytest.fixture(scope="module")
def exported(refreshed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an export of the current release in all formats."""
    folder = tmp_path_factory.mktemp("exported") / "not there yet"
    before = state_of(refreshed / "releases")
    done = run_mtm(refreshed, "export", "--to", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    assert state_of(refreshed / "releases") == before
    (made,) = folder.iterdir()
    assert made.name == Releases(refreshed).current()
    sizes = {str(path.relative_to(made)): path.stat().st_size for path in made.rglob("*") if path.is_file()}
    printed = {line.split()[0]: line.split()[-1] for line in done.stdout.splitlines() if line.strip()}
    assert {file: printed.get(file) for file in sizes} == {file: str(size) for file, size in sizes.items()}
    return made


def state_of(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*")}


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_every_table_is_a_csv_that_gives_its_rows_back(refreshed: Path, exported: Path) -> None:
    with release(refreshed) as con:
        tables = described_tables(con)
        assert {path.stem for path in (exported / "csv").iterdir()} == tables.keys()
        for name, table in tables.items():
            with (exported / "csv" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                header, *rows = csv.reader(file)
            assert header == [column.name for column in table.columns]
            texts = ", ".join(f"coalesce(\"{column}\"::varchar, '')" for column in header)
            stored = con.execute(f"select {texts} from {name}").fetchall()
            undone = [
                tuple(
                    re.sub(*UNDO, text) if column.type == "VARCHAR" else text
                    for column, text in zip(table.columns, row, strict=True)
                )
                for row in rows
            ]
            assert undone == stored, name


@pytest.fixture(scope="module")
def texts_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("texts") / "texts.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create schema marts")
        con.execute("create table marts.texts (first varchar, number decimal(24, 9), last varchar)")
    return path


@settings(max_examples=100, deadline=None)
@given(
    bom=st.booleans(),
    texts=st.lists(
        st.none()
        | st.text(alphabet="'=+-@\t\r\n\"', a0я;", max_size=8)
        | st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=8),
        max_size=12,
    ),
    number=st.decimals(min_value=-10, max_value=10, places=9),
)
def test_no_text_is_a_formula_and_each_comes_back(
    texts_file: Path, bom: bool, texts: list[str | None], number: Decimal
) -> None:
    path = texts_file.with_suffix(".csv")
    with duckdb.connect(str(texts_file)) as con:
        con.execute("delete from marts.texts")
        con.execute(
            "insert into marts.texts select text, $2, text from unnest($1) as t (text)", [texts, number]
        )
        write_csv(con, described_tables(con)["marts.texts"], path, bom)
    assert path.read_bytes().startswith(BOM) == bom
    with path.open(encoding="utf-8-sig" if bom else "utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["first", "number", "last"]
    for first, printed, last in rows:
        assert first == last
        assert not first.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert printed == f"{number:.9f}".replace("-0.000000000", "0.000000000")
    assert [re.sub(*UNDO, first) for first, _, _ in rows] == [text or "" for text in texts]


def test_the_mark_is_undone_in_duckdb_as_docs_say(tmp_path: Path) -> None:
    texts = ["=1+1", "'=1", "''-", "'quoted'", "\t=", "plain", "+7", "@x", "-"]
    path = tmp_path / "texts.csv"
    with duckdb.connect() as con:
        con.execute("create schema marts")
        con.execute("create table marts.texts as select unnest($1) as text", [texts])
        write_csv(con, described_tables(con)["marts.texts"], path, bom=False)
        undone = con.execute(
            f"select regexp_replace(text, $1, $2) from read_csv('{path}', all_varchar = true)", list(UNDO)
        ).fetchall()
    assert [text for (text,) in undone] == texts
    pattern, kept = UNDO
    page = (ROOT / "docs" / "exports.md").read_text("utf-8")
    assert f"""regexp_replace(raw_text, '{pattern.replace("'", "''")}', '{kept}')""" in page
    assert f"""re.sub(r"{pattern}", r"{kept}", text)""" in page


def test_a_byte_order_mark_is_all_that_bom_adds(refreshed: Path, exported: Path, tmp_path: Path) -> None:
    done = run_mtm(refreshed, "export", "current", "--to", str(tmp_path), "--format", "csv", "--bom")
    assert done.returncode == 0, done.stderr
    (made,) = tmp_path.iterdir()
    assert [path.name for path in made.iterdir()] == ["csv"]
    for path in (made / "csv").iterdir():
        assert path.read_bytes() == BOM + (exported / "csv" / path.name).read_bytes()


def test_the_same_release_gives_the_same_bytes(refreshed: Path, exported: Path, tmp_path: Path) -> None:
    done = run_mtm(refreshed, "export", exported.name[:12], "--to", str(tmp_path), TZ="Asia/Almaty")
    assert done.returncode == 0, done.stderr
    assert hashes(tmp_path / exported.name) == hashes(exported)


def test_an_export_never_goes_over_another(refreshed: Path, exported: Path) -> None:
    before = state_of(exported)
    refused = run_mtm(refreshed, "export", "--to", str(exported.parent), "--format", "csv")
    assert refused.returncode == 1
    assert f"{exported} exists already" in refused.stderr
    assert state_of(exported) == before
    assert list(exported.parent.iterdir()) == [exported]


@pytest.mark.parametrize("folder", ["releases", "current", "current/parquet"])
def test_nothing_is_written_among_the_releases(refreshed: Path, folder: str) -> None:
    refused = run_mtm(refreshed, "export", "--to", str(refreshed / folder), "--format", "csv")
    assert refused.returncode == 1
    assert "never changed: name another folder" in refused.stderr


def test_a_folder_that_cannot_be_written_is_named(refreshed: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused = run_mtm(refreshed, "export", "--to", str(tmp_path / "file"), "--format", "csv")
    assert refused.returncode == 1
    assert f"{tmp_path / 'file'}/" in refused.stderr
    assert "cannot be written" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


@pytest.mark.parametrize(("package", "needed_by"), [("xlsxwriter", "xlsx"), ("sdmx", "sdmx")])
def test_a_missing_package_is_told_with_its_installation(
    refreshed: Path, tmp_path: Path, package: str, needed_by: str
) -> None:
    absent = f"raise ModuleNotFoundError('No module named {package}', name='{package}')\n"
    (tmp_path / f"{package}.py").write_text(absent)
    out, path = str(tmp_path / "out"), str(tmp_path)
    refused = run_mtm(refreshed, "export", "--to", out, "--format", needed_by, PYTHONPATH=path)
    assert refused.returncode == 1
    assert 'pip install "mobility-tracking-matrix[export]"' in refused.stderr
    assert package in refused.stderr
    assert not (tmp_path / "out").exists()
    assert run_mtm(refreshed, "export", "--to", out, "--format", "csv", PYTHONPATH=path).returncode == 0


def test_wrong_use_and_no_release_are_told(refreshed: Path, tmp_path: Path) -> None:
    wrong = run_mtm(refreshed, "export", "--to", str(tmp_path), "--format", "ods")
    assert wrong.returncode == 2
    assert "csv, xlsx, sdmx, not ods" in wrong.stderr
    unknown = run_mtm(refreshed, "export", "1999", "--to", str(tmp_path))
    assert unknown.returncode == 1
    assert "mtm releases" in unknown.stderr
    assert "Traceback" not in wrong.stderr + unknown.stderr
