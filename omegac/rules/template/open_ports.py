"""Ports that the whole world may knock at, though they are for administrators, or simply all of them."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.literals import ITEMS, Outcome, outcomes
from omegac.diagnostics import Diagnostic, fault
from omegac.source import Traced
from omegac.template import Body

_ADMINISTRATION = {22: "SSH", 3389: "RDP"}
_EVERY_PROTOCOL = "-1"
"""With it a rule opens every port, whatever ports it names (Amazon EC2, AuthorizeSecurityGroupIngress)."""
_TCP = ("6", "tcp")
_LAST_PORT = 65_535


def check(body: Body) -> Iterator[Diagnostic]:
    """Rules that let everyone reach SSH, RDP or every port."""
    for rule in _rules(body):
        what = _opened(body.root, rule)
        for source in _world(body.root, rule) if what else ():
            message = f"{what} to the whole world"
            hint = "name the addresses or the security group that need it; Session Manager needs no open port at all"
            yield fault("OM4101", message, source, hint=hint)


def _rules(body: Body) -> Iterator[Outcome]:
    """Every rule for what comes in."""
    for _, group in body.resources("AWS::EC2::SecurityGroup"):
        yield from outcomes(body.root, group, "Properties", "SecurityGroupIngress", ITEMS)
    for _, rule in body.resources("AWS::EC2::SecurityGroupIngress"):
        yield from outcomes(body.root, rule, "Properties")


def _opened(root: Traced, rule: Outcome) -> str | None:
    """What a rule opens that should not be open, if that is certain."""
    protocol, first, last = (_only(root, rule, key) for key in ("IpProtocol", "FromPort", "ToPort"))
    if str(protocol.known) == _EVERY_PROTOCOL:
        return "every port is open"
    if str(protocol.known).lower() not in _TCP or first.number is None or last.number is None:
        return None
    return _named(first.number, last.number)


def _named(first: float, last: float) -> str | None:
    if first <= 1 and last >= _LAST_PORT:
        return "every port is open"
    found = [f"{name} (port {port})" for port, name in _ADMINISTRATION.items() if first <= port <= last]
    return f"{' and '.join(found)} {'is' if len(found) == 1 else 'are'} open" if found else None


def _only(root: Traced, rule: Outcome, key: str) -> Outcome:
    """The value of a key, if there is but one that it can have."""
    values = list(outcomes(root, rule, key))
    return values[0] if len(values) == 1 else Outcome(None)


def _world(root: Traced, rule: Outcome) -> Iterator[Traced]:
    """The sources of a rule that are every address there is."""
    for key in ("CidrIp", "CidrIpv6"):
        for source in outcomes(root, rule, key):
            if source.value and source.text and source.text.strip().endswith("/0"):
                yield source.value
