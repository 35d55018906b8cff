"""A key pair without a name, mostly from a parameter whose default is to mean "none"."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.places import LAUNCHERS, launched_with
from omegac.diagnostics import Diagnostic, fault
from omegac.template import Body

_HINT = 'leave KeyName out, or make it {"Ref": "AWS::NoValue"} by an Fn::If where the name is empty'


def check(body: Body) -> Iterator[Diagnostic]:
    """Names of key pairs that are empty: there is no such key pair, and only a property that is absent means none."""
    for name, launcher in body.resources(*LAUNCHERS):
        for key in launched_with(body.root, launcher, "KeyName"):
            if key.value is not None and key.text == "":
                by_default = f", by the default of {key.parameter}" if key.parameter else ""
                message = f"KeyName of {name} is empty{by_default}: EC2 looks for a key pair of that name, and fails"
                yield fault("OM5103", message, key.value, hint=_HINT)
