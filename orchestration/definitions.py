"""Everything that Dagster loads, on one screen."""

import dagster as dg

from orchestration import automation, retention, schedules, sensors
from orchestration.assets import claims, exchange_rate_months, sources, status, warehouse
from orchestration.runs import one_at_a_time

MONTHS = dg.AssetSelection.assets(exchange_rate_months.KEY)
FETCH = dg.AssetSelection.assets(*sources.fetch.keys)
LAND = dg.AssetSelection.assets(*sources.land.keys)

refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all() - MONTHS,
    description="Fetch, archive, land, build, check and publish everything that is due.",
)
collect = dg.define_asset_job(
    "collect",
    selection=FETCH | LAND | dg.AssetSelection.assets(sources.RUN_LEDGER, sources.STALE_DATASETS),
    description="Fetch and land the selected datasets; what stands on them is built when all due came.",
)
backfill_exchange_rates = dg.define_asset_job(
    "backfill_exchange_rates",
    selection=dg.AssetSelection.all() - FETCH,
    description="Ask for exchange rates of past months again, then land, build, check and publish.",
)
lateness = dg.define_asset_job(
    "lateness",
    selection=dg.AssetSelection.checks(*status.look_at_the_calendar.check_keys),
    description="What is late today, by the release calendar.",
)

defs = dg.Definitions(
    assets=[
        exchange_rate_months.fetch_months,
        sources.fetch,
        automation.on_months(sources.land),
        automation.on_landing(warehouse.build),
        automation.on_landing(claims.judge),
        automation.on_landing(warehouse.release),
        automation.on_landing(status.run_ledger),
        status.stale_datasets,
    ],
    asset_checks=[status.look_at_the_calendar],
    jobs=[refresh, collect, backfill_exchange_rates, lateness, retention.clean_up],
    schedules=[*schedules.SCHEDULES, retention.weekly_clean_up],
    sensors=[sensors.inbox, sensors.run_failure, sensors.revision, automation.SENSOR],
    executor=one_at_a_time,
)
