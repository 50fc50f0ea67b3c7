"""Recorded files: made from figures in the repository, byte for byte, and true to the real data."""

from __future__ import annotations

import csv
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from ingest.catalogue import DATASETS
from ingest.recorded import recorded_folder
from ingest.sheets.labels import fold
from ingest.sheets.periods import find_periods
from tests.conftest import ROOT, SHARED, needs_shared

TOOLS = [import_module(f"tools.{path.stem}") for path in sorted((ROOT / "tools").glob("record_*.py"))]


@pytest.mark.parametrize("tool", TOOLS)
def test_recorded_files_are_reproduced_byte_for_byte(tool: ModuleType, tmp_path: Path) -> None:
    tool.main(tmp_path)
    recorded = recorded_folder(tool.DATASET)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        path.name for path in recorded.iterdir()
    )
    for path in recorded.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.mark.parametrize("name", DATASETS)
def test_every_recorded_folder_says_where_its_figures_come_from(name: str) -> None:
    folder = recorded_folder(DATASETS[name])
    index = next((path for path in (folder / "answers.yml", folder / "letters.yml") if path.exists()), None)
    if not index:
        pytest.skip(f"{name} is live only")
    assert len(yaml.safe_load(index.read_text("utf-8"))["origin"]) > 100


@needs_shared
def test_figures_of_money_transfers_are_those_of_the_real_data() -> None:
    with (ROOT / "tools/figures/national_bank__money_transfers.csv").open(encoding="utf-8") as file:
        ours = {(row["direction"], row["month"], row["amount_mln_kzt"]) for row in csv.DictReader(file)}
    real = set()
    for direction in ("sent", "received"):
        path = SHARED / "data/nbk" / f"nbk_form408_remittances_{direction}_total_mln_kzt.csv"
        with path.open(encoding="utf-8") as file:
            real |= {(direction, row["date"], row["value"]) for row in csv.DictReader(file)}
    assert ours == real
    assert len(ours) == 116


@needs_shared
def test_figures_of_external_migration_are_those_of_the_real_data() -> None:
    ours = {(row["index_id"], row["year"], Decimal(row["value"])) for row in figures("external_migration")}
    real = set()
    for index_id, subject in (("2929752", "arrivals"), ("2929753", "departures")):
        path = SHARED / "data/stat" / f"taldau_{index_id}_migration_{subject}_annual.csv"
        with path.open(encoding="utf-8") as file:
            real |= {(index_id, row["date"][:4], Decimal(row["value"])) for row in csv.DictReader(file)}
    assert ours == real
    assert len(ours) == 70


@needs_shared
def test_lines_of_the_migration_balance_are_those_of_the_real_excerpt() -> None:
    path = SHARED / "data/stat/bns_element_6567_migration_balance_head111.tsv"
    recorded = recorded_folder(DATASETS["statistics_bureau__migration_balance"]) / "element_6567.csv"
    head, *real = list(csv.reader(path.open(encoding="utf-8-sig", newline=""), delimiter="\t"))
    our_head, *ours = list(csv.reader(recorded.open(encoding="utf-8-sig", newline=""), delimiter="\t"))
    assert our_head == head
    assert sorted(ours) == sorted(real)
    assert len(ours) == 111


def figures(name: str) -> list[dict[str, str]]:
    with (ROOT / f"tools/figures/statistics_bureau__{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@needs_shared
def test_every_published_figure_of_permanent_migration_is_recorded_or_left_out_with_a_reason() -> None:
    """By publication, period, country, direction and value; nothing else stands in the recorded files."""
    periods = {row["element"]: row for row in figures("external_migration_by_country.publications")}
    recorded = set()
    for row in figures("external_migration_by_country"):
        publication = periods[row["element"]]
        (period,) = find_periods(f"за {publication['period']}")
        for name in ("arrival", "departure", "net"):
            if row[name]:
                span = period.start.isoformat(), period.end.isoformat()
                value = row[name].rstrip("*")
                recorded.add((publication["publisher"], *span, row["country"], name, value))
    with (ROOT / "tools/figures/left_out.csv").open(encoding="utf-8") as file:
        listed = list(csv.DictReader(file))
    keys = ("indicator", "measure", "direction", "period", "geography", "value", "unit")
    left_out = {tuple(row[key] for key in keys) for row in listed}
    assert all(row["reason"] for row in listed)
    with (SHARED / "reference/published_series.csv").open(encoding="utf-8") as file:
        published = [row for row in csv.DictReader(file) if row["indicator"] == "permanent_migration"]
    names = country_labels()
    stated = set()
    for row in published:
        key = (row["publisher_url"], row["period_start"], row["period_end"])
        key += (names.get(row["geography"], ""), row["direction"], row["value"])
        if tuple(row[name] for name in keys) in left_out:
            assert key not in recorded, key
        else:
            stated.add(key)
    more = {key[3:] for key in recorded - stated}
    # The report prints them, and the series has them from elsewhere or not at all.
    assert more == {("Всего", "arrival", "19136"), ("Другие страны", "arrival", "2300")}
    assert stated <= recorded
    assert len(stated) == 104


@needs_shared
def test_figures_of_section_4_of_the_report_are_in_its_workbook() -> None:
    rows = {
        row["country"]: row for row in figures("external_migration_by_country") if row["element"] == "202307"
    }
    with (SHARED / "reference/report_2023q3_claims.csv").open(encoding="utf-8") as file:
        claims = [row for row in csv.DictReader(file) if row["section"] == "4" and row["measure"] == "value"]
    names = country_labels()
    for claim in claims:
        column = claim["direction"]
        if claim["direction"] == "net":
            continue  # the report's own arithmetic
        if claim["indicator"].endswith("under_18"):
            column += "_under_18"
        assert rows[names[claim["geography"]]][column].rstrip("*") == claim["value"], claim["claim_id"]


def country_labels() -> dict[str, str]:
    """Russian label in the recorded workbooks by the English name of the reference tables."""
    with (ROOT / "dbt_project/seeds/alias.csv").open(encoding="utf-8") as file:
        by_label = {
            row["label"]: row["code"] for row in csv.DictReader(file) if row["dictionary"] == "country"
        }
    printed = {row["country"] for row in figures("external_migration_by_country")}
    by_code = {by_label.get(fold(label)): label for label in printed}
    names = {"total": "Всего", "CIS": "Страны СНГ", "non-CIS": "Другие страны"}
    with (SHARED / "reference/published_series.csv").open(encoding="utf-8") as file:
        wanted = {row["geography"] for row in csv.DictReader(file)}
    for name in wanted - names.keys():
        code = by_label.get(fold(name))
        if code and code in by_code:
            names[name] = by_code[code]
    return names
