"""Derivations such as `(C133/C136-1)*100` over printed figures, each known only to its last printed digit.

A figure is an interval of exact fractions around the point that is printed: arithmetic gives the point, and
how far it may lie from it because of the rounding of its operands.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from graphlib import CycleError, TopologicalSorter

# Names, numbers of at most fifteen digits before the point, signs and brackets; `0x10` and `1e3` are neither.
WRITTEN = re.compile(r"(?:\s*(?:[A-Za-z]\w*|[0-9]{1,15}(?:\.[0-9]{1,9})?(?!\w)|[-+*/()]))+\s*", re.ASCII)
OPERATIONS = 300
SHOWN = 80
OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div)


@dataclass(frozen=True)
class Interval:
    """A figure: its point and the bounds that the exact figure lies between."""

    point: Fraction
    low: Fraction
    high: Fraction

    @classmethod
    def exact(cls, value: Fraction | int) -> Interval:
        return cls(Fraction(value), Fraction(value), Fraction(value))

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.point + other.point, self.low + other.low, self.high + other.high)

    def __neg__(self) -> Interval:
        return Interval(-self.point, -self.high, -self.low)

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(self.point * other.point, min(ends), max(ends))

    def __truediv__(self, other: Interval) -> Interval:
        if other.low <= 0 <= other.high:
            raise ZeroDivisionError("the divisor is zero" if not other.point else "the divisor may be zero")
        inverse = Interval(1 / other.point, 1 / other.high, 1 / other.low)
        return self * inverse


def names_in(derivation: str) -> set[str]:
    """Claims that a derivation names; ValueError where it is no arithmetic of claims and numbers."""
    tree = parsed(derivation)
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def evaluate(derivation: str, figures: Mapping[str, Interval]) -> Interval:
    """The derived figure; ZeroDivisionError where a divisor may be nought."""
    return _value(parsed(derivation), figures)


def mixed_units(derivation: str, units: Mapping[str, str]) -> tuple[str, ...]:
    """Two units that a sum or difference mixes, or nothing; a product or quotient has no unit here."""
    for node in ast.walk(parsed(derivation)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
            found = {units.get(name, "") for name in _terms(node)} - {""}
            if len(found) > 1:
                return tuple(sorted(found))
    return ()


def _terms(node: ast.expr) -> set[str]:
    """Claims that a sum consists of, brackets and signs taken away."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        return _terms(node.left) | _terms(node.right)
    if isinstance(node, ast.UnaryOp):
        return _terms(node.operand)
    return {node.id} if isinstance(node, ast.Name) else set()


def cycle_among(operands: Mapping[str, set[str]]) -> list[str]:
    """A circle of claims derived from one another, or nothing."""
    try:
        TopologicalSorter(operands).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle[:0:-1]
    return []


@cache
def parsed(derivation: str) -> ast.expr:
    """The derivation as a tree of claims, numbers and operations; ValueError where it is none."""
    shown = derivation if len(derivation) <= SHOWN else derivation[:SHOWN] + " ..."
    if not WRITTEN.fullmatch(derivation):
        raise ValueError(f"{shown!r} is no arithmetic of claims and numbers")
    try:
        tree = ast.parse(derivation, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"{shown!r} is no arithmetic of claims and numbers") from None
    nodes = list(ast.walk(tree))
    if not all(_is_arithmetic(node) for node in nodes):
        raise ValueError(f"{shown!r} is no arithmetic of claims and numbers")
    if sum(isinstance(node, (ast.BinOp, ast.UnaryOp)) for node in nodes) > OPERATIONS:
        raise ValueError(f"{shown!r} has more than {OPERATIONS} operations")
    return tree


def _is_arithmetic(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, OPERATORS)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub)
    if isinstance(node, ast.Constant):
        return type(node.value) in (int, float)
    return isinstance(node, (ast.Name, ast.Load, ast.USub, *OPERATORS))


def _value(node: ast.expr, figures: Mapping[str, Interval]) -> Interval:
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left, figures), _value(node.right, figures)
        return _BY_OPERATOR[type(node.op)](left, right)
    if isinstance(node, ast.UnaryOp):
        return -_value(node.operand, figures)
    if isinstance(node, ast.Constant):
        return Interval.exact(Fraction(str(node.value)))
    assert isinstance(node, ast.Name)
    return figures[node.id]


_BY_OPERATOR: dict[type[ast.operator], Callable[[Interval, Interval], Interval]] = {
    ast.Add: Interval.__add__,
    ast.Sub: Interval.__sub__,
    ast.Mult: Interval.__mul__,
    ast.Div: Interval.__truediv__,
}
