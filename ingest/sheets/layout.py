"""The layout of a human-shaped sheet, as an analyst writes it: a small YAML beside the dataset.

What belongs here: the keys of that YAML, their meaning and their checks. What does not: finding the
table (header.py) and reading it (table.py). Labels are plain words or `/regular expressions/`, which
see the folded text of ingest/labels.py: small letters, single blanks, no footnote marks, `ё` as `е`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from ingest.errors import SourceError
from ingest.sheets.labels import Labels
from ingest.sheets.periods import Measurement

if TYPE_CHECKING:
    from ingest.sheets.figures import FigureRules


def _to_labels(value: object) -> Labels:
    printed = [value] if isinstance(value, str) else value
    if not isinstance(printed, list) or not all(isinstance(text, str) and text.strip() for text in printed):
        raise ValueError("expected a list of labels; put numbers and single signs in quotes")
    try:
        return Labels(printed)
    except Exception as error:  # re.error has no common base with ValueError
        raise ValueError(f"not a regular expression: {error}") from None


MONTH, WHOLE = "month", "whole"
LabelList = Annotated[Labels, BeforeValidator(_to_labels)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Rows(_Part):
    """The axis down the sheet.

    labels: output column by the header labels of the column of the sheet; the first one names the
    row. total: labels of the one total row, which must be there when any is given. parts: whether the
    other rows are `all` parts of the total or `some`, see sums.py. group: rows that sum others.
    heading: rows of words alone, such as `в том числе`. footnote: what ends the table.
    """

    labels: dict[str, LabelList] = Field(min_length=1)
    total: LabelList = Labels()
    parts: Literal["all", "some"] = "some"
    group: LabelList = Labels()
    heading: LabelList = Labels()
    footnote: LabelList = Labels()


class Dimension(_Part):
    """One thing that header labels state: labels by value.

    default: the value of a column whose header does not state it. optional: values that a sheet may
    lack; every other value must have a column.
    """

    values: dict[str, LabelList] = Field(min_length=1)
    default: str | None = None
    optional: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _names_are_known(self) -> Dimension:
        unknown = set(self.optional) - set(self.values)
        if unknown:
            raise ValueError(f"optional names {sorted(unknown)[0]!r}, which is not among the values")
        return self

    @property
    def required(self) -> tuple[str, ...]:
        free = {*self.optional, self.default}
        return tuple(value for value in self.values if value not in free)


class FigureLayout(_Part):
    """How figures are printed: decimal marks, blank thousands, whole (but shares), nil marks by flag."""

    decimal: Literal[",", ".", ",.", ""] = ","
    blank_thousands: bool = True
    whole: bool = False
    nil: dict[str, tuple[str, ...]] = {"nil": ("-",), "not_available": ("…",), "suppressed": ("x",)}


class Layout(_Part):
    """A whole layout.

    title: one of these must match a line above the table, so that another table is not taken for this
    one. refused_title: words above the table that make it another one. columns: what the header states,
    by dimension. ignored_columns: columns that are known and not wanted. ignored_headers: header words
    that state no dimension, such as `в том числе`. A dimension `month` of values '1' to '12' makes the
    period of a column that month of the title's period; `whole` beside them is the title's period itself.
    unit: the unit of all figures, unless `unit` is a dimension. refused_words: words in title or header
    that would mean another unit.
    period: measurements that the title may state, or none. period_months: how many whole months its
    period may have, where only some lengths are right.
    """

    title: LabelList = Labels()
    refused_title: LabelList = Labels()
    rows: Rows
    columns: dict[str, Dimension] = Field(min_length=1)
    ignored_columns: LabelList = Labels()
    ignored_headers: LabelList = Labels()
    unit: str | None = None
    refused_words: LabelList = Labels()
    period: tuple[Measurement, ...] = ()
    period_months: tuple[int, ...] = ()
    figures: FigureLayout = FigureLayout()

    @model_validator(mode="after")
    def _holds_together(self) -> Layout:
        if (self.unit is None) == ("unit" not in self.columns):
            raise ValueError("say the unit either in `unit` or as a dimension `unit` of the columns")
        if self.period_months and not self.period:
            raise ValueError("period_months needs `period`: the title must state one")
        taken = {*OUTPUT_COLUMNS, *(("unit",) if self.unit else ())}
        for name in [*self.rows.labels, *self.columns]:
            if name in taken or not name.isidentifier():
                raise ValueError(f"{name!r} cannot be the name of a column of the output")
            taken.add(name)
        for name, dimension in self.columns.items():
            _refuse_repeats(f"columns.{name}", dimension.values)
        if MONTH in self.columns:
            if unknown := self.columns[MONTH].values.keys() - {WHOLE, *map(str, range(1, 13))}:
                raise ValueError(f"columns.month: {min(unknown)!r} is neither '1' to '12' nor {WHOLE!r}")
            if not self.period:
                raise ValueError("columns.month needs `period`: the title must say of which year")
        rows = {key: getattr(self.rows, key) for key in ("total", "group", "heading", "footnote")}
        _refuse_repeats("rows", rows)
        return self

    def figure_rules(self, unit: str) -> FigureRules:
        """The rules for figures of one unit."""
        from ingest.sheets.figures import FigureRules, fold_mark

        nil = {fold_mark(mark): flag for flag, marks in self.figures.nil.items() for mark in marks}
        is_share = unit == "percent"
        whole = self.figures.whole and not is_share
        return FigureRules(self.figures.decimal, self.figures.blank_thousands, whole, is_share, nil)


OUTPUT_COLUMNS = frozenset(
    {"role", "amount", "flag", "period_start", "period_end", "measurement", "period_text"}
    | {"source_file", "source_cell", "raw_text"}
)


def _refuse_repeats(place: str, lists: dict[str, Labels]) -> None:
    seen: dict[str, str] = {}
    for name, labels in lists.items():
        for plain in labels.plain:
            if plain in seen:
                raise ValueError(f"{place}: {plain!r} stands under both {seen[plain]} and {name}")
            seen[plain] = name


class _Loader(yaml.CSafeLoader):
    """A safe loader that refuses a key written twice, of which YAML would keep the last in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} twice", node.start_mark)
        return super().construct_mapping(node, deep)


def load_layout(path: Path) -> Layout:
    """Read and check a layout; raises SourceError that names the key and what is wrong with it."""
    try:
        written = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader
        return Layout.model_validate(written)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise _refusal(path, first["msg"].removeprefix("Value error, "), key) from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise _refusal(path, f"not readable as YAML: {' '.join(str(error).split())}") from None


def _refusal(path: Path, rule: str, key: str = "") -> SourceError:
    return SourceError("layout", rule, path.name, key, "Mend the layout; docs/adding_a_dataset.md shows one.")
