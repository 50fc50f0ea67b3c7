"""`mtm audit` as a user runs it, and the tables that a refresh writes of every report."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from audit import reports
from audit.checks import VERDICTS
from audit.claims import COLUMNS
from orchestration import steps
from orchestration.definitions import defs
from orchestration.settings import Settings
from tests.conftest import ROOT, release, run_mtm

REPORT = ROOT / "audit" / "claims" / "report_2023q3.csv"
HEADER = ",".join(COLUMNS)
WHOLE = "C1,2,border_crossings,value,arrival,2023Q3,TOTAL,,4482427,persons,0,exact,,Border Service,source"
PART = "C2,2,border_crossings,value,arrival,2023Q3,UZ,,1753689,persons,0,exact,,Border Service,source"
SHARE = "C3,2,border_crossings,share_of_total,arrival,2023Q3,UZ,,{},percent,0,exact,C2/C1*100,authors,derived"


def written(folder: Path, *lines: str) -> Path:
    path = folder / "my report.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n", "utf-8")
    return path


def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_report_of_a_quarter_is_told_by_verdict_worst_first(refreshed: Path) -> None:
    shown = run_mtm(refreshed, "audit", "2023Q3")
    assert (shown.returncode, shown.stderr) == (0, "")
    titles = re.findall(rf"^({'|'.join(VERDICTS)}) \(\d+\)", shown.stdout, re.M)
    assert titles == [verdict for verdict in VERDICTS if verdict in titles]
    assert titles[0] == "mismatch"
    assert re.search(
        r"C049 +2 +border crossings: share of group,.* 6.2 percent +5.336 +0.864",
        shown.stdout,
    )
    assert "202 claims" in shown.stdout.splitlines()[-1]
    assert run_mtm(refreshed, "audit", str(REPORT)).stdout == shown.stdout


def test_one_verdict_alone_is_shown_when_asked(refreshed: Path) -> None:
    shown = run_mtm(refreshed, "audit", "2023Q3", "--verdict", "mismatch", "--format", "csv")
    assert {each["verdict"] for each in records(shown.stdout)} == {"mismatch"}
    table = run_mtm(refreshed, "audit", "2023Q3", "--verdict", "mismatch").stdout
    assert "mismatch (" in table
    assert "match (" not in table.replace("mismatch (", "")


def test_each_format_tells_every_claim(refreshed: Path) -> None:
    ids = {row["claim_id"] for row in records(REPORT.read_text("utf-8"))}
    told = {form: run_mtm(refreshed, "audit", "2023Q3", "--format", form).stdout for form in ("csv", "json")}
    rows = records(told["csv"])
    found = json.loads(told["json"])
    assert {row["claim_id"] for row in rows} == {each["claim_id"] for each in found} == ids
    assert [row["verdict"] or None for row in rows] == [each["verdict"] for each in found]
    (india,) = [each for each in found if (each["claim_id"], each["rule"]) == ("C049", "derivation")]
    assert (india["recomputed"], india["difference"]) == ("5.336429985", "0.863570015")
    for form in ("md", "html"):
        page = run_mtm(refreshed, "audit", "2023Q3", "--format", form).stdout
        assert ids <= set(re.findall(r"\bC\d{3}\b", page))
        titles = [page.index(title) for title in ("Counts", "Findings by proposed cause", "All claims")]
        assert titles == sorted(titles)


def test_the_html_page_loads_nothing_and_takes_words_as_words(refreshed: Path, tmp_path: Path) -> None:
    hostile = SHARE.format(80).replace(",authors,", ",<script>alert(1)</script>,").replace("C3,2", "C3,<b>2")
    path = written(tmp_path, WHOLE, PART, hostile)
    page = run_mtm(refreshed, "audit", str(path), "--format", "html").stdout
    assert page.startswith("<!doctype html>")
    assert page.count("<table") == page.count("</table>") > 1
    assert "<b>" not in page
    assert "&lt;b&gt;2" in page
    assert not re.search(r"<(script|link|img|iframe)|src=|https?:|@import|url\(", page)


def test_strict_ends_with_1_on_a_mismatch_alone(tmp_path: Path) -> None:
    home = tmp_path / "none"
    right = written(tmp_path, WHOLE, PART, SHARE.format(39))
    assert run_mtm(home, "audit", str(right), "--strict").returncode == 0
    wrong = written(tmp_path, WHOLE, PART, SHARE.format(80))
    assert run_mtm(home, "audit", str(wrong)).returncode == 0
    for more in ([], ["--format", "json"], ["--verdict", "match"]):
        assert run_mtm(home, "audit", str(wrong), "--strict", *more).returncode == 1


def test_without_a_release_the_report_is_judged_inside_alone(tmp_path: Path) -> None:
    shown = run_mtm(tmp_path / "none", "audit", "2023Q3", "--format", "csv")
    assert shown.returncode == 0
    assert len(shown.stderr.splitlines()) == 1
    assert "judged inside the report alone" in shown.stderr
    assert {row["check"] for row in records(shown.stdout)} <= {"inside", ""}
    assert not (tmp_path / "none").exists()


def test_every_error_of_a_bad_file_is_told(refreshed: Path, tmp_path: Path) -> None:
    path = written(tmp_path, WHOLE.replace("4482427", '"4,482,427"'), PART.replace("border_crossings", "tea"))
    for home in (refreshed, tmp_path / "none"):
        shown = run_mtm(home, "audit", str(path))
        assert (shown.returncode, shown.stdout) == (2, "")
        assert "row 2, value: '4,482,427' is not a number" in shown.stderr
        assert "row 3, indicator: 'tea' is unknown; known: border_crossings" in shown.stderr
        assert "Traceback" not in shown.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["2024Q1"], "no report of 2024Q1 is kept; reports: 2023Q3"),
        (["no such.csv"], "no such.csv is neither a quarter, such as 2023Q3, nor a file"),
        (["2023Q3", "--format", "pdf"], "--format is one of table, md, html, json, csv, not pdf"),
        (["2023Q3", "--verdict", "wrong"], "--verdict is one of mismatch, last_digit"),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_is_right(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    shown = run_mtm(tmp_path, "audit", *arguments)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert said in shown.stderr


def test_the_tables_of_the_release_hold_what_the_command_tells(refreshed: Path) -> None:
    told = records(run_mtm(refreshed, "audit", "2023Q3", "--format", "csv").stdout)
    with release(refreshed) as con:
        claims = con.execute("select claim_id, raw_text from audit.claim order by row_number").fetchall()
        checks = con.execute(
            "select claim_id, \"check\", rule, verdict, coalesce(cast(recomputed as varchar), ''),"
            " coalesce(cast(difference as varchar), ''), coalesce(inputs, ''), coalesce(proposed_cause, ''),"
            " coalesce(reason, '') from audit.claim_check"
        ).fetchall()
        undescribed = con.execute(
            "select column_name from duckdb_columns() where schema_name = 'audit'"
            " and table_name in ('claim', 'claim_check') and coalesce(comment, '') = ''"
        ).fetchall()
        keys = con.execute(
            "select table_name, constraint_column_names from duckdb_constraints() where constraint_type ="
            " 'PRIMARY KEY' and table_name in ('claim', 'claim_check') order by 1"
        ).fetchall()
    names = (
        "claim_id", "check", "rule", "verdict", "recomputed", "difference", "inputs",
        "proposed_cause", "reason",
    )  # fmt: skip
    assert sorted(checks) == sorted(tuple(row[name] for name in names) for row in told if row["verdict"])
    printed = records(REPORT.read_text("utf-8"))
    assert claims == [(row["claim_id"], row["value"] or None) for row in printed]
    assert undescribed == []
    assert keys == [
        ("claim", ["report", "claim_id"]),
        ("claim_check", ["report", "claim_id", "check", "rule"]),
    ]


def test_publish_completes_an_audit_that_was_cut_short(home: Path) -> None:
    with duckdb.connect(str(home / "build.duckdb")) as con:
        con.execute("drop table audit.claim_check")
    (home / "current").unlink()
    for manifest in (home / "releases").glob("*/manifest.json"):
        manifest.chmod(0o644)
        manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"inputs_sha256": ""}), "utf-8")
    done = run_mtm(home, "publish")
    assert done.returncode == 0, done.stderr
    with release(home) as con:
        assert con.execute("select count(*) from audit.claim").fetchone() == (202,)


@pytest.mark.proof
def test_a_claims_file_that_cannot_be_read_is_a_failed_check_and_the_rest_is_published(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = tmp_path / "claims"
    claims.mkdir()
    written(claims, WHOLE.replace("4482427", '"4,482,427"')).rename(claims / "report_2024q1.csv")
    written(claims, WHOLE, PART, SHARE.format(80)).rename(claims / "report_2024q2.csv")
    monkeypatch.setattr(reports, "FOLDER", claims)
    monkeypatch.setenv("MTM_HOME", str(home))
    before = Settings().releases.current()
    result = defs.resolve_job_def("refresh").execute_in_process(instance=dg.DagsterInstance.ephemeral())
    assert result.success
    evaluations = {
        each.check_name: each
        for each in result.get_asset_check_evaluations()
        if each.asset_key.path[0] == "audit" and each.asset_key.path[1].startswith("claim")
    }
    readable, verdicts = evaluations["readable"], evaluations["verdicts"]
    assert not readable.passed
    said = str(readable.metadata["report_2024q1.csv"].value)
    assert said.startswith("row 2, value: '4,482,427' is not a number")
    assert verdicts.passed
    assert "report_2024q2 | mismatch" in str(verdicts.metadata["counts"].value)
    assert Settings().releases.current() != before
    with release(home) as con:
        assert con.execute("select distinct report from audit.claim").fetchall() == [("report_2024q2",)]
        (found,) = con.execute("select verdict from audit.claim_check where rule = 'derivation'").fetchall()
    assert found == ("mismatch",)


def test_reports_are_found_by_name_or_by_their_period(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "FOLDER", tmp_path)
    written(tmp_path).rename(tmp_path / "report_2024q1.csv")
    period = "C1,cover,report_period,value,,2024Q2,Kazakhstan,,,,,,,authors,context"
    written(tmp_path, period).rename(tmp_path / "spring.csv")
    written(tmp_path).rename(tmp_path / "other.csv")
    assert {quarter: path.name for quarter, path in reports.quarters().items()} == {
        "2024Q1": "report_2024q1.csv",
        "2024Q2": "spring.csv",
    }


def test_the_audit_is_an_input_of_a_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = reports.sha256()
    monkeypatch.setattr(reports, "FOLDER", tmp_path)
    assert reports.sha256() != before
    assert {"audit.claim", "audit.claim_check"} <= {str(table) for table in steps.published_tables()}
