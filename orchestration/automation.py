"""What is built without anybody asking: all that stands on landed rows, when all that is due has arrived.

One run builds the tables, judges the claims and publishes; it waits while something it stands on is in
progress (docs/adr/0010).
"""

import dagster as dg
from dagster import AutomationCondition as When

from orchestration.assets.exchange_rate_months import KEY as MONTHS
from orchestration.assets.sources import raw_key
from orchestration.settings import Settings

ALL_DUE_ARRIVED = When.asset_matches(
    raw_key("dataset"), When.all_checks_match(When.check_passed())
).with_label("all that is due has arrived")
# What is missing does not matter, as it would for `eager`: each build makes all tables.
LANDED = (
    When.any_deps_updated().since_last_handled() & ~When.any_deps_in_progress() & ~When.in_progress()
).with_label("something landed")
LANDED_AND_COMPLETE = (LANDED & ALL_DUE_ARRIVED).with_label("something landed, all that is due has arrived")


def on_landing(assets: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """The same assets with the condition; seeds have nothing that lands above them."""
    return assets.map_asset_specs(
        lambda spec: spec.replace_attributes(automation_condition=LANDED_AND_COMPLETE) if spec.deps else spec
    )


# A backfill of months alone: the raw table lands them, and what stands on it follows.
MONTHS_CAME = (
    When.any_deps_updated().allow(dg.AssetSelection.assets(MONTHS)).since_last_handled()
    & ~When.any_deps_in_progress()
    & ~When.in_progress()
).with_label("months of exchange rates came")


def on_months(assets: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """The same assets, the raw table above which the months stand with its condition."""
    return assets.map_asset_specs(
        lambda spec: (
            spec.replace_attributes(automation_condition=MONTHS_CAME)
            if any(dep.asset_key == MONTHS for dep in spec.deps)
            else spec
        )
    )


SENSOR = dg.AutomationConditionSensorDefinition(
    "build_when_all_due_arrived",
    target=dg.AssetSelection.all(),
    default_status=dg.DefaultSensorStatus.RUNNING
    if Settings().automation == "on"
    else dg.DefaultSensorStatus.STOPPED,
    description="Builds, judges and publishes when something landed and all that is due has arrived.",
)
