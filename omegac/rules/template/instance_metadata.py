"""Instances whose metadata, and with it their role's credentials, answer to a plain request (IMDSv1)."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.literals import Outcome, outcomes
from omegac.cloudformation.places import LAUNCHERS, launched_with
from omegac.diagnostics import Diagnostic, fault
from omegac.source import Traced
from omegac.template import Body

_HINT = "write MetadataOptions: {HttpTokens: required}, once no program on it asks without a token"


def check(body: Body) -> Iterator[Diagnostic]:
    """Instances that allow version 1, and those with a role that leave it to the image and the account."""
    for name, launcher in body.resources(*LAUNCHERS):
        for settings in launched_with(body.root, launcher):
            # An instance that names a launch template has its options.
            if isinstance(settings.known, dict) and "LaunchTemplate" not in settings.known:
                yield from _of_instance(body.root, name, launcher, settings)


def _of_instance(root: Traced, name: str, launcher: Traced, settings: Outcome) -> Iterator[Diagnostic]:
    if any(endpoint.text == "disabled" for endpoint in outcomes(root, settings, "MetadataOptions", "HttpEndpoint")):
        return
    tokens = list(outcomes(root, settings, "MetadataOptions", "HttpTokens"))
    for token in tokens:
        if token.text == "optional":
            message = f"{name} answers requests without a token, which a program is easily tricked into sending"
            yield fault("OM4102", message, token.value, hint=_HINT)
    if all(token.absent for token in tokens) and "IamInstanceProfile" in settings.known:
        # The image's ImdsSupport and the account's defaults (Amazon EC2, Order of precedence for instance metadata
        # options).
        message = f"whether {name} answers requests without a token is left to the image and the account"
        options = settings.value and settings.value.get("MetadataOptions")
        yield fault("OM4102", message, options or launcher, hint=_HINT, at_key=True)
