"""Bundles `schemas/service.schema.json` and the schemas of the constructs into `schemas/omega.schema.json`.

A construct's schema names the places it adds properties to: `functions` and `servers` are those of an entry.
What can be told from the rest is added here and written nowhere: a key's title is its place in the language, as in
`docs/language.md`; a key that is not supported yet is not suggested. What stands beside a `$ref` says more of what
is referred to. `--check` compares and writes nothing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas"
BUNDLE = SCHEMAS / "omega.schema.json"
DATA = ("const", "default", "enum", "examples")
"""Keywords whose values are values of the language, not schemas."""


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
    schema["definitions"] = {
        name: completed(definitions[name], definitions[name].get("title", ""), definitions)
        for name in sorted(definitions)
    }
    schema["properties"] = completed(schema, "", definitions)["properties"]
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def extend(entry: dict[str, Any], part: dict[str, Any], path: Path) -> None:
    """Adds a construct's part to the schema of an entry."""
    for name in ("title", "description"):
        if name in part:
            add(entry, name, part[name], path)
    entry["required"] = sorted({*entry.get("required", []), *part.get("required", [])})
    properties = entry.setdefault("properties", {})
    for name, schema in part["properties"].items():
        add(properties, name, schema, path)


def add(target: dict[str, Any], name: str, value: Any, path: Path) -> None:
    """Sets a name once; two constructs that claim one name are a fault of ours."""
    if name in target:
        sys.exit(f'{path.name}: "{name}" is there already')
    target[name] = value


def completed(part: Any, place: str, definitions: dict[str, Any]) -> Any:
    """A part of the schema with what can be told of its keys; `place` is where in the language it stands."""
    if isinstance(part, list):
        return [completed(item, place, definitions) for item in part]
    if not isinstance(part, dict):
        return part
    whole = {}
    for keyword, value in part.items():
        if keyword == "properties":
            whole[keyword] = {name: key(schema, f"{place}.{name}", definitions) for name, schema in value.items()}
        else:
            whole[keyword] = value if keyword in DATA else completed(value, place, definitions)
    return whole


def key(schema: dict[str, Any], place: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of a key. A `$ref` gives way to what it stands for: validators of draft 7 see nothing beside one."""
    meant: dict[str, Any] = definitions[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else {}
    if "title" in meant:
        return schema
    place = place.lstrip(".")
    whole: dict[str, Any] = completed({"title": place, **meant, **schema}, place, definitions)
    whole.pop("$ref", None)
    return {**whole, "doNotSuggest": True} if schema.get("not") == {} else whole


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
