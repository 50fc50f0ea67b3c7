{#- Last day of the first month, quarter, year or day Monday to Friday that ends after a day. -#}
{% macro end_of_next_period(period, day) -%}
    case {{ period }}
        when 'month' then last_day({{ add_days(day, 1) }})
        when 'quarter'
            then last_day({{ add_months("date_trunc('quarter', " ~ add_days(day, 1) ~ ")", 2) }})
        when 'year' then last_day({{ add_months("date_trunc('year', " ~ add_days(day, 1) ~ ")", 11) }})
        when 'day' then {{ add_days(day, "case " ~ iso_weekday(day) ~ " when 5 then 3 when 6 then 2 else 1 end") }}
    end
{%- endmacro %}
