"""Random reports whose printed figures agree with one another, as claims files.

Every figure is rounded half away from zero from an exact hidden value, or cut where it is printed `over`; a
derived one has the value of its formula over hidden values. A report that would look suspicious by chance is
drawn anew: equal counts of four digits in two directions, or a part that is a whole per cent of 100,000 or
more. All else that a consistent report may hold is left in: complete groups whose rounded shares pass 100,
countries whose balance is above that of their group, a figure repeated with fewer digits, files in which
someone left a derivation out.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import floor
from random import Random

from bench.claims_files import FORMULAS, Draft, Line, half_away

GROUPS = {
    "CIS": ("UZ", "RU", "KG", "TJ", "BY", "AM", "MD", "AZ"),
    "NON_CIS": ("CN", "IN", "TR", "DE", "US", "KR", "MN", "IR", "PL", "GB", "FR", "IT"),
}
REGIONS = ("75", "23", "19", "79", "47", "10", "62", "63", "71", "39")
QUARTER, EARLIER, MONTHS = "2023Q3", "2022Q3", ("2023-07", "2023-08", "2023-09")
CUMULATIVE, EARLIER_CUMULATIVE, DAY = "2023-01..2023-09", "2022-01..2022-09", "2023-09-01"
SMALLEST, LARGEST = 50, 300
# A count below so many is a whole per cent of it, to the unit, by chance at most once in a thousand.
TELLING = 100_000


def generated(seed: int) -> Draft:
    """The report of this seed, of 50 to 300 claims."""
    rng = Random(seed)  # noqa: S311
    while True:
        writer = _Writer(rng)
        writer.whole_report()
        draft = Draft(writer.lines, tuple(writer.order))
        if SMALLEST <= len(draft.order) <= LARGEST and not _suspicious(draft):
            return draft


def _suspicious(draft: Draft) -> bool:
    counts: dict[tuple[str, ...], str] = {}
    for line in draft.lines.values():
        if line.measure != "value" or line.unit != "persons" or line.copy_of:
            continue
        series = (line.indicator, line.geography, line.breakdown, line.period, line.text)
        if line.exact >= 1000 and counts.setdefault(series, line.direction) != line.direction:
            return True
        whole = draft.lines.get(line.whole)
        if whole and whole.exact >= TELLING and line.exact in hundredths(whole.exact):
            return True
    return False


def hundredths(whole: Fraction) -> list[int]:
    return [half_away(whole * percent / 100) for percent in range(1, 100)]


class _Writer:
    """Writes one report, block after block."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.lines: dict[str, Line] = {}
        self.order: list[str] = []
        self.about = ("", "", "", "")

    def put(
        self, measure: str, place: str, unit: str, decimals: int | None, exact: Fraction | int = 0,
        formula: str = "", of: tuple[str, ...] = (), **other: str | bool,
    ) -> str:  # fmt: skip
        """One more line of the present section, indicator, direction and period."""
        section, indicator, direction, period = self.about
        kind = "derived" if formula else "source"
        name = f"C{len(self.lines) + 1:03}"
        line = Line(
            name, section, indicator, measure, direction, period, place, unit, decimals, kind,
            formula=formula, operands=of,
        )  # fmt: skip
        line = replace(line, **other)  # type: ignore[arg-type]
        if formula:
            exact = FORMULAS[formula][1](*(self.lines[operand].exact for operand in of))
        self.lines[name] = line.print_out(Fraction(exact))
        self.order.append(name)
        return name

    def digits(self) -> int:
        return self.rng.choice((0, 1, 1, 1, 2))

    def parts(self, whole: int, number: int) -> list[int]:
        """Counts in descending order that leave something of the whole, or nothing."""
        covered = whole if self.rng.random() < 0.2 else floor(whole * self.rng.uniform(0.6, 0.97))
        weights = [self.rng.uniform(0.4, 0.8) ** place for place in range(number)]
        counts = [max(1, floor(covered * weight / sum(weights))) for weight in weights]
        counts[0] += covered - sum(counts)
        return sorted(counts, reverse=True)

    def share(self, count: str, whole: str, measure: str, of: tuple[str, ...] = ()) -> None:
        """The share of a part, printed after it or before."""
        line = self.lines[count]
        formula = "share of the rest" if len(of) == 2 else "share"
        self.put(
            measure, line.geography, "percent", self.digits(), formula=formula, of=(count, *(of or (whole,))),
            whole=whole, breakdown=line.breakdown,
        )  # fmt: skip
        if self.rng.random() < 0.3:
            self.order[-2:] = self.order[:-3:-1]

    def whole_report(self) -> None:
        self.about = ("cover", "report_period", "", QUARTER)
        self.put("value", "Kazakhstan", "date_range", None, kind="context")
        people = [("border_crossings", QUARTER, EARLIER), ("permanent_migration", QUARTER, EARLIER)]
        people += [("permanent_migration", CUMULATIVE, EARLIER_CUMULATIVE)]
        for block in self.rng.sample(people, self.rng.randint(1, 3)):
            self.people(*block)
        if self.rng.random() < 0.7:
            self.labour()
        if self.rng.random() < 0.5:
            self.regions()
        if self.rng.random() < 0.8:
            self.transfers()
        self.conclusion()

    def people(self, indicator: str, period: str, earlier: str) -> None:
        """Arrivals and departures by group and country, and their balances."""
        seen: list[dict[str, str]] = []
        size = 10 ** self.rng.uniform(3.6, 6.6)
        for direction in ("arrival", "departure"):
            self.about = ("2", indicator, direction, period)
            seen.append(self.crossings(floor(size * self.rng.uniform(0.7, 1.4))))
            self.about = ("2", indicator, direction, earlier)
            self.a_year_before(seen[-1])
        self.about = ("2", indicator, "net", period)
        both = [place for place in seen[0] if place in seen[1]]
        places = [place for place in both if place in ("TOTAL", "CIS", "NON_CIS")]
        pairs = {place: (seen[0][place], seen[1][place]) for place in both}
        countries = self.rng.sample(sorted(set(both) - set(places)), min(3, len(both) - len(places)))
        countries.sort(key=lambda p: self.lines[pairs[p][1]].exact - self.lines[pairs[p][0]].exact)
        for place in places + countries:
            self.put("value", place, "persons", 0, formula="difference", of=pairs[place])

    def crossings(self, total_count: int) -> dict[str, str]:
        of_group = self.rng.random() < 0.8
        cis_count = floor(total_count * self.rng.uniform(0.4, 0.95))
        total = self.put("value", "TOTAL", "persons", 0, total_count)
        cis = self.put("value", "CIS", "persons", 0, cis_count, whole=total)
        self.share(cis, total, "share_of_total")
        names = {"TOTAL": total, "CIS": cis}
        self.countries(names, "CIS", cis_count, of_group, (cis,))
        thousands = total_count - cis_count > 20_000 and self.rng.random() < 0.3
        names["NON_CIS"] = rest = self.put(
            "value", "NON_CIS", "persons", -3 if thousands else 0, formula="difference", of=(total, cis),
            whole=total, stated_as="rounded to thousands" if thousands else "exact",
        )  # fmt: skip
        if not thousands:
            self.share(rest, total, "share_of_total")
        self.countries(
            names, "NON_CIS", total_count - cis_count, of_group, (total, cis) if thousands else (rest,)
        )
        return names

    def countries(
        self, names: dict[str, str], group: str, count: int, of_group: bool, of: tuple[str, ...]
    ) -> None:
        """A run of countries below their group, the largest first."""
        places = self.rng.sample(GROUPS[group], self.rng.randint(3, 7))
        for place, part in zip(places, self.parts(count, len(places)), strict=True):
            names[place] = self.put("value", place, "persons", 0, part, whole=names[group])
            if of_group:
                self.share(names[place], names[group], "share_of_group", of)
            else:
                self.share(names[place], names["TOTAL"], "share_of_total")

    def a_year_before(self, names: dict[str, str]) -> None:
        """The total and a country of the period a year before, and what has become of them since."""
        total = self.lines[names["TOTAL"]]
        country = self.lines[names[self.rng.choice(sorted(set(names) - {"TOTAL", *GROUPS}))]]
        before = floor(total.exact * Fraction(self.rng.randint(70, 140), 100))
        part = max(1, min(floor(country.exact * Fraction(self.rng.randint(40, 250), 100)), before * 4 // 5))
        former = self.put("value", "TOTAL", "persons", 0, before)
        former_part = self.put("value", country.geography, "persons", 0, part, whole=former)
        self.about = (*self.about[:3], total.period)
        self.put("change_on_year", "TOTAL", "percent", self.digits(), formula="change",
                 of=(total.claim_id, former))  # fmt: skip
        self.put("multiple_on_year", country.geography, "times", self.digits(), formula="multiple",
                 of=(country.claim_id, former_part))  # fmt: skip

    def labour(self) -> None:
        """Holders of permits on a day, by section of activity and by country; and their employers."""
        self.about = ("5", "foreign_labour_permit_holders", "", DAY)
        count = self.rng.randint(5_000, 30_000)
        total = self.put("value", "TOTAL", "persons", 0, count)
        for section, part in zip(("F", "A", "B", "C", "M"), self.parts(count, 5), strict=True):
            name = self.put("value", "TOTAL", "persons", 0, part, whole=total, breakdown=section)
            self.share(name, total, "share_of_total")
        places = self.rng.sample((*GROUPS["CIS"], *GROUPS["NON_CIS"]), self.rng.randint(3, 7))
        for place, part in zip(places, self.parts(count, len(places)), strict=True):
            self.share(self.put("value", place, "persons", 0, part, whole=total), total, "share_of_total")
        self.about = ("5", "foreign_labour_employers", "", DAY)
        self.put("value", "TOTAL", "employers", 0, self.rng.randint(300, 3000))

    def regions(self) -> None:
        """Shares alone, of a total that is not printed."""
        self.about = ("3", "temporary_residence_permits", "", QUARTER)
        places = self.rng.sample(REGIONS, self.rng.randint(4, 8))
        for place, part in zip(places, self.parts(100_000, len(places)), strict=True):
            self.put("share_of_total", place, "percent", 1, Fraction(part, 1000), kind="derived")

    def transfers(self) -> None:
        """Money sent and received, at the rates of the quarter and of the quarter a year before."""
        rates: dict[str, str] = {}
        level = self.rng.randint(400_000, 500_000)
        for period, thousandths in ((QUARTER, level), (EARLIER, level * self.rng.randint(103, 115) // 100)):
            self.about = ("6", "exchange_rate_average", "", period)
            rates[period] = self.put("value", "TOTAL", "KZT per USD", self.rng.choice((1, 2)),
                                     Fraction(thousandths, 1000))  # fmt: skip
        for direction in self.rng.sample(("sent", "received"), self.rng.randint(1, 2)):
            self.money(direction, rates)

    def tenge(self, place: str, exact: Fraction, rate: str, whole: str = "") -> str:
        name = self.put("value", place, "bn KZT", self.rng.choice((1, 1, 2)), exact, whole=whole)
        self.put("value", place, "mln USD", self.digits(), formula="dollars", of=(name, rate))
        return name

    def money(self, direction: str, rates: dict[str, str]) -> None:
        """Months, their quarter, its monthly average and that of a year before, and a table by country."""
        rate, start, months = rates[QUARTER], len(self.order), []
        size = self.rng.randint(20_000_000, 120_000_000)
        for month in MONTHS:
            self.about = ("6", "money_transfers", direction, month)
            exact = floor(size * self.rng.uniform(0.8, 1.2))
            months.append(self.tenge("TOTAL", Fraction(exact, 10**6), rate))
        self.about = ("6", "money_transfers", direction, QUARTER)
        quarter = self.put(
            "value", "TOTAL", "bn KZT", self.rng.choice((1, 2)), formula="sum", of=tuple(months),
            stated_as=self.rng.choice(("over", "exact", "exact")), with_derivation=self.rng.random() < 0.6,
        )  # fmt: skip
        self.put("value", "TOTAL", "mln USD", self.digits(), formula="dollars", of=(quarter, rate))
        self.order[start:] = [*self.order[-2:], *self.order[start:-2]]
        average = self.put("monthly_average", "TOTAL", "bn KZT", 2, formula="average", of=(quarter,))
        self.put("monthly_average", "TOTAL", "mln USD", 1, formula="dollars", of=(average, rate))
        self.about = ("6", "money_transfers", direction, EARLIER)
        before = self.lines[average].exact * Fraction(self.rng.randint(60, 170), 100)
        former = self.put("monthly_average", "TOTAL", "bn KZT", self.rng.choice((1, 2)), before)
        self.put("monthly_average", "TOTAL", "mln USD", 1, formula="dollars", of=(former, rates[EARLIER]))
        self.about = ("6", "money_transfers", direction, QUARTER)
        self.put("monthly_average_change_on_year", "TOTAL", "percent", 1, formula="change",
                 of=(average, former))  # fmt: skip
        places = self.rng.sample((*GROUPS["CIS"], *GROUPS["NON_CIS"]), self.rng.randint(4, 7))
        self.put("row_count", "TOTAL", "rows", 0, len(places), kind="derived")
        for place, part in zip(places, self.parts(floor(self.lines[quarter].exact * 10**6), len(places)),
                               strict=True):  # fmt: skip
            name = self.tenge(place, Fraction(part, 10**6), rate, quarter)
            self.put("share_of_total", place, "percent", self.digits(), formula="share", of=(name, quarter),
                     whole=quarter)  # fmt: skip

    def conclusion(self) -> None:
        """Figures told a second time, some with fewer digits, and words."""
        told = [line for line in self.lines.values() if line.kind != "context" and line.unit != "rows"]
        for line in self.rng.sample(told, self.rng.randint(2, 8)):
            copy = replace(line, claim_id=f"C{len(self.lines) + 1:03}", section="conclusion", whole="")
            if (
                line.unit == "persons"
                and line.exact >= 100_000
                and not line.formula
                and self.rng.random() < 0.5
            ):
                copy = replace(copy, decimals=-3, stated_as="rounded to thousands")
            self.lines[copy.claim_id] = replace(copy, copy_of=line.claim_id).print_out(line.exact)
            self.order.append(copy.claim_id)
        for line in told:
            word = "positive" if line.direction == "net" and line.exact > 0 else ""
            if (line.measure, line.geography) == ("share_of_total", "CIS") and line.exact > 50:
                word = "majority"
            if word:
                self.about = ("conclusion", line.indicator, line.direction, line.period)
                self.put(line.measure, line.geography, "", None, formula=line.formula, of=line.operands,
                         stated_as=word, kind="qualitative")  # fmt: skip
