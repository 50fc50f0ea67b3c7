"""What the warehouse says, under the words of a claim: indicator, measure, direction, period, geography.

Everything is loaded once with a few queries. Quarters, sums since January and comparisons come from
indicators.quarterly_indicator, months and days from the facts of marts; units convert by UNITS.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import duckdb

# Unit of the warehouse: the units in which a claim may state it, each with its factor.
UNITS = {"mln KZT": (("mln KZT", Fraction(1)), ("bn KZT", Fraction(1, 1000)))}
ROUNDED_TO = {"tens": 10, "hundreds": 100, "thousands": 1000, "millions": 1_000_000}

Row = dict[str, Any]
Way = tuple[str, str]


class Subject(NamedTuple):
    """What a figure is of, in the words of a claim."""

    indicator: str
    measure: str
    direction: str
    period: str
    geography: str
    breakdown: str
    unit: str


@dataclass(frozen=True)
class Version:
    """A value and the days between which it was the known one; `to` is empty while it is."""

    value: Fraction | None
    since: date
    to: date | None = None


@dataclass(frozen=True)
class Stated:
    """A value of one dataset. `ways`: obtained via and publisher of every input; `versions`: earlier ones.

    half: how far the exact value may lie from a rounded one, where the flag says it.
    """

    now: Version
    dataset: str
    place: str
    flag: str = ""
    basis: str = ""
    is_headline: bool = False
    ways: frozenset[Way] = frozenset()
    group: str = ""
    versions: tuple[Version, ...] = ()
    half: Fraction = Fraction(0)

    @property
    def value(self) -> Fraction | None:
        return self.now.value

    def times(self, factor: Fraction) -> Stated:
        versions = tuple(_scaled(version, factor) for version in self.versions)
        return replace(self, now=_scaled(self.now, factor), versions=versions, half=self.half * factor)


class Index:
    """Values by what they are of; several where several datasets state one thing."""

    def __init__(self) -> None:
        self.values: dict[Subject, list[Stated]] = defaultdict(list)

    def add(self, subject: Subject, stated: Stated) -> None:
        for unit, factor in UNITS.get(subject.unit, ((subject.unit, Fraction(1)),)):
            self.values[subject._replace(unit=unit)].append(stated.times(factor))

    @cached_property
    def measures(self) -> set[str]:
        return {subject.measure for subject in self.values}

    def add_version(self, subject: Subject, dataset: str, version: Version, latest: Fraction | None) -> None:
        """An earlier value, beside every statement of the latest one by the same dataset."""
        for unit, factor in UNITS.get(subject.unit, ((subject.unit, Fraction(1)),)):
            stated, scaled = self.get(subject._replace(unit=unit)), _scaled(version, factor)
            for number, one in enumerate(stated):
                is_of_it = one.dataset == dataset and latest is not None and one.value == latest * factor
                if is_of_it and scaled not in one.versions:
                    stated[number] = replace(one, versions=(*one.versions, scaled))

    def get(self, subject: Subject) -> list[Stated]:
        return self.values.get(subject, [])

    def beside(self, subject: Subject, *fields: str) -> list[Subject]:
        """The subjects that differ from this one in one of these fields and in nothing else, sorted."""
        found = [other for field in fields for other in self._alike[field][_without(subject, field)]]
        return sorted(other for other in found if other != subject)

    @cached_property
    def _alike(self) -> dict[str, dict[Subject, list[Subject]]]:
        alike: dict[str, dict[Subject, list[Subject]]] = {}
        for field in Subject._fields:
            alike[field] = defaultdict(list)
            for subject in self.values:
                alike[field][_without(subject, field)].append(subject)
        return alike


def _without(subject: Subject, field: str) -> Subject:
    return subject._replace(**{field: ""})


def half_width(flag: str) -> Fraction:
    """Half of what a flag such as `rounded to hundreds` says."""
    word = re.search(r"rounded to (\w+)", flag)
    return Fraction(ROUNDED_TO.get(word[1], 0) if word else 0, 2)


def rows_of(con: duckdb.DuckDBPyConnection, query: str) -> Iterator[Row]:
    result = con.execute(query)
    names = [column[0] for column in result.description]
    return (dict(zip(names, row, strict=True)) for row in result.fetchall())


def exact(value: Decimal | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _scaled(version: Version, factor: Fraction) -> Version:
    return version if version.value is None else replace(version, value=version.value * factor)
