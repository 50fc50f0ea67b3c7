"""Everything that Dagster loads, on one screen."""

import dagster as dg

from orchestration.assets import claims, sources, warehouse
from orchestration.runs import one_at_a_time

refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    description="Fetch, archive, land, build, check and publish everything that is due.",
)

collect = dg.define_asset_job(
    "collect",
    selection=dg.AssetSelection.assets(*sources.fetch.keys, *sources.land.keys),
    description="Fetch and land the selected datasets; what stands on them is built when all due came.",
)

daily_refresh = dg.ScheduleDefinition(
    name="daily_refresh",
    job=refresh,
    cron_schedule="0 9 * * *",
    execution_timezone="Asia/Almaty",
    description="Every morning, when the agencies' servers are awake. Off until switched on.",
)

defs = dg.Definitions(
    assets=[
        sources.fetch,
        sources.land,
        warehouse.build,
        claims.judge,
        warehouse.release,
        warehouse.stale_datasets,
    ],
    jobs=[refresh, collect],
    schedules=[daily_refresh],
    executor=one_at_a_time,
)
