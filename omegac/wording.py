"""Says in plain words how a value violates the schema: one function for each of its keywords."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from omegac import schema
from omegac.cloudformation.intrinsics import is_intrinsic
from omegac.diagnostics import Diagnostic, fault, suggestion
from omegac.source import Route, Traced


class Violation(NamedTuple):
    """A value that the schema does not allow."""

    route: Route
    keyword: str
    """The schema's keyword that it violates."""
    rule: Any
    """What the keyword says."""
    instance: Any
    schema: dict[str, Any]
    """The part of the schema that the keyword stands in."""
    message: str
    """The validator's own words."""

    @property
    def name(self) -> str:
        """How the place is called in messages."""
        return ".".join(str(step) for step in self.route) or "the spec"


def worded(violation: Violation, document: Traced) -> Iterator[Diagnostic]:
    """The diagnostics of a violation, at its place in the spec."""
    word = _WORDS.get(violation.keyword, _other)
    if is_intrinsic(violation.instance) and violation.keyword in ("type", "enum", "const"):
        word = _known_too_late
    yield from word(violation, document.at(*violation.route))


def kind_of(value: Any) -> str:
    """A value's type, as JSON Schema calls it."""
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


def _unknown_key(violation: Violation, at: Traced) -> Iterator[Diagnostic]:
    known = list(violation.schema.get("properties", {}))
    for key in violation.instance:
        if key not in known and not _matches(key, violation.schema.get("patternProperties", {})):
            hint = suggestion(key, known) or f"keys here: {', '.join(sorted(known))}"
            yield fault("OM1101", f'{violation.name} has no key "{key}"', at.at(key), hint=hint, at_key=True)


def _matches(key: str, patterns: dict[str, Any]) -> bool:
    import re

    return any(re.search(pattern, key) for pattern in patterns)


def _missing_key(violation: Violation, at: Traced) -> Iterator[Diagnostic]:
    for key in violation.rule:
        if key not in violation.instance and f"'{key}'" in violation.message:
            meaning = schema.resolved(violation.schema.get("properties", {}).get(key, {})).get("description")
            yield fault("OM1102", f'{violation.name} needs "{key}"', at, hint=meaning, at_key=True)


def _known_too_late(violation: Violation, at: Traced) -> Iterator[Diagnostic]:
    (name,) = violation.instance
    message = f"{violation.name} must be known when building: {name} is only known at deployment"
    hint = "write the value itself; what differs per stage goes under stages"
    yield fault("OM1108", message, at, hint=hint)


def _wrong_kind(violation: Violation, at: Traced) -> Iterator[Diagnostic]:
    kinds = violation.rule if isinstance(violation.rule, list) else [violation.rule]
    wanted = " or ".join(_PLAIN[kind] for kind in kinds)
    found = kind_of(violation.instance)
    if found == "null":
        yield fault("OM1103", f"{violation.name} has no value; it takes {wanted}", at, at_key=True)
        return
    quotable = kinds == ["string"] and found in ("integer", "number")
    hint = f'in quotes it is text: "{violation.instance}"' if quotable else None
    yield fault("OM1103", f"{violation.name} takes {wanted}, not {_PLAIN[found]}", at, hint=hint)


def _not_one_of(violation: Violation, at: Traced) -> Iterator[Diagnostic]:
    allowed = violation.rule if violation.keyword == "enum" else [violation.rule]
    listed = ", ".join(json.dumps(value) for value in allowed)
    texts = [value for value in allowed if isinstance(value, str)]
    near = suggestion(violation.instance, texts) if isinstance(violation.instance, str) else None
    value = json.dumps(violation.instance, ensure_ascii=False)
    yield fault("OM1104", f"{violation.name} cannot be {value}", at, hint=near or f"it takes {listed}")


def _unsupported(violation: Violation, at: Traced) -> Iterator[Diagnostic]:
    if violation.rule == {}:
        yield fault("OM1107", f"{violation.name} is not supported yet", at, at_key=True)
    else:
        yield fault("OM1107", f"{violation.name}: {violation.instance} is not supported yet", at)


def _out_of_bounds(violation: Violation, at: Traced) -> Iterator[Diagnostic]:
    bound = violation.rule
    words = {
        "minimum": f"at least {bound}",
        "maximum": f"at most {bound}",
        "minLength": "no empty text" if bound == 1 else f"at least {bound} characters",
        "maxLength": f"at most {bound} characters",
        "minItems": "no empty list" if bound == 1 else f"at least {bound} elements",
        "maxItems": f"at most {bound} elements",
    }
    yield fault("OM1105", f"{violation.name} must be {words[violation.keyword]}", at)


def _wrong_form(violation: Violation, at: Traced) -> Iterator[Diagnostic]:
    meaning = violation.schema.get("description")
    message = f"{violation.name} does not have the form {violation.rule}"
    yield fault("OM1106", message, at, hint=meaning)


def _wrong_name(violation: Violation, at: Traced) -> Iterator[Diagnostic]:
    key = violation.instance
    hint = violation.schema.get("description") or f"a name has the form {violation.schema.get('pattern')}"
    yield fault("OM1106", f'"{key}" cannot be a name in {violation.name}', at.at(key), hint=hint, at_key=True)


def _missing_company(violation: Violation, at: Traced) -> Iterator[Diagnostic]:
    for key, needed in violation.rule.items():
        for other in needed if key in violation.instance else ():
            if other not in violation.instance:
                yield fault("OM1110", f'{violation.name}: "{key}" needs "{other}"', at.at(key), at_key=True)


def _other(violation: Violation, at: Traced) -> Iterator[Diagnostic]:
    yield fault("OM1103", f"{violation.name}: {violation.message}", at)


_WORDS = {
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
    "propertyNames": _wrong_name,
}
