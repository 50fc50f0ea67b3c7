"""Printed labels that nobody coded yet: `mtm unmatched`."""

from __future__ import annotations

import typer

from orchestration.cli.tables import console, print_table
from orchestration.settings import Settings

CANDIDATES = 3
NEAR = 0.75
UNMATCHED = f"""
with unmatched as (
    select *, row_number() over (order by dataset, dictionary, label) as number
    from audit.unmatched_label
),
near as (
    select
        unmatched.number, alias.code,
        arg_max(alias.label, jaro_winkler_similarity(unmatched.folded_label, alias.label)) as label,
        max(jaro_winkler_similarity(unmatched.folded_label, alias.label)) as similarity
    from unmatched
    inner join seeds.alias using (dictionary)
    where jaro_winkler_similarity(unmatched.folded_label, alias.label) >= {NEAR}
    group by all
),
nearest as (
    select * from near
    qualify row_number() over (partition by number order by similarity desc, label) <= {CANDIDATES}
)
select
    unmatched.dataset, unmatched.dictionary, unmatched.label, unmatched.row_count,
    unmatched.source_file, unmatched.source_cell, unmatched.next_step,
    string_agg(nearest.label || ' -> ' || nearest.code, ', ' order by nearest.similarity desc, nearest.label)
from unmatched
left join nearest using (number)
group by all
order by 1, 2, 3
"""


def add_to(app: typer.Typer) -> None:
    app.command()(unmatched)


def unmatched() -> None:
    """Show printed labels that the alias seed does not know, and the line to add. Exit 1 when there are any.

    They block publication: put the right code into the line, add it to the seed, then `mtm refresh`.
    """
    settings = Settings()
    if not settings.build.exists():
        console.print(f"{settings.home} is empty: run `mtm refresh`", highlight=False, soft_wrap=True)
        raise typer.Exit(0)
    with settings.reading() as con:
        is_built = con.execute(
            "select count(*) = 1 from information_schema.columns"
            " where (table_schema, table_name, column_name) = ('audit', 'unmatched_label', 'folded_label')"
        ).fetchone()
        rows = con.execute(UNMATCHED).fetchall() if is_built == (True,) else None
    if rows is None:
        console.print("nothing is built yet: run `mtm refresh`", highlight=False)
        raise typer.Exit(0)
    if not rows:
        console.print("every printed label has a code", highlight=False)
        raise typer.Exit(0)
    columns = ("dataset", "dictionary", "label", "rows", "file", "cell")
    print_table("unknown labels", columns, [(*row[:4], row[4][:12], row[5]) for row in rows])
    for row in rows:
        console.print(row[6], markup=False, highlight=False, soft_wrap=True)
        console.print(f"  near it: {row[7] or 'nothing'}", markup=False, highlight=False, soft_wrap=True)
    console.print("then `mtm refresh`; docs/labels.md says what the codes are", highlight=False)
    raise typer.Exit(1)
