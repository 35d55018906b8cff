"""Says in plain words how a value violates the schema: one function for each of its keywords."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from omegac import habits, keys, kinds, schema
from omegac.cloudformation import offerings
from omegac.cloudformation.intrinsics import is_intrinsic
from omegac.diagnostics import Diagnostic, Fix, Related
from omegac.location import Location
from omegac.source import Route
from omegac.spelling import nearest, same

_LONGEST_SHOWN = 60


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
    whole: dict[str, Any]
    """The same, or where that is one of several alternatives, the part that lists them."""
    message: str
    """The validator's own words."""


def worded(violation: Violation, spec: Location) -> Iterator[Diagnostic]:
    """The diagnostics of a violation, at its place in the spec; none if another violation says as much."""
    if _is_said_by_another(violation):
        return
    word = _WORDS.get(violation.keyword, _other)
    if is_intrinsic(violation.instance) and violation.keyword in ("type", "enum", "const", "anyOf"):
        word = _known_too_late
    yield from word(violation, spec.at(*violation.route))


def _is_said_by_another(violation: Violation) -> bool:
    """Of what is wrong with one value, the first counts: its kind, then which values there are, then its form."""
    part, value = violation.schema, violation.instance
    if violation.keyword in ("enum", "const"):
        return "type" in part and kinds.kind_of(value) not in kinds.kinds_of({"type": part["type"]})
    if violation.keyword == "pattern":
        return "enum" in part or len(value) < part.get("minLength", 0)
    return False


def _unknown_key(violation: Violation, at: Location) -> Iterator[Diagnostic]:
    """The keys that are not known; one is mended if it is the only spelling of one that is."""
    own = violation.schema.get("properties", {})
    # What a stage says is a partial spec, and how the stage is deployed.
    staged = own if at.route else {**own, **schema.definition("stage")["properties"]}
    spelt = Counter(same(key, staged) for key in violation.instance)
    for key in violation.instance:
        if key not in own and not _matches(key, violation.schema.get("patternProperties", {})):
            known = staged if at.at(key).is_staged else own
            yield _unknown(key, known, at, alone=spelt[same(key, known)] == 1)


def _unknown(key: str, known: dict[str, Any], at: Location, *, alone: bool) -> Diagnostic:
    place = at.at(key)
    offered = [name for name, part in known.items() if schema.resolved(part).get("not") != {}]
    message = f"{at.called(staged=place.is_staged)} has no key {_shown(key)}"
    hint = keys.way_out(key, known, at.route, offered)
    other = same(key, known)
    if other in at.value:
        hint = f'"{other}" is there, too: one of them is enough'
    fix = place.rewritten(other, at_key=True) if other and alone else None
    return place.fault("OM1101", message, hint=hint, at_key=True, fix=fix)


def _matches(key: str, patterns: dict[str, Any]) -> bool:
    import re

    return any(re.search(pattern, key) for pattern in patterns)


def _missing_key(violation: Violation, at: Location) -> Iterator[Diagnostic]:
    """A key that is missing, if none that is there was meant to be it."""
    known = violation.schema.get("properties", {})
    misspelt = {keys.meant(key, known, at.route) for key in violation.instance if key not in known}
    missing = [key for key in violation.rule if key not in violation.instance and key not in misspelt]
    near = _entry_meant(at)
    for key in missing[:1] if near else missing:
        if f"'{key}'" in violation.message:
            part = known.get(key, {})
            hint = near or part.get("description") or schema.resolved(part).get("description")
            message = f"{at.name} needs {_listed(missing if near else [key])}"
            found = at.fault("OM1102", message, hint=hint, at_key=True)
            yield found._replace(related=(*_deletion(at, key), *found.related))


def _entry_meant(at: Location) -> str | None:
    """A hint with the entry that the stage was probably to change, where it makes a new one."""
    if not at.is_staged or not at.route:
        return None
    *_, name = at.route
    others = [other for other in at.around.value if other != name]
    near = nearest(str(name), others) if isinstance(name, str) else None
    return f'did you mean "{near}"?' if near else None


def _deletion(at: Location, key: str) -> Iterator[Related]:
    deleted = at.deleted(key)
    span = deleted and (deleted.origin.key or deleted.origin.span)
    if span:
        yield Related(span, "the stage takes it away")


def _listed(names: list[str]) -> str:
    return " and ".join(f'"{name}"' for name in names)


def _known_too_late(violation: Violation, at: Location) -> Iterator[Diagnostic]:
    (name,) = violation.instance
    message = f"{at.name} must be known when building: {name} is only known at deployment"
    hint = "write the value itself; what differs per stage goes under stages"
    yield at.fault("OM1108", message, hint=hint)


def _wrong_kind(violation: Violation, at: Location) -> Iterator[Diagnostic]:
    takes = kinds.expected(violation.whole)
    if violation.instance is None:
        yield at.fault("OM1103", f"{at.name} has no value; it takes {takes}", at_key=True)
        return
    hint, fix = kinds.way_out(at, violation.whole)
    hint = hint or kinds.meaning(violation.whole)
    message = f"{at.name} takes {takes}, not {kinds.in_words(violation.instance)}"
    yield at.fault("OM1103", message, hint=hint, fix=fix)


def _not_one_of(violation: Violation, at: Location) -> Iterator[Diagnostic]:
    if violation.instance is None:
        yield from _wrong_kind(violation, at)
        return
    allowed = violation.rule if violation.keyword == "enum" else [violation.rule]
    near, fix = _meant(at, [value for value in allowed if isinstance(value, str)])
    takes = f"it takes {kinds.expected(violation.whole)}"
    if len(allowed) > kinds.MOST_LISTED:
        takes = f"it takes, among others, {', '.join(map(json.dumps, violation.whole.get('examples', allowed[:9])))}"
    hint = near or kinds.way_out(at, violation.whole).text or takes
    yield at.fault("OM1104", f"{at.name} cannot be {_shown(violation.instance)}", hint=hint, fix=fix)


def _meant(at: Location, allowed: Collection[str]) -> tuple[str | None, Fix | None]:
    """A hint with the text that was probably meant, and the fix if there is no doubt."""
    value = at.value
    if not isinstance(value, str) or not at.route:
        return None, None
    known = habits.value(value, str(at.route[-1]))
    if known:
        return known, None
    other = same(value, allowed)
    near = other or nearest(value, allowed)
    return f'did you mean "{near}"?' if near else None, at.rewritten(other) if other else None


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _unsupported(violation: Violation, at: Location) -> Iterator[Diagnostic]:
    if violation.rule == {}:
        yield at.fault("OM1107", f"{at.name} is not supported yet", at_key=True)
    else:
        yield at.fault("OM1107", f"{at.name}: {violation.instance} is not supported yet")


def _out_of_bounds(violation: Violation, at: Location) -> Iterator[Diagnostic]:
    bound = violation.rule
    words = {
        "minimum": f"be at least {bound}",
        "maximum": f"be at most {bound}",
        "minLength": "not be empty" if bound == 1 else f"have at least {bound} characters",
        "maxLength": f"have at most {bound} characters",
        "minItems": "not be empty" if bound == 1 else f"have at least {bound} elements",
        "maxItems": f"have at most {bound} elements",
    }
    hint = kinds.meaning(violation.whole)
    yield at.fault("OM1105", f"{at.name} must {words[violation.keyword]}", hint=hint)


def _wrong_form(violation: Violation, at: Location) -> Iterator[Diagnostic]:
    offered = offerings.instance_types() if at.route[-1:] == ("instance_type",) else _alternatives(violation.rule)
    near, fix = _meant(at, offered)
    hint = near or _form(violation.schema, violation.whole)
    yield at.fault("OM1106", f"{at.name} cannot be {_shown(violation.instance)}", hint=hint, fix=fix)


def _alternatives(pattern: str) -> list[str]:
    """The words that a form such as `^(String|Number|List<.+>)$` allows."""
    inner = pattern.removeprefix("^(").removesuffix(")$")
    return [word for word in inner.split("|") if word.isalnum()] if f"^({inner})$" == pattern else []


def _form(part: dict[str, Any], whole: dict[str, Any]) -> str:
    """The form that a text must have: in words if the schema has any for it."""
    examples = whole.get("examples") or part.get("examples")
    words: str = part.get("patternErrorMessage") or f"its form is {part['pattern']}"
    return f"{words}; for example {json.dumps(examples[0])}" if examples else words


def _wrong_name(violation: Violation, at: Location) -> Iterator[Diagnostic]:
    key = violation.instance
    part = violation.schema
    hint = part.get("patternErrorMessage") or part.get("description") or f"a name has the form {part.get('pattern')}"
    yield at.at(key).fault("OM1106", f"{_shown(key)} cannot be a name in {at.name}", hint=hint, at_key=True)


def _missing_company(violation: Violation, at: Location) -> Iterator[Diagnostic]:
    for key, needed in violation.rule.items():
        for other in needed if key in violation.instance else ():
            if other not in violation.instance:
                yield at.at(key).fault("OM1110", f'{at.name}: "{key}" needs "{other}"', at_key=True)


def _other(violation: Violation, at: Location) -> Iterator[Diagnostic]:
    yield at.fault("OM1103", f"{at.name}: {violation.message}")


_WORDS = {
    "additionalProperties": _unknown_key,
    "anyOf": _wrong_kind,
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
