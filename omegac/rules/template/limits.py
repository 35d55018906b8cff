"""CloudFormation's quotas (AWS CloudFormation guide, Understand CloudFormation quotas) and Lambda's."""

from __future__ import annotations

import json
from collections.abc import Iterator

from omegac.diagnostics import Diagnostic, fault
from omegac.source import Traced
from omegac.template import Body

_COUNTS = {"Resources": 500, "Parameters": 200, "Outputs": 200, "Mappings": 200}
_NAME_CHARACTERS = 255
_DESCRIPTION_BYTES = 1_024
_PARAMETER_DESCRIPTION_BYTES = 4_000
_DEFAULT_BYTES = 4_096
_ENVIRONMENT_BYTES = 4_096
_TEMPLATE_BYTES = 1_000_000
_SPLIT = "split the service into several stacks"


def check(body: Body) -> Iterator[Diagnostic]:
    """What exceeds a quota."""
    yield from _counts(body)
    yield from _names(body)
    yield from _texts(body)
    yield from _environments(body)
    yield from _size(body)


def _counts(body: Body) -> Iterator[Diagnostic]:
    for section, limit in _COUNTS.items():
        found = body.root.get(section)
        if found and isinstance(found.value, dict) and len(found.value) > limit:
            message = f"{len(found.value)} {section.lower()}: a template holds {limit} at most"
            yield fault("OM3101", message, found, hint=_SPLIT, at_key=True)


def _names(body: Body) -> Iterator[Diagnostic]:
    for section in _COUNTS:
        for name, entry in body.entries(section):
            if len(name) > _NAME_CHARACTERS:
                message = f"the name {name[:40]}… has {len(name)} characters: {_NAME_CHARACTERS} at most"
                yield fault("OM3102", message, entry, at_key=True)


def _texts(body: Body) -> Iterator[Diagnostic]:
    root = body.root
    description = root.get("Description")
    if description:
        yield from _too_long(description, "the description", _DESCRIPTION_BYTES)
    for name, parameter in body.entries("Parameters"):
        for key, limit in (("Description", _PARAMETER_DESCRIPTION_BYTES), ("Default", _DEFAULT_BYTES)):
            text = parameter.get(key)
            if text:
                yield from _too_long(text, f"the {key.lower()} of {name}", limit)
    for name, output in body.entries("Outputs"):
        text = output.get("Description")
        if text:
            yield from _too_long(text, f"the description of the output {name}", _DESCRIPTION_BYTES)


def _too_long(text: Traced, what: str, limit: int) -> Iterator[Diagnostic]:
    size = len(str(text.value).encode())
    if size > limit:
        yield fault("OM3102", f"{what} has {size:,} bytes: {limit:,} at most", text)


def _environments(body: Body) -> Iterator[Diagnostic]:
    """Lambda counts names and values as JSON; what is only known at deployment counts as empty here."""
    for name, function in body.resources("AWS::Lambda::Function"):
        variables = function.find("Properties", "Environment", "Variables")
        if not variables or not isinstance(variables.value, dict):
            continue
        known = {key: value if isinstance(value, str) else "" for key, value in variables.value.items()}
        size = len(json.dumps(known, separators=(",", ":"), ensure_ascii=False).encode())
        if size > _ENVIRONMENT_BYTES:
            message = f"the environment of {name} has {size:,} bytes: Lambda takes {_ENVIRONMENT_BYTES:,}"
            hint = "put what is large into the artifact, or into a parameter that the function reads"
            yield fault("OM3103", message, variables, hint=hint)


def _size(body: Body) -> Iterator[Diagnostic]:
    size = len(body.text.encode())
    if size <= _TEMPLATE_BYTES:
        return
    size = len(json.dumps(body.root.value, separators=(",", ":"), ensure_ascii=False).encode())
    if size > _TEMPLATE_BYTES:
        message = f"the template has {size:,} bytes without white space: CloudFormation takes {_TEMPLATE_BYTES:,}"
        yield fault("OM3104", message, body.root, hint=_SPLIT)
