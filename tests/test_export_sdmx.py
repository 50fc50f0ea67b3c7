"""SDMX-CSV of an export: read back by its own structure it is the long table; its keys are unique."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import sdmx

from publish.folder import FinishedBuild
from publish.release import Releases
from publish.tables import TableName
from tests.conftest import release, run_mtm


def test_sdmx_gives_back_every_value_of_the_table(refreshed: Path, tmp_path: Path) -> None:
    done = run_mtm(refreshed, "export", "--to", str(tmp_path), "--format", "sdmx")
    assert done.returncode == 0, done.stderr
    (data, structure) = sorted(tmp_path.glob("*/sdmx/*"))
    flow = sdmx.read_sdmx(structure).dataflow["QUARTERLY_INDICATOR"]
    message = sdmx.read_sdmx(data, structure=flow)
    (dataset,) = message.data
    lists = {
        each.id: each.local_representation.enumerated
        for each in (*flow.structure.dimensions, *flow.structure.attributes)
        if each.local_representation and each.local_representation.enumerated is not None
    }
    found = {}
    for observation in dataset.obs:
        key = {name: each.value for name, each in observation.key.values.items()}
        told = {name: each.value for name, each in observation.attached_attribute.items()}
        for name, codes in lists.items():
            assert (key | told)[name] in codes.items, f"{name} {(key | told)[name]}"
        assert told["OBS_STATUS"] == ("A" if observation.value else "O")
        found[tuple(key.values())] = (observation.value, told["UNIT_MULT"], told["COMMENT_OBS"])
    assert len(found) == len(dataset.obs)
    with release(refreshed) as con:
        isos = dict(con.execute("select region_code, iso_code from marts.dim_region").fetchall())
        answer = con.execute("from indicators.quarterly_indicator")
        columns = [column[0] for column in answer.description or []]
        rows = [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
        names = con.execute(
            "select name_en, name_ru, name_kk from marts.dim_indicator where indicator = 'money_transfers'"
        ).fetchone()
    expected = {}
    for row in rows:
        millions = "6" if row["unit"].startswith("mln ") else "0"
        value = "" if row["value"] is None else f"{row['value']:f}"
        expected[sdmx_key(row, isos)] = (value, millions, row["flag"] or "")
    assert found == expected
    named = lists["INDICATOR"]["money_transfers"].name.localizations
    assert (named["en"], named["ru"], named["kk"]) == names


def sdmx_key(row: dict[str, Any], isos: dict[str, str]) -> tuple[str, ...]:
    """The key that a row of the long table is to have, in the order of dimensions."""
    kind, code = row["geography_kind"], row["geography_code"]
    area = isos[code] if kind == "region" else "KZ"
    counterpart = code if kind in ("country", "group") else "_T"
    figure = ("Q", area, row["indicator"], row["measure"], row["direction"] or "_Z", counterpart)
    split = (row["breakdown"] or "_T", row["breakdown_code"] or "_T", row["denominator"] or "_Z")
    units = [row[name].removeprefix("mln ").replace(" ", "_") for name in ("unit", "figure_unit")]
    return (*figure, *split, *units, row["dataset"], f"{row['quarter'][:4]}-{row['quarter'][4:]}")


def publish_again(home: Path, change: str) -> None:
    """A release of the build after a change that its models would not make."""
    build = home / "build.duckdb"
    with duckdb.connect(str(build)) as con:
        con.execute(change)
    releases = Releases(home)
    manifest = releases.manifest(releases.named())
    tables = [TableName(each["schema"], each["table"]) for each in manifest["tables"]]
    releases.publish(FinishedBuild(build, manifest["inputs"] | {"project_sha256": change}, tables))


def test_two_rows_of_one_key_are_named_and_nothing_is_left(home: Path, tmp_path: Path) -> None:
    publish_again(
        home,
        "insert into indicators.quarterly_indicator from indicators.quarterly_indicator"
        " where quarter = '2023Q3' and indicator = 'exchange_rate_average'",
    )
    folder = tmp_path / "out"
    refused = run_mtm(home, "export", "--to", str(folder), "--format", "sdmx")
    assert refused.returncode == 1
    assert "indicators.quarterly_indicator has 1 SDMX key(s) in more than one row" in refused.stderr
    assert "Q.KZ.exchange_rate_average.value._Z._T.currency.USD" in refused.stderr
    assert list(folder.iterdir()) == []
    previous = run_mtm(home, "export", "previous", "--to", str(folder), "--format", "sdmx")
    assert previous.returncode == 0, previous.stderr


def test_a_code_that_sdmx_does_not_know_is_named(home: Path, tmp_path: Path) -> None:
    publish_again(
        home,
        "update indicators.quarterly_indicator set breakdown_code = 'Золотая Корона'"
        " where quarter = '2023Q3' and indicator = 'exchange_rate_average'",
    )
    refused = run_mtm(home, "export", "--to", str(tmp_path / "out"), "--format", "sdmx")
    assert refused.returncode == 1
    assert "BREAKDOWN_CODE would be 'Золотая Корона' in 2023Q3, exchange_rate_average" in refused.stderr
