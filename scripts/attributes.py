"""Writes `schemas/attributes.json`: what `Fn::GetAtt` may ask of each resource type, from the schemas in cfn-lint.

One line for each type, with its attributes by name; `[]` marks a list, a lone `*` a type of which any attribute
may be asked. `--check` compares and writes nothing.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from cfnlint.schema import Schema

TABLE = Path(__file__).resolve().parent.parent / "schemas" / "attributes.json"
CFN_LINT = version("cfn-lint")


def table() -> str:
    """The whole table, as text."""
    types = {name: attributes(schemas) for name, schemas in sorted(resource_types().items())}
    return json.dumps({"cfn-lint": CFN_LINT, "types": types}, indent=1, ensure_ascii=False) + "\n"


def resource_types() -> dict[str, list[dict[str, Any]]]:
    """Every resource type with its different schemas over the regions, that of us-east-1 first."""
    # The files that came with cfn-lint; its own loader prefers newer ones, if this machine has downloaded any.
    shipped = files("cfnlint") / "data" / "schemas"
    regions = [file for file in (shipped / "providers").iterdir() if file.name.endswith(".json")]
    digests: dict[str, dict[str, None]] = {}
    for region in sorted(regions, key=lambda file: (file.name != "us-east-1.json", file.name)):
        for name, digest in json.loads(region.read_text("utf-8")).items():
            digests.setdefault(name, {})[digest] = None
    resources = shipped / "resources"
    return {
        name: [json.loads((resources / f"{digest}.json").read_text("utf-8")) for digest in found]
        for name, found in digests.items()
    }


def attributes(schemas: list[dict[str, Any]]) -> str:
    """A type's attributes, over all its schemas."""
    listed: dict[str, bool] = {}
    for schema in map(Schema, schemas):
        for name, pointer in schema.get_atts.items():
            kind = schema.resolver.resolve_cfn_pointer(pointer).get("type")
            listed.setdefault(name, kind in ("array", ["array"]))
    # Names that no schema can tell: outputs of nested stacks, whatever a custom resource returns, members of lists.
    if any("*" in name for name in listed):
        return "*"
    return " ".join(f"{name}[]" if listed[name] else name for name in sorted(listed))


def main() -> None:
    """Writes the table, or compares it."""
    text = table()
    if "--check" not in sys.argv[1:]:
        TABLE.write_text(text, "utf-8")
    elif not TABLE.exists() or TABLE.read_text("utf-8") != text:
        sys.exit(f"{TABLE.name} is not that of cfn-lint {CFN_LINT}: run `make attributes`")


if __name__ == "__main__":
    main()
