"""The environment of what runs on this machine: what the spec says, what it was told, and who calls AWS."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from omegac.construct import program_text
from omegac.diagnostics import Diagnostic, Rejected, fault, suggestion
from omegac.running.evaluation import Evaluation, Unknown
from omegac.source import Traced

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
    lists: tuple[str, ...]
    """The names of those that come to a list, or a mapping, of which no variable can be made."""
    notes: tuple[str, ...]
    """Of what was told, what was probably meant for one of the spec's."""


def variables(written: Mapping[str, Any], told: Mapping[str, str], evaluation: Evaluation) -> Variables:
    """What a spec's `environment` comes to on this machine, where some values were told."""
    known: dict[str, str] = {}
    unknown, lists = [], []
    for name in sorted(written.keys() - told.keys()):
        try:
            value = evaluation.value(written[name])
        except Unknown:
            unknown.append(name)
        else:
            if isinstance(value, list | dict):
                lists.append(name)
            elif value is not None:
                known[name] = program_text(value)
    hints = ((name, suggestion(name, written.keys() - told)) for name in sorted(told.keys() - written.keys()))
    notes = tuple(f"the spec has no variable {name}: {hint}" for name, hint in hints if hint)
    return Variables({**known, **told}, tuple(unknown), tuple(lists), notes)


def left_out(written: Traced | None, own: Variables) -> list[Diagnostic]:
    """What is said of the variables that are left out. Raises `Rejected` for those that are no text."""
    if written is None:
        return []
    hint = "!Join makes one text of its items, and !Select takes one of them"
    no_text = [
        fault("OM1103", f"{name} is a list, and a variable is text", written.at(name), hint=hint) for name in own.lists
    ]
    if no_text:
        raise Rejected(no_text)
    return [
        fault(
            "OM6311",
            f"{name} is known only when it is deployed, and is left out",
            written.at(name),
            hint=f"give it a value here: --env {name}=…",
        )
        for name in own.unknown
    ]


def of_aws(region: str | None) -> dict[str, str]:
    """How AWS is called: as the variables of omegac's caller say, and in no other way."""
    given = {name: value for name, value in os.environ.items() if name.startswith("AWS_") and name not in _PROFILES}
    chosen = region or given.get("AWS_REGION") or given.get("AWS_DEFAULT_REGION") or _REGION
    return {**_NO_OTHERS, **given, "AWS_REGION": chosen, "AWS_DEFAULT_REGION": chosen}
