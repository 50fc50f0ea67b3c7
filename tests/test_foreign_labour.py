"""The Ministry of Labour's texts: every number read, placed and accounted for, or the text refused."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.dataset import Request, Resource, SourceFile
from ingest.errors import SourceError
from ingest.recorded import recorded_folder
from ingest.sources.labour_ministry.foreign_labour import DATASET
from tests.house import House
from tests.inbox_files import put, refused

OPENING = (
    "По состоянию на 1 августа 2023 года по разрешениям местных исполнительных органов в Казахстане"
    " осуществляют трудовую деятельность 14 702 иностранных гражданина."
)
COUNTRIES = "Больше всего работников прибыло из: Китая - 3 768 чел. (25,6%), Индии - 1 411 чел. (9,5%)."
TEXTS = sorted(recorded_folder(DATASET).glob("*.txt"))
Rows = list[dict[str, str | None]]


def read(text: str) -> Rows:
    file = SourceFile("sha", "text.txt", text.encode())
    frame = DATASET.parse(Resource("text.txt", Request("inbox:text")), [file])
    return frame.astype(object).where(frame.notna(), None).to_dict("records")  # type: ignore[return-value]


def figures(text: str) -> list[tuple[str | None, ...]]:
    return [(r["subject"], r["label"], r["measure"], r["amount"], r["precision"]) for r in read(text)]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_every_landed_value_of_a_recorded_text_stands_at_its_place(house: House, path: Path) -> None:
    landing = put(house, DATASET, path.read_bytes(), path.name)
    assert landing.outcome == "landed", landing.error
    lines = path.read_text("utf-8").split("\n")
    rows = house.query(
        f"select amount, measure, coalesce(label, ''), source_cell, raw_text from raw.{DATASET.name}"
    )
    assert len(rows) == landing.rows
    for amount, measure, label, cell, raw in rows:
        line, first, last = map(int, re.fullmatch(r"line (\d+), characters (\d+)-(\d+)", cell).groups())
        printed = lines[line - 1][first - 1 : last]
        assert printed == raw
        assert ("%" in printed) == (measure == "share_percent")
        number = Decimal(re.sub(r"[^0-9,]", "", printed).replace(",", "."))
        assert number * (1000 if "тыс" in printed else 1) == amount
        assert label in lines[line - 1][: first - 1]
    counted = sum(len(re.findall(r"\d+(?:[\u00a0,]\d+)*", line)) for line in lines)
    quota_years = house.query(f"select count(distinct subject) from raw.{DATASET.name} where quota_year > ''")
    assert counted == len(rows) + 2 + quota_years[0][0], "figures, two numbers of the date, years of quotas"


def test_a_text_with_every_block() -> None:
    text = f"""{OPENING}
По категориям: 1-я категория (руководители) – 551 человек; вторая категория – 2 751 чел.; сезонные иностранные
работники – 1 970, в рамках корпоративного перевода – 2 233 (15,2%).
Больше всего занято в сфере строительства — 5 181 чел. (35%), а также профессиональной, научной и технической
деятельности — 829 чел. (6 %).
Основные страны исхода:
- Китая – 25,6%;
- Шри-Ланки – 12 чел.
- Индии - 1411 чел. и Гвинеи-Бисау - 3 чел.
Иностранную рабочую силу привлекают 1 751 работодатель, у которых трудятся более 433,4 тыс. казахстанцев.
Квота на трудовых иммигрантов на 2023 год установлена в размере 296,7 тыс. человек."""
    holders = "permit_holders"
    assert sorted(map(str, figures(text))) == sorted(
        map(
            str,
            [
                (holders, None, "count", "14702", None),
                ("employers", None, "count", "1751", None),
                ("citizens_employed", None, "count", "433400", "rounded to hundreds; printed as 'более'"),
                ("labour_immigrant_quota", None, "count", "296700", "rounded to hundreds"),
                (holders, "1-я категория", "count", "551", None),
                (holders, "вторая категория", "count", "2751", None),
                (holders, "сезонные иностранные\nработники", "count", "1970", None),
                (holders, "в рамках корпоративного перевода", "count", "2233", None),
                (holders, "в рамках корпоративного перевода", "share_percent", "15.2", None),
                (holders, "строительства", "count", "5181", None),
                (holders, "строительства", "share_percent", "35", None),
                (holders, "профессиональной, научной и технической\nдеятельности", "count", "829", None),
                (
                    holders,
                    "профессиональной, научной и технической\nдеятельности",
                    "share_percent",
                    "6",
                    None,
                ),
                (holders, "Китая", "share_percent", "25.6", None),
                (holders, "Шри-Ланки", "count", "12", None),
                (holders, "Индии", "count", "1411", None),
                (holders, "Гвинеи-Бисау", "count", "3", None),
            ],
        )
    )


def test_look_alikes_decomposed_letters_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    text = f"{OPENING}\n{COUNTRIES}"
    odd = "\ufeff" + unicodedata.normalize("NFD", text.replace("состоянию", "cocтoянию")).replace(
        "\n", "\r\n"
    )
    assert (
        [r["amount"] for r in read(odd)]
        == [r["amount"] for r in read(text)]
        == ["14702", "3768", "25.6", "1411", "9.5"]
    )
    assert [r["source_cell"] for r in read(text)][1] == "line 2, characters 45-49"


@given(
    count=st.integers(0, 10**9),
    share=st.integers(0, 1000),
    thousands=st.integers(0, 10**7),
    blank=st.sampled_from([" ", "\u00a0", "\u202f", "\u2009", ""]),
    dash=st.sampled_from([" - ", " – ", " — ", " \u2212 ", " -"]),
    label=st.sampled_from(["Китая", "Шри-Ланки", "Кот-д’Ивуара", "Боснии и Герцеговины"]),
    before=st.sampled_from(["", "\n", "\r\n\r\n", "\ufeff", "О рынке труда\n"]),
)
def test_a_number_is_read_as_it_was_printed(
    count: int, share: int, thousands: int, blank: str, dash: str, label: str, before: str
) -> None:
    printed = f"{count:,}".replace(",", blank)
    percent = f"{Decimal(share) / 10}".replace(".", ",")
    citizens = f"{Decimal(thousands) / 1000}".replace(".", ",")
    text = (
        f"{before}{OPENING}\nПо странам: {label}{dash}{printed} чел. ({percent}%).\nИностранную рабочую силу"
        f" привлекают 5 работодателей, у них трудятся {citizens} тыс. граждан Казахстана."
    )
    rows = {(row["subject"], row["label"], row["measure"]): row for row in read(text)}
    assert rows["permit_holders", label, "count"]["amount"] == str(count)
    assert rows["permit_holders", label, "count"]["raw_text"] == printed
    assert Decimal(str(rows["permit_holders", label, "share_percent"]["amount"])) == Decimal(share) / 10
    assert Decimal(str(rows["citizens_employed", None, "count"]["amount"])) == thousands


@given(st.data())
def test_a_number_put_anywhere_is_never_absorbed(data: st.DataObject) -> None:
    """A sentence more, with any number in it, refuses the text or is not there."""
    number = data.draw(
        st.sampled_from(["60", "1 234", "12,5%", "3 тыс.", "XII тысяч", "½", "٣", "2022 год", "²"])
    )
    words = data.draw(
        st.sampled_from(["Это на {} больше.", "Из них женщины - {}.", "{} семей", "в том числе {} чел."])
    )
    lines = [OPENING, COUNTRIES, "Иностранную рабочую силу привлекают 1 751 работодатель."]
    lines.insert(data.draw(st.integers(0, 3)), words.format(number))
    with pytest.raises(SourceError, match=r"line [1-4], characters [0-9]+-[0-9]+"):
        read("\n".join(lines))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "an empty text"),
        (" \u00a0\r\n", "an empty text"),
        (OPENING.encode("cp1251"), "not UTF-8 text"),
        (b"PK\x03\x04" + bytes(range(128, 200)), "not UTF-8 text"),
        (OPENING.replace("По состоянию на 1 августа 2023 года по", "По"), "no date"),
        (OPENING + " По состоянию на 1 июля 2023 года меньше.", "more than one date: 2023-08-01 and"),
        (OPENING.replace("1 августа", "2 августа"), "not the first day of a month"),
        (OPENING.replace("1 августа", "31 февраля"), "not a date"),
        (OPENING.replace("2023", "2093"), "a period in the future"),
        ("За 2023 год переводы физических лиц составили 88,8 млрд тенге.", "not the ministry's text"),
        ("2023 жылғы 1 тамыздағы жағдай бойынша 14 702 шетел азаматы еңбек етеді, оның ішінде", "in Kazakh"),
        (OPENING.replace("14 702 иностранных гражданина", "иностранные граждане"), "0 rows, at least 1"),
        (f"{OPENING}\n{COUNTRIES.replace('25,6%', '125,6%')}", "a share above 100 per cent"),
        (f"{OPENING}\n{COUNTRIES.replace('3 768', '3.768')}", "no place for"),
        (f"{OPENING}\n{COUNTRIES.replace('3 768', '37 68')}", "no place for"),
        (f"{OPENING}\n{COUNTRIES.replace('3 768 чел.', '3,8 млн чел.')}", "no place for"),
        (f"{OPENING}\n{COUNTRIES.replace('Индии', 'Китая')}", "twice; 8 cells in all"),
        (f"{OPENING}\n{OPENING}", "the same stated_date"),
        (f"{OPENING}\n{COUNTRIES.replace('прибыло из', 'живет в городах')}", "no place for"),
        (f"{OPENING}\nВ сферах: строительства - 5 чел., первая категория - 551 чел.", "read in two ways"),
        (OPENING + " я" * 100_000, "a press text has at most 100,000"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 50 else "text",
)  # fmt: skip
def test_bad_texts_are_refused(house: House, content: bytes | str, words: str) -> None:
    error = refused(house, DATASET, content, "text.txt")
    assert words in error
    assert re.search(r"[0-9a-f]{64}\.", error)
    assert "Next: " in error


def test_a_refusal_names_line_and_characters(house: House) -> None:
    text = f"{OPENING}\n{COUNTRIES}\nЭто на 1 260 человек больше."
    error = refused(house, DATASET, text, "text.txt")
    assert "line 3, characters 8-12: a number that the template has no place for (found '1 260')" in error


def test_texts_are_observed_as_stocks_of_the_day_before(refreshed: Path) -> None:
    with duckdb.connect(str(refreshed / "build.duckdb"), read_only=True) as con:
        found = con.execute(
            "select indicator, value::double, unit, flag, obtained_via, measurement"
            " from intermediate.observation where dataset = ? and (period_end = '2023-09-30'"
            " or indicator like '%quota%' and period_end = '2023-12-31')"
            " and breakdown is null and counterpart_code is null order by all",
            [DATASET.name],
        ).fetchall()
        shares = con.execute(
            "select indicator, obtained_via, count(*) from intermediate.observation"
            " where period_end = '2023-08-31' and dataset = ? group by all order by all",
            [DATASET.name],
        ).fetchall()
        (days,) = con.execute(
            "select list(distinct stated_date - period_end) from staging.stg_labour_ministry__foreign_labour"
            " where measurement = 'stock'"
        ).fetchall()
    reprint, rounded = "press reprint", "rounded to hundreds"
    assert found == [
        ("citizens_employed_by_foreign_labour_employers", 471700, "persons", rounded, reprint, "stock"),
        ("foreign_labour_employers", 1529, "employers", None, reprint, "stock"),
        ("foreign_labour_permit_holders", 14534, "persons", None, reprint, "stock"),
        ("foreign_labour_quota", 22200, "persons", rounded, reprint, "flow"),
        ("foreign_labour_quota_share", 0.24, "percent of labour force", None, reprint, "flow"),
        ("labour_immigrant_quota", 296700, "persons", rounded, reprint, "flow"),
        ("labour_immigrant_quota_share", 3.2, "percent of labour force", None, reprint, "flow"),
    ]
    assert shares == [
        ("citizens_employed_by_foreign_labour_employers", reprint, 1),
        ("foreign_labour_employers", reprint, 1),
        ("foreign_labour_permit_holders", reprint, 16),
        ("foreign_labour_permit_holders_share", "IOM report", 9),
    ]
    assert days == ([1],)
