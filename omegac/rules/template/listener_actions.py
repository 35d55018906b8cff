"""Actions of load balancers that lack what their type takes, or send a request round in circles.

Elastic Load Balancing API Reference, Action and RedirectActionConfig: "You must modify at least one of the following
components to avoid a redirect loop: protocol, hostname, port, or path."
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from omegac.cloudformation.literals import Outcome, jointly, outcomes
from omegac.cloudformation.places import ROUTERS, actions
from omegac.diagnostics import Diagnostic, fault
from omegac.template import Body

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "authenticate-cognito": ("AuthenticateCognitoConfig",),
    "authenticate-oidc": ("AuthenticateOidcConfig",),
    "fixed-response": ("FixedResponseConfig",),
    "forward": ("TargetGroupArn", "ForwardConfig"),
    "jwt-validation": ("JwtValidationConfig",),
    "redirect": ("RedirectConfig",),
}
"""For each type, the keys of which it needs one."""

_SAME = {"Host": "#{host}", "Path": "/#{path}", "Port": "#{port}", "Protocol": "#{protocol}"}
"""Where a redirection leads that changes nothing."""


def check(body: Body) -> Iterator[Diagnostic]:
    """Actions that the load balancer refuses."""
    for name, router in body.resources(*ROUTERS):
        for action in actions(body.root, router):
            if isinstance(action.known, dict):
                yield from _incomplete(body, name, action)
                yield from _circular(body, name, action)


def _incomplete(body: Body, name: str, action: Outcome) -> Iterator[Diagnostic]:
    for kind in outcomes(body.root, action, "Type"):
        needed = _NEEDED.get(kind.text or "", ())
        lacking = ([each for each in outcomes(body.root, action, key) if each.absent] for key in needed)
        if needed and jointly([kind], *lacking):
            keys = " or ".join(needed)
            message = f"an action of {name} is of the type {kind.text}, but has no {keys}: the load balancer refuses it"
            yield fault("OM5304", message, kind.value, hint=f"add {keys}")


def _circular(body: Body, name: str, action: Outcome) -> Iterator[Diagnostic]:
    for redirection in outcomes(body.root, action, "RedirectConfig"):
        if isinstance(redirection.known, dict):
            found = ((outcomes(body.root, redirection, key), same) for key, same in _SAME.items())
            unchanged = ([each for each in parts if each.absent or each.text == same] for parts, same in found)
            if jointly(*unchanged):
                message = f"{name} redirects a request to where it came from: the load balancer refuses such a loop"
                hint = 'change the protocol, host, port or path, such as Protocol: HTTPS with Port: "443"'
                yield fault("OM5305", message, redirection.value, hint=hint, at_key=True)
