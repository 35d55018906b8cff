"""Bundles `schemas/service.schema.json` and the schemas of the constructs into `schemas/omega.schema.json`.

A construct's schema names the places it adds properties to: `functions` and `servers` are those of an entry.
`--check` compares and writes nothing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas"
BUNDLE = SCHEMAS / "omega.schema.json"


def bundle() -> str:
    """The whole schema, as text."""
    schema = json.loads((SCHEMAS / "service.schema.json").read_text("utf-8"))
    definitions: dict[str, Any] = schema["definitions"]
    for path in sorted((SCHEMAS / "constructs").glob("*.schema.json")):
        construct = json.loads(path.read_text("utf-8"))
        for name, definition in construct.get("definitions", {}).items():
            add(definitions, name, definition, path)
        for place, part in construct["places"].items():
            entry = definitions.setdefault(place, {"type": "object", "additionalProperties": False})
            extend(entry, part, path)
    schema["definitions"] = {name: definitions[name] for name in sorted(definitions)}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def extend(entry: dict[str, Any], part: dict[str, Any], path: Path) -> None:
    """Adds a construct's part to the schema of an entry."""
    if "description" in part:
        add(entry, "description", part["description"], path)
    entry["required"] = sorted({*entry.get("required", []), *part.get("required", [])})
    properties = entry.setdefault("properties", {})
    for name, schema in part["properties"].items():
        add(properties, name, schema, path)


def add(target: dict[str, Any], name: str, value: Any, path: Path) -> None:
    """Sets a name once; two constructs that claim one name are a fault of ours."""
    if name in target:
        sys.exit(f'{path.name}: "{name}" is there already')
    target[name] = value


def main() -> None:
    """Writes the bundle, or compares it."""
    text = bundle()
    if "--check" in sys.argv[1:]:
        if not BUNDLE.exists() or BUNDLE.read_text("utf-8") != text:
            sys.exit(f"{BUNDLE.name} is stale: run `make schema`")
        return
    BUNDLE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
