with year_number as (
    select 1990 + 10 * tens.digit + ones.digit as year
    from (values (0), (1), (2), (3), (4)) as tens (digit)
    cross join (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as ones (digit)
),

quarter_number as (
    select
        year_number.year,
        quarters.quarter_of_year
    from year_number
    cross join (values (1), (2), (3), (4)) as quarters (quarter_of_year)
),

started as (
    select
        year,
        quarter_of_year,
        make_date(year, 3 * quarter_of_year - 2, 1) as first_day,
        make_date(year, 3 * quarter_of_year, 1) as last_month
    from quarter_number
)

select
    cast(year as string) || 'Q' || cast(quarter_of_year as string) as quarter,
    year,
    quarter_of_year,
    first_day,
    last_day(last_month) as last_day
from started
