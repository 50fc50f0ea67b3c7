"""What there is: `mtm status`, `mtm releases`, `mtm rollback`, `mtm publish`, `mtm clean`."""

from __future__ import annotations

from datetime import UTC, datetime
from getpass import getuser
from typing import Annotated

import typer

from ingest.clock import today
from orchestration.alerts import Alert, open_alerts
from orchestration.calendar import Expected, expected
from orchestration.cli.tables import console, errors, print_table
from orchestration.settings import Settings
from publish.release import HELD, Acceptance
from publish.release_notes import figure_line
from publish.tables import PublishError

STATUS = """
select
    dataset.dataset, dataset.state, max(fetch_log.fetched_at) as last_attempt,
    arg_max(fetch_log.status, fetch_log.log_line) as outcome,
    count(distinct landing.fetch_id) filter (where landing.outcome = 'landed') as answers_landed,
    any_value(dataset.reason) as reason
from raw.dataset
left join raw.fetch_log using (dataset)
left join raw.landing on landing.fetch_id = fetch_log.fetch_id
group by all
order by all
"""

SHOWN_ALERTS = 5
SHOWN_CELLS = 20
STATUS_COLUMNS = (
    "dataset", "state", "last attempt", "outcome", "answers landed", "last period", "expected", "days late",
)  # fmt: skip


RELEASE_COLUMNS = ("", "release", "made at (UTC)", "quarters", "rows", "dbt tests", "stale", "accepted by")


def add_to(app: typer.Typer) -> None:
    app.command()(status)
    app.command()(releases)
    app.command()(rollback)
    app.command()(publish)
    app.command()(clean)


def status() -> None:
    """Show each dataset: state, last period, what is expected when, what to do; and open alerts.

    Exit 1 when a dataset is stale, the last build is not whole or a run failed and none succeeded since.
    """
    from orchestration import ledger

    settings = Settings()
    alerts = open_alerts(settings)
    has_failed = any(each["kind"] == "run failure" for each in alerts)
    if not _has_datasets(settings):
        console.print(f"{settings.home} is empty: run `mtm refresh`", highlight=False, soft_wrap=True)
        _print_alerts(alerts)
        raise typer.Exit(1 if has_failed else 0)
    with settings.reading() as con:
        rows = con.execute(STATUS).fetchall()
        calendar = expected(con)
        quarantined = con.execute(
            "select dataset, source_cell, rule, raw_text, source_file, count(*) over () from raw.quarantine"
            f" where dataset in (select dataset from raw.dataset where state = 'stale') limit {SHOWN_CELLS}"
        ).fetchall()
    with settings.writing(), settings.build_connection() as con:
        last = ledger.last_build(con)
    known = {each.dataset: each for each in calendar}
    lines = [(*row[:5], *_dates(known.get(row[0]))) for row in rows]
    print_table(f"datasets, {settings.sources} sources", STATUS_COLUMNS, lines)
    _print_how_to_ask(calendar)
    if quarantined:
        columns = ("dataset", "cell", "rule", "as printed", "file")
        count = quarantined[0][5]
        title = f"quarantine, {SHOWN_CELLS} of {count:,}" if count > SHOWN_CELLS else "quarantine"
        print_table(title, columns, [(*row[:4], row[4][:12]) for row in quarantined])
    stale = [row for row in rows if row[1] == "stale"]
    for row in rows:
        if row[5]:
            console.print(f"[bold]{row[0]}[/bold] is {row[1]}:", highlight=False)
            console.print(f"  {row[5]}", markup=False, highlight=False, soft_wrap=True)
        elif row[1] == "absent":
            console.print(f"[bold]{row[0]}[/bold] is absent: it has no recorded answer; live only.")
    pin = settings.releases.pinned()
    current = settings.releases.current()
    note = " (pinned by a rollback; `mtm publish` lets it go)" if pin else ""
    console.print(f"current release: {current or 'none'}{note}", highlight=False)
    _print_held(settings)
    if not current and settings.releases.ids():
        console.print("`current` points nowhere: `mtm publish` sets it again", highlight=False)
    if last and not last.is_whole:
        problem = last.reason or "it was interrupted"
        console.print("the last build is not whole, nothing new is published:", style="bold")
        console.print(f"  {problem}", markup=False, highlight=False, soft_wrap=True)
    _print_alerts(alerts)
    raise typer.Exit(1 if stale or (last and not last.is_whole) or has_failed else 0)


def _print_alerts(alerts: list[Alert]) -> None:
    """The newest alerts, a line each and one for each step or figure."""
    if len(alerts) > SHOWN_ALERTS:
        console.print(f"alerts, the newest {SHOWN_ALERTS} of {len(alerts)}:", style="bold", highlight=False)
    elif alerts:
        console.print("alerts:", style="bold")
    for each in reversed(alerts[-SHOWN_ALERTS:]):
        if each["kind"] == "run failure":
            said = f"{each['job']} failed, run {each['run_id'][:8]}; next: `{each['next']}`"
            lines = [f"{failed['step'] or 'the run'}: {failed['reason']}" for failed in each["failed"]]
        else:
            said = f"release {each['release']} states {each['count']} figure(s) anew"
            lines = [
                f"{one['dataset']}, {one['indicator']}, {one['period']}: {one['old_value']} was,"
                f" {one['new_value']} is from {one['known_from']}, {one['source_cell']}"
                for one in each["revisions"][:SHOWN_ALERTS]
            ]
        for line in (f"  {each['alerted_at'][:16]} {said}", *(f"    {line}" for line in lines)):
            console.print(line, markup=False, highlight=False, soft_wrap=True)


def _has_datasets(settings: Settings) -> bool:
    """Whether anything was landed in this home."""
    if not settings.build.exists():
        return False
    with settings.reading() as con:
        found = con.execute(
            "from duckdb_tables() where schema_name = 'raw' and table_name = 'dataset'"
        ).fetchall()
    return bool(found)


def _dates(each: Expected | None) -> tuple[object, ...]:
    """Last period, expected day and days late of a dataset, as far as they are known."""
    if each is None:
        return None, None, None
    return each.last_period_end, each.expected_on, each.days_late(today()) if each.expected_on else None


def _print_how_to_ask(calendar: list[Expected]) -> None:
    """What to write to whom, for each dataset that comes by letter and is late."""
    for each in calendar:
        late = each.days_late(today())
        if late and each.how_to_ask:
            console.print(f"[bold]{each.dataset}[/bold] is {late} days late:", highlight=False)
            console.print(f"  {each.how_to_ask}", markup=False, highlight=False, soft_wrap=True)
            add = f"mtm inbox add FILE --dataset {each.dataset}"
            console.print(f"  Then: {add}", markup=False, highlight=False, soft_wrap=True)


def releases() -> None:
    """List the releases, newest first: quarters, rows, checks, stale datasets, who accepted what."""
    settings = Settings()
    current, pin = settings.releases.current(), settings.releases.pinned()
    rows = []
    for release_id in reversed(settings.releases.ids()):
        try:
            manifest = settings.releases.manifest(release_id)
        except PublishError:
            rows.append(("damaged", release_id, *[""] * (len(RELEASE_COLUMNS) - 2)))
            continue
        accepted = manifest.get("accepted")
        rows.append(
            (
                "pinned" if release_id == pin else "current" if release_id == current else "",
                release_id,
                manifest["created_at"],
                " to ".join(filter(None, manifest.get("span", ()))),
                sum(table["rows"] for table in manifest["tables"]),
                ", ".join(f"{count} {status}" for status, count in manifest.get("checks", {}).items()),
                ", ".join(manifest["stale"]),
                f"{accepted['by']}: {accepted['reason']}" if accepted else "",
            )
        )
    print_table("releases", RELEASE_COLUMNS, rows)
    _print_held(settings)


def _print_held(settings: Settings) -> None:
    if held := settings.releases.held():
        look = '`mtm diff current held`, then `mtm publish --accept "why"`'
        said = f"{held.name.removeprefix(HELD)} is held: {look}"
        console.print(said, style="yellow", highlight=False, markup=False, soft_wrap=True)


def rollback(
    release: Annotated[
        str | None, typer.Argument(help="Release to go back to; default: the one before")
    ] = None,
) -> None:
    """Point `current` to an older release and hold it there until `mtm publish`."""
    settings = Settings()
    with settings.writing():
        release_id = settings.releases.rollback(release)
    console.print(f"current release: {release_id}, pinned until `mtm publish`", highlight=False)


def publish(
    accept: Annotated[
        str | None, typer.Option(help="Why figures that changed above their threshold are right")
    ] = None,
) -> None:
    """Publish the last whole build; ends the pin of a rollback.

    A figure that changed by more than its indicator's threshold holds a release, until a person looked at it
    (`mtm diff current held`) and says by --accept why it is right; log/decisions.jsonl keeps that.
    """
    from orchestration import steps

    acceptance = None
    if accept is not None:
        if not accept.strip():
            errors.print("mtm: --accept needs a reason that a colleague will understand", highlight=False)
            raise typer.Exit(2)
        acceptance = Acceptance(getuser(), accept.strip(), f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S+00:00}")
    published = steps.publish(Settings(), unpin=True, acceptance=acceptance)
    reason = f" ({published.reason})" if published.reason else ""
    console.print(f"current release: {published.release_id}{reason}", highlight=False, markup=False)
    for breach in published.breaches if published.outcome == "published" else ():
        console.print(f"accepted: {figure_line(breach)}", highlight=False, markup=False, soft_wrap=True)
    if acceptance and not published.breaches:
        console.print("nothing was held: the reason was not needed and is not kept", highlight=False)
    raise typer.Exit(1 if published.outcome == "held" else 0)


def clean() -> None:
    """Remove what the weekly job `clean_up` removes: old runs, releases, artefacts of dbt."""
    from orchestration.instance import dagster_instance
    from orchestration.retention import removals

    settings = Settings()
    with dagster_instance(settings) as instance:
        for kind, names in removals(settings, instance, datetime.now(UTC)):
            console.print(f"{kind}: {len(names)} removed", highlight=False)
