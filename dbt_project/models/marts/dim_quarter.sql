with digit as (
    select digit from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as digits (digit)
),

numbered as (
    select tens.digit * 10 + ones.digit as years_since_1990
    from digit as tens
    cross join digit as ones
),

quarter_number as (
    select
        1990 + numbered.years_since_1990 as year,
        quarters.quarter_of_year
    from numbered
    cross join (values (1), (2), (3), (4)) as quarters (quarter_of_year)
    where numbered.years_since_1990 <= 49
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
    cast(year as varchar) || 'Q' || cast(quarter_of_year as varchar) as quarter,
    year,
    quarter_of_year,
    first_day,
    last_day(last_month) as last_day
from started
