{#-
  A label as it is compared, equal to ingest.sheets.labels.fold for what agencies print: NFC, blanks folded, soft
  hyphens cut, dashes made one, Latin look-alikes made Cyrillic in words that are otherwise Cyrillic, lower case, `ё`
  as `е`, trailing footnote marks and punctuation cut. Costs about 5 microseconds a label: a register of millions of
  rows folds its distinct labels.
-#}
{% macro folded_label(column) -%}
    {%- set blank = '[\\t\\n\\x{b}\\f\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200b}\\x{202f}\\x{205f}\\x{2060}\\x{3000}\\x{feff}]' -%}
    {%- set in_blanks = 'replace(' ~ replaced(nfc(column), blank ~ '+', ' ') ~ ", chr(173), '')" -%}
    {%- set even = replaced(in_blanks, '[\\x{2010}-\\x{2015}\\x{2212}]', '-') -%}
    {%- set lowered = "replace(lower(trim(" ~ in_one_script(even) ~ ")), 'ё', 'е')" -%}
    {%- set raised = '[\\x{b9}\\x{b2}\\x{b3}\\x{2070}-\\x{2079}]+\\)?' -%}
    {%- set mark = ' *(?:\\*+|' ~ raised ~ '|\\(?[0-9]{1,2}\\)|[:;,.])' -%}
    {#- RE2 looks neither ahead nor back: `(^|[^0-9])` keeps the digits of `(2023)` and `100)` together. -#}
    {%- set first_mark = ' *(?:\\*+|' ~ raised ~ '|[:;,.])| +\\(?[0-9]{1,2}\\)|(^|[^0-9])\\(?[0-9]{1,2}\\)' -%}
    {{ replaced(lowered, '(?:' ~ first_mark ~ ')(?:' ~ mark ~ ')*$', '\\1') }}
{%- endmacro %}

{#- Latin look-alikes made Cyrillic in each word that is otherwise Cyrillic. -#}
{% macro in_one_script(text) -%}
    {%- set latin = '[A-Za-z]' -%}
    {%- set cyrillic = '[\\x{400}-\\x{4ff}]' -%}
    {%- set words = 'regexp_extract_all(' ~ text ~ ', ' ~ pattern('[A-Za-z\\x{400}-\\x{4ff}]+|[^A-Za-z\\x{400}-\\x{4ff}]+') ~ ', 0)' -%}
    {%- set cyrillic_word = "translate(word, 'ABCEHKMOPTXYIaceopxyikmth', 'АВСЕНКМОРТХУІасеорхуікмтһ')" -%}
    {%- set word -%}
        case
            when {{ matches('word', cyrillic) }} and not {{ matches(cyrillic_word, latin) }} then {{ cyrillic_word }}
            else word
        end
    {%- endset -%}
    case
        when {{ matches(text, latin ~ cyrillic ~ '|' ~ cyrillic ~ latin) }}
            then {{ joined_list(each_of(words, 'word', word), '') }}
        else {{ text }}
    end
{%- endmacro %}

{#- A text in the composed form of Unicode. -#}
{% macro nfc(text) -%}
    {{ adapter.dispatch('nfc')(text) }}
{%- endmacro %}

{% macro duckdb__nfc(text) -%}
    nfc_normalize({{ text }})
{%- endmacro %}

{#- Spark has no function for it, but its library ICU; what is reflected may not stand in the condition of a join. -#}
{% macro spark__nfc(text) -%}
    case
        when {{ text }} is not null
            then reflect('com.ibm.icu.text.Normalizer', 'compose', {{ text }}, false)
    end
{%- endmacro %}
