"""The userdata of whatever launches instances, as the difference by lines of the script that people wrote."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from difflib import unified_diff
from typing import Any

from omegac.cloudformation.intrinsics import is_intrinsic
from omegac.cloudformation.places import LAUNCHERS
from omegac.deployment.properties import ABSENT, at
from omegac.diagnostics import Rejected
from omegac.source import Origins, Traced
from omegac.userdata.reverse import reverse

_CONTEXT = 3
"""Lines around a change that are shown with it."""


def userdata_path(resource_type: str) -> str | None:
    """The JSON pointer to the userdata in a resource of a type, or None where that has none."""
    route = LAUNCHERS.get(resource_type)
    return f"/{'/'.join(route)}/UserData" if route else None


def script_difference(
    resource_type: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[str, ...]:
    """A unified difference without its two lines of head; empty where there is no userdata, or it stays."""
    path = userdata_path(resource_type)
    if path is None:
        return ()
    one, other = (script(at(body or {}, path)).splitlines() for body in (before, after))
    return tuple(unified_diff(one, other, n=_CONTEXT, lineterm=""))[2:]


def script(userdata: Any) -> str:
    """Userdata as a script: with inline intrinsics as in a spec, or as an instance gets it where it is resolved."""
    if userdata is ABSENT or userdata is None:
        return ""
    decoded = _decoded(userdata)
    if decoded is not None:
        return decoded
    try:
        return reverse(Traced(userdata, Origins(None)))
    except Rejected:
        return json.dumps(userdata, ensure_ascii=False, indent=2)


def is_readable(userdata: Any) -> bool:
    """Whether userdata, as it is, says what an instance will run."""
    return userdata is ABSENT or is_intrinsic(userdata) or _decoded(userdata) is not None


def _decoded(userdata: Any) -> str | None:
    """The text of what is base64; None for an expression, for what is compressed, and for what was cut."""
    if not isinstance(userdata, str):
        return None
    try:
        return b64decode(userdata, validate=True).decode("utf-8")
    except ValueError:
        return None
