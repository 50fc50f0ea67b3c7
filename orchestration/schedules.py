"""When runs begin by the clock: each dataset on the days of its release calendar, lateness, publication.

All times are of Almaty. Off until somebody switches them on in the UI, or all at once by MTM_AUTOMATION=on.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import dagster as dg

from ingest.catalogue import DATASETS
from ingest.clock import ALMATY
from ingest.dataset import Dataset
from ingest.release_calendar import expected_days, period_ends
from orchestration.assets.sources import keys_of
from orchestration.calendar import late_in_release
from orchestration.settings import Settings

EVENING = "0 18"
MORNING = "0 8"
# Nothing of a quarter is expected later than this evening, so the publication follows it.
NIGHT = "0 20"
WEEKDAYS = "* * 1-5"
# Ends of periods move by a day in leap years: four years hold all the days that a calendar can have.
LEAP_CYCLE = (date(2024, 1, 1), date(2027, 12, 31))
STATUS = (
    dg.DefaultScheduleStatus.RUNNING if Settings().automation == "on" else dg.DefaultScheduleStatus.STOPPED
)


def _cron(time: str, days: list[date]) -> list[str]:
    """A cron line for each day of the year among the days."""
    return sorted({f"{time} {day.day} {day.month} *" for day in days})


def _day(context: dg.ScheduleEvaluationContext) -> date:
    return context.scheduled_execution_time.astimezone(ALMATY).date()


def _expected(dataset: Dataset) -> dg.ScheduleDefinition:
    """Ask for a dataset on the evenings of the days on which its figures are expected."""
    is_daily = dataset.period == "day" and dataset.published_after_days == 0
    cron = f"{EVENING} {WEEKDAYS}" if is_daily else _cron(EVENING, expected_days(dataset, *LEAP_CYCLE))

    def tick(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        day = _day(context)
        if not expected_days(dataset, day, day):
            return dg.SkipReason(
                f"{dataset.name} is not expected on {day}: the year is a leap year or is not"
            )
        return dg.RunRequest(f"{dataset.name} {day}", asset_selection=keys_of([dataset.name]))

    return dg.ScheduleDefinition(
        name=f"{dataset.name}_expected",
        job_name="collect",
        cron_schedule=cron,
        execution_timezone=str(ALMATY),
        execution_fn=tick,
        default_status=STATUS,
        description=f"{dataset.title}: asked for {dataset.published_after_days} days after the end of each"
        f" {dataset.period}.",
    )


def last_expected_of_quarters(first: date, last: date) -> Iterator[date]:
    """The days on which the last figures of a quarter are expected: those of months, quarters and days."""
    delay = max(
        dataset.published_after_days or 0 for dataset in DATASETS.values() if dataset.period != "year"
    )
    for end in period_ends("quarter", first - timedelta(days=delay), last - timedelta(days=delay)):
        yield end + timedelta(days=delay)


@dg.schedule(
    name="quarterly_publication",
    job_name="refresh",
    cron_schedule=_cron(NIGHT, list(last_expected_of_quarters(*LEAP_CYCLE))),
    execution_timezone=str(ALMATY),
    default_status=STATUS,
    description="The whole refresh on the day by which the last figures of a quarter are expected; what is "
    "late by then is published as late.",
)
def quarterly_publication(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    day = _day(context)
    if day not in last_expected_of_quarters(day, day):
        return dg.SkipReason(f"{day} is not the day: the year is a leap year or is not")
    return dg.RunRequest(f"quarter {day}")


@dg.schedule(
    name="every_morning",
    job_name="collect",
    cron_schedule=f"{MORNING} * * *",
    execution_timezone=str(ALMATY),
    default_status=STATUS,
    description="Asks again for what is late or stale.",
)
def every_morning(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    day = _day(context)
    late = late_in_release(Settings(), day)
    if not late:
        return dg.SkipReason("nothing is late or stale")
    return dg.RunRequest(f"late {day}", asset_selection=keys_of(late))


lateness = dg.ScheduleDefinition(
    name="lateness",
    job_name="lateness",
    cron_schedule=f"{MORNING} * * *",
    execution_timezone=str(ALMATY),
    default_status=STATUS,
    description="Looks at the release calendar: what is late since today shows on its asset.",
)

SCHEDULES = [
    *(_expected(dataset) for dataset in DATASETS.values() if dataset.published_after_days is not None),
    every_morning,
    lateness,
    quarterly_publication,
]
