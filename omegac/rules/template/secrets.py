"""Secrets where more people may look than may know them: keys that are written out, and values that end in clear text.

In the scripts of launch templates that are an Fn::Join, `userdata.guards` finds what is found here elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from omegac.cloudformation.intrinsics import named
from omegac.cloudformation.literals import Outcome
from omegac.cloudformation.places import LAUNCHERS
from omegac.diagnostics import Diagnostic, fault
from omegac.source import Origin, Route, Traced
from omegac.template import Body

# By the prefixes that their makers document, so that nothing else is taken for one.
_KEY = re.compile(
    r"""\b(?: (?P<AWS> (?:AKIA|ASIA)[A-Z2-7]{16} )
            | (?P<GitHub> gh[opsu]_[A-Za-z0-9]{36} | github_pat_[A-Za-z0-9_]{82} )
            | (?P<Slack> xox[abprs]-[A-Za-z0-9-]{20,} )
            | (?P<Stripe> [rs]k_live_[A-Za-z0-9]{20,} ) )\b""",
    re.VERBOSE,
)
# The header of RFC 7468 and of OpenSSH, and the key itself, which a script may go on with in its next piece.
_PRIVATE_KEY = r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*(?:[A-Za-z0-9+/]|$)"
_SIGNS = ("AKIA", "ASIA", "PRIVATE KEY-----", "_live_", "gho_", "ghp_", "ghs_", "ghu_", "github_pat_", "xox")
"""One of them is in each of those; to look for them first costs next to nothing."""
# Of ssm-secure cfn-lint knows that CloudFormation takes it at a few properties alone, none of these among them.
_DYNAMIC = "{{resolve:secretsmanager:"
_SCRIPTS = [(*route, "UserData", "Fn::Base64", "Fn::Join") for route in LAUNCHERS.values()]
"""Where in a resource the rule on userdata looks for secrets."""


class _Place(NamedTuple):
    """Where a resource has texts that are not for secrets."""

    route: tuple[str, ...]
    code: str
    readers: str
    hint: str


_ENVIRONMENT = _Place(
    ("Properties", "Environment", "Variables"),
    "OM4004",
    "everyone who may see the function's configuration",
    "give the function the name of the secret instead, and the right to read it when it starts",
)
_USERDATA = _Place(
    ("UserData",),
    "OM4001",
    "everyone who may see the instance's attributes, and to every program on it",
    "let the instance fetch it when it starts, from Parameter Store or Secrets Manager",
)
_OUTPUT = _Place(
    ("Value",),
    "OM4005",
    "everyone who may see the stack",
    "leave it out: whoever needs the secret reads it where it is kept",
)
_PLACES = {
    **{kind: _USERDATA._replace(route=(*route, *_USERDATA.route)) for kind, route in LAUNCHERS.items()},
    "AWS::Lambda::Function": _ENVIRONMENT,
    "AWS::Serverless::Function": _ENVIRONMENT,
}


def check(body: Body) -> Iterator[Diagnostic]:
    """Keys in any text; hidden parameters in outputs, and secrets too in environments of functions and in userdata."""
    if any(sign in body.text for sign in _SIGNS):
        yield from _written(body.root, ())
    hidden = {name for name, parameter in body.entries("Parameters") if Outcome(parameter.get("NoEcho")).truth}
    if not hidden and _DYNAMIC not in body.text:
        return
    for kind, place in _PLACES.items():
        for _, resource in body.resources(kind):
            value = resource.find(*place.route)
            if value and not _is_guarded(kind, value):
                yield from _clear(place, value, hidden)
    for _, output in body.entries("Outputs") if hidden else ():
        value = output.find(*_OUTPUT.route)
        # References to Secrets Manager are resolved in resources alone (guide, Get values stored in other services).
        yield from _clear(_OUTPUT, value, hidden, dynamic=False) if value else ()


def _clear(place: _Place, value: Traced, hidden: AbstractSet[str], *, dynamic: bool = True) -> Iterator[Diagnostic]:
    for origin, what in _resolved(value, hidden, dynamic=dynamic):
        yield fault(place.code, f"{what} is clear text here to {place.readers}", origin, hint=place.hint)


def _written(value: Traced, route: Route) -> Iterator[Diagnostic]:
    if isinstance(value.value, dict):
        for key, child in value.items():
            yield from _written(child, (*route, key))
    elif isinstance(value.value, list):
        for index, child in enumerate(value.elements()):
            yield from _written(child, (*route, index))
    elif isinstance(value.value, str):
        yield from _keys(value, guarded=any(route[2 : 2 + len(script)] == script for script in _SCRIPTS))


def _keys(text: Traced, *, guarded: bool) -> Iterator[Diagnostic]:
    for found in _KEY.finditer(text.value):
        if not (guarded and found["AWS"]):
            message = f"{found[0][:8]}… looks like a key of {found.lastgroup}: everyone who may see the stack reads it"
            hint = "withdraw it; what runs gets rights by its role, or another key from Secrets Manager"
            yield fault("OM4002", message, text.origin.narrowed(found[0]), hint=hint)
    for found in re.finditer(_PRIVATE_KEY, text.value):
        message = "a private key is written out: everyone who may see the stack reads it"
        hint = "replace it, and let what runs fetch the new one from Secrets Manager"
        yield fault("OM4003", message, text.origin.narrowed(found[0].split("\n")[0]), hint=hint)


def _is_guarded(kind: str, value: Traced) -> bool:
    items = value.find("Fn::Base64", "Fn::Join")
    return kind in LAUNCHERS and items is not None and isinstance(items.value, list) and items.value[:1] == [""]


def _resolved(value: Traced, hidden: AbstractSet[str], *, dynamic: bool) -> Iterator[tuple[Origin, str]]:
    """The secrets that a value takes in: where, and what it is."""
    if isinstance(value.value, str) and dynamic and _DYNAMIC in value.value:
        yield value.origin.narrowed(_DYNAMIC), "a secret"
    elif isinstance(value.value, dict):
        for key, child in value.items():
            for reference in named(key, child.value):
                if reference.kind == "ref" and reference.name in hidden:
                    what = f"the parameter {reference.name}, which is hidden elsewhere,"
                    yield value.origin.narrowed(f"${{{reference.name}}}"), what
            yield from _resolved(child, hidden, dynamic=dynamic)
    elif isinstance(value.value, list):
        for child in value.elements():
            yield from _resolved(child, hidden, dynamic=dynamic)
