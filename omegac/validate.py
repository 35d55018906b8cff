"""The pass that holds a spec against the language's schema, and every intrinsic against its own form.

All faults are found at once, each at the key or value that is wrong. Where a value may be an intrinsic or
something else, only the one of the two that was meant is reported, never both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from omegac import memo, schema, shipped
from omegac.cloudformation import offerings
from omegac.cloudformation.intrinsics import INTRINSICS, argument_fault, is_intrinsic
from omegac.diagnostics import Diagnostic, Rejected, Related
from omegac.spec import Staged

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

    from omegac.location import Location
    from omegac.source import Route, Span
    from omegac.wording import Violation


_MOST = 10_000
"""Faults that are looked for; aliases can bring one to any number of places."""
_MOST_USES = 3
"""Aliases that are shown, of all that bring one fault to several places."""


def validate(staged: Staged) -> Staged:
    """The same spec, known to be valid. Raises `Rejected` with all its faults, in the order of the text."""
    document = staged.document
    language = (schema.text(), shipped.text(offerings.TABLE))
    key = memo.key(memo.library("jsonschema"), *language, json.dumps(document.value))
    if memo.recall("valid", key) == b"valid":
        return staged
    from omegac.location import Location

    faults = _faults(Location(document, (), staged.stage))
    if faults:
        raise Rejected(faults)
    memo.remember("valid", key, b"valid")
    return staged


def _faults(spec: Location) -> list[Diagnostic]:
    """Everything that is wrong with a spec, in the order of the text."""
    found = list(islice(_schema_faults(spec), _MOST))
    if found:
        from omegac.indentation import slipped

        slips = list(slipped(spec.value))
        explained = {span for slip in slips for span in slip.explains(spec)}
        found = [each for each in found if each[1].span not in explained]
        found += [(spec.name, slip.fault(spec)) for slip in slips]
    if "transform" not in spec.value:
        # A macro has yet to read the template: it may allow more, as AWS::LanguageExtensions does.
        found += [(spec.name, fault) for fault in _intrinsic_faults(spec)]
    return sorted(_once(found), key=_place)


def _once(found: Iterable[tuple[str, Diagnostic]]) -> list[Diagnostic]:
    """What is wrong with one text is said once, however many aliases bring it to however many places."""
    said: dict[tuple[str, Span | None, str], Diagnostic] = {}
    for name, fault in sorted(found, key=lambda each: len(each[1].related)):
        key = (fault.code, _written(fault), fault.message.replace(name, ""))
        first = said.setdefault(key, fault)
        if first is not fault:
            elsewhere = fault.span if fault.span != first.span else None
            uses = (Related(elsewhere, "used here"),) if elsewhere else fault.related
            related = sorted(dict.fromkeys((*first.related, *uses)), key=lambda use: use.span.start)
            said[key] = first._replace(related=tuple(related[:_MOST_USES]))
    return list(said.values())


def _written(fault: Diagnostic) -> Span | None:
    """The text that is wrong: of a mapping without a key that it needs, the mapping, be it behind an alias."""
    origin = fault.origin
    if origin is None or fault.code != "OM1102":
        return fault.span
    return origin.parents[0].span if origin.via == "alias" else origin.span


def _place(diagnostic: Diagnostic) -> tuple[int, str]:
    return (diagnostic.span.start if diagnostic.span else 0, diagnostic.message)


def _schema_faults(spec: Location) -> Iterator[tuple[str, Diagnostic]]:
    """What violates the schema, each with the name of the place that does."""
    from jsonschema import Draft7Validator

    for error in Draft7Validator(_language()).iter_errors(spec.value):
        from omegac.wording import worded  # once there is something to say

        for violation in _violations(error, tuple(error.absolute_path)):
            name = spec.at(*violation.route).name
            yield from ((name, diagnostic) for diagnostic in worded(violation, spec))


@cache
def _language() -> dict[str, Any]:
    """The schema, with the runtimes there are: it leaves room for newer ones, so that editors need not know them."""
    route = ("properties", "functions", "additionalProperties", "properties", "runtime", "enum")
    return _changed(schema.inlined(), route, list(offerings.runtimes()))


def _changed(part: dict[str, Any], route: tuple[str, ...], value: Any) -> dict[str, Any]:
    step, *rest = route
    return {**part, step: _changed(part[step], tuple(rest), value) if rest else value}


def _violations(error: ValidationError, route: Route, whole: Any = None) -> Iterator[Violation]:
    """What an error of the schema comes down to: of alternatives, the violations of the one that was meant."""
    from omegac.kinds import kind_of, kinds_of
    from omegac.wording import Violation

    keyword = "propertyNames" if "propertyNames" in error.relative_schema_path else str(error.validator)
    part: Any = error.schema
    own = Violation(route, keyword, error.validator_value, error.instance, part, whole or part, error.message)
    if keyword != "anyOf":
        yield own
        return
    intrinsic = schema.definition("intrinsic")
    branches: dict[int, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(int(inner.relative_schema_path[0]), []).append(inner)
    alternatives = {index: own.rule[index] for index in branches}
    if is_intrinsic(error.instance):
        fitting = [index for index, alternative in alternatives.items() if alternative == intrinsic]
    else:
        fitting = [index for index, each in alternatives.items() if kind_of(error.instance) in kinds_of(each)]
    if not fitting:
        yield own
        return
    for inner in min((branches[index] for index in fitting), key=len):
        at_once = None if inner.relative_path else own.whole
        yield from _violations(inner, (*route, *inner.relative_path), at_once)


def _intrinsic_faults(spec: Location) -> Iterator[Diagnostic]:
    """The intrinsics of the whole spec whose arguments have no legal form; each outermost one is asked once."""
    stack: list[tuple[Route, Any]] = [((), spec.value)]
    while stack:
        route, value = stack.pop()
        if is_intrinsic(value):
            ((name, argument),) = value.items()
            wrong = argument_fault(name, argument)
            if wrong:
                inner, message = wrong
                yield _intrinsic_fault(spec.at(*route, name, *inner), message)
        elif isinstance(value, dict):
            stack += (((*route, key), child) for key, child in value.items())
        elif isinstance(value, list):
            stack += (((*route, index), child) for index, child in enumerate(value))


def _intrinsic_fault(at: Location, message: str) -> Diagnostic:
    """At the name of what is no intrinsic, or stands beside other keys; else at the argument."""
    from omegac.spelling import nearest

    name = str(at.route[-1])
    bare = (known.removeprefix("Fn::") for known in INTRINSICS if known.startswith("Fn::") and name not in INTRINSICS)
    near = nearest(name.removeprefix("Fn::"), bare) if name.startswith("Fn::") else None
    hint = f'did you mean "Fn::{near}"?' if near else None
    return at.fault("OM1109", message, hint=hint, at_key=message.startswith((f"{name} is", f"{name} must be the")))
