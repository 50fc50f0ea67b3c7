"""The dictionaries: what the seeds promise, labels as agencies print them, the fold in SQL and in Python."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from ingest.sheets.labels import fold
from orchestration.dbt import PROJECT
from tests.macros import rendered
from tools import make_dictionaries

SEEDS = PROJECT / "seeds"
FOLDED = rendered("{{ folded_label('label') }}")
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
ALPHABET = (
    "aceopxyikmthABCEHKMOPTXYIbwsDÜабвгёЁЙйіІқҚһӘ 0123456789()*¹²⁴.,:;-–—\u00a0\u00ad\u200b\n\tи\u0306'’\"\\"
)


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
        if (line["dictionary"], line["label"]) == (dictionary, fold(label))
        and line["dataset"] in ("", dataset)
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


def test_alpha_3_codes_are_those_of_present_states() -> None:
    with (SEEDS / "country.csv").open(encoding="utf-8") as file:
        iso3 = {row["country_code"]: row["iso3"] for row in csv.DictReader(file)}
    states = {
        "RU": "RUS",
        "RS": "SRB",
        "DE": "DEU",
        "CD": "COD",
        "TL": "TLS",
        "YE": "YEM",
        "MM": "MMR",
        "FR": "FRA",
    }
    assert {code: iso3[code] for code in states} == states
    assert len(set(iso3.values())) == len(iso3) == 249


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
        return sum(
            line["valid_from"] <= day and (not line["valid_to"] or day < line["valid_to"]) for line in regions
        )

    assert [on(day) for day in ("2018-06-18", "2018-06-19", "2022-06-07", "2022-06-08")] == [16, 17, 17, 20]
    changed = {line["region_code"] for line in regions if line["boundary_changed_on"]}
    assert changed == {line["predecessors"] for line in regions if line["valid_from"] == "2022-06-08"}


def compiled(home: Path, name: str) -> str:
    """The SQL that dbt ran for a model or test in the last build of a home."""
    results = json.loads((home / "dbt" / "run_results.json").read_text("utf-8"))["results"]
    return next(str(each["compiled_code"]) for each in results if each["unique_id"].split(".")[2] == name)


def test_a_bad_line_of_the_alias_seed_is_told_with_what_is_wrong(home: Path) -> None:
    with duckdb.connect(str(home / "build.duckdb")) as con:
        con.execute(
            "insert into seeds.alias values ('country', null, 'Россия Наша', 'RU'),"
            " ('country', null, 'китай', 'CN'), ('country', null, 'корея', 'KR'),"
            " ('region', null, 'x', '99'), ('cuontry', null, 'y', 'CN'),"
            " ('direction', 'a__b', 'sent', 'sent'), ('transfer_system', null, 'new', 'new_system')"
        )
        problems = con.execute(compiled(home, "alias_is_sound")).fetchall()
    assert sorted((row[2], row[4]) for row in problems) == [
        ("sent", "two lines for one dataset, or one for a dataset beside a general one"),
        ("x", "no such dictionary or code"),
        ("y", "no such dictionary or code"),
        ("Россия Наша", "write the label folded: россия наша"),
        ("китай", "two lines for one dataset, or one for a dataset beside a general one"),
        ("корея", "two lines for one dataset, or one for a dataset beside a general one"),
    ]


def test_a_bad_membership_is_told(home: Path) -> None:
    with duckdb.connect(str(home / "build.duckdb")) as con:
        con.execute(
            "insert into seeds.country_group_member values ('CIS', 'GE', '2008-01-01', null, ''),"
            " ('CIS', 'XX', '1991-12-21', null, ''), ('XYZ', 'RU', null, null, ''),"
            " ('EAEU', 'UZ', '2030-01-01', '2029-01-01', ''), ('EAEU', 'MN', '2030-01-01', '2031-01-01', ''),"
            " ('EAEU', 'MN', '2031-01-01', null, '')"
        )
        problems = con.execute(compiled(home, "country_group_member_is_sound")).fetchall()
    assert sorted(row[:2] for row in problems) == [
        ("CIS", "GE"),
        ("CIS", "XX"),
        ("EAEU", "UZ"),
        ("XYZ", "RU"),
    ]


def test_a_label_with_a_meaning_elsewhere_is_asked_for_this_dataset_only(home: Path) -> None:
    transfers = "national_bank__money_transfers"
    with duckdb.connect(str(home / "build.duckdb")) as con:
        con.execute("insert into seeds.alias values ('direction', 'another__one', 'туда, обратно', 'net')")
        con.execute(
            f"update staging.stg_{transfers} set direction = null, direction_label = 'Туда,  обратно 1)'"
            " where direction = 'sent'"
        )
        rows = con.execute(compiled(home, "unmatched_label")).fetchall()
    ((dataset, dictionary, label, folded, next_step, count, _, cell),) = rows
    assert (dataset, dictionary, label, folded, count) == (
        transfers,
        "direction",
        "Туда,  обратно 1)",
        "туда, обратно",
        58,
    )
    assert next_step.endswith(f': add the line direction,{transfers},"туда, обратно",<code>')
    assert cell.startswith("$.rows[")


def test_a_row_without_a_label_is_no_case_for_the_seed(home: Path) -> None:
    with duckdb.connect(str(home / "build.duckdb")) as con:
        con.execute(
            "update staging.stg_national_bank__money_transfers set direction = null, direction_label = null"
            " where direction = 'sent'"
        )
        ((_, _, label, _, next_step, *_),) = con.execute(compiled(home, "unmatched_label")).fetchall()
    assert label == "(absent)"
    assert "look at the cell" in next_step


def test_the_join_takes_general_lines_and_those_of_the_dataset(refreshed: Path) -> None:
    macro = (PROJECT / "macros" / "alias_join.sql").read_text("utf-8")
    join = Environment().from_string(macro + "{{ alias_join('known', 'country', dataset, 'printed.label') }}")
    query = (
        "select known.code from (select unnest(['корея', 'китай', 'х']) as label) as printed {} order by all"
    )
    found = {}
    with duckdb.connect(str(refreshed / "build.duckdb"), read_only=True) as con:
        for dataset in ("labour_ministry__foreign_labour", "another__one"):
            sql = query.format(join.render(ref=lambda name: f"seeds.{name}", dataset=dataset))
            found[dataset] = [row[0] for row in con.execute(sql).fetchall()]
    assert found == {
        "labour_ministry__foreign_labour": ["CN", "KR", None],
        "another__one": ["CN", None, None],
    }
