"""An imitation of the agencies' endpoints over real HTTP and TLS on loopback.

What belongs here: the wire formats as documented, switchable faults, a record of every request. What
does not: anything from ingest/, so that a mistake there cannot hide itself here.

    def test_something(agencies):                       # the fixture of tests/conftest.py
        agencies.fail(NBK, "/rss/get_rates.cfm", Fault(status=429, headers={"Retry-After": "1"}, times=1))
        ... fetch in this process, or subprocess.run([...], env=agencies.env) ...
        assert [seen.target for seen in agencies.seen] == [...]

The code under test has no hook for it: HTTPS_PROXY points to the imitation, which ends TLS itself with
certificates for the real host names; MTM_CA_BUNDLE names the authority that signed them.
"""

from tests.agencies.faults import Fault
from tests.agencies.national_bank import DATA_NBK, NBK, SHARED, Item, day_xml, sheet, table
from tests.agencies.reply import Reply
from tests.agencies.server import Agencies, Seen
from tests.agencies.statistics_bureau import BNS, TALDAU

__all__ = [
    "BNS",
    "DATA_NBK",
    "NBK",
    "SHARED",
    "TALDAU",
    "Agencies",
    "Fault",
    "Item",
    "Reply",
    "Seen",
    "day_xml",
    "sheet",
    "table",
]
