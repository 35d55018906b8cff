"""Health checks of target groups (Elastic Load Balancing API Reference, CreateTargetGroup)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeAlias

from omegac.cloudformation.literals import Outcome, jointly, outcomes
from omegac.diagnostics import Diagnostic, fault
from omegac.template import Body

_Setting: TypeAlias = Callable[[str], Iterator[Outcome]]
"""Asks for a property of a target group."""

_WEB = ("HTTP", "HTTPS")
_NETWORK = ("GENEVE", "QUIC", "TCP", "TCP_QUIC", "TCP_UDP", "TLS", "UDP")
_SETTINGS = (
    "HealthCheckPath",
    "Matcher",
    "HealthCheckIntervalSeconds",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "UnhealthyThresholdCount",
)
_SHORTEST_DEFAULT = 5
"""Seconds of the timeout, where none is given, for the group with the shortest."""


def check(body: Body) -> Iterator[Diagnostic]:
    """Health checks that are refused, and those that never happen."""
    for name, group in body.resources("AWS::ElasticLoadBalancingV2::TargetGroup"):
        setting: _Setting = partial(outcomes, body.root, group, "Properties")
        yield from _protocol(name, setting)
        yield from _path(name, setting)
        yield from _switched_off(name, setting)
        yield from _asleep(name, setting)
        yield from _pace(name, setting)


def _protocol(name: str, setting: _Setting) -> Iterator[Diagnostic]:
    """Only HTTP, HTTPS and TCP check anything, and TCP no group that speaks HTTP."""
    web = [protocol for protocol in setting("Protocol") if protocol.text in _WEB]
    for checks in setting("HealthCheckProtocol"):
        if checks.text == "TCP" and jointly([checks], web):
            message = f"{name} speaks {web[0].text}, so the load balancer refuses to check its health by TCP"
            yield fault("OM5306", message, checks.value, hint="leave it out, or write HTTP or HTTPS")
        elif checks.text in _NETWORK and checks.text != "TCP":
            message = f"the load balancer cannot check the health of {name} by {checks.text}"
            yield fault("OM5306", message, checks.value, hint="write TCP, HTTP or HTTPS")


def _path(name: str, setting: _Setting) -> Iterator[Diagnostic]:
    """TCP has no paths, and a path begins with a slash."""
    by_tcp = list(_by_tcp(setting))
    for path in setting("HealthCheckPath"):
        if path.present and path.text != "" and any(jointly([path], *causes) for causes in by_tcp):
            message = f"the health of {name} is checked by TCP: the load balancer refuses a path"
            hint = "write HealthCheckProtocol: HTTP, or leave HealthCheckPath out"
            yield fault("OM5306", message, path.value, hint=hint, at_key=True)
        elif path.text and not path.text.startswith(("/", "{{resolve:")):
            message = f'the load balancer refuses the path "{path.text}" for the health of {name}'
            yield fault("OM5306", message, path.value, hint=f'begin it with a slash: "/{path.text}"')


def _by_tcp(setting: _Setting) -> Iterator[list[list[Outcome]]]:
    """What makes the checks be by TCP, the default of network load balancers for all but other load balancers."""
    yield [[checks for checks in setting("HealthCheckProtocol") if checks.text == "TCP"]]
    yield [
        [checks for checks in setting("HealthCheckProtocol") if checks.absent],
        [protocol for protocol in setting("Protocol") if protocol.text in _NETWORK],
        [kind for kind in setting("TargetType") if kind.absent or kind.text in ("instance", "ip")],
    ]


def _switched_off(name: str, setting: _Setting) -> Iterator[Diagnostic]:
    """Only checks of functions can be switched off."""
    kinds = [kind for kind in setting("TargetType") if kind.absent or kind.text in ("alb", "instance", "ip")]
    for switch in setting("HealthCheckEnabled"):
        if switch.truth is False and jointly([switch], kinds):
            message = f"health checks of {name} cannot be switched off: the load balancer refuses to, but for functions"
            yield fault("OM5307", message, switch.value, hint="leave HealthCheckEnabled out")


def _asleep(name: str, setting: _Setting) -> Iterator[Diagnostic]:
    """Checks of functions are off until they are switched on."""
    functions = [kind for kind in setting("TargetType") if kind.text == "lambda"]
    off = [switch for switch in setting("HealthCheckEnabled") if switch.absent or switch.truth is False]
    for key in _SETTINGS:
        for found in setting(key):
            if found.present and jointly([found], functions, off):
                message = f"health checks of {name} are off, so {key} has no effect"
                hint = "write HealthCheckEnabled: true; each check calls the function"
                yield fault("OM5308", message, found.value, hint=hint, at_key=True)
                return


def _pace(name: str, setting: _Setting) -> Iterator[Diagnostic]:
    """A check is over before the next one begins; those of network load balancers may just meet."""
    web = [protocol for protocol in setting("Protocol") if protocol.text in _WEB]
    for interval in setting("HealthCheckIntervalSeconds"):
        for timeout in setting("HealthCheckTimeoutSeconds"):
            apart = jointly([interval], [timeout], web)
            wait = _SHORTEST_DEFAULT if timeout.absent and apart else timeout.number
            if interval.number is None or wait is None or not jointly([interval], [timeout]):
                continue
            if wait > interval.number or (apart and wait == interval.number):
                message = (
                    f"{name} checks every {interval.number:g} seconds, and waits {wait:g} for an answer:"
                    " the load balancer refuses a timeout that is not shorter than the interval"
                )
                hint = "write a HealthCheckTimeoutSeconds below HealthCheckIntervalSeconds"
                yield fault("OM5309", message, timeout.value or interval.value, hint=hint)
                break
