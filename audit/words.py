"""A claim in words: what it is of, the figure as printed, recomputed figures short enough to read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

import duckdb

from audit.claims import Claim
from audit.printed import ABOVE, rounded

ORDINALS = ("1st", "2nd", "3rd", "4th")
BEFORE_THE_FIGURE = (*ABOVE, "about")
# Units that say no more than the printed text itself.
SILENT_UNITS = ("date", "date_range", "year")
EXTRA_PLACES = 2
PLACES = (
    "select country_code, name_en from marts.dim_country union all"
    " select group_code, name_en from marts.dim_group union all"
    " select region_code, any_value(name_en order by name_en) from marts.dim_region group by all"
)
BREAKDOWNS = (
    "select breakdown_code, any_value(name_en order by breakdown) from marts.dim_breakdown group by all"
)


@dataclass(frozen=True)
class Names:
    """English names by code; a code without a name stands for itself."""

    places: Mapping[str, str] = field(default_factory=dict)
    breakdowns: Mapping[str, str] = field(default_factory=dict)


def names_of(con: duckdb.DuckDBPyConnection) -> Names:
    return Names(dict(con.execute(PLACES).fetchall()), dict(con.execute(BREAKDOWNS).fetchall()))


def what(claim: Claim, names: Names) -> str:
    """Indicator, measure, direction, place, part and period of a claim."""
    indicator = claim.indicator.replace("_", " ")
    measure = "" if claim.measure == "value" else claim.measure.replace("_", " ")
    parts = [
        f"{indicator}: {measure}" if measure else indicator,
        claim.direction,
        _place(claim.geography, names),
        names.breakdowns.get(claim.breakdown, claim.breakdown),
        period(claim.period),
    ]
    return ", ".join(part for part in parts if part)


def _place(geography: str, names: Names) -> str:
    if geography == "TOTAL":
        return ""
    codes = geography.split()
    if all(code in names.places for code in codes):
        return " and ".join(names.places[code] for code in codes)
    return geography


def period(text: str) -> str:
    """3rd quarter of 2023, July 2023, 1 September 2023, January to September 2023."""
    if quarter := re.fullmatch(r"(\d{4})Q([1-4])", text):
        return f"{ORDINALS[int(quarter[2]) - 1]} quarter of {quarter[1]}"
    if re.fullmatch(r"\d{4}-\d\d\.\.\d{4}-\d\d", text):
        first, last = text.split("..")
        start = _month(first)
        return (
            f"{start.removesuffix(first[:4]).strip() if first[:4] == last[:4] else start} to {_month(last)}"
        )
    return _month(text)


def _month(text: str) -> str:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            day = date.fromisoformat(text)
            return f"{day.day} {day:%B %Y}"
        if re.fullmatch(r"\d{4}-\d\d", text):
            return f"{date.fromisoformat(text + '-01'):%B %Y}"
    except ValueError:
        pass
    return text


def printed(claim: Claim) -> str:
    """The figure with its wording and unit, or the word that is printed in its place."""
    wording = "" if claim.stated_as == "exact" else claim.stated_as
    if not claim.text:
        return wording
    unit = "" if claim.unit in SILENT_UNITS else claim.unit
    figure = claim.text if claim.value is None else format(Decimal(claim.text), ",f")
    before, after = (wording, "") if wording in BEFORE_THE_FIGURE else ("", wording and f"({wording})")
    return " ".join(part for part in (before, figure, unit, after) if part)


def shortened(value: Fraction | None, claim: Claim) -> Decimal | None:
    """A figure to two decimals more than the claim has."""
    if value is None:
        return None
    places = max(claim.decimals or 0, 0) + EXTRA_PLACES
    return Decimal(int(rounded(value, Fraction(1, 10**places)) * 10**places)).scaleb(-places)


def short(value: Fraction | None, claim: Claim) -> str:
    """The same as text, without noughts at its end."""
    figure = shortened(value, claim)
    text = "" if figure is None else format(figure, ",f")
    return text.rstrip("0").rstrip(".") if "." in text else text
