with figure as (
    select
        quarter,
        {{ figure("indicator = 'border_crossings' and direction = 'arrival'") }} as arrivals,
        {{ figure("indicator = 'border_crossings' and direction = 'arrival'", 'flag') }} as arrivals_flag,
        {{ figure("indicator = 'border_crossings' and direction = 'departure'") }} as departures,
        {{ figure("indicator = 'border_crossings' and direction = 'departure'", 'flag') }} as departures_flag,
        {{ figure("indicator = 'border_crossings' and direction = 'net'") }} as net,
        {{ figure("indicator = 'border_crossings' and direction = 'net'", 'flag') }} as net_flag,
        {{ figure("indicator = 'permanent_migration' and direction = 'arrival'") }} as permanent_arrivals,
        {{ figure("indicator = 'permanent_migration' and direction = 'arrival'", 'flag') }} as permanent_arrivals_flag,
        {{ figure("indicator = 'permanent_migration' and direction = 'arrival'", 'year_to_date') }} as permanent_arrivals_since_january,
        {{ figure("indicator = 'permanent_migration' and direction = 'arrival'", 'year_to_date_reason') }} as permanent_arrivals_since_january_reason,
        {{ figure("indicator = 'permanent_migration' and direction = 'departure'") }} as permanent_departures,
        {{ figure("indicator = 'permanent_migration' and direction = 'departure'", 'flag') }} as permanent_departures_flag,
        {{ figure("indicator = 'permanent_migration' and direction = 'departure'", 'year_to_date') }} as permanent_departures_since_january,
        {{ figure("indicator = 'permanent_migration' and direction = 'departure'", 'year_to_date_reason') }} as permanent_departures_since_january_reason,
        {{ figure("indicator = 'permanent_migration' and direction = 'net'") }} as permanent_net,
        {{ figure("indicator = 'permanent_migration' and direction = 'net'", 'flag') }} as permanent_net_flag,
        {{ figure("indicator = 'permanent_migration' and direction = 'net'", 'year_to_date') }} as permanent_net_since_january,
        {{ figure("indicator = 'permanent_migration' and direction = 'net'", 'year_to_date_reason') }} as permanent_net_since_january_reason,
        {{ figure("indicator = 'foreign_labour_permit_holders'") }} as permit_holders,
        {{ figure("indicator = 'foreign_labour_permit_holders'", 'flag') }} as permit_holders_flag,
        {{ figure("indicator = 'foreign_labour_employers'") }} as employers,
        {{ figure("indicator = 'foreign_labour_employers'", 'flag') }} as employers_flag,
        {{ figure("indicator = 'money_transfers' and direction = 'sent' and unit = 'mln KZT'") }} as sent_mln_kzt,
        {{ figure("indicator = 'money_transfers' and direction = 'sent' and unit = 'mln KZT'", 'flag') }} as sent_mln_kzt_flag,
        {{ figure("indicator = 'money_transfers' and direction = 'received' and unit = 'mln KZT'") }} as received_mln_kzt,
        {{ figure("indicator = 'money_transfers' and direction = 'received' and unit = 'mln KZT'", 'flag') }} as received_mln_kzt_flag,
        {{ figure("indicator = 'money_transfers' and direction = 'sent' and unit = 'mln USD'") }} as sent_mln_usd,
        {{ figure("indicator = 'money_transfers' and direction = 'sent' and unit = 'mln USD'", 'flag') }} as sent_mln_usd_flag,
        {{ figure("indicator = 'money_transfers' and direction = 'received' and unit = 'mln USD'") }} as received_mln_usd,
        {{ figure("indicator = 'money_transfers' and direction = 'received' and unit = 'mln USD'", 'flag') }} as received_mln_usd_flag,
        {{ figure("indicator = 'exchange_rate_average' and unit = 'KZT per USD'") }} as kzt_per_usd,
        {{ figure("indicator = 'exchange_rate_average' and unit = 'KZT per USD'", 'flag') }} as kzt_per_usd_flag,
        string_agg(distinct case when indicator = 'border_crossings' and value is not null then dataset end, ' and ')
            as border_crossings_dataset,
        max(known_from) as known_from
    from {{ ref('quarterly_indicator') }}
    where
        is_headline
        and measure = 'value'
        and geography_kind = 'total'
        and coalesce(breakdown, 'currency') = 'currency'
        and indicator in (
            'border_crossings', 'permanent_migration', 'foreign_labour_permit_holders', 'foreign_labour_employers',
            'money_transfers', 'exchange_rate_average'
        )
    group by quarter
),

quota as (
    select
        substr(quarter, 1, 4) as year,
        value as quota,
        flag as quota_flag
    from {{ ref('fct_foreign_labour') }}
    where indicator = 'foreign_labour_quota'
),

last_within as (
    select
        fct.quarter,
        fct.value as permit_holders_within,
        fct.stated_on as permit_holders_within_stated_on
    from {{ ref('fct_foreign_labour') }} as fct
    inner join {{ ref('dim_quarter') }} as dim_quarter
        on fct.quarter = dim_quarter.quarter
    where
        fct.indicator = 'foreign_labour_permit_holders'
        and fct.geography_kind = 'total'
        and fct.breakdown = 'total'
        and fct.period_end < dim_quarter.last_day
    qualify row_number() over (partition by fct.quarter order by fct.stated_on desc) = 1
)

select
    figure.quarter,
    figure.arrivals,
    figure.departures,
    figure.net,
    nullif(
        concat_ws(
            '; ',
            case when figure.arrivals is null then 'arrivals: ' || coalesce(figure.arrivals_flag, 'no figure known') else 'arrivals: ' || figure.arrivals_flag end,
            case when figure.departures is null then 'departures: ' || coalesce(figure.departures_flag, 'no figure known') else 'departures: ' || figure.departures_flag end,
            case when figure.net is null then 'net: ' || coalesce(figure.net_flag, 'no figure known') else 'net: ' || figure.net_flag end
        ),
        ''
    ) as border_crossings_flag,
    figure.border_crossings_dataset,
    figure.permanent_arrivals,
    figure.permanent_departures,
    figure.permanent_net,
    nullif(
        concat_ws(
            '; ',
            case when figure.permanent_arrivals is null then 'arrivals: ' || coalesce(figure.permanent_arrivals_flag, 'no figure known') else 'arrivals: ' || figure.permanent_arrivals_flag end,
            case when figure.permanent_departures is null then 'departures: ' || coalesce(figure.permanent_departures_flag, 'no figure known') else 'departures: ' || figure.permanent_departures_flag end,
            case when figure.permanent_net is null then 'net: ' || coalesce(figure.permanent_net_flag, 'no figure known') else 'net: ' || figure.permanent_net_flag end
        ),
        ''
    ) as permanent_migration_flag,
    figure.permanent_arrivals_since_january,
    figure.permanent_departures_since_january,
    figure.permanent_net_since_january,
    nullif(
        concat_ws(
            '; ',
            case when figure.permanent_arrivals_since_january is null then 'arrivals: ' || coalesce(figure.permanent_arrivals_since_january_reason, 'no figure known') else 'arrivals: ' || figure.permanent_arrivals_since_january_reason end,
            case when figure.permanent_departures_since_january is null then 'departures: ' || coalesce(figure.permanent_departures_since_january_reason, 'no figure known') else 'departures: ' || figure.permanent_departures_since_january_reason end,
            case when figure.permanent_net_since_january is null then 'net: ' || coalesce(figure.permanent_net_since_january_reason, 'no figure known') else 'net: ' || figure.permanent_net_since_january_reason end
        ),
        ''
    ) as permanent_migration_since_january_flag,
    figure.permit_holders,
    figure.employers,
    quota.quota,
    nullif(
        concat_ws(
            '; ',
            case when figure.permit_holders is null then 'permit holders: ' || coalesce(figure.permit_holders_flag, 'no figure known') else 'permit holders: ' || figure.permit_holders_flag end,
            case when figure.employers is null then 'employers: ' || coalesce(figure.employers_flag, 'no figure known') else 'employers: ' || figure.employers_flag end,
            case when quota.quota is null then 'quota: no figure known' else 'quota: ' || quota.quota_flag end
        ),
        ''
    ) as foreign_labour_flag,
    last_within.permit_holders_within,
    last_within.permit_holders_within_stated_on,
    figure.sent_mln_kzt,
    figure.received_mln_kzt,
    nullif(
        concat_ws(
            '; ',
            case when figure.sent_mln_kzt is null then 'sent: ' || coalesce(figure.sent_mln_kzt_flag, 'no figure known') else 'sent: ' || figure.sent_mln_kzt_flag end,
            case when figure.received_mln_kzt is null then 'received: ' || coalesce(figure.received_mln_kzt_flag, 'no figure known') else 'received: ' || figure.received_mln_kzt_flag end
        ),
        ''
    ) as transfers_flag,
    figure.sent_mln_usd,
    figure.received_mln_usd,
    nullif(
        concat_ws(
            '; ',
            case when figure.sent_mln_usd is null then 'sent: ' || coalesce(figure.sent_mln_usd_flag, 'no figure known') else 'sent: ' || figure.sent_mln_usd_flag end,
            case when figure.received_mln_usd is null then 'received: ' || coalesce(figure.received_mln_usd_flag, 'no figure known') else 'received: ' || figure.received_mln_usd_flag end
        ),
        ''
    ) as transfers_usd_flag,
    figure.kzt_per_usd,
    case when figure.kzt_per_usd is null then coalesce(figure.kzt_per_usd_flag, 'no figure known') else figure.kzt_per_usd_flag end
        as kzt_per_usd_flag,
    figure.known_from
from figure
left join quota
    on substr(figure.quarter, 1, 4) = quota.year
left join last_within
    on figure.quarter = last_within.quarter
