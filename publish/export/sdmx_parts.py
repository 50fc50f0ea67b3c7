"""How indicators.quarterly_indicator reads in SDMX: its dimensions, attributes and the names of their codes.

Knowledge alone, no sdmx1: each part is an expression of SQL over `FIGURES`. Codes are those of the table,
but for what SDMX spells in its own way: periods (2023-Q3), regions by ISO 3166-2, amounts in units with a
multiplier, `_T` for a total and `_Z` for what does not apply.
"""

from __future__ import annotations

from typing import NamedTuple

FIGURES = """
(
    select quarterly_indicator.*, dim_region.iso_code as region_iso_code
    from indicators.quarterly_indicator
    left join marts.dim_region
        on quarterly_indicator.geography_kind = 'region'
        and quarterly_indicator.geography_code = dim_region.region_code
) as figure
"""


class Part(NamedTuple):
    """A dimension, the value or an attribute; the comment of `column`, where one is named, describes it."""

    id: str
    name: str
    sql: str
    column: str = ""


def _unit(column: str) -> str:
    """mln KZT is KZT, with the millions in UNIT_MULT; KZT per USD is KZT_per_USD."""
    return f"replace(regexp_replace({column}, '^mln ', ''), ' ', '_')"


# A period is no code; every other dimension has the code list CL_<id>.
TIME = "TIME_PERIOD"
REGION = "case when geography_kind = 'region' then region_iso_code else 'KZ' end"
COUNTERPART = "case when geography_kind in ('country', 'group') then geography_code else '_T' end"
DIMENSIONS = (
    Part("FREQ", "Frequency", "'Q'"),
    Part("REF_AREA", "Reference area", REGION),
    Part("INDICATOR", "Indicator", "indicator", "indicator"),
    Part("MEASURE", "Measure", "measure", "measure"),
    Part("DIRECTION", "Direction", "coalesce(direction, '_Z')"),
    Part("COUNTERPART_AREA", "Counterpart country or group of countries", COUNTERPART),
    Part("BREAKDOWN", "What BREAKDOWN_CODE breaks the value down by", "coalesce(breakdown, '_T')"),
    Part("BREAKDOWN_CODE", "Code within the breakdown", "coalesce(breakdown_code, '_T')"),
    Part("DENOMINATOR", "Denominator of a share", "coalesce(denominator, '_Z')", "denominator"),
    Part("UNIT_MEASURE", "Unit of measure", _unit("unit"), "unit"),
    Part("BASE_UNIT", "Unit of what the value rests on", _unit("figure_unit"), "figure_unit"),
    Part("DATASET", "Dataset", "dataset", "dataset"),
    Part(TIME, "Time period", "concat(left(quarter, 4), '-', right(quarter, 2))"),
)
VALUE = Part("OBS_VALUE", "Observation value", "value")
CODED_ATTRIBUTES = (
    Part("OBS_STATUS", "Observation status", "case when value is null then 'O' else 'A' end"),
    Part("UNIT_MULT", "Unit multiplier, a power of ten", "case when unit like 'mln %' then '6' else '0' end"),
)
ATTRIBUTES = (
    *CODED_ATTRIBUTES,
    Part("COMMENT_OBS", "Comment on the observation", "flag", "flag"),
    Part("COVERAGE", "Coverage", "coverage", "coverage"),
    Part("METHOD", "Method", "method", "method"),
    Part("PRINTED_VALUE", "Printed value", "printed_value", "printed_value"),
    Part("IS_HEADLINE", "Whether it is the headline", "is_headline", "is_headline"),
    Part("OBTAINED_VIA", "Obtained via", "obtained_via", "obtained_via"),
    Part("KNOWN_FROM", "Known from", "known_from", "known_from"),
    Part("KNOWN_BASIS", "Basis of known from", "known_basis", "known_basis"),
)

# Names of codes that the release has: code, English, Russian, Kazakh, definition.
NAMES = {
    "INDICATOR": "select indicator, name_en, name_ru, name_kk, definition from marts.dim_indicator",
    "REF_AREA": "select iso_code, name_en, name_ru, name_kk, null from marts.dim_region",
    "COUNTERPART_AREA": (
        "select country_code, name_en, name_ru, name_kk, null from marts.dim_country"
        " union all select group_code, name_en, name_ru, name_kk, definition from marts.dim_group"
    ),
    # One code may belong to several breakdowns: its name says of which.
    "BREAKDOWN_CODE": (
        "select breakdown_code, string_agg(concat(name_en, ' (', breakdown, ')'), '; ' order by breakdown),"
        " string_agg(name_ru, '; ' order by breakdown), string_agg(name_kk, '; ' order by breakdown), null"
        " from marts.dim_breakdown group by breakdown_code"
    ),
    "DATASET": "select dataset, title, null, null, null from marts.dim_dataset",
}
# Names of codes that are SDMX's own; a code without a name is its own.
SDMX_CODES = {
    "FREQ": {"Q": "Quarterly"},
    "OBS_STATUS": {"A": "Normal value", "O": "Missing value"},
    "UNIT_MULT": {"0": "Units", "6": "Millions"},
}
TOTAL_OR_NONE = {"_T": "Total", "_Z": "Not applicable"}
