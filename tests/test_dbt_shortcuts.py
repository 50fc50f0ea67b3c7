"""What is left out while dbt runs in this process: nothing that somebody looks at."""

from __future__ import annotations

import agate
import pytest
from dbt_common.clients import agate_helper
from dbt_common.events.types import Formatting, Note

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
