"""The environment of what runs on this machine: what the spec says, what it was told, and who calls AWS."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from omegac.cloudformation.intrinsics import is_intrinsic
from omegac.construct import program_text

_REGION = "us-east-1"
"""Where nothing names a region."""


_PROFILES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")


class Variables(NamedTuple):
    """Those of a function or a server."""

    values: Mapping[str, str]
    unknown: tuple[str, ...]
    """The names of those that are known only when they are deployed, and so are left out."""


def variables(written: Mapping[str, Any], told: Mapping[str, str]) -> Variables:
    """What a spec's `environment` comes to on this machine, where some values were told."""
    known = {name: program_text(value) for name, value in written.items() if not is_intrinsic(value)}
    return Variables({**known, **told}, tuple(sorted(set(written) - set(known) - set(told))))


def of_aws(region: str | None) -> dict[str, str]:
    """How AWS is called: as the variables of omegac's caller say, and by no file of that person's."""
    given = {name: value for name, value in os.environ.items() if name.startswith("AWS_") and name not in _PROFILES}
    chosen = region or given.get("AWS_REGION") or given.get("AWS_DEFAULT_REGION") or _REGION
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return {**nowhere, **given, "AWS_REGION": chosen, "AWS_DEFAULT_REGION": chosen}
