"""Recorded texts on foreign labour hold every figure of the real data that can be dated."""

from __future__ import annotations

import csv
import re

from ingest.recorded import recorded_folder
from ingest.sources.labour_ministry.foreign_labour import DATASET
from tests.conftest import ROOT, SHARED, needs_shared
from tests.test_foreign_labour import TEXTS, read

GENITIVES = {
    "China": "Китая", "Uzbekistan": "Узбекистана", "Türkiye": "Турции", "India": "Индии",
    "United Kingdom": "Великобритании", "Serbia": "Сербии",
    "category: 1 managers and deputies": "первая категория",
    "category: 2 heads of units": "вторая категория",
    "category: 3 specialists": "третья категория",
    "category: 4 skilled workers": "четвертая категория",
    "category: seasonal": "сезонные работники",
    "category: corporate transfer": "в рамках корпоративного перевода",
    "sector: construction": "строительства",
    "sector: mining and quarrying": "горнодобывающей промышленности",
    "sector: agriculture, forestry and fishery": "сельского, лесного и рыбного хозяйства",
    "sector: professional, scientific and technical": "профессиональной, научной и технической деятельности",
    "sector: manufacturing": "обрабатывающей промышленности",
    "sector: administrative and support services": "административного и вспомогательного обслуживания",
    "total": None,
}  # fmt: skip
SUBJECTS = {
    "foreign_labour_permit_holders": "permit_holders",
    "foreign_labour_employers": "employers",
    "citizens_employed_by_foreign_labour_employers": "citizens_employed",
    "foreign_labour_quota": "foreign_labour_quota",
    "labour_immigrant_quota": "labour_immigrant_quota",
}


def recorded(publisher: str | None = None) -> set[tuple[str | None, ...]]:
    """Figures of the recorded texts, by date or quota year."""
    with (ROOT / "tools/figures" / f"{DATASET.name}.csv").open(encoding="utf-8") as file:
        texts = {row["file"]: row["publisher"] for row in csv.DictReader(file)}
    assert sorted(texts) == [path.name for path in TEXTS]
    return {
        (row["subject"], row["quota_year"] or row["stated_date"], row["label"], row["measure"], row["amount"])
        for name, from_whom in texts.items()
        if publisher in (None, from_whom)
        for row in read((recorded_folder(DATASET) / name).read_text("utf-8"))
    }


@needs_shared
def test_every_published_figure_is_in_a_recorded_text_or_left_out() -> None:
    with (ROOT / "tools/figures/left_out.csv").open(encoding="utf-8") as file:
        left_out = {tuple(list(row.values())[:7]) for row in csv.DictReader(file) if row["reason"]}
    with (SHARED / "reference/published_series.csv").open(encoding="utf-8") as file:
        series = [
            row for row in csv.DictReader(file) if re.search("labour_|citizens_employed", row["indicator"])
        ]
    ours = [r for r in series if r["agency"].startswith("Ministry of Labour")]
    seen = {"recorded": 0, "left out": 0}
    for row in ours:
        where = row["dimension"] or row["geography"]
        line = (
            *(row[n] for n in ("indicator", "measure", "direction", "period")),
            where,
            row["value"],
            row["unit"],
        )
        if line in left_out:
            seen["left out"] += 1
            continue
        measure = "share_percent" if row["unit"].startswith("percent") else "count"
        figure = (SUBJECTS[row["indicator"]], row["period"], GENITIVES[where], measure, row["value"])
        assert figure in recorded(row["publisher_url"]), row
        seen["recorded"] += 1
    assert seen == {"recorded": 159, "left out": 48}


@needs_shared
def test_figures_of_the_press_samples_and_of_the_report_are_recorded() -> None:
    nominative = {value: key for key, value in GENITIVES.items()}
    by_stem = {label[:5].casefold(): label for label in nominative if label}
    figures_of = recorded()
    with (SHARED / "data/press/mlsp_foreign_labour_as_of_samples.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            label = by_stem.get(row["member_ru"][:5].casefold())
            same = {f for f in figures_of if f[1] == row["as_of_date"] and (not label or f[2] == label)}
            assert row["value"] in {f[4] for f in same if f[3] == "count"}, row
            if row["share_pct_printed"]:
                assert row["share_pct_printed"] in {f[4] for f in same if f[3] == "share_percent"}, row
    with (SHARED / "reference/report_2023q3_claims.csv").open(encoding="utf-8") as file:
        claims = [row for row in csv.DictReader(file) if row["section"] == "5"]
    report = recorded("IOM, Quarterly Compilation Report (July - September 2023), December 2023")
    stated = {
        (
            "employers" if "employers" in row["indicator"] else "permit_holders",
            "2023-09-01",
            GENITIVES[row["geography"]],
            "count" if row["measure"] == "value" else "share_percent",
            row["value"],
        )
        for row in claims
    }
    assert report == stated
    assert len(claims) == 20
