"""What header texts state: each column of a table explained by the layout, or left unknown.

What belongs here: texts to dimensions. What does not: where on the sheet the texts stand (header.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.sheets.layout import Layout


def explain_columns(
    texts: dict[int, list[str]], layout: Layout
) -> tuple[dict[int, list[str]], dict[int, dict[str, str]], list[int], dict[int, str]]:
    """Row labels, figures, ignored and unknown columns, by column."""
    labels: dict[int, list[str]] = {}
    values: dict[int, dict[str, str]] = {}
    ignored: list[int] = []
    unknown: dict[int, str] = {}
    defaults = {name: d.default for name, d in layout.columns.items() if d.default is not None}
    for column, column_texts in texts.items():
        if not column_texts:
            continue
        joined = " ".join(column_texts)
        names = [name for name, wanted in layout.rows.labels.items() if wanted.match(joined)]
        readings = [r for r in _readings(column_texts, layout) if r]
        different = {tuple(sorted({**defaults, **reading}.items())) for reading in readings}
        if names:
            labels[column] = names
        elif layout.ignored_columns.match(joined):
            ignored.append(column)
        elif len(different) == 1 and len(next(iter(different))) == len(layout.columns):
            values[column] = dict(next(iter(different)))
        else:
            unknown[column] = joined
    return labels, values, ignored, unknown


def states(text: str, layout: Layout) -> dict[str, str]:
    """What one header text states: value by dimension; two values of one dimension state nothing."""
    stated: dict[str, str] = {}
    for name, dimension in layout.columns.items():
        values = [value for value, labels in dimension.values.items() if labels.match(text)]
        if len(values) > 1:
            return {}
        if values:
            stated[name] = values[0]
    return stated


def _readings(texts: list[str], layout: Layout) -> Iterator[dict[str, str]]:
    """Every way to explain header texts, each part one text or several under one another."""
    if not texts:
        yield {}
    for count in range(1, len(texts) + 1):
        part = " ".join(texts[:count])
        stated = states(part, layout) or states(_without_ignored(part, layout), layout)
        if not stated and not layout.ignored_headers.match(part):
            continue
        for rest in _readings(texts[count:], layout):
            if all(rest.get(name, value) == value for name, value in stated.items()):
                yield {**stated, **rest}


def _without_ignored(text: str, layout: Layout) -> str:
    """`туризм` of `в том числе: туризм`, where the first words are an ignored header."""
    words = layout.ignored_headers.leading(text)
    return text[len(words) :].lstrip(" :,") if words else text
