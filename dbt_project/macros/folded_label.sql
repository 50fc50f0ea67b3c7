{#-
  A label as it is compared, equal to ingest.sheets.labels.fold for what agencies print: NFC, blanks folded, soft
  hyphens cut, dashes made one, Latin look-alikes made Cyrillic in words that are otherwise Cyrillic, lower case, `ё`
  as `е`, trailing footnote marks and punctuation cut. Costs about 5 microseconds a label: a register of millions of
  rows folds its distinct labels.
-#}
{% macro folded_label(column) -%}
    {%- set blank = '[\\t\\n\\v\\f\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200b}\\x{202f}\\x{205f}\\x{2060}\\x{3000}\\x{feff}]' -%}
    {%- set even -%}
        regexp_replace(
            replace(
                regexp_replace(nfc_normalize({{ column }}), '{{ blank }}+', ' ', 'g'), chr(173), ''
            ), '[\x{2010}-\x{2015}\x{2212}]', '-', 'g'
        )
    {%- endset -%}
    {%- set lowered = "replace(lower(trim(" ~ in_one_script(even) ~ ")), 'ё', 'е')" -%}
    {%- set raised = '[\\x{b9}\\x{b2}\\x{b3}\\x{2070}-\\x{2079}]+\\)?' -%}
    {%- set mark = ' *(?:\\*+|' ~ raised ~ '|\\(?[0-9]{1,2}\\)|[:;,.])' -%}
    {#- RE2 looks neither ahead nor back: `(^|[^0-9])` keeps the digits of `(2023)` and `100)` together. -#}
    {%- set first_mark = ' *(?:\\*+|' ~ raised ~ '|[:;,.])| +\\(?[0-9]{1,2}\\)|(^|[^0-9])\\(?[0-9]{1,2}\\)' -%}
    regexp_replace({{ lowered }}, '(?:{{ first_mark }})(?:{{ mark }})*$', '\1')
{%- endmacro %}

{#-
  Latin look-alikes made Cyrillic in each word that is otherwise Cyrillic. A list of words is DuckDB's way; Spark
  has transform() and array_join().
-#}
{% macro in_one_script(text) -%}
    {%- set latin = '[A-Za-z]' -%}
    {%- set cyrillic = '[\\x{400}-\\x{4ff}]' -%}
    {%- set letter = '[A-Za-z\\x{400}-\\x{4ff}]' -%}
    {%- set cyrillic_word = "translate(word, 'ABCEHKMOPTXYIaceopxyikmth', 'АВСЕНКМОРТХУІасеорхуікмтһ')" -%}
    case
        when regexp_matches({{ text }}, '{{ latin }}{{ cyrillic }}|{{ cyrillic }}{{ latin }}')
            then array_to_string(
                list_transform(
                    regexp_extract_all({{ text }}, '{{ letter }}+|[^A-Za-z\x{400}-\x{4ff}]+'),
                    lambda word:
                    case
                        when regexp_matches(word, '{{ cyrillic }}') and not regexp_matches({{ cyrillic_word }}, '{{ latin }}')
                            then {{ cyrillic_word }}
                        else word
                    end
                ), ''
            )
        else {{ text }}
    end
{%- endmacro %}
