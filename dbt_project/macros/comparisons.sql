{#- Why the figure for which the condition holds is empty, or what a reader must know of it. -#}
{% macro figure_flag(condition) -%}
    coalesce({{ figure(condition, 'flag') }}, case when {{ figure(condition) }} is null then 'no figure known' end)
{%- endmacro %}

{#- Why a comparison of that figure is empty, or what a reader must know of it. -#}
{% macro comparison_reason(condition, comparison, reason) -%}
    coalesce(
        {{ figure(condition, reason) }},
        case when {{ figure(condition, comparison) }} is null then 'no value of this quarter' end
    )
{%- endmacro %}

{#-
  What quarterly_indicator compares that figure with: its sum since January (not of a stock), the quarter before and the
  same quarter a year before (in per cent too, but for a balance or a share), each with its reason.
-#}
{% macro comparisons(condition, prefix='', has_percent=true, has_since_january=true) -%}
    {%- if has_since_january %}
        {{ figure(condition, 'year_to_date') }} as {{ prefix }}since_january,
        {{ comparison_reason(condition, 'year_to_date', 'year_to_date_reason') }} as {{ prefix }}since_january_reason,
    {%- endif %}
    {%- for change, reason in (
        ('change_on_previous_quarter', 'previous_quarter_reason'), ('change_on_year', 'year_before_reason')
    ) %}
        {{ figure(condition, change) }} as {{ prefix }}{{ change }},
        {%- if has_percent %}
        {{ figure(condition, 'percent_' ~ change) }} as {{ prefix }}percent_{{ change }},
        {%- endif %}
        {{ comparison_reason(condition, change, reason) }} as {{ prefix }}{{ reason }},
    {%- endfor %}
{%- endmacro %}

{#- The columns that `comparisons` makes, of one table, a line each. -#}
{% macro compared_columns(table, prefix='', has_percent=true, has_since_january=true) -%}
    {%- for name in (
        'since_january', 'since_january_reason',
        'change_on_previous_quarter', 'percent_change_on_previous_quarter', 'previous_quarter_reason',
        'change_on_year', 'percent_change_on_year', 'year_before_reason'
    ) if (has_percent or not name.startswith('percent')) and (has_since_january or not name.startswith('since')) %}
        {{ table }}.{{ prefix }}{{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
