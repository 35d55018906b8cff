"""Writes `schemas/replacements.json`: the properties that cannot be changed in place, from the schemas in cfn-lint.

One line for each type, with the paths of its properties inside of `Properties`, without the indices of lists; `?` ends
one for whose change a resource is only sometimes made anew. `--check` compares and writes nothing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from scripts.attributes import CFN_LINT, resource_types

TABLE = Path(__file__).resolve().parent.parent / "schemas" / "replacements.json"


def table() -> str:
    """The whole table, as text."""
    types = {name: create_only(schemas) for name, schemas in sorted(resource_types().items())}
    return json.dumps({"cfn-lint": CFN_LINT, "types": types}, indent=1, ensure_ascii=False) + "\n"


def create_only(schemas: list[dict[str, Any]]) -> str:
    """A type's properties that ask for another resource, over all its schemas; the firmer word counts."""
    always = {path for schema in schemas for path in paths(schema, "createOnlyProperties")}
    perhaps = {path for schema in schemas for path in paths(schema, "conditionalCreateOnlyProperties")} - always
    entries = [*always, *(f"{path}?" for path in perhaps)]
    return " ".join(sorted(entry for entry in entries if not always & set(around(entry))))


def paths(schema: dict[str, Any], key: str) -> list[str]:
    """The paths that a schema lists; those to the items of a list have a step in some schemas that others leave out."""
    pointers = [pointer.split("/")[2:] for pointer in schema.get(key, ())]
    return ["/".join(step for step in pointer if step not in {"*", "items", "properties"}) for pointer in pointers]


def around(path: str) -> list[str]:
    """The paths of what a property stands in, which speak for it too."""
    steps = path.split("/")
    return ["/".join(steps[:length]) for length in range(1, len(steps))]


def main() -> None:
    """Writes the table, or compares it."""
    text = table()
    if "--check" not in sys.argv[1:]:
        TABLE.write_text(text, "utf-8")
    elif not TABLE.exists() or TABLE.read_text("utf-8") != text:
        sys.exit(f"{TABLE.name} is not that of cfn-lint {CFN_LINT}: run `make replacements`")


if __name__ == "__main__":
    main()
