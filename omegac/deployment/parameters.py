"""Which value each parameter of a template is deployed with.

A value is the one given, the stage's, the file's, that of the previous deployment or the template's default: the
first that there is. What omegac makes anew for each deployment goes before the last two.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from omegac.deployment.constraints import broken, text_of
from omegac.diagnostics import Diagnostic, Rejected, fault, suggestion
from omegac.source import Span, Traced

Provenance: TypeAlias = Literal["given", "stage", "file", "previous", "default", "generated"]

_MOST_SHOWN = 60
HIDDEN = "****"
_WHENCE: Mapping[Provenance, str] = {
    "previous": ", which it has from the previous deployment",
    "default": ", which is its default",
    "generated": ", which omegac gives it",
}


class Offered(NamedTuple):
    """Where values may come from."""

    given: Mapping[str, str] = {}
    """Of the command line, and answers at a terminal."""
    of_stage: Traced | None = None
    of_file: Traced | None = None
    """As `parameter_file` reads it: None is what is to stay as it was."""
    previous: Sequence[Mapping[str, Any]] = ()
    """The `Parameters` of a stack in DescribeStacks; none for a stack that is to be created."""
    generated: Mapping[str, str] = {}
    """What omegac passes anew each time, as long as nobody says otherwise."""


class Value(NamedTuple):
    """What a parameter is deployed with."""

    name: str
    value: str | None
    """None where CloudFormation keeps one that it does not tell."""
    source: Provenance
    secret: bool

    @property
    def shown(self) -> str:
        """The value as it may be printed."""
        return HIDDEN if self.secret or self.value is None else self.value

    def __repr__(self) -> str:
        # A traceback or a log must not have the secret.
        return f"Value({self.name!r}, {self.shown!r}, {self.source!r}, secret={self.secret})"


class Missing(NamedTuple):
    """A parameter without a value."""

    name: str
    description: str
    secret: bool
    allowed: tuple[str, ...]
    """The values it may have; empty where they are not listed."""


class Settled(NamedTuple):
    """Every parameter of a template, sorted by name: with its value, or as missing."""

    values: tuple[Value, ...]
    missing: tuple[Missing, ...]

    def for_cloudformation(self) -> list[dict[str, Any]]:
        """The `Parameters` of CreateChangeSet.

        What is left out becomes the template's default, even if the stack has another value (API reference, Parameter):
        so a previous value is kept by saying so.
        """
        return [_request(value) for value in self.values if value.source != "default"]


class Retained(NamedTuple):
    """A value of the previous deployment that stays although the template's default is another."""

    name: str
    value: str
    default: str


class _Candidate(NamedTuple):
    text: str
    source: Provenance
    at: Traced | None = None


def settle(template: Mapping[str, Any], offered: Offered) -> Settled:
    """Each parameter's value. Raises `Rejected` with every value that a parameter does not take."""
    parameters = _parameters(template)
    faults = list(_unknown(parameters, offered))
    values, missing = [], []
    for name, parameter in sorted(parameters.items()):
        found = next(_candidates(name, parameter, offered), None)
        if found is None:
            missing.append(_missing(name, parameter))
            continue
        hidden = found.source == "previous" and is_masked(found.text)
        refused = None if hidden else _refusal(name, parameter, found)
        faults += [refused] if refused else []
        secret = is_secret(parameter)
        kept = found.source == "previous" and (hidden or secret)
        values.append(Value(name, None if kept else found.text, found.source, secret))
    if faults:
        hiding = list(_hiding(parameters, offered))
        raise Rejected(_guarded(each, hiding) for each in faults)
    return Settled(tuple(values), tuple(missing))


def refusal(template: Mapping[str, Any], name: str, text: str) -> Diagnostic | None:
    """Why a parameter does not take an answer that was asked for; None if it does."""
    return _refusal(name, _parameters(template)[name], _Candidate(text, "given"))


def unanswered(missing: Sequence[Missing]) -> Diagnostic:
    """What to say of parameters without a value where there is nobody to ask."""
    names = [each.name for each in missing]
    hint = (
        f"give {'it' if len(names) == 1 else 'each'} by --param {names[0]}=…\n"
        'or under "parameters" of a stage in omega.yaml, with --stage\n'
        "or in a file, with --params-file"
    )
    return fault("OM6005", f"no value for {_listed(names)}", hint=hint)


def retained(template: Mapping[str, Any], settled: Settled) -> tuple[Retained, ...]:
    """The previous values that a change of the template's defaults does not reach; those that are not told left out."""
    defaults = {name: text_of(each["Default"]) for name, each in _parameters(template).items() if "Default" in each}
    return tuple(
        Retained(each.name, each.value, defaults[each.name])
        for each in settled.values
        if each.source == "previous"
        and each.value is not None
        and each.name in defaults
        and each.value != defaults[each.name]
    )


def secrets(template: Mapping[str, Any], offered: Offered) -> tuple[str, ...]:
    """Every text that nothing may show: what is offered for secret parameters, whether it is taken or not."""
    found = {
        candidate.text
        for name, parameter in _parameters(template).items()
        if is_secret(parameter)
        for candidate in _candidates(name, parameter, offered)
        if candidate.text and not is_masked(candidate.text)
    }
    return tuple(sorted(found))


def is_secret(parameter: Mapping[str, Any]) -> bool:
    """Whether CloudFormation masks a parameter's value."""
    return text_of(parameter.get("NoEcho", False)).lower() == "true"


def _parameters(template: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = template.get("Parameters", {})
    return found


def _request(value: Value) -> dict[str, Any]:
    if value.source == "previous":
        return {"ParameterKey": value.name, "UsePreviousValue": True}
    return {"ParameterKey": value.name, "ParameterValue": value.value}


def _missing(name: str, parameter: Mapping[str, Any]) -> Missing:
    allowed = tuple(text_of(value) for value in parameter.get("AllowedValues", ()))
    return Missing(name, str(parameter.get("Description", "")), is_secret(parameter), allowed)


def _candidates(name: str, parameter: Mapping[str, Any], offered: Offered) -> Iterator[_Candidate]:
    """The values for a parameter, the one that goes first before the others."""
    if name in offered.given:
        yield _Candidate(offered.given[name], "given")
    written: tuple[tuple[Provenance, Traced | None], ...] = (("stage", offered.of_stage), ("file", offered.of_file))
    for source, values in written:
        at = values.get(name) if values else None
        if at is not None and at.value is not None:
            yield _Candidate(text_of(at.value), source, at)
    if name in offered.generated:
        yield _Candidate(offered.generated[name], "generated")
        return
    for each in offered.previous:
        if each["ParameterKey"] == name:
            yield _Candidate(each.get("ParameterValue", ""), "previous")
    if "Default" in parameter:
        yield _Candidate(text_of(parameter["Default"]), "default")


def is_masked(text: str) -> bool:
    """Whether a text is what DescribeStacks has in the place of a value with NoEcho: asterisks."""
    return bool(text) and not text.strip("*")


def _unknown(parameters: Mapping[str, Any], offered: Offered) -> Iterator[Diagnostic]:
    """The names that no parameter has; CloudFormation refuses them, too."""
    places: list[tuple[str, Traced | None]] = [(name, None) for name in offered.given]
    for values in (offered.of_stage, offered.of_file):
        places += values.items() if values else ()
    for name, at in places:
        if name not in parameters:
            near = suggestion(name, parameters)
            hint = near or f"parameters of this template: {', '.join(sorted(parameters)) or 'none'}"
            yield fault("OM6003", f'there is no parameter "{name}" to deploy with', at, hint=hint, at_key=True)


def _hiding(parameters: Mapping[str, Mapping[str, Any]], offered: Offered) -> Iterator[Span]:
    """Where secrets are written; a name that no parameter has may be a secret's, misspelt."""
    if not any(is_secret(parameter) for parameter in parameters.values()):
        return
    for values in (offered.of_stage, offered.of_file):
        for name, at in values.items() if values else ():
            if name not in parameters or is_secret(parameters[name]):
                yield from (origin.span for origin in at.origin.chain() if origin.span)


def _guarded(found: Diagnostic, hiding: Iterable[Span]) -> Diagnostic:
    """The diagnostic with its place in words where the line that would be shown has a secret in it."""
    span = found.span
    if not span or not any(_covers(each, span) for each in hiding):
        return found
    place = f"{span.source.path}:{span.line}:{span.column}"
    return found._replace(message=f"{place}: {found.message}", origin=None)


def _covers(secret: Span, span: Span) -> bool:
    last, _ = secret.source.position(max(secret.start, secret.end - 1))
    return secret.source is span.source and secret.line <= span.line <= last


def _refusal(name: str, parameter: Mapping[str, Any], found: _Candidate) -> Diagnostic | None:
    reason = broken(parameter, found.text)
    if reason is None:
        return None
    secret = is_secret(parameter)
    shown = HIDDEN if secret else _shown(found.text)
    allowed = [text_of(value) for value in parameter.get("AllowedValues", ())]
    hint = None if secret else suggestion(found.text, allowed)
    message = f"parameter {name} does not take {shown}{_WHENCE.get(found.source, '')}: {reason}"
    return fault("OM6004", message, found.at, hint=hint)


def _shown(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted if len(quoted) <= _MOST_SHOWN else f"{quoted[:_MOST_SHOWN]}…"


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
