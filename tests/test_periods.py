"""Periods as titles state them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sheets.periods import find_periods

RU = [
    "январь", "февраль", "март", "апрель", "май", "июнь",
    "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
]  # fmt: skip
RU_OF = [
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
]  # fmt: skip
KK = [
    "қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым",
    "шілде", "тамыз", "қыркүйек", "қазан", "қараша", "желтоқсан",
]  # fmt: skip
EN = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
]  # fmt: skip
ROMAN = ("I", "II", "III", "IV")
YEARS = st.integers(1995, 2060)


def stated(text: str) -> list[tuple[str, str, str]]:
    return [(str(p.start), str(p.end), p.measurement) for p in find_periods(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("за III квартал 2023 года", ("2023-07-01", "2023-09-30", "flow")),
        ("за третий квартал 2023 г.", ("2023-07-01", "2023-09-30", "flow")),
        ("2023 жылдың ІІІ тоқсанында", ("2023-07-01", "2023-09-30", "flow")),
        ("third quarter of 2023", ("2023-07-01", "2023-09-30", "flow")),
        ("Январь\u00a0– сентябрь 2023 года", ("2023-01-01", "2023-09-30", "cumulative")),
        ("за 9 месяцев 2023 года", ("2023-01-01", "2023-09-30", "cumulative")),
        ("за I полугодие 2023 года", ("2023-01-01", "2023-06-30", "cumulative")),
        ("July – September 2023", ("2023-07-01", "2023-09-30", "flow")),
        ("по состоянию на 1 октября 2023 года", ("2023-09-30", "2023-09-30", "stock")),
        ("по состоянию на 01.01.2024", ("2023-12-31", "2023-12-31", "stock")),
        ("2023 жылғы 1 қазандағы жағдай бойынша", ("2023-09-30", "2023-09-30", "stock")),
        ("as of October 1, 2023", ("2023-09-30", "2023-09-30", "stock")),
        ("за 2023 год", ("2023-01-01", "2023-12-31", "flow")),
        ("за февраль 2024 года", ("2024-02-01", "2024-02-29", "flow")),
        ("с 1 января по 10 мая 2024 года", ("2024-01-01", "2024-05-10", "cumulative")),
        ("с 1 января 2024 года по 10 мая 2024 г.", ("2024-01-01", "2024-05-10", "cumulative")),
        ("за период с 01.01.2024 по 10.05.2024", ("2024-01-01", "2024-05-10", "cumulative")),
        ("за период с 01.01.2024 г. по 10.05.2024 г.", ("2024-01-01", "2024-05-10", "cumulative")),
        ("2024 жылғы 1 қаңтардан 10 мамырға дейін", ("2024-01-01", "2024-05-10", "cumulative")),
        ("2024 жылғы 1 қаңтар – 10 мамыр", ("2024-01-01", "2024-05-10", "cumulative")),
        ("2024 жылдың 1 қаңтары мен 10 мамыры аралығында", ("2024-01-01", "2024-05-10", "cumulative")),
        ("01.01.2024 ж. бастап 10.05.2024 ж. дейін", ("2024-01-01", "2024-05-10", "cumulative")),
        ("from 1 January to 10 May 2024", ("2024-01-01", "2024-05-10", "cumulative")),
        ("January 1 – May 10, 2024", ("2024-01-01", "2024-05-10", "cumulative")),
        ("between 1 January and 10 May 2024", ("2024-01-01", "2024-05-10", "cumulative")),
        ("с 1 по 10 мая 2024 года", ("2024-05-01", "2024-05-10", "flow")),
        ("с 1 января по 31 января 2024 года", ("2024-01-01", "2024-01-31", "flow")),
        ("с 1 июля 2023 года по 10 мая 2024 года", ("2023-07-01", "2024-05-10", "flow")),
    ],
)
def test_titles_of_letters(text: str, expected: tuple[str, str, str]) -> None:
    assert stated(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "исх. № 12-3/45 от 15 октября 2023 года", "III квартал", "Закон 2011 года", "за 2022-2023 годы",
        "за I и II кварталы 2023 года", "за июль, август 2023 года", "за сентябрь-июль 2023 года",
        "на 31.13.2023", "с 10 мая по 1 января 2024 года", "с 31 февраля по 10 мая 2024 года",
        "с 1 января по 10 мая", "1 января и 10 мая 2024 года", "as of 1 January and 10 May 2024",
    ],
)  # fmt: skip
def test_what_states_no_single_period_is_none(text: str) -> None:
    assert stated(text) == []


def test_a_comparison_states_two_periods() -> None:
    assert len(stated("за III квартал 2023 года в сравнении с III кварталом 2022 года")) == 2


@given(YEARS, st.integers(1, 4))
def test_a_quarter_is_the_same_in_every_language(year: int, quarter: int) -> None:
    texts = (f"за {ROMAN[quarter - 1]} квартал {year} года", f"{year} жылғы {ROMAN[quarter - 1]} тоқсан",
             f"{quarter} кв. {year} г.", f"{year} жылғы {quarter}-тоқсан", f"Q{quarter} {year}")  # fmt: skip
    answers = [stated(text) for text in texts]
    assert len(answers[0]) == 1
    assert answers == [answers[0]] * len(texts)
    period = find_periods(texts[0])[0]
    assert (period.start.month, period.end.month, period.start.day) == (quarter * 3 - 2, quarter * 3, 1)
    assert (period.end + timedelta(days=1)).day == 1


@given(YEARS, st.integers(1, 12), st.integers(1, 12))
def test_months_from_to(year: int, first: int, last: int) -> None:
    texts = [f"{m[first - 1]}-{m[last - 1]} {year} года" for m in (RU, EN)]
    texts.append(f"{year} жылғы {KK[first - 1]}-{KK[last - 1]}")
    for text in texts:
        periods = find_periods(text)
        assert len(periods) == (first <= last)
        for period in periods:
            assert (period.start.year, period.start.month, period.end.month) == (year, first, last)
            assert period.measurement == ("cumulative" if first == 1 < last else "flow")


@given(st.dates(date(1995, 1, 1), date(2060, 12, 31)))
def test_a_stock_names_the_day_at_whose_end_it_stood(day: date) -> None:
    end = day - timedelta(days=1) if day.day == 1 else day
    texts = (f"на {day.day} {RU_OF[day.month - 1]} {day.year} года", f"на {day:%d.%m.%Y}",
             f"as of {day.day} {EN[day.month - 1]} {day.year}")  # fmt: skip
    for text in texts:
        assert stated(text) == [(str(end), str(end), "stock")]


@given(st.dates(date(1995, 1, 1), date(2060, 12, 31)), st.dates(date(1995, 1, 1), date(2060, 12, 31)))
def test_days_from_to(first: date, last: date) -> None:
    a, b = first.month - 1, last.month - 1
    texts = [f"с {first.day} {RU_OF[a]} {first.year} года по {last.day} {RU_OF[b]} {last.year} года",
             f"за период с {first:%d.%m.%Y} по {last:%d.%m.%Y}",
             f"from {first.day} {EN[a]} {first.year} to {last.day} {EN[b]} {last.year}"]  # fmt: skip
    if first.year == last.year:
        texts += [f"с {first.day} {RU_OF[a]} по {last.day} {RU_OF[b]} {last.year} года",
                  f"{last.year} жылғы {first.day} {KK[a]} – {last.day} {KK[b]}"]  # fmt: skip
    is_month = (last.month, last.day) == (1, 31)
    is_cumulative = (first.day, first.month, first.year) == (1, 1, last.year) and not is_month
    expected = [(str(first), str(last), "cumulative" if is_cumulative else "flow")] if first < last else []
    for text in texts:
        assert stated(text) == expected


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    for period in find_periods(text):
        assert period.start <= period.end
