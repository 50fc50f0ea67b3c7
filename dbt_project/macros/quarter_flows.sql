{#-
  Arrivals, departures and net of a quarter side by side, from quarterly_indicator: a row a geography and dataset. Of a
  country its rank and shares; of a group the sum over its countries and what the stated group leaves over.
-#}
{% macro quarter_flows(indicator, geography_kind) -%}
    select
        quarter,
        geography_code,
        dataset,
        max(case when measure = 'share_of_stated' and denominator <> 'TOTAL' then denominator end) as group_code,
        {% for direction, name in (('arrival', 'arrivals'), ('departure', 'departures'), ('net', 'net')) -%}
        {%- set value = "measure = 'value' and direction = '" ~ direction ~ "'" -%}
        {{ figure(value) }} as {{ name }},
        {{ figure(value, 'flag') }} as {{ name }}_flag,
        {{ figure(value, 'year_to_date') }} as {{ name }}_since_january,
        {{ figure(value, 'year_to_date_reason') }} as {{ name }}_since_january_reason,
        {{ figure(value, 'change_on_previous_quarter') }} as {{ name }}_change_on_previous_quarter,
        {{ figure(value, 'previous_quarter_reason') }} as {{ name }}_previous_quarter_reason,
        {{ figure(value, 'change_on_year') }} as {{ name }}_change_on_year,
        {{ figure(value, 'year_before_reason') }} as {{ name }}_year_before_reason,
        {{ figure(value, 'rank') }} as {{ name }}_rank,
        {% for measure, denominator, share in (
            ('share_of_stated', "denominator = 'TOTAL'", 'share_of_stated_total'),
            ('share_of_stated', "denominator <> 'TOTAL'", 'share_of_stated_group'),
            ('share_of_sum', "denominator = 'SUM'", 'share_of_sum'),
        ) -%}
        {{ figure("measure = '" ~ measure ~ "' and direction = '" ~ direction ~ "' and " ~ denominator) }}
            as {{ name }}_{{ share }},
        {% endfor -%}
        {{ figure("measure = 'sum_of_countries' and direction = '" ~ direction ~ "'") }} as {{ name }}_sum_of_countries,
        {{ figure("measure = 'residual' and direction = '" ~ direction ~ "'") }} as {{ name }}_residual,
        {{ figure("measure = 'residual' and direction = '" ~ direction ~ "'", 'flag') }} as {{ name }}_residual_flag,
        {% endfor -%}
        bool_and(is_headline) as is_headline,
        {{ joined_ways('obtained_via') }} as obtained_via,
        max(known_from) as known_from,
        string_agg(distinct known_basis, ' and ' order by known_basis) as known_basis
    from {{ ref('quarterly_indicator') }}
    where indicator = '{{ indicator }}' and geography_kind = '{{ geography_kind }}' and breakdown is null
    group by quarter, geography_code, dataset
{%- endmacro %}
