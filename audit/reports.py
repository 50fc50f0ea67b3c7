"""The reports whose claims are kept in `audit/claims`, one file each, and all of them judged at once."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import duckdb

from audit.claims import ClaimsError, read_claims
from audit.judge import judge
from audit.tables import Judged

FOLDER = Path(__file__).parent / "claims"
QUARTER = re.compile(r"\d{4}Q[1-4]")


def claims_files() -> list[Path]:
    return sorted(FOLDER.glob("*.csv"))


def quarters() -> dict[str, Path]:
    """The reports by their quarter."""
    by_quarter = {quarter_of(path): path for path in claims_files()}
    return {quarter: path for quarter, path in sorted(by_quarter.items()) if quarter}


def quarter_of(path: Path) -> str:
    """Quarter of a report, by the name of its file or its claim `report_period`; else nothing."""
    named = re.search(r"(\d{4}q[1-4])$", path.stem, re.IGNORECASE)
    if named:
        return named[1].upper()
    told = re.search(r"^.*\breport_period,.*$", path.read_text("utf-8-sig", errors="replace"), re.MULTILINE)
    quarter = QUARTER.search(told[0]) if told else None
    return quarter[0] if quarter else ""


def judge_all(con: duckdb.DuckDBPyConnection) -> tuple[list[Judged], list[ClaimsError]]:
    """Every report judged against the warehouse, and the claims files that cannot be judged."""
    known = indicators(con)
    judged, errors = [], []
    for path in claims_files():
        try:
            report = read_claims(path, known)
        except ClaimsError as error:
            errors.append(error)
        else:
            judged.append(Judged(report, judge(report, con)))
    return judged, errors


def indicators(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The unit of each indicator."""
    return dict(con.execute("select indicator, unit from marts.dim_indicator").fetchall())


def sha256() -> str:
    """SHA-256 over the claims files and the rules that judge them: an input of a release."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in [*sorted([*here.glob("*.py"), *here.glob("*.yml")]), *claims_files()]:
        digest.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()
