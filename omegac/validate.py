"""The pass that holds a spec against the language's schema, and every intrinsic against its own form.

All faults are found at once, each at the key or value that is wrong. Where a value may be an intrinsic or
something else, only the one of the two that was meant is reported, never both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from omegac import memo, schema
from omegac.cloudformation.intrinsics import argument_fault, is_intrinsic
from omegac.diagnostics import Diagnostic, Rejected, fault
from omegac.source import Route, Traced
from omegac.spec import Staged
from omegac.wording import Violation, kind_of, worded

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError


def validate(staged: Staged) -> Staged:
    """The same spec, known to be valid. Raises `Rejected` with all its faults, in the order of the text."""
    document = staged.document
    key = memo.key(memo.library("jsonschema"), schema.text(), json.dumps(document.value))
    if memo.recall("valid", key) == b"valid":
        return staged
    faults = [*_schema_faults(document), *([] if "transform" in document.value else _intrinsic_faults(document))]
    if faults:
        raise Rejected(sorted(dict.fromkeys(faults), key=_place))
    memo.remember("valid", key, b"valid")
    return staged


def _place(diagnostic: Diagnostic) -> tuple[int, str]:
    return (diagnostic.span.start if diagnostic.span else 0, diagnostic.message)


def _schema_faults(document: Traced) -> Iterator[Diagnostic]:
    from jsonschema import Draft7Validator

    for error in Draft7Validator(schema.inlined()).iter_errors(document.value):
        for violation in _violations(error, tuple(error.absolute_path)):
            yield from worded(violation, document)


def _violations(error: ValidationError, route: Route) -> Iterator[Violation]:
    """What an error of the schema comes down to: of alternatives, the violations of the one that was meant."""
    keyword = "propertyNames" if "propertyNames" in error.relative_schema_path else str(error.validator)
    around: Any = error.schema
    own = Violation(route, keyword, error.validator_value, error.instance, around, error.message)
    if keyword != "anyOf":
        yield own
        return
    alternatives: list[dict[str, Any]] = own.rule
    branches: dict[int, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(int(inner.relative_schema_path[0]), []).append(inner)
    intrinsic = schema.definition("intrinsic")
    others = [index for index in branches if alternatives[index] != intrinsic]
    if is_intrinsic(error.instance):
        if len(others) < len(branches):
            others = [index for index in branches if index not in others]
        else:
            yield own._replace(keyword="type", rule=[])
            return
    chosen = min(others, key=lambda index: _distance(own.instance, alternatives[index], branches[index]))
    for inner in branches[chosen]:
        yield from _violations(inner, (*route, *inner.relative_path))


def _distance(instance: Any, alternative: dict[str, Any], errors: list[ValidationError]) -> tuple[bool, int]:
    """How far a value is from an alternative: those of its own JSON type come first, then the fewest errors."""
    form = schema.resolved(alternative)
    mismatch = any(not error.relative_path and error.validator in ("type", "const") for error in errors)
    wanted = form.get("type", "object" if "properties" in form else "")
    fits = kind_of(instance) in ([wanted] if isinstance(wanted, str) else wanted)
    return (mismatch and not fits, len(errors))


def _intrinsic_faults(document: Traced) -> Iterator[Diagnostic]:
    """The intrinsics of the whole spec whose arguments have no legal form; each outermost one is asked once.

    Not asked where a macro has yet to read the template: it may allow more, as AWS::LanguageExtensions does.
    """
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
