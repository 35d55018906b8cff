"""The environment of what runs on this machine: what the spec says, what it was told, and who calls AWS."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from omegac.diagnostics import suggestion
from omegac.running.evaluation import Evaluation, Unknown

_REGION = "us-east-1"
"""Where nothing names a region."""
_NO_OTHERS = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
"""Keeps AWS's libraries from credentials that nobody has given: those of files, and of the instance this may be."""
_PROFILES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")


class Variables(NamedTuple):
    """Those of a function or a server."""

    values: Mapping[str, str]
    unknown: tuple[str, ...]
    """The names of those that are known only when they are deployed, and so are left out."""
    notes: tuple[str, ...]
    """Of what was told, what was probably meant for one of those that are left out."""


def variables(written: Mapping[str, Any], told: Mapping[str, str], evaluation: Evaluation) -> Variables:
    """What a spec's `environment` comes to on this machine, where some values were told."""
    known: dict[str, str] = {}
    unknown = []
    for name in sorted(written.keys() - told.keys()):
        try:
            if evaluation.value(written[name]) is not None:
                known[name] = evaluation.text(written[name])
        except Unknown:
            unknown.append(name)
    hints = ((name, suggestion(name, unknown)) for name in sorted(told.keys() - written.keys()))
    notes = tuple(f"the spec has no variable {name}: {hint}" for name, hint in hints if hint)
    return Variables({**known, **told}, tuple(unknown), notes)


def of_aws(region: str | None) -> dict[str, str]:
    """How AWS is called: as the variables of omegac's caller say, and in no other way."""
    given = {name: value for name, value in os.environ.items() if name.startswith("AWS_") and name not in _PROFILES}
    chosen = region or given.get("AWS_REGION") or given.get("AWS_DEFAULT_REGION") or _REGION
    return {**_NO_OTHERS, **given, "AWS_REGION": chosen, "AWS_DEFAULT_REGION": chosen}
