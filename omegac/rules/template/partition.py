"""ARNs that would be right in every partition, were not `aws` written in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omegac.diagnostics import Diagnostic, Related, fault
from omegac.source import Traced
from omegac.template import Body

_START = "arn:aws:"
_NAME = r"\$\{[^}]*\}"
_REGION = r"[a-z]{2}(?:-[a-z]+)+-[0-9]"
_SHOWN = 3
"""How many more places are shown; a template that does it at all does it often."""


def check(body: Body) -> Iterator[Diagnostic]:
    """All places where the partition is written, as one finding."""
    if _START not in body.text:
        return
    sections = [entry for section in ("Resources", "Outputs") for _, entry in body.entries(section)]
    parts = [part for entry in sections for key in ("Properties", "Value") if (part := entry.find(key))]
    found = [arn for part in parts for arn in _arns(part)]
    if found:
        first, *others = found
        many = f" and {len(others)} more" if others else ""
        message = f"this ARN{many} cannot be right in China or GovCloud, whose partitions are not aws"
        spans = [arn.origin.span for arn in others[:_SHOWN]]
        related = [Related(span, "and here") for span in spans if span]
        hint = "write arn:${AWS::Partition}:… in Fn::Sub"
        yield fault("OM4207", message, first, hint=hint, related=related)


def _arns(value: Traced) -> Iterator[Traced]:
    """The ARNs within a value; not those that a condition chooses, which may well ask for the partition."""
    if isinstance(value.value, str):
        if value.value.startswith(_START) and _is_general(value.value):
            yield value
    elif isinstance(value.value, list):
        for child in value.elements():
            yield from _arns(child)
    elif isinstance(value.value, dict):
        for key, child in value.items():
            if key != "Fn::If":
                yield from _arns(child)


def _is_general(arn: str) -> bool:
    """Whether nothing but the partition ties it to one: no region, no account and no bucket of its own."""
    region, account, resource = [*re.sub(_NAME, "$", arn).split(":", 5)[3:], "", "", ""][:3]
    if re.fullmatch(_REGION, region) or account.isdecimal():
        return False
    return bool(account) or not resource or resource[0] in "$*"
