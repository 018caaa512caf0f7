"""What a case expects, a Python expression, taken apart and judged without ever being run."""

import ast
import operator
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Equal = Callable[[str, object, object], bool]
"""Given the path of a value, the value that we have and the expected one: whether they are the same."""


class UnsafeError(Exception):
    """The expression holds something that is not looked at here, such as a call of anything but a few names."""


class NotTakenError(Exception):
    """The expression asks for something that we do not take from a document."""


class Result(StrEnum):
    """What became of one claim."""

    EXACT = "exact"
    KEPT = "kept"  # differs to the letter, and is the same once it is cleaned as everything that is kept
    DIFFERS = "differs"
    NOT_TAKEN = "not taken"


@dataclass(frozen=True, slots=True)
class Value:
    """Something that we have, with the path that led to it."""

    path: str
    held: object


_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], object]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Is: operator.is_, ast.IsNot: operator.is_not,
    ast.In: lambda part, whole: part in whole, ast.NotIn: lambda part, whole: part not in whole,
}  # fmt: skip
_FUNCTIONS: dict[str, Callable[..., object]] = {"len": len, "ord": ord}
_NOTHING_THERE = (IndexError, TypeError, AttributeError, ValueError)
"""What a look-up raises where there is no such entry, or no such value in it."""
_METHODS = frozenset({"startswith", "endswith"})
_LOOKUPS = frozenset({"get", "has_key"})


def claims(expression: str) -> Iterator[ast.expr]:
    """The parts that an expression joins by ``and``; raises UnsafeError for what is no expression."""
    try:
        yield from _parts(ast.parse(expression.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise UnsafeError(f"no expression: {error}") from error


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        for value in node.values:
            yield from _parts(value)
    else:
        yield node


def judge(claim: ast.expr, have: dict[str, object], kept: Equal) -> Result:
    """Judge one claim by what we have: to the letter, then by ``kept``.

    ``have`` holds nested dicts and lists; a key that is not in them is not taken, and a bare constant ("Expect: 1")
    claims nothing. Raises UnsafeError.
    """
    if isinstance(claim, ast.Constant):
        return Result.NOT_TAKEN
    try:
        for equal, result in ((_letter, Result.EXACT), (kept, Result.KEPT)):
            if _held(_Judge(have, equal).value(claim)):
                return result
    except NotTakenError:
        return Result.NOT_TAKEN
    except _NOTHING_THERE:
        return Result.DIFFERS
    return Result.DIFFERS


def paths(claim: ast.expr, have: dict[str, object]) -> tuple[str, ...]:
    """The paths of what a claim speaks of, such as ``entries.title``."""
    found: list[str] = []

    def remember(path: str, _: object, __: object) -> bool:
        found.append(path)
        return True

    with suppress(NotTakenError, UnsafeError, *_NOTHING_THERE):  # what was met until then is what there is
        _Judge(have, remember).value(claim)
    return tuple(dict.fromkeys(found))


def _letter(_: str, ours: object, expected: object) -> bool:
    return ours == expected


def _held(value: object) -> object:
    return value.held if isinstance(value, Value) else value


class _Judge:
    """One walk over one expression: comparisons, boolean operators, look-ups, constants, and a few calls by name."""

    def __init__(self, have: dict[str, object], equal: Equal) -> None:
        self._have = have
        self._equal = equal

    def value(self, node: ast.expr) -> object:
        """What an expression comes to; raises UnsafeError for any kind of node that has no method here."""
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise UnsafeError(f"{type(node).__name__} is not looked at")
        return method(node)

    def _constant(self, node: ast.Constant) -> object:
        return node.value

    def _tuple(self, node: ast.Tuple | ast.List) -> object:
        return [self.value(part) for part in node.elts]

    _list = _tuple

    def _dict(self, node: ast.Dict) -> object:
        pairs = zip(node.keys, node.values, strict=True)
        return {_held(self.value(key)): _held(self.value(value)) for key, value in pairs if key is not None}

    def _name(self, node: ast.Name) -> object:
        if node.id not in self._have:
            raise NotTakenError(node.id)
        return Value(node.id, self._have[node.id])

    def _subscript(self, node: ast.Subscript) -> object:
        return self._found(self.value(node.value), _held(self.value(node.slice)))

    def _attribute(self, node: ast.Attribute) -> object:
        return self._found(self.value(node.value), node.attr)

    def _unaryop(self, node: ast.UnaryOp) -> object:
        held = _held(self.value(node.operand))
        if isinstance(node.op, ast.Not):
            return not held
        if isinstance(node.op, ast.USub) and isinstance(held, int | float):
            return -held
        raise UnsafeError(f"{type(node.op).__name__} is not looked at")

    def _boolop(self, node: ast.BoolOp) -> object:
        held = (bool(_held(self.value(part))) for part in node.values)
        return all(held) if isinstance(node.op, ast.And) else any(held)

    def _binop(self, node: ast.BinOp) -> object:
        left, right = _held(self.value(node.left)), _held(self.value(node.right))
        if not isinstance(node.op, ast.Add) or not isinstance(left, str) or not isinstance(right, str):
            raise UnsafeError("only texts are put together")
        return left + right

    def _compare(self, node: ast.Compare) -> object:
        left = self.value(node.left)
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            right = self.value(comparator)
            if not self._one(op, left, right):
                return False
            left = right
        return True

    def _call(self, node: ast.Call) -> object:
        if node.keywords or len(node.args) != 1:
            raise UnsafeError("a call with other arguments than one")
        argument = self.value(node.args[0])
        match node.func:
            case ast.Name(id=name) if name in _FUNCTIONS:
                path = argument.path if isinstance(argument, Value) else ""
                return Value(f"{name}({path})", _FUNCTIONS[name](_held(argument)))
            case ast.Attribute(attr=name) if name in _METHODS:
                whole, part = _held(self.value(node.func.value)), _held(argument)
                return isinstance(whole, str) and isinstance(part, str) and getattr(whole, name)(part)
            case ast.Attribute(attr=name) if name in _LOOKUPS:
                found = self._found(self.value(node.func.value), _held(argument))
                return found if name == "get" else _held(found) is not None
        raise UnsafeError(f"a call of {ast.unparse(node.func)}")

    def _found(self, container: object, key: object) -> object:
        if not isinstance(container, Value):
            raise UnsafeError("a look-up in something that the case made itself")
        held = container.held
        if isinstance(held, dict):
            if key not in held:
                raise NotTakenError(f"{container.path}.{key}")
            return Value(f"{container.path}.{key}", held[key])
        if isinstance(held, list) and isinstance(key, int):
            return Value(container.path, held[key])
        raise NotTakenError(f"{container.path}.{key}")

    def _one(self, op: ast.cmpop, left: object, right: object) -> bool:
        if isinstance(op, ast.Eq | ast.NotEq):
            path = next((side.path for side in (left, right) if isinstance(side, Value)), "")
            return self._equal(path, _held(left), _held(right)) is isinstance(op, ast.Eq)
        if isinstance(op, ast.In | ast.NotIn) and isinstance(_held(right), dict) and _held(left) not in _held(right):  # type: ignore[operator]
            raise NotTakenError(str(_held(left)))
        return bool(_COMPARE[type(op)](_held(left), _held(right)))
