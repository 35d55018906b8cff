"""The pass that holds a spec against the language's schema, and every intrinsic against its own form.

All faults are found at once, each at the key or value that is wrong. Where a value may be an intrinsic or
something else, only the one of the two that was meant is reported, never both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from omegac import memo, schema
from omegac.diagnostics import Diagnostic, Rejected, fault, suggestion
from omegac.intrinsics import argument_fault, is_intrinsic
from omegac.source import Route, Traced
from omegac.spec import Staged

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_INTRINSIC = "#/definitions/intrinsic"


def validate(staged: Staged) -> Staged:
    """The same spec, known to be valid. Raises `Rejected` with all its faults, in the order of the text."""
    document = staged.document
    key = memo.key(schema.text(), json.dumps(document.value))
    if memo.recall("valid", key) == b"valid":
        return staged
    faults = [*_schema_faults(document), *_intrinsic_faults(document)]
    if faults:
        raise Rejected(sorted(dict.fromkeys(faults), key=_place))
    memo.remember("valid", key, b"valid")
    return staged


def _place(diagnostic: Diagnostic) -> tuple[int, str]:
    return (diagnostic.span.start if diagnostic.span else 0, diagnostic.message)


def _schema_faults(document: Traced) -> Iterator[Diagnostic]:
    from jsonschema import Draft7Validator

    for error in Draft7Validator(schema.document()).iter_errors(document.value):
        yield from _faults(error, tuple(error.absolute_path), document)


def _faults(error: ValidationError, route: Route, document: Traced) -> Iterator[Diagnostic]:
    """The diagnostics of one error of the schema, at its place in the spec."""
    if error.validator == "anyOf":
        for inner in _meant(error):
            yield from _faults(inner, (*route, *inner.relative_path), document)
        return
    at = document.at(*route)
    if "propertyNames" in error.relative_schema_path:
        yield from _wrong_name(error, route, at)
        return
    make = _MAKERS.get(str(error.validator), _other)
    yield from make(error, route, at)


def _meant(error: ValidationError) -> list[ValidationError]:
    """Of the alternatives of an `anyOf`, the errors of the one that the value was meant to be."""
    branches: dict[int, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(int(inner.relative_schema_path[0]), []).append(inner)
    alternatives = {index: branch for index, branch in enumerate(error.validator_value) if index in branches}
    if is_intrinsic(error.instance):
        known = [i for i, branch in alternatives.items() if branch.get("$ref") != _INTRINSIC]
        return [_reworded(error, branches[known[0]][0])] if known else branches[min(branches)]
    chosen = min(
        (i for i, branch in alternatives.items() if branch.get("$ref") != _INTRINSIC),
        key=lambda i: _distance(error.instance, schema.resolved(alternatives[i]), branches[i]),
    )
    return branches[chosen]


def _reworded(error: ValidationError, inner: ValidationError) -> ValidationError:
    """An intrinsic where none may stand: one error about the type, not about what is inside of it."""
    inner.validator = "type"
    inner.relative_path.clear()
    inner.instance = error.instance
    return inner


def _distance(instance: Any, branch: dict[str, Any], errors: list[ValidationError]) -> tuple[bool, int]:
    """How far a value is from an alternative: those of its own JSON type come first, then the fewest errors."""
    mismatch = any(not error.relative_path and error.validator in ("type", "const") for error in errors)
    wanted = branch.get("type", "object" if "properties" in branch else None)
    fits = wanted is not None and _kind(instance) in ([wanted] if isinstance(wanted, str) else wanted)
    return (mismatch and not fits, len(errors))


def _kind(value: Any) -> str:
    kinds = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
    return kinds.get(type(value), "null")


_PLAIN = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "null": "nothing",
}


def _named(route: Route) -> str:
    return ".".join(str(step) for step in route) or "the spec"


def _unknown_key(error: ValidationError, route: Route, at: Traced) -> Iterator[Diagnostic]:
    known = list(error.schema.get("properties", {}))
    for key in error.instance:
        if key not in known and not _matches(key, error.schema.get("patternProperties", {})):
            hint = suggestion(key, known) or f"keys here: {', '.join(sorted(known))}"
            yield fault("OM1101", f'{_named(route)} has no key "{key}"', at.at(key), hint=hint, at_key=True)


def _matches(key: str, patterns: dict[str, Any]) -> bool:
    import re

    return any(re.search(pattern, key) for pattern in patterns)


def _missing_key(error: ValidationError, route: Route, at: Traced) -> Iterator[Diagnostic]:
    for key in error.validator_value:
        if key not in error.instance and f"'{key}'" in error.message:
            meaning = schema.resolved(error.schema.get("properties", {}).get(key, {})).get("description")
            yield fault("OM1102", f'{_named(route)} needs "{key}"', at, hint=meaning, at_key=True)


def _wrong_kind(error: ValidationError, route: Route, at: Traced) -> Iterator[Diagnostic]:
    wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    if error.validator != "type":
        wanted = []
    shown = " or ".join(dict.fromkeys(_PLAIN.get(str(kind), str(kind)) for kind in wanted))
    if is_intrinsic(error.instance):
        (name,) = error.instance
        hint = "write the value itself; what differs per stage goes under stages"
        message = f"{_named(route)} must be known when building: {name} is only known at deployment"
        yield fault("OM1108", message, at, hint=hint)
    elif error.instance is None:
        yield fault("OM1103", f"{_named(route)} has no value; it takes {shown or 'one'}", at, at_key=True)
    else:
        found = _PLAIN[_kind(error.instance)]
        hint = f'in quotes it is text: "{error.instance}"' if wanted == ["string"] and found != "a mapping" else None
        hint = None if isinstance(error.instance, (list, bool)) else hint
        yield fault("OM1103", f"{_named(route)} takes {shown}, not {found}", at, hint=hint)


def _not_one_of(error: ValidationError, route: Route, at: Traced) -> Iterator[Diagnostic]:
    allowed = error.validator_value if error.validator == "enum" else [error.validator_value]
    if is_intrinsic(error.instance):
        yield from _wrong_kind(error, route, at)
        return
    listed = ", ".join(json.dumps(value) for value in allowed)
    texts = [value for value in allowed if isinstance(value, str)]
    near = suggestion(error.instance, texts) if isinstance(error.instance, str) else None
    value = json.dumps(error.instance, ensure_ascii=False)
    yield fault("OM1104", f"{_named(route)} cannot be {value}", at, hint=near or f"it takes {listed}")


def _unsupported(error: ValidationError, route: Route, at: Traced) -> Iterator[Diagnostic]:
    if error.validator_value == {}:
        yield fault("OM1107", f"{_named(route)} is not supported yet", at, at_key=True)
    else:
        yield fault("OM1107", f"{_named(route)}: {error.instance} is not supported yet", at)


def _out_of_bounds(error: ValidationError, route: Route, at: Traced) -> Iterator[Diagnostic]:
    bound = error.validator_value
    words = {
        "minimum": f"at least {bound}",
        "maximum": f"at most {bound}",
        "minLength": "no empty text" if bound == 1 else f"at least {bound} characters",
        "maxLength": f"at most {bound} characters",
        "minItems": "no empty list" if bound == 1 else f"at least {bound} elements",
        "maxItems": f"at most {bound} elements",
    }
    yield fault("OM1105", f"{_named(route)} must be {words[str(error.validator)]}", at)


def _wrong_form(error: ValidationError, route: Route, at: Traced) -> Iterator[Diagnostic]:
    meaning = error.schema.get("description")
    message = f"{_named(route)} does not have the form {error.validator_value}"
    yield fault("OM1106", message, at, hint=meaning)


def _wrong_name(error: ValidationError, route: Route, at: Traced) -> Iterator[Diagnostic]:
    key = error.instance
    hint = error.schema.get("description") or f"a name has the form {error.schema.get('pattern')}"
    yield fault("OM1106", f'"{key}" cannot be a name in {_named(route)}', at.at(key), hint=hint, at_key=True)


def _missing_company(error: ValidationError, route: Route, at: Traced) -> Iterator[Diagnostic]:
    for key, needed in error.validator_value.items():
        for other in needed if key in error.instance else ():
            if other not in error.instance:
                yield fault("OM1110", f'{_named(route)}: "{key}" needs "{other}"', at.at(key), at_key=True)


def _other(error: ValidationError, route: Route, at: Traced) -> Iterator[Diagnostic]:
    yield fault("OM1103", f"{_named(route)}: {error.message}", at)


_MAKERS = {
    "additionalProperties": _unknown_key,
    "required": _missing_key,
    "type": _wrong_kind,
    "enum": _not_one_of,
    "const": _not_one_of,
    "not": _unsupported,
    "minimum": _out_of_bounds,
    "maximum": _out_of_bounds,
    "minLength": _out_of_bounds,
    "maxLength": _out_of_bounds,
    "minItems": _out_of_bounds,
    "maxItems": _out_of_bounds,
    "pattern": _wrong_form,
    "dependencies": _missing_company,
}


def _intrinsic_faults(document: Traced) -> Iterator[Diagnostic]:
    """The intrinsics of the whole spec whose arguments have no legal form; each outermost one is asked once."""
    stack: list[tuple[Route, Any]] = [((), document.value)]
    while stack:
        route, value = stack.pop()
        if is_intrinsic(value):
            ((name, argument),) = value.items()
            wrong = argument_fault(name, argument)
            if wrong:
                inner, message = wrong
                yield fault("OM1109", message, document.at(*route, name, *inner))
        elif isinstance(value, dict):
            stack += (((*route, key), child) for key, child in value.items())
        elif isinstance(value, list):
            stack += (((*route, index), child) for index, child in enumerate(value))


