"""The wide quarterly tables: what the report of 2023Q3 prints, and what quarterly_indicator says."""

from __future__ import annotations

import csv
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SHARED, needs_shared, release

CODES = {
    "total": None,
    "CIS": "CIS",
    "non-CIS": "NON_CIS",
    "Belarus": "BY",
    "China": "CN",
    "Georgia": "GE",
    "Germany": "DE",
    "India": "IN",
    "Kyrgyzstan": "KG",
    "Mongolia": "MN",
    "Republic of Korea": "KR",
    "Russian Federation": "RU",
    "Tajikistan": "TJ",
    "Turkmenistan": "TM",
    "Türkiye": "TR",
    "United States of America": "US",
    "Uzbekistan": "UZ",
    "Almaty city": "75",
    "Atyrau region": "23",
    "Almaty region": "19",
    "Shymkent city": "79",
    "Mangystau region": "47",
    "Abay region": "10",
    "Ulytau region": "62",
    "East Kazakhstan region": "63",
    "sector: construction": "F",
    "sector: agriculture, forestry and fishery": "A",
    "sector: mining and quarrying": "B",
    "sector: manufacturing": "C",
    "sector: professional, scientific and technical": "M",
}
PLURAL = {"arrival": "arrivals", "departure": "departures", "net": "net"}


def claims(indicator: str, measure: str, period: str) -> dict[str, dict[str, str]]:
    path = SHARED / "reference" / "report_2023q3_claims.csv"
    with path.open(encoding="utf-8") as file:
        return {
            row["claim_id"]: row
            for row in csv.DictReader(file)
            if row["indicator"].startswith(indicator)
            and (row["measure"], row["period"]) == (measure, period)
            and row["geography"] in CODES
            and row["unit"] != "qualitative"
        }


def rounded(value: Decimal, printed: str) -> Decimal:
    return value.quantize(Decimal(printed), ROUND_HALF_UP)


def row_of(con: Any, query: str) -> dict[str, Any]:
    found = con.execute(query)
    names = [column[0] for column in found.description]
    rows = found.fetchall()
    assert len(rows) == 1, query
    return dict(zip(names, rows[0], strict=True))


def place(claim: dict[str, str], topic: str) -> str:
    """The row of a topic's tables that speaks of the geography of a claim."""
    code = CODES[claim["geography"]]
    if code is None:
        return "indicators.quarterly_headline where quarter = '2023Q3'"
    kind = "group" if len(code) > 2 else "country"
    return f"indicators.quarterly_{topic}_by_{kind} where quarter = '2023Q3' and {kind}_code = '{code}'"


def test_the_figures_that_the_report_must_show(refreshed: Path) -> None:
    with release(refreshed) as con:
        headline = row_of(con, "from indicators.quarterly_headline where quarter = '2023Q3'")
        cis = row_of(con, "from indicators.quarterly_border_crossings_by_group where group_code = 'CIS'")
        china = row_of(con, "from indicators.quarterly_border_crossings_by_country where country_code = 'CN'")
    assert (headline["arrivals"], headline["departures"], headline["net"]) == (4482427, 4533933, -51506)
    permanent = [headline[f"permanent_{name}"] for name in ("arrivals", "departures", "net")]
    assert permanent == [5484, 5736, -252]
    permanent = [headline[f"permanent_{name}_since_january"] for name in ("arrivals", "departures", "net")]
    assert permanent == [19136, 12732, 6404]
    assert (headline["permit_holders"], headline["employers"], headline["quota"]) == (14534, 1529, 22200)
    assert headline["permit_holders_within_quarter"] == 14571
    assert str(headline["permit_holders_within_quarter_stated_on"]) == "2023-09-01"
    assert headline["kzt_per_usd"] is None
    assert headline["kzt_per_usd_flag"] == "rate: no rate for 2023-08: 4 of 23 weekdays known, 19 not fetched"
    assert cis["arrivals"] == 4034184
    assert cis["arrivals_sum_of_listed_countries"] == 4027156
    assert (cis["arrivals_sum_of_countries"], cis["arrivals_residual"]) == (4044460, -10276)
    assert cis["departures"] == 4080540
    assert cis["departures_sum_of_listed_countries"] == 4092579
    assert (cis["departures_sum_of_countries"], cis["departures_residual"]) == (4109005, -28465)
    assert cis["arrivals_is_imputed"]
    assert cis["departures_is_imputed"]
    told = "negative residual; imputed by the publisher"
    assert cis["arrivals_residual_flag"] == cis["departures_residual_flag"] == told
    assert china["arrivals"] == 131203
    assert china["group_code"] == "NON_CIS"
    assert rounded(china["arrivals_share_of_stated_group"], "0.1") == Decimal("29.3")


@needs_shared
def test_border_crossings_stand_as_printed(refreshed: Path) -> None:
    shares = claims("border_crossings", "share_of_group", "2023Q3")
    # The report takes Belarus of the countries outside the CIS, its share of India in departures is wrong,
    # and 29.65 is cut to 29.6.
    wrong = {"C035", "C055", "C049", "C040"}
    with release(refreshed) as con:
        for claim in claims("border_crossings", "value", "2023Q3").values():
            if claim["indicator"] == "border_crossings":
                row = row_of(con, f"from {place(claim, 'border_crossings')}")
                assert row[PLURAL[claim["direction"]]] == Decimal(claim["value"]), claim["claim_id"]
        for number, claim in shares.items():
            row = row_of(con, f"from {place(claim, 'border_crossings')}")
            share = row[f"{PLURAL[claim['direction']]}_share_of_stated_group"]
            agrees = rounded(share, claim["value"]) == Decimal(claim["value"])
            assert agrees == (number not in wrong), (number, share)


@needs_shared
def test_permanent_migration_since_january_stands_as_printed(refreshed: Path) -> None:
    found = claims("permanent_migration", "value", "2023-01..2023-09")
    with release(refreshed) as con:
        for number, claim in found.items():
            row = row_of(con, f"from {place(claim, 'permanent_migration')}")
            prefix = "permanent_" if claim["geography"] == "total" else ""
            prefix += "children_" if "children" in claim["indicator"] else ""
            value = row[f"{prefix}{PLURAL[claim['direction']]}_since_january"]
            # The report subtracts wrongly: 2,300 less 2,784 is not 481.
            printed = Decimal(-484) if number == "C103" else Decimal(claim["value"])
            assert value == printed, number
    assert len(found) > 15


@needs_shared
def test_foreign_labour_stated_for_the_first_of_september(refreshed: Path) -> None:
    found = claims("foreign_labour", "value", "2023-09-01")
    shares = claims("foreign_labour", "share_of_total", "2023-09-01")
    with release(refreshed) as con:
        for number, claim in {**found, **shares}.items():
            code = CODES[claim["geography"]]
            table, key = (
                ("activity", "activity_code")
                if "sector" in claim["geography"]
                else ("country", "country_code")
            )
            where = "quarter = '2023Q3' and stated_on = '2023-09-01'"
            if code is None:
                value = con.execute(
                    "select distinct permit_holders_total, employers"
                    f" from indicators.quarterly_foreign_labour_by_country where {where}"
                ).fetchall()
                assert value == [(14571, 1424)]
                continue
            row = row_of(
                con, f"from indicators.quarterly_foreign_labour_by_{table} where {where} and {key} = '{code}'"
            )
            column = "permit_holders" if number in found else "printed_share"
            assert row[column] == Decimal(claim["value"]), number
        last = con.execute(
            "select distinct stated_on, permit_holders_total, employers, is_end_of_quarter"
            " from indicators.quarterly_foreign_labour_by_activity where quarter = '2023Q3' order by 1 desc"
        ).fetchall()
    assert [(str(row[0]), *row[1:]) for row in last] == [
        ("2023-10-01", 14534, 1529, True),
        ("2023-09-01", 14571, 1424, False),
    ]


@needs_shared
def test_transfers_by_country_and_regions_stand_as_printed(refreshed: Path) -> None:
    transfers = "indicators.quarterly_remittances_by_country where quarter = '2023Q3'"
    # Shares of Korea and Türkiye that do not follow from their printed amounts.
    wrong = {"C180", "C186"}
    with release(refreshed) as con:
        for number, claim in claims("money_transfers", "value", "2023Q3").items():
            code = CODES[claim["geography"]]
            if code is not None:
                where = f"direction = '{claim['direction']}' and country_code = '{code}'"
                row = row_of(con, f"from {transfers} and {where}")
                if claim["unit"] == "bn KZT":
                    assert row["amount_mln_kzt"] == 1000 * Decimal(claim["value"]), number
                else:
                    at_report_rate = row["amount_mln_usd_at_report_rate"]
                    assert abs(at_report_rate - Decimal(claim["value"])) < Decimal("0.1"), number
                    assert row["amount_mln_usd"] is None
                    assert row["usd_reason"].startswith("no rate for 2023-08")
        for number, claim in claims("money_transfers", "share_of_total", "2023Q3").items():
            where = f"direction = '{claim['direction']}' and country_code = '{CODES[claim['geography']]}'"
            share = row_of(con, f"from {transfers} and {where}")["share_of_stated"]
            agrees = rounded(share, claim["value"]) == Decimal(claim["value"])
            assert agrees == (number not in wrong), (number, share)
        for number, claim in claims("temporary_residence_permits", "share_of_total", "2023Q3").items():
            row = row_of(
                con,
                "from indicators.quarterly_temporary_residence_by_region"
                f" where quarter = '2023Q3' and region_code = '{CODES[claim['geography']]}'",
            )
            assert row["printed_share"] == Decimal(claim["value"]), number


def compared(
    prefix: str, of: str, *, percent: bool = True, summed: bool = True
) -> list[tuple[str, str, str]]:
    """Columns that compare a figure of a wide table: name, column of the long table, condition there."""
    columns = ["change_on_previous_quarter", "change_on_year"]
    columns += [f"percent_{column}" for column in columns] if percent else []
    found = [(prefix + column, column, of) for column in columns]
    return [*found, (f"{prefix}since_january", "year_to_date", of)] if summed else found


def flow_figures(indicator: str, kind: str, prefix: str = "") -> list[tuple[str, str, str]]:
    """Columns of a table of arrivals and departures: name, column of the long table, condition there."""
    found = []
    for direction, plural in PLURAL.items():
        name = prefix + plural
        of = f"indicator = '{indicator}' and geography_kind = '{kind}' and direction = '{direction}' and "
        value = of + "measure = 'value'"
        found.append((name, "value", value))
        found.append((f"nullif({name}_flag, 'no figure known')", "flag", value))
        found += compared(f"{name}_", value, percent=direction != "net")
        if prefix:
            continue
        if kind == "country":
            found.append((f"{name}_rank", "rank", value))
        else:
            found.append((f"{name}_sum_of_countries", "value", of + "measure = 'sum_of_countries'"))
        if direction == "net":
            continue
        shares = {"total": of + "measure = 'share_of_stated' and denominator = 'TOTAL'"}
        if kind == "country":
            shares["group"] = of + "measure = 'share_of_stated' and denominator <> 'TOTAL'"
            found.append((f"{name}_share_of_sum", "value", of + "measure = 'share_of_sum'"))
        else:
            found.append((f"{name}_residual", "value", of + "measure = 'residual'"))
        for whole, share in shares.items():
            column = f"{name}_share_of_stated_{whole}"
            found.append((column, "value", share))
            if indicator == "permanent_migration":
                found.append((f"{column}_since_january", "year_to_date", share))
    return found


def labour_figures(part: str) -> list[tuple[str, str, str]]:
    of = "geography_kind = 'country'" if part == "country" else f"breakdown = '{part}'"
    holders = f"{of} and indicator = 'foreign_labour_permit_holders' and measure = "
    return [
        ("permit_holders", "value", holders + "'value'"),
        ("rank", "rank", holders + "'value'"),
        *compared("", holders + "'value'", summed=False),
        ("share_of_stated", "value", holders + "'share_of_stated'"),
        ("share_of_sum", "value", holders + "'share_of_sum'"),
        ("printed_share", "value", f"{of} and indicator = 'foreign_labour_permit_holders_share'"),
    ]


TRANSFERS_BY_COUNTRY = (
    "indicator = 'money_transfers' and geography_kind = 'country' and figure_unit = 'mln KZT' and measure = "
)
PERMITS = "geography_kind = 'region' and measure = 'value' and indicator = 'temporary_residence_permits"
END = "is_end_of_quarter"
TABLES: dict[str, tuple[str, str, list[tuple[str, str, str]], str]] = {
    **{
        f"{topic}_by_{kind}": (f"{kind}_code", "geography_code", flow_figures(topic, kind), "true")
        for topic in ("border_crossings", "permanent_migration")
        for kind in ("country", "group")
    },
    "foreign_labour_by_country": ("country_code", "geography_code", labour_figures("country"), END),
    "foreign_labour_by_activity": ("activity_code", "breakdown_code", labour_figures("activity"), END),
    "foreign_labour_by_category": (
        "permit_category_code",
        "breakdown_code",
        labour_figures("permit_category"),
        END,
    ),
    "temporary_residence_by_region": (
        "region_code",
        "geography_code",
        [
            ("permits", "value", PERMITS + "'"),
            *compared("permits_", PERMITS + "'"),
            ("printed_share", "value", PERMITS + "_share'"),
            *compared("printed_share_", PERMITS + "_share'", percent=False, summed=False),
        ],
        "true",
    ),
    "remittances_by_country": (
        "country_code || direction",
        "geography_code || direction",
        [
            ("amount_mln_kzt", "value", TRANSFERS_BY_COUNTRY + "'value'"),
            ("flag", "flag", TRANSFERS_BY_COUNTRY + "'value'"),
            ("rank", "rank", TRANSFERS_BY_COUNTRY + "'value'"),
            ("since_january_mln_kzt", "year_to_date", TRANSFERS_BY_COUNTRY + "'value'"),
            ("change_on_year_mln_kzt", "change_on_year", TRANSFERS_BY_COUNTRY + "'value'"),
            ("share_of_stated", "value", TRANSFERS_BY_COUNTRY + "'share_of_stated'"),
            ("share_of_sum", "value", TRANSFERS_BY_COUNTRY + "'share_of_sum'"),
        ],
        "true",
    ),
    "exchange_rates": (
        "currency",
        "breakdown_code",
        [
            ("kzt_per_unit", "value", "indicator = 'exchange_rate_average'"),
            ("flag", "flag", "indicator = 'exchange_rate_average'"),
            ("change_on_year", "change_on_year", "indicator = 'exchange_rate_average'"),
        ],
        "true",
    ),
    "remittances": (
        "direction",
        "direction",
        [
            (
                f"amount_mln_{unit.lower()}",
                "value",
                "indicator = 'money_transfers' and geography_kind = 'total' and breakdown is null"
                f" and unit = 'mln {unit}' and dataset = 'national_bank__money_transfers'",
            )
            for unit in ("KZT", "USD")
        ],
        "true",
    ),
}


CHILDREN = flow_figures("permanent_migration_children_under_18", "group", "children_")
TABLES["permanent_migration_by_group"][2].extend(CHILDREN)


def assert_same(execute: Callable[[str], Any], wide: str, long: str) -> int:
    for one, other in ((wide, long), (long, wide)):
        assert execute(f"({one}) except all ({other})").fetchall() == [], one
    return len(execute(long).fetchall())


@pytest.mark.parametrize("table", TABLES)
def test_a_wide_table_says_what_quarterly_indicator_says(refreshed: Path, table: str) -> None:
    key, long_key, figures, where = TABLES[table]
    with release(refreshed) as con:
        compared = sum(
            assert_same(
                con.execute,
                f"select quarter, {key}, dataset, {column} from indicators.quarterly_{table}"
                f" where {column} is not null and {where}",
                f"select quarter, {long_key}, dataset, {source} from indicators.quarterly_indicator"
                f" where {source} is not null and {condition}",
            )
            for column, source, condition in figures
        )
    assert compared


def test_the_headline_says_what_quarterly_indicator_says(refreshed: Path) -> None:
    columns = {
        "arrivals": "indicator = 'border_crossings' and direction = 'arrival'",
        "departures": "indicator = 'border_crossings' and direction = 'departure'",
        "net": "indicator = 'border_crossings' and direction = 'net'",
        "permanent_arrivals": "indicator = 'permanent_migration' and direction = 'arrival'",
        "permanent_departures": "indicator = 'permanent_migration' and direction = 'departure'",
        "permanent_net": "indicator = 'permanent_migration' and direction = 'net'",
        "permit_holders": "indicator = 'foreign_labour_permit_holders'",
        "employers": "indicator = 'foreign_labour_employers'",
        "sent_mln_kzt": "indicator = 'money_transfers' and direction = 'sent' and unit = 'mln KZT'",
        "received_mln_kzt": "indicator = 'money_transfers' and direction = 'received' and unit = 'mln KZT'",
        "sent_mln_usd": "measure = 'converted' and direction = 'sent'",
        "received_mln_usd": "measure = 'converted' and direction = 'received'",
        "kzt_per_usd": "indicator = 'exchange_rate_average'",
    }
    balances = ("net", "permanent_net")
    not_summed = ("permit_holders", "employers", "kzt_per_usd")
    headline = "is_headline and measure in ('value', 'converted') and geography_kind = 'total'"
    headline += " and coalesce(breakdown, 'currency') = 'currency' and "
    with release(refreshed) as con:
        for figure, condition in columns.items():
            summed, percent = figure not in not_summed, figure not in balances
            beside = compared(f"{figure}_", condition, percent=percent, summed=summed)
            for column, source, of in [(figure, "value", condition), *beside]:
                same = assert_same(
                    con.execute,
                    f"select quarter, {column} from indicators.quarterly_headline where {column} is not null",
                    f"select quarter, {source} from indicators.quarterly_indicator"
                    f" where {headline} {source} is not null and {of}",
                )
                assert same or column != figure, column
