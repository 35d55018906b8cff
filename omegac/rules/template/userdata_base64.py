"""Userdata that is plain text: EC2 takes base64 alone (Amazon EC2 API Reference, RequestLaunchTemplateData)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from omegac.cloudformation.places import LAUNCHERS, launched_with
from omegac.diagnostics import Diagnostic, fault
from omegac.template import Body

_FOREIGN = r"[^A-Za-z0-9+/=\s]"
_VARIABLE = r"\$\{[^!{}][^{}]*\}"
_DYNAMIC = "{{resolve:"


def check(body: Body) -> Iterator[Diagnostic]:
    """Scripts without `Fn::Base64`, told by characters that base64 does not have."""
    for name, launcher in body.resources(*LAUNCHERS):
        for userdata in launched_with(body.root, launcher, "UserData"):
            if userdata.value is not None and _is_plain(userdata.value.value):
                message = f"the userdata of {name} is plain text: EC2 refuses what is not base64"
                yield fault("OM5101", message, userdata.value, hint="write it within Fn::Base64")


def _is_plain(value: Any) -> bool:
    match value:
        case str():
            return _DYNAMIC not in value and re.search(_FOREIGN, value) is not None
        case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), _]}:
            return _is_plain(re.sub(_VARIABLE, "", text))
        case {"Fn::Join": [str(delimiter), [*items]]}:
            return any(map(_is_plain, items)) or (len(items) > 1 and _is_plain(delimiter))
        case _:
            return False
