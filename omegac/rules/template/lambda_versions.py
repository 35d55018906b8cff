"""Versions of functions that are published once, by the deployment that creates them, and never again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omegac.diagnostics import Diagnostic, fault
from omegac.template import Body

_CHANGING = r"[0-9]"
"""A digest, a date or a number, one of which whoever publishes by hand counts up."""


def check(body: Body) -> Iterator[Diagnostic]:
    """Versions in which nothing can change when the code does."""
    for name, version in body.resources("AWS::Lambda::Version"):
        properties = version.find("Properties")
        if not properties or not isinstance(properties.value, dict) or properties.find("CodeSha256"):
            continue
        # All properties of a version are create-only (CloudFormation's schema of the type): another version is
        # published only where one of them, or the logical id, is another.
        description = properties.value.get("Description", "")
        if isinstance(description, str) and not re.search(_CHANGING, name + description):
            message = f"{name} is published once: nothing in it changes when the function does, so no other follows"
            hint = "put a digest of the code into its logical id, or say CodeSha256"
            yield fault("OM5401", message, version, hint=hint, at_key=True)
