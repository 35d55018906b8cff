"""Writes `docs/language.md`, every key of the language, from `schemas/omega.schema.json`. `--check` compares."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "schemas" / "omega.schema.json"
REFERENCE = ROOT / "docs" / "language.md"

OPENING = """\
# The language of omega.yaml

A YAML mapping. CloudFormation's own spelling appears only where CloudFormation's own things are written. An intrinsic
may stand, in long form or as a tag such as `!Ref`, wherever the type says *or an intrinsic*, and anywhere inside of
CloudFormation's own sections.

YAML is read as version 1.2 reads it. What version 1.1 would read as something else (`on`, `010`, `12:30`, a number that
would lose its last zero) is refused: quotes make it text.

For completion and checks while typing, editors with a YAML language server read the first line of the example,
`# yaml-language-server: $schema=…`; `omegac schema` prints the schema. Tell the server about the tags of CloudFormation
with its setting `yaml.customTags`, for example `"!Ref scalar"`, `"!GetAtt scalar"`, `"!GetAtt sequence"`,
`"!Sub scalar"`, `"!Sub sequence"`, `"!Join sequence"`, `"!If sequence"`.

This page is generated from the schema.
"""

SECTIONS = {
    "The spec": None,
    "artifact": "artifact",
    "parameters.NAME": "parameter",
    "functions.NAME": "functions",
    "functions.NAME.vpc": "vpc",
    "servers.NAME": "servers",
    "servers.NAME.ami": "ami",
    "servers.NAME.ingress": "ingressRule",
    "servers.NAME.size": "size",
    "servers.NAME.userdata": "userdata",
    "allow": "statement",
    "logs": "logs",
    "network": "network",
    "stages.NAME": "stage",
}
"""Headings, and the definition that each one shows; the spec itself has none."""

TYPES = {"integer": "whole number", "array": "list", "object": "mapping", "string": "text", "boolean": "true or false"}


def reference(schema: dict[str, Any]) -> str:
    """The whole page."""
    parts = [OPENING]
    for heading, name in SECTIONS.items():
        definition = schema["definitions"][name] if name else schema
        parts.append("\n".join([f"## {heading}", "", *section(definition, schema)]) + "\n")
    return "\n".join(parts)


def section(definition: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    """A definition's meaning and its keys, those required first."""
    if "description" in definition:
        yield definition["description"]
        yield ""
    yield "| key | type | default | meaning |"
    yield "|---|---|---|---|"
    required = definition.get("required", [])
    for key in sorted(definition["properties"], key=lambda key: (key not in required, key)):
        part = resolved(definition["properties"][key], schema)
        default = "required" if key in required else f"`{json.dumps(part['default'])}`" if "default" in part else ""
        meaning = part.get("description", "").replace("|", "\\|")
        yield f"| `{key}` | {kind(part, schema)} | {default} | {meaning} |"


def resolved(part: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """What a `$ref` stands for; what is said beside it goes first."""
    if "$ref" in part:
        return {**schema["definitions"][part["$ref"].rsplit("/", 1)[1]], **part}
    return part


def kind(part: dict[str, Any], schema: dict[str, Any]) -> str:
    """A value's type in words."""
    if part.get("$ref", "").endswith("/intrinsic"):
        return "an intrinsic"
    if part.get("not") == {}:
        return "not yet"
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(kind(resolved(branch, schema), schema) for branch in part["anyOf"]))
    if "enum" in part or "const" in part:
        refused = part.get("not", {}).get("enum", [])
        allowed = [value for value in part.get("enum", [part.get("const")]) if value not in refused]
        return ", ".join(f"`{json.dumps(value).strip(chr(34))}`" for value in allowed)
    types = part.get("type", "object")
    words = " or ".join(TYPES.get(word, word) for word in ([types] if isinstance(types, str) else types))
    if words == "list" and "items" in part:
        item = kind(resolved(part["items"], schema), schema)
        return f"list of ({item})" if " or " in item else f"list of {item}"
    return words


def main() -> None:
    """Writes the page, or compares it."""
    text = reference(json.loads(SCHEMA.read_text("utf-8")))
    if "--check" in sys.argv[1:]:
        if not REFERENCE.exists() or REFERENCE.read_text("utf-8") != text:
            sys.exit(f"{REFERENCE.name} is stale: run `make reference`")
        return
    REFERENCE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
