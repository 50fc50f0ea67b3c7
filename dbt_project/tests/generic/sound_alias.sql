{#-
  Every line of the alias seed can be used: its label is folded and has one meaning, its code exists. `codes` names the
  seeds and columns that hold a dictionary's codes, `lists` states those of dictionaries without a seed; codes of the
  `open` dictionaries are whatever the seed says.
-#}
{% test sound_alias(model, codes, lists, open) %}
with known as (
    {{ codes_of(codes, lists) }}
    union all
    select distinct dictionary, code
    from {{ model }}
    where dictionary in ('{{ open | join("', '") }}') and code <> ''
),

problem as (
    select line.dictionary, line.dataset, line.label, line.code, 'no such dictionary or code' as problem
    from {{ model }} as line
    left join known on line.dictionary = known.dictionary and line.code = known.code
    where known.code is null
    union all
    select dictionary, dataset, label, code, 'write the label folded: ' || {{ folded_label('label') }} as problem
    from {{ model }}
    where label is distinct from {{ folded_label('label') }} or label = ''
    union all
    select
        dictionary, min(dataset) as dataset, label, string_agg(code, ' and ') as code,
        'two lines for one dataset, or one for a dataset beside a general one' as problem
    from {{ model }}
    group by dictionary, label
    having count(*) > 1 and count(distinct dataset) < count(*)
    union all
    select dictionary, null as dataset, null as label, code, 'two rows of a seed have this code' as problem
    from known
    group by dictionary, code
    having count(*) > 1
)

select * from problem
{% endtest %}
