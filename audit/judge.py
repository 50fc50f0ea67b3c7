"""All checks of a report: against itself, and against the warehouse where there is one."""

from __future__ import annotations

from datetime import date

import duckdb

from audit.checks import Check
from audit.claims import Report
from audit.inside import inside_checks
from audit.warehouse import warehouse_checks

GROUPS = """
select country.country_code, coalesce(member.group_code, 'NON_CIS')
from marts.dim_country as country
left join marts.dim_group_member as member
    on country.country_code = member.country_code and member.group_code = 'CIS'
        and ? >= member.member_from and (member.member_to is null or ? < member.member_to)
"""


def judge(report: Report, con: duckdb.DuckDBPyConnection | None) -> list[Check]:
    """Checks in the order of the claims; `con` reads marts, indicators and audit of a warehouse."""
    groups = {}
    if con is not None:
        day = report.published_on or date.today()
        groups = dict(con.execute(GROUPS, [day] * 2).fetchall())
    checks = inside_checks(report, groups) + (warehouse_checks(report, con) if con is not None else [])
    order = {claim_id: number for number, claim_id in enumerate(report.claims)}
    return sorted(checks, key=lambda check: (order[check.claim_id], check.check, check.rule))
