"""Exchange rates of past months, asked for again: the one asset that is backfilled by period.

`refresh` asks for what is due; a month that the bank mended late is asked for here, by a backfill in the UI,
by `mtm backfill`, or by the months in the run configuration of `refresh`.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import dagster as dg

from ingest.clock import ALMATY
from ingest.dataset import Dataset, Request, Resource
from ingest.errors import SourceError
from ingest.fetch import Fetched
from orchestration import steps
from orchestration.assets.metadata import ENGINEERING, code
from orchestration.ledger import Run
from orchestration.runs import WRITER_POOL
from orchestration.settings import Settings

RATES: Dataset = steps.EXCHANGE_RATES
KEY = dg.AssetKey(["source_file", f"{RATES.name}_by_month"])
MONTHS = dg.MonthlyPartitionsDefinition(
    start_date=f"{RATES.first_month:%Y-%m}", fmt="%Y-%m", timezone=str(ALMATY)
)


class MonthsError(ValueError):
    """Not a range of months that can be asked for; the message says which can."""


class Months(dg.Config):
    """Months whose exchange rates are asked for as well, due or not: the first and the last, YYYY-MM."""

    first_month: str = ""
    last_month: str = ""

    def days(self) -> list[date]:
        """The first days of the months; none when no month is given."""
        first, last = self.first_month or self.last_month, self.last_month or self.first_month
        return first_days(months_between(first, last)) if first else []


def months_between(first: str, last: str) -> list[str]:
    """The partitions from one month to another; raises MonthsError where one is unknown."""
    known = MONTHS.get_partition_keys()
    for month in (first, last):
        if month not in known:
            raise MonthsError(
                f"{month!r} is not a month of {KEY.path[-1]}: from {known[0]} to {known[-1]}, written YYYY-MM"
            )
    if first > last:
        raise MonthsError(f"the first month, {first}, lies after the last, {last}")
    return [month for month in known if first <= month <= last]


def first_days(months: Iterable[str]) -> list[date]:
    return [datetime.strptime(month, "%Y-%m").replace(tzinfo=ALMATY).date() for month in months]


@dg.multi_asset(
    name="fetch_months",
    specs=[
        dg.AssetSpec(
            KEY,
            description=f"{RATES.title}: the range report of a past month, asked for again. "
            "`refresh` asks for the months that are due and notes them here. Alone it fetches; the job "
            "`backfill_exchange_rates` lands, builds and publishes as well.",
            group_name=RATES.agency,
            kinds={"https", RATES.extension},
            owners=ENGINEERING,
            tags={"layer": "source_file", "agency": RATES.agency, "dataset": RATES.name},
            metadata={
                "source_page": dg.MetadataValue.url(RATES.source_page),
                "licence": RATES.licence,
                **code("orchestration/assets/exchange_rate_months.py"),
            },
        )
    ],
    partitions_def=MONTHS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool=WRITER_POOL,
)
def fetch_months(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """Ask for the selected months in one run; a month that fails is not noted and fails the run."""
    try:
        fetched = steps.fetch_months(Settings(), first_days(context.partition_keys), Run.of(context))
    except SourceError as error:
        raise dg.Failure(str(error)) from None
    if failed := [f"{answer.resource}: {answer.error}" for answer in fetched if answer.error]:
        note_months(context, fetched)
        raise dg.Failure("Not all months were answered: " + "; ".join(failed))
    for month, answers in _by_month(fetched).items():
        if month in context.partition_keys:
            context.add_asset_metadata(_metadata(answers), KEY, month)
    files = [file for answer in fetched for file in answer.files]
    size = sum(file.size for file in files)
    return dg.MaterializeResult(
        KEY, metadata={"resources": len(fetched), "files": len(files), "bytes": size, "failed": 0}
    )


def note_months(context: dg.AssetExecutionContext, fetched: Iterable[Fetched]) -> None:
    """Note each month of which rates were answered as a materialisation of its partition."""
    for month, answers in _by_month(fetched).items():
        context.log_event(dg.AssetMaterialization(KEY, partition=month, metadata=_metadata(answers)))


def _by_month(fetched: Iterable[Fetched]) -> dict[str, list[Fetched]]:
    """By month all answers that speak of it, where all are good; a recorded one holds several months."""
    by_month: dict[str, list[Fetched]] = {}
    for answer in fetched:
        for day in RATES.months_of(Resource(answer.resource, Request(answer.url))):
            by_month.setdefault(f"{day:%Y-%m}", []).append(answer)
    return {month: answers for month, answers in by_month.items() if not any(each.error for each in answers)}


def _metadata(answers: Sequence[Fetched]) -> dict[str, Any]:
    last = answers[-1]
    return {
        "url": dg.MetadataValue.url(last.url),
        "http_status": last.http_status or 0,
        "answers": len(answers),
        "sha256": ", ".join(file.sha256 for answer in answers for file in answer.files),
    }
