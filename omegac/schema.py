"""The language's schema as data, for validation (`validate`), for defaults (`bind`) and for `omegac schema`."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from omegac import shipped

NAME = "schemas/omega.schema.json"


def text() -> str:
    """The JSON Schema of `omega.yaml`, draft 7."""
    return shipped.text(NAME)


@cache
def document() -> dict[str, Any]:
    """The schema of a whole spec."""
    schema: dict[str, Any] = json.loads(text())
    return schema


@cache
def inlined() -> dict[str, Any]:
    """The schema of a whole spec with each `$ref` replaced by what it stands for: validation takes half the time."""
    whole: dict[str, Any] = _inlined({key: part for key, part in document().items() if key != "definitions"})
    return whole


def _inlined(part: Any) -> Any:
    if isinstance(part, dict):
        if "$ref" in part:
            return _inlined_definition(part["$ref"].rsplit("/", 1)[1])
        return {key: _inlined(inner) for key, inner in part.items()}
    return [_inlined(inner) for inner in part] if isinstance(part, list) else part


@cache
def _inlined_definition(name: str) -> Any:
    return _inlined(definition(name))


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema that a `$ref` stands for, or the schema itself."""
    while "$ref" in schema:
        schema = definition(schema["$ref"].rsplit("/", 1)[1])
    return schema


def definition(name: str) -> dict[str, Any]:
    """One of the schema's definitions, such as that of an entry of `functions`."""
    part: dict[str, Any] = document()["definitions"][name]
    return part
