"""SDMX: indicators.quarterly_indicator as SDMX-CSV 2.0, and its data structure as SDMX-ML 2.1 beside it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import sdmx
from sdmx.format.csv.common import Attributes
from sdmx.message import Header, StructureMessage
from sdmx.model import common, v21

from publish.export.described import ExportError, Table
from publish.export.sdmx_parts import (
    ATTRIBUTES,
    CODED_ATTRIBUTES,
    DIMENSIONS,
    FIGURES,
    NAMES,
    SDMX_CODES,
    TIME,
    TOTAL_OR_NONE,
    VALUE,
    Part,
)  # fmt: skip

TABLE = "indicators.quarterly_indicator"
AGENCY, FLOW, VERSION = "MTM", "QUARTERLY_INDICATOR", "1.0"
# What SDMX allows in the id of a code.
CODE = "^[A-Za-z0-9_@$-]+$"
SHOWN_KEYS = 5


def write_sdmx(
    con: duckdb.DuckDBPyConnection, table: Table, manifest: dict[str, Any], data: Path, structure: Path
) -> None:
    """Write the observations to `data` and what describes them to `structure`.

    Raises ExportError for a key that is no SDMX key or stands in two rows.
    """
    _refuse_bad_codes(con)
    _refuse_equal_keys(con)
    message = _structure(con, table, manifest)
    structure.write_bytes(sdmx.to_xml(message, pretty_print=True))
    flow = message.dataflow[FLOW]
    dataset = v21.DataSet(described_by=flow, structured_by=flow.structure)
    dataset.add_obs(_observations(con))
    sdmx.to_csv(dataset, path=data, attributes=Attributes.all, dtype=None)


def _observations(con: duckdb.DuckDBPyConnection) -> list[v21.Observation]:
    """In the order of their keys; a missing value is None, an attribute that says nothing is left out."""
    parts = (*DIMENSIONS, VALUE, *ATTRIBUTES)
    keys = len(DIMENSIONS)
    answer = con.execute(
        f"select {', '.join(f'cast({part.sql} as varchar)' for part in parts)} from {FIGURES}"
        f" order by {', '.join(str(number + 1) for number in range(keys))}"
    )
    return [
        v21.Observation(
            dimension=common.Key({part.id: text for part, text in zip(DIMENSIONS, row, strict=False)}),
            value=row[keys],
            attached_attribute={
                part.id: common.AttributeValue(value=text)
                for part, text in zip(ATTRIBUTES, row[keys + 1 :], strict=True)
                if text is not None
            },
        )
        for row in answer.fetchall()
    ]


def _refuse_bad_codes(con: duckdb.DuckDBPyConnection) -> None:
    for part in DIMENSIONS:
        bad = con.execute(
            f"select distinct {part.sql} as code, quarter, indicator, geography_code from {FIGURES}"
            f" where not coalesce(regexp_matches({part.sql}, '{CODE}'), false) order by all limit 1"
        ).fetchone()
        if bad:
            code, *row = bad
            raise ExportError(
                f"{TABLE}: {part.id} would be {code!r} in {', '.join(str(each) for each in row)}, which is"
                " no code of SDMX (letters, digits, _ @ $ -). Take it as CSV: `mtm export --format csv`."
            )


def _refuse_equal_keys(con: duckdb.DuckDBPyConnection) -> None:
    key = ", ".join(part.sql for part in DIMENSIONS)
    equal = con.execute(
        f"select concat_ws('.', {key}) as key, count(*) from {FIGURES}"
        " group by key having count(*) > 1 order by key"
    ).fetchall()
    if equal:
        named = "; ".join(f"{text} ({rows} rows)" for text, rows in equal[:SHOWN_KEYS])
        raise ExportError(
            f"{TABLE} has {len(equal)} SDMX key(s) in more than one row: {named}."
            " The models are to be mended; the other formats do without: `mtm export --format csv`."
        )


def _structure(con: duckdb.DuckDBPyConnection, table: Table, manifest: dict[str, Any]) -> StructureMessage:
    """The dataflow with its data structure, concepts and code lists."""
    kept: dict[str, Any] = {
        "maintainer": common.Agency(id=AGENCY),
        "version": VERSION,
        "is_external_reference": False,
        "is_final": False,
    }
    comments = {column.name: column.comment for column in table.columns}
    concepts = common.ConceptScheme(id="CONCEPTS", name="Concepts", **kept)
    lists = {
        part.id: _code_list(con, part, kept) for part in (*DIMENSIONS, *CODED_ATTRIBUTES) if part.id != TIME
    }
    definition = v21.DataStructureDefinition(id=FLOW, name="Quarterly indicators", **kept)
    for components in (definition.dimensions, definition.measures, definition.attributes):
        components.id = type(components).__name__

    def component(part: Part) -> dict[str, Any]:
        concept = common.Concept(id=part.id, name=part.name, description=comments.get(part.column, {}))
        concepts.append(concept)
        made: dict[str, Any] = {"id": part.id, "concept_identity": concept}
        if part.id in lists:
            made["local_representation"] = common.Representation(enumerated=lists[part.id])
        return made

    for part in DIMENSIONS:
        kind = common.TimeDimension if part.id == TIME else common.Dimension
        definition.dimensions.append(kind(**component(part)))
    definition.measures.append(v21.PrimaryMeasure(**component(VALUE)))
    for part in ATTRIBUTES:
        related = v21.PrimaryMeasureRelationship()
        usage = common.UsageStatus.conditional
        definition.attributes.append(
            common.DataAttribute(**component(part), related_to=related, usage_status=usage)
        )
    definition.dimensions.assign_order()
    flow = v21.DataflowDefinition(
        id=FLOW, name="Quarterly indicators", description=table.comment, structure=definition, **kept
    )
    header = Header(
        id=manifest["release"],
        prepared=datetime.fromisoformat(manifest["created_at"]),
        sender=common.Agency(id=AGENCY),
        test=False,
    )
    message = StructureMessage(header=header)
    for each in (concepts, *lists.values(), definition, flow):
        message.add(each)
    return message


def _code_list(con: duckdb.DuckDBPyConnection, part: Part, kept: dict[str, Any]) -> common.Codelist:
    """The codes of a dimension that the release names or uses."""
    found = common.Codelist(id=f"CL_{part.id}", name=part.name, **kept)
    if part.id in NAMES:
        for code, en, ru, kk, definition in con.execute(f"{NAMES[part.id]} order by 1").fetchall():
            names = {language: name for language, name in (("en", en), ("ru", ru), ("kk", kk)) if name}
            found.append(common.Code(id=code, name=names, description=definition or {}))
    for code, name in SDMX_CODES.get(part.id, {}).items():
        found.append(common.Code(id=code, name=name))
    used = con.execute(f"select distinct {part.sql} as code from {FIGURES} order by code").fetchall()
    for (code,) in used:
        if code not in found:
            found.append(common.Code(id=code, name=TOTAL_OR_NONE.get(code, code.replace("_", " "))))
    return found
