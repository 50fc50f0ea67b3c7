"""Datasets that come as workbooks: landed through the inbox, true to the real figures, nothing lost."""

from __future__ import annotations

import calendar
import csv
import re
import shutil
from collections.abc import Hashable, Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingest.catalogue import DATASETS
from ingest.dataset import Request, Resource, SourceFile
from ingest.errors import SourceError
from ingest.inbox import inbox_resources
from ingest.recorded import recorded_folder
from tests.conftest import ROOT, SHARED, needs_shared
from tests.house import House

SERVICE = "border_service__border_crossings"
MINISTRY = "interior_ministry__border_crossings"
PERMITS = "interior_ministry__temporary_residence_permits"
MIGRATION = "statistics_bureau__internal_migration"
TRANSFERS = "national_bank__money_transfers_by_country"
ROWS = {SERVICE: 31, PERMITS: 46, MIGRATION: 840, TRANSFERS: 159}
# Indicators of published_series.csv that these datasets answer for, landed or left out.
INDICATORS = re.compile(
    "border_crossings.*|temporary_residence_permits.*|permanent_residence_permits|money_transfers.*"
    "|personal_transfers|citizenship_.*|foreign_tourists|foreigners_permanently_registered|bma_.*|exchange_rate_.*"
)
ENGLISH = {
    "Всего": "total", "Страны СНГ": "CIS", "Страны вне СНГ": "non-CIS", "Узбекистан": "Uzbekistan",
    "Российская Федерация": "Russian Federation", "Россия": "Russian Federation", "Кыргызстан": "Kyrgyzstan",
    "Таджикистан": "Tajikistan", "Беларусь": "Belarus", "Азербайджан": "Azerbaijan", "Армения": "Armenia",
    "Туркменистан": "Turkmenistan", "Украина": "Ukraine", "Молдова": "Moldova", "Китай": "China",
    "Индия": "India", "Турция": "Türkiye", "Германия": "Germany", "Грузия": "Georgia",
    "Республика Корея": "Republic of Korea", "США": "United States of America",
    "область Абай": "Abay region", "Алматинская область": "Almaty region",
    "Атырауская область": "Atyrau region",
    "Мангистауская область": "Mangystau region", "область Ұлытау": "Ulytau region",
    "Восточно-Казахстанская область": "East Kazakhstan region", "г.Алматы": "Almaty city",
    "г.Шымкент": "Shymkent city",
}  # fmt: skip
MONTHS = {name: str(number) for number, name in enumerate(calendar.month_name)}
SPELLED = {
    "Abay": "область Абай", "Aqmola": "Акмолинская область", "Aqtobe": "Актюбинская область",
    "Almaty region": "Алматинская область", "Atyrau": "Атырауская область", "Jambyl": "Жамбылская область",
    "West Kazakhstan": "Западно-Казахстанская область", "Jetisu": "область Жетісу",
    "Qaraganda": "Карагандинская область", "Qostanay": "Костанайская область",
    "Qyzylorda": "Кызылординская область", "Mangystau": "Мангистауская область",
    "Pavlodar": "Павлодарская область", "North Kazakhstan": "Северо-Казахстанская область",
    "Turkistan": "Туркестанская область", "Ulutay": "область Ұлытау",
    "East Kazakhstan": "Восточно-Казахстанская область", "Astana city": "г.Астана", "Almaty city": "г.Алматы",
    "Shymkent city": "г.Шымкент",
}  # fmt: skip
Key = tuple[str, ...]


def figures(name: str) -> Iterator[dict[Hashable, str]]:
    """The figures of a dataset's recorded letters that are stated."""
    dataset = DATASETS[name]
    for path in sorted(recorded_folder(dataset).glob("*.xlsx")):
        file = SourceFile("sha", path.name, path.read_bytes())
        frame = dataset.parse(Resource(path.name, Request(f"inbox:{name}/{path.name}")), [file])
        yield from frame[frame["amount"].notna()].astype(str).to_dict("records")


def key(published: dict[str, str]) -> Key:
    """What identifies a row of published_series.csv, and its value."""
    names = ("indicator", "measure", "direction", "period_start", "period_end", "geography", "unit")
    return (*(published[name] for name in names), str(Decimal(published["value"]).normalize()))


def recorded() -> set[Key]:
    """The figures of all recorded letters and rates, in the words of published_series.csv."""
    found: set[Key] = set()
    for name in (SERVICE, MINISTRY, PERMITS, TRANSFERS):
        indicator = name.partition("__")[2].removesuffix("_by_country")
        for row in figures(name):
            label = row.get("citizenship") or row.get("place") or row["country"]
            purpose = "_labour_purpose" if row.get("purpose") == "work" else ""
            measure = "share_of_total" if row["unit"] == "percent" else "value"
            period = (row["period_start"], row["period_end"])
            place, value = ENGLISH[label], str(Decimal(row["amount"]).normalize())
            found.add(
                (indicator + purpose, measure, row.get("direction", ""), *period, place, row["unit"], value)
            )
    with (ROOT / "tools/figures/national_bank__exchange_rates.csv").open(encoding="utf-8") as file:
        for rate in csv.DictReader(file):
            value = str(Decimal(rate["kzt_per_usd"]).normalize())
            days = (rate["date"], rate["date"])
            found.add(("exchange_rate_official", "value", "", *days, "Kazakhstan", "KZT per USD", value))
    return found


def published() -> list[dict[str, str]]:
    with (SHARED / "reference/published_series.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if INDICATORS.fullmatch(row["indicator"])]


def left_out() -> list[dict[str, str]]:
    with (ROOT / "tools/figures/left_out.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_what_is_left_out_is_listed_once_with_a_reason() -> None:
    lines = (ROOT / "tools/figures/left_out.csv").read_text("utf-8").splitlines()
    assert lines[0] == "indicator,measure,direction,period,geography,value,unit,reason"
    assert lines[1:] == sorted(set(lines[1:]))
    assert all(len(row["reason"]) > 10 for row in left_out())


@needs_shared
def test_every_published_figure_is_recorded_or_left_out() -> None:
    names = ("indicator", "measure", "direction", "period", "geography", "value", "unit")
    listed = {tuple(row[name] for name in names) for row in left_out()}
    known = recorded()
    for row in published():
        is_listed = tuple(row[name] for name in names) in listed
        assert (key(row) in known) != is_listed, row


@needs_shared
@pytest.mark.parametrize("name", [SERVICE, PERMITS, TRANSFERS])
def test_recorded_letters_state_nothing_that_is_not_published(name: str) -> None:
    indicator = name.partition("__")[2].removesuffix("_by_country")
    ours = {each for each in recorded() if each[0].startswith(indicator)}
    assert ours <= {key(row) for row in published()}


@needs_shared
@pytest.mark.parametrize(("year", "file"), [("2022", "2022"), ("2023", "2023"), ("2024", "2024_monthly")])
def test_internal_migration_is_that_of_the_real_data(year: str, file: str) -> None:
    real = set()
    with (SHARED / f"data/stat/internal_migration_kz_{file}.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            month = MONTHS.get(row["month"], "whole")
            for direction, column in (("arrival", "arrivals"), ("departure", "departures"), ("net", "net")):
                real.add((SPELLED[row["region"]], month, direction, row[column]))
    ours = [row for row in figures(MIGRATION) if row["period_start"].startswith(year)]
    assert {(row["region"], row["month"], row["direction"], row["amount"]) for row in ours} == real
    assert len(ours) == len(real) == (720 if file.endswith("monthly") else 60)


def test_a_month_of_the_header_is_the_period_of_its_figures() -> None:
    periods = {(row["month"], row["period_start"], row["period_end"]) for row in figures(MIGRATION)}
    assert ("2", "2024-02-01", "2024-02-29") in periods
    assert ("whole", "2022-01-01", "2022-12-31") in periods
    assert len(periods) == 14
    cumulative = [row for row in figures(TRANSFERS) if row["measurement"] == "cumulative"]
    assert {row["month"] for row in cumulative} == {"whole"}


@pytest.mark.parametrize("name", ROWS)
def test_letters_land_through_a_real_inbox(name: str, house: House) -> None:
    dataset, folder = DATASETS[name], house.root / "inbox" / name
    shutil.copytree(recorded_folder(dataset), folder)
    assert not [each.error for each in house.fetch(dataset, inbox_resources(dataset, folder)) if each.error]
    assert {landing.outcome for landing in house.land()} == {"landed"}
    counts = house.query(f"select count(*) from raw.{name} where amount is not null or flag is not null")
    assert counts == [(ROWS[name],)]
    flags = house.query(f"select distinct flag from raw.{name} where amount is null")
    assert flags in ([], [("not_available",)])
    ways = house.query("select distinct obtained_via from raw.fetch_log where publisher is not null")
    assert {way for (way,) in ways} <= {"IOM report", "press reprint"}
    assert house.query("select count(*) from raw.fetch_log where publisher is null") == [(0,)]
    house.fetch(dataset, inbox_resources(dataset, folder))
    assert {landing.outcome for landing in house.land()} == {"unchanged"}


def test_the_letter_of_another_agency_is_not_taken_for_this_one() -> None:
    path = next(recorded_folder(DATASETS[MINISTRY]).glob("*.xlsx"))
    file = SourceFile("sha", path.name, path.read_bytes())
    with pytest.raises(SourceError, match="no line above the table matches the title"):
        DATASETS[SERVICE].parse(Resource(path.name, Request(path.name)), [file])


def test_every_stated_figure_is_observed_once(refreshed: Path) -> None:
    with duckdb.connect(str(refreshed / "build.duckdb"), read_only=True) as con:
        observed = dict(
            con.execute("select dataset, count(*) from intermediate.observation group by all").fetchall()
        )
        assert con.execute("select count(*) from audit.unmatched_label").fetchall() == [(0,)]
        parted = con.execute(
            "select counterpart_code, value::varchar, unit, source_cell from intermediate.observation"
            " where dataset = ? and period_start = '2023-07-01' and period_end = '2023-09-30'"
            " and direction = 'received' order by value desc limit 3",
            [TRANSFERS],
        ).fetchall()
    stated = {name: sum(1 for _ in figures(name)) for name in ROWS}
    # Two press pages state the same total received in May 2022.
    assert {name: observed[name] for name in ROWS} == stated | {TRANSFERS: stated[TRANSFERS] - 1}
    assert parted == [
        (None, "70700.000000000", "mln KZT", "Переводы!F7"),
        ("RU", "22300.000000000", "mln KZT", "Переводы!F10"),
        ("UZ", "8300.000000000", "mln KZT", "Переводы!F9"),
    ]
