"""CloudFormation's quotas (AWS CloudFormation guide, Understand CloudFormation quotas) and Lambda's."""

from __future__ import annotations

import json
from collections.abc import Iterator

from omegac.diagnostics import Diagnostic, fault
from omegac.source import Traced
from omegac.template import Compilation

_COUNTS = {"Resources": 500, "Parameters": 200, "Outputs": 200, "Mappings": 200}
_NAME_CHARACTERS = 255
_DESCRIPTION_BYTES = 1_024
_PARAMETER_DESCRIPTION_BYTES = 4_000
_DEFAULT_BYTES = 4_096
_ENVIRONMENT_BYTES = 4_096
_TEMPLATE_BYTES = 1_000_000
_SPLIT = "split the service into several stacks"


def check(compilation: Compilation) -> Iterator[Diagnostic]:
    """What exceeds a quota."""
    yield from _counts(compilation)
    yield from _names(compilation)
    yield from _texts(compilation)
    yield from _environments(compilation)
    yield from _size(compilation)


def _counts(compilation: Compilation) -> Iterator[Diagnostic]:
    for section, limit in _COUNTS.items():
        count = len(compilation.root.value.get(section, {}))
        if count > limit:
            message = f"{count} {section.lower()}: a template holds {limit} at most"
            yield fault("OM3101", message, compilation.spec.document.at("service"), hint=_SPLIT)


def _names(compilation: Compilation) -> Iterator[Diagnostic]:
    for section in _COUNTS:
        for name, body in _items(compilation, section):
            if len(name) > _NAME_CHARACTERS:
                message = f"the name {name[:40]}… has {len(name)} characters: {_NAME_CHARACTERS} at most"
                yield fault("OM3102", message, body, at_key=True)


def _texts(compilation: Compilation) -> Iterator[Diagnostic]:
    root = compilation.root
    description = root.get("Description")
    if description:
        yield from _too_long(description, "the description", _DESCRIPTION_BYTES)
    for name, parameter in _items(compilation, "Parameters"):
        for key, limit in (("Description", _PARAMETER_DESCRIPTION_BYTES), ("Default", _DEFAULT_BYTES)):
            text = parameter.get(key)
            if text:
                yield from _too_long(text, f"the {key.lower()} of {name}", limit)
    for name, output in _items(compilation, "Outputs"):
        text = output.get("Description")
        if text:
            yield from _too_long(text, f"the description of the output {name}", _DESCRIPTION_BYTES)


def _too_long(text: Traced, what: str, limit: int) -> Iterator[Diagnostic]:
    size = len(str(text.value).encode())
    if size > limit:
        yield fault("OM3102", f"{what} has {size:,} bytes: {limit:,} at most", text)


def _environments(compilation: Compilation) -> Iterator[Diagnostic]:
    """Lambda counts names and values as JSON; what is only known at deployment counts as empty here."""
    for name, body in _items(compilation, "Resources"):
        variables = body.find("Properties", "Environment", "Variables")
        if body.value.get("Type") != "AWS::Lambda::Function" or not variables or not isinstance(variables.value, dict):
            continue
        known = {key: value if isinstance(value, str) else "" for key, value in variables.value.items()}
        size = len(json.dumps(known, separators=(",", ":"), ensure_ascii=False).encode())
        if size > _ENVIRONMENT_BYTES:
            message = f"the environment of {name} has {size:,} bytes: Lambda takes {_ENVIRONMENT_BYTES:,}"
            hint = "put what is large into the artifact, or into a parameter that the function reads"
            yield fault("OM3103", message, variables, hint=hint)


def _size(compilation: Compilation) -> Iterator[Diagnostic]:
    size = len(compilation.template.encode())
    if size <= _TEMPLATE_BYTES:
        return
    size = len(json.dumps(compilation.root.value, separators=(",", ":"), ensure_ascii=False).encode())
    if size > _TEMPLATE_BYTES:
        message = f"the template has {size:,} bytes without white space: CloudFormation takes {_TEMPLATE_BYTES:,}"
        yield fault("OM3104", message, compilation.spec.document.at("service"), hint=_SPLIT)


def _items(compilation: Compilation, section: str) -> list[tuple[str, Traced]]:
    found = compilation.root.get(section)
    if found and not isinstance(found.value, dict):
        return []
    return [(name, body) for name, body in found.items() if isinstance(body.value, dict)] if found else []
