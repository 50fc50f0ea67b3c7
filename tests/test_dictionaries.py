"""The dictionaries: what the seeds promise, labels as agencies print them, the fold in SQL and in Python."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from ingest.sheets.labels import fold
from orchestration.dbt import PROJECT
from tools import make_dictionaries

SEEDS = PROJECT / "seeds"
MACRO = (PROJECT / "macros" / "folded_label.sql").read_text("utf-8")
FOLDED = Environment().from_string(MACRO + "{{ folded_label('label') }}").render()  # noqa: S701
CON = duckdb.connect()

LABELS = [
    "Солтүстiк Қазақстан облысы",  # Latin i
    "Pоссия",  # Latin P
    "KOРEЯ",
    "Выехало 1)",
    "ВЫЕXАЛО*",
    "Китай ¹",
    "Китай (2)",
    "Китай²⁾, ",
    "Китай¹),*",
    "Всего 100)",
    "Всего (2023)",
    "Всего5(1)",
    "1)",
    "(1)",
    "a 1)2) 3):",
    "((1)",
    "  Чёрная\u00a0\u202fгора \n",
    "страны – участники — СНГ",
    "Кыргыз\u00adстан",
    "й",  # й in two code points
    "United States of America (USA)",
    "Türkiye",
    "ТМД елдерi",
    "IV категория",
    "Sheet Лист",
    "Bж",
    "Жwт",
    "",
    "*",
]
ALPHABET = "aceopxyikmthABCEHKMOPTXYIbwsDÜабвгёЁЙйіІқҚһӘ 0123456789()*¹²⁴.,:;-–—\u00a0\u00ad\u200b\n\tи\u0306'’\"\\"


def sql_folds(labels: list[str]) -> list[str]:
    rows = CON.execute(
        f"select {FOLDED} from (select unnest(?) as label, generate_subscripts(?, 1) as n) order by n",
        [labels, labels],
    ).fetchall()
    return [row[0] for row in rows]


def lines(name: str) -> list[dict[str, str]]:
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ALIASES = lines("alias.csv")


def code(dictionary: str, label: str, dataset: str = "a_dataset") -> str | None:
    """What a staging model of the dataset gets for a printed label."""
    found = [
        line["code"]
        for line in ALIASES
        if (line["dictionary"], line["label"]) == (dictionary, fold(label)) and line["dataset"] in ("", dataset)
    ]
    assert len(found) <= 1
    return found[0] if found else None


def test_the_fold_in_sql_is_the_fold_in_python_for_every_alias_however_it_is_printed() -> None:
    plain = [line["label"] for line in ALIASES] + LABELS
    names = [line[f"name_{each}"] for line in lines("country.csv") for each in ("en", "ru", "kk")]
    printed = [form for label in plain for form in (label, label.upper(), label.title(), f" {label}  ¹")]
    printed += names + [name.upper() for name in names]
    assert sql_folds(printed) == [fold(label) for label in printed]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(ALPHABET, max_size=14), min_size=1, max_size=40))
@example(LABELS)
def test_the_fold_in_sql_is_the_fold_in_python(labels: list[str]) -> None:
    assert sql_folds(labels) == [fold(label) for label in labels]


def test_the_seeds_are_what_the_tool_gives(tmp_path: Path) -> None:
    present = (SEEDS / "alias.csv").read_text("utf-8")
    (tmp_path / "alias.csv").write_text(present, "utf-8")
    make_dictionaries.write(tmp_path)
    for name in ("country.csv", "alias.csv"):
        assert (tmp_path / name).read_bytes() == (SEEDS / name).read_bytes(), (
            f"{name}: run .venv/bin/python -m tools.make_dictionaries"
        )


def test_every_name_of_a_country_leads_to_it() -> None:
    countries = lines("country.csv")
    assert len(countries) == 249
    for country in countries:
        for language in ("en", "ru", "kk"):
            name = country[f"name_{language}"]
            assert code("country", name) == country["country_code"] or fold(name) == "конго", name


@pytest.mark.parametrize("seed", ["region", "activity", "permit_category"])
def test_every_name_of_an_entity_leads_to_it(seed: str) -> None:
    for entity in lines(f"{seed}.csv"):
        for language in ("en", "ru", "kk"):
            assert code(seed, entity[f"name_{language}"]) == entity[f"{seed}_code"], entity


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Соединенные Штаты Америки", "US"),
        ("СОЕДИНЁННЫЕ ШТАТЫ АМЕРИКИ", "US"),
        ("АҚШ", "US"),
        ("United States of America (USA)", "US"),
        ("КНР", "CN"),
        ("Китая", "CN"),
        ("БАӘ", "AE"),
        ("Кыргызская Республика", "KG"),
        ("Ресей Федерациясы", "RU"),
        ("Российской Федерации", "RU"),
        ("Pоссия¹", "RU"),
        ("Корея Республикасы", "KR"),
        ("Оңтүстік Корея", "KR"),
        ("Южной Кореи", "KR"),
        ("Солтүстiк Корея", "KP"),
        ("КНДР", "KP"),
        ("Белоруссия", "BY"),
        ("Republic of Türkiye", "TR"),
        ("Turkey", "TR"),
        ("Турции", "TR"),
        ("Islamic Republic of Iran", "IR"),
        ("Великобритании", "GB"),
        ("СОЕДИНЕННОЕ КОРОЛЕВСТВО", "GB"),
        ("ФОЛКЛЕНД  (MАЛЬВИН) АРАЛДАРЫ", "FK"),
        ("КОТ-Д'ИВУАР", "CI"),
        ("Польша", "PL"),
        ("Сербии", "RS"),
        ("Страны СНГ", "CIS"),
        ("ТМД елдерi", "CIS"),
        ("non-CIS", "NON_CIS"),
        ("Прочие", "OTHER"),
        ("Лица без гражданства", "STATELESS"),
        ("Не установлено", "UNKNOWN"),
        ("Барлығы", "TOTAL"),
        ("Корея", None),
        ("Алматы", None),
        ("Конго", None),
        ("Югославия", None),
        ("Заграница", None),
        ("Другие страны", None),
    ],
)
def test_a_country_as_agencies_write_it(label: str, expected: str | None) -> None:
    assert code("country", label) == expected


def test_a_label_may_mean_something_in_one_dataset_only() -> None:
    assert code("country", "Корея", "national_bank__money_transfers_by_country") == "KR"
    assert code("country", "КОРЕЯ", "labour_ministry__foreign_labour") == "KR"
    assert code("country", "Другие страны", "labour_ministry__foreign_labour") == "OTHER"
    assert code("country", "Другие страны", "interior_ministry__border_crossings") == "NON_CIS"


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Г.АЛМАТЫ", "75"),
        ("г. Алматы", "75"),
        ("Алматы қ.", "75"),
        ("Almaty (city)", "75"),
        ("Almaty region", "19"),
        ("Алматы облысы", "19"),
        ("Алматы", None),
        ("Almaty", None),
        ("Нур-Султан", "71"),
        ("Astana city", "71"),
        ("Чимкент", "79"),
        ("Южно-Казахстанская область", "51"),
        ("ОБЛАСТЬ ЖЕТІСУ", "33"),
        ("Жетысуской области", "33"),
        ("Jetisu", "33"),
        ("Ulutay", "62"),
        ("ВКО", "63"),
        ("СКО", "59"),
        ("ЗКО", "27"),
        ("Солтүстiк Қазақстан облысы", "59"),
        ("Karaganda region", "35"),
        ("Қарағандинская область", "35"),
        ("РЕСПУБЛИКА КАЗАХСТАН", "KZ"),
    ],
)
def test_a_region_as_agencies_write_it(label: str, expected: str | None) -> None:
    assert code("region", label) == expected


@pytest.mark.parametrize(
    ("dictionary", "label", "expected"),
    [
        ("activity", "строительства", "F"),
        ("activity", "сельского, лесного и рыбного хозяйства", "A"),
        ("activity", "горнодобывающей промышленности", "B"),
        ("activity", "agriculture, forestry, and fishery", "A"),
        ("activity", "sector: administrative and support services", "N"),
        ("permit_category", "третья категория", "category_3"),
        ("permit_category", "четвёртая категория", "category_4"),
        ("permit_category", "в рамках корпоративного перевода", "intra_corporate_transfer"),
        ("permit_category", "category: seasonal", "seasonal"),
        ("locality", "городская местность", "urban"),
        ("locality", "Всего", "total"),
    ],
)
def test_other_labels_as_agencies_write_them(dictionary: str, label: str, expected: str) -> None:
    assert code(dictionary, label) == expected


def members(group: str, day: str) -> set[str]:
    return {
        line["country_code"]
        for line in lines("country_group_member.csv")
        if line["group_code"] == group
        and line["member_from"] <= day
        and (not line["member_to"] or day < line["member_to"])
    }


def test_groups_are_of_their_day() -> None:
    of_2023 = {"AM", "AZ", "BY", "KG", "KZ", "MD", "RU", "TJ", "TM", "UZ"}
    assert members("CIS", "2023-09-30") == of_2023
    assert members("CIS", "2018-05-18") == of_2023 | {"UA"}
    assert members("CIS", "2009-08-17") == of_2023 | {"UA", "GE"}
    assert members("CIS", "2009-08-18") == of_2023 | {"UA"}
    assert members("EAEU", "2015-08-11") == {"AM", "BY", "KZ", "RU"}
    assert members("EAEU", "2023-09-30") == {"AM", "BY", "KG", "KZ", "RU"}
    assert members("CENTRAL_ASIA", "2023-09-30") == {"KG", "KZ", "TJ", "TM", "UZ"}


def test_units_of_a_day() -> None:
    regions = [line for line in lines("region.csv") if line["kind"] != "republic"]

    def on(day: str) -> int:
        return sum(line["valid_from"] <= day and (not line["valid_to"] or day < line["valid_to"]) for line in regions)

    assert [on(day) for day in ("2018-06-18", "2018-06-19", "2022-06-07", "2022-06-08")] == [16, 17, 17, 20]
    changed = {line["region_code"] for line in regions if line["boundary_changed_on"]}
    assert changed == {line["predecessors"] for line in regions if line["valid_from"] == "2022-06-08"}
