"""What is left out while dbt runs in this process: nothing that somebody looks at."""

from __future__ import annotations

from pathlib import Path

import agate
import pytest
from dbt_common import dataclass_schema
from dbt_common.clients import agate_helper
from dbt_common.events.types import Formatting, Note

from orchestration import dbt
from orchestration.dbt_shortcuts import leave_out_idle_work


def test_a_message_is_filled_at_the_first_look() -> None:
    leave_out_idle_work()
    note, line = Note(msg="a warning"), Formatting("a line")
    assert "pb_msg" not in vars(note), "a message that nobody looked at was filled: has dbt changed?"
    assert note.to_dict() == {"msg": "a warning"}
    assert line.message() == "a line"
    assert (note.msg, line.msg) == ("a warning", "a line")


@pytest.mark.parametrize(("texts", "kind"), [([], agate_helper.Integer), (["n"], agate.Text)])
def test_the_types_of_a_result_are_those_of_its_values(texts: list[str], kind: type[agate.DataType]) -> None:
    leave_out_idle_work()
    for _ in range(2):
        rows = [(1, "2024-02-29"), (None, "")]
        table = agate_helper.table_from_rows(rows, ["n", "day"], text_only_columns=texts)
        assert [type(each) for each in table.column_types] == [kind, agate.Date]


def test_a_build_holds_no_setting_against_a_schema_that_the_parser_held_it_against(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dbt.prepare()
    monkeypatch.delattr(dataclass_schema.jsonschema, "Draft7Validator")
    (seed,) = dbt.build(tmp_path, tmp_path / "build.duckdb", "country,resource_type:seed")
    assert seed.is_good, "has dbt changed?"
