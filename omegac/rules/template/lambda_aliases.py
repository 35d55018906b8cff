"""Aliases of functions that hold nothing still, or that Lambda refuses."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.literals import ITEMS, Outcome, jointly, least, outcomes
from omegac.diagnostics import Diagnostic, fault
from omegac.source import Traced
from omegac.template import Body

_LATEST = "$LATEST"
_PUBLISHED = (("RoutingConfig", "AdditionalVersionWeights"), ("ProvisionedConcurrencyConfig",))
"""What wants a published version (AWS Lambda, Configuring alias routing, Configuring provisioned concurrency)."""
_PUBLISH = "publish an AWS::Lambda::Version, and point the alias at its Version"


def check(body: Body) -> Iterator[Diagnostic]:
    """Aliases to what is not published, and weights that cannot be."""
    for name, alias in body.resources("AWS::Lambda::Alias"):
        for version in outcomes(body.root, alias, "Properties", "FunctionVersion"):
            if version.text == _LATEST:
                yield _to_latest(body.root, name, alias, version)
        yield from _routing(body.root, alias)


def _to_latest(root: Traced, name: str, alias: Traced, version: Outcome) -> Diagnostic:
    for route in _PUBLISHED:
        for setting in outcomes(root, alias, "Properties", *route):
            if setting.known and jointly([version], [setting]):
                message = f"Lambda refuses {route[0]} for {_LATEST}, which is no published version"
                return fault("OM5403", message, version.value, hint=_PUBLISH)
    message = f"{name} moves with every upload, as the function itself does: there is nothing to go back to"
    return fault("OM5402", message, version.value, hint=_PUBLISH)


def _routing(root: Traced, alias: Traced) -> Iterator[Diagnostic]:
    """AWS Lambda, CreateAlias: one further version, published and not the alias's own, with a part of the calls."""
    route = ("Properties", "RoutingConfig", "AdditionalVersionWeights")
    for weights in outcomes(root, alias, *route):
        if least(root, weights) > 1:
            message = "an alias routes to two versions at most: its own and one more"
            yield fault("OM5403", message, weights.value, hint="leave one entry", at_key=True)
        for weight in outcomes(root, weights, ITEMS):
            yield from _weight(root, alias, weight)


def _weight(root: Traced, alias: Traced, weight: Outcome) -> Iterator[Diagnostic]:
    own = alias.find("Properties", "FunctionVersion")
    for version in outcomes(root, weight, "FunctionVersion"):
        if version.text == _LATEST:
            yield fault("OM5403", f"no part of the calls can go to {_LATEST}", version.value, hint=_PUBLISH)
        elif version.value and own and version.value.value == own.value:
            message = "the alias routes to this version already"
            yield fault("OM5403", message, version.value, hint="name the other version, or take the weights out")
    for share in outcomes(root, weight, "FunctionWeight"):
        if share.number is not None and not 0 <= share.number <= 1:
            message = f"a weight is a part of all calls, from 0 to 1, not {share.known}"
            yield fault("OM5403", message, share.value, hint="0.1 is a tenth")
