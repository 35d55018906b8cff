"""Public URLs of functions that nobody may call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from omegac.cloudformation.literals import Outcome, outcomes
from omegac.diagnostics import Diagnostic, fault
from omegac.source import Traced
from omegac.template import Body

_ACTIONS = ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction")
"""What everyone must be allowed, both since October 2025 (AWS Lambda, Control access to function URLs)."""


class _Target(NamedTuple):
    """What a URL or a permission is for."""

    function: str
    qualifier: str | None = None


def check(body: Body) -> Iterator[Diagnostic]:
    """URLs without authorization whose function's policy lets nobody in: every call is answered with 403."""
    permissions = [permission for _, permission in body.resources("AWS::Lambda::Permission")]
    for name, url in body.resources("AWS::Lambda::Url"):
        kind, target = url.find("Properties", "AuthType"), _of_url(body.root, url)
        if kind is None or kind.value != "NONE" or target is None:
            continue
        missing = [action for action in _ACTIONS if not any(_may(body.root, it, action, target) for it in permissions)]
        if missing:
            of = target.function + (f":{target.qualifier}" if target.qualifier else "")
            message = f"nobody may call {name}: no permission gives everyone {' and '.join(missing)} on {of}"
            hint = 'give each an AWS::Lambda::Permission with Principal: "*", on the same function and qualifier'
            yield fault("OM5404", message, kind, hint=hint)


def _may(root: Traced, permission: Traced, action: str, target: _Target) -> bool:
    """Whether a permission lets everyone do it, as far as the template tells."""
    allowed = any(each.text in (None, action, "lambda:*", "*") for each in _property(root, permission, "Action"))
    everyone = any(each.text in (None, "*") for each in _property(root, permission, "Principal"))
    functions = (_target(root, each) for each in _property(root, permission, "FunctionName"))
    return allowed and everyone and any(function in (None, target) for function in functions)


def _of_url(root: Traced, url: Traced) -> _Target | None:
    found = [_target(root, each) for each in _property(root, url, "TargetFunctionArn")]
    qualifiers = list(_property(root, url, "Qualifier"))
    if len(found) != 1 or len(qualifiers) != 1 or found[0] is None:
        return None
    (qualifier,) = qualifiers
    if qualifier.absent:
        return found[0]
    return found[0]._replace(qualifier=qualifier.text) if qualifier.text else None


def _property(root: Traced, resource: Traced, key: str) -> Iterator[Outcome]:
    return outcomes(root, resource, "Properties", key)


def _target(root: Traced, outcome: Outcome) -> _Target | None:
    """The function, or the alias of one, that is referred to, if the template has it."""
    reference = outcome.reference
    resource = root.find("Resources", reference.name) if reference else None
    kind = resource.find("Type") if resource else None
    if reference is None or resource is None or kind is None:
        return None
    if kind.value == "AWS::Lambda::Function":
        return _Target(reference.name)
    functions = [each.reference for each in _property(root, resource, "FunctionName")]
    alias = resource.find("Properties", "Name")
    if kind.value == "AWS::Lambda::Alias" and functions and functions[0] and alias and isinstance(alias.value, str):
        return _Target(functions[0].name, alias.value)
    return None
