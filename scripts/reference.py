"""Writes `docs/language.md`, every key of the language, from `schemas/omega.schema.json`.

In `docs/editors.md` it writes the lists of tags, from the table of intrinsics. `--check` compares and writes nothing.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from omegac.cloudformation.signatures import INTRINSICS, LOOP, Intrinsic, Part

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "schemas" / "omega.schema.json"
REFERENCE = ROOT / "docs" / "language.md"
EDITORS = ROOT / "docs" / "editors.md"

OPENING = """\
# The language of omega.yaml

A YAML mapping. CloudFormation's own spelling appears only where CloudFormation's own things are written. An intrinsic
may stand, in long form or as a tag such as `!Ref`, wherever the type says *or an intrinsic*, and anywhere inside of
CloudFormation's own sections.

YAML is read as version 1.2 reads it. What version 1.1 would read as something else (`on`, `010`, `12:30`, a number that
would lose its last zero) is refused: quotes make it text.

[editors.md](editors.md) tells how an editor completes and checks all this while it is typed.

This page is generated from the schema.
"""

TYPES = {"integer": "whole number", "array": "list", "object": "mapping", "string": "text", "boolean": "true or false"}
BOUNDS = {"minimum": "from", "maximum": "to"}
WIDTH = 120
"""Of a line in a list of tags."""


def reference(schema: dict[str, Any]) -> str:
    """The whole page: a section for each mapping that has keys of its own."""
    parts = {"The spec": schema}
    for part in mappings(schema["properties"], schema):
        parts.setdefault(part["title"], part)
    sections = ["\n".join([f"## {title}", "", *section(part, schema)]) + "\n" for title, part in parts.items()]
    return "\n".join([OPENING, *sections])


def mappings(part: Any, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The mappings with keys of their own that may stand in a part, each before those inside of it."""
    if isinstance(part, list):
        for item in part:
            yield from mappings(item, schema)
    elif isinstance(part, dict):
        whole = resolved(part, schema)
        if "properties" in whole and "title" in whole:
            yield whole
        for keyword, value in whole.items():
            if keyword not in ("default", "enum", "examples"):
                yield from mappings(value, schema)


def section(part: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    """A mapping's meaning and its keys, those required first."""
    yield part["description"]
    yield ""
    yield "| key | type | default | meaning | for example |"
    yield "|---|---|---|---|---|"
    required = part.get("required", [])
    for key in sorted(part["properties"], key=lambda key: (key not in required, key)):
        value = resolved(part["properties"][key], schema)
        default = "required" if key in required else shown(value["default"]) if "default" in value else ""
        example = shown(value["examples"][0]) if "examples" in value else ""
        yield f"| `{key}` | {kind(value, schema)} | {default} | {meaning(value, schema)} | {example} |"


def shown(value: Any) -> str:
    """A value as code in a table."""
    return f"`{json.dumps(value, ensure_ascii=False)}`".replace("|", "\\|")


def meaning(part: dict[str, Any], schema: dict[str, Any]) -> str:
    """What a key is for, and what each of its choices means."""
    texts = [part["description"]]
    for branch in (resolved(branch, schema) for branch in part.get("anyOf", [part])):
        means = dict(zip(map(json.dumps, branch.get("enum", [])), branch.get("enumDescriptions", []), strict=False))
        texts += [f"{choice(value)}: {means[json.dumps(value)]}." for value in choices(branch) if means]
    return " ".join(texts).replace("|", "\\|")


def choices(part: dict[str, Any]) -> list[Any]:
    """The values to choose from that are supported."""
    refused = part.get("not", {}).get("enum", [])
    listed = part.get("enum", [part["const"]] if "const" in part else [])
    return [value for value in listed if value not in refused]


def choice(value: Any) -> str:
    """One of several values, as code."""
    return f"`{json.dumps(value).strip(chr(34))}`"


def resolved(part: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """What a `$ref` stands for, or the part itself."""
    found: dict[str, Any] = schema["definitions"][part["$ref"].rsplit("/", 1)[1]] if "$ref" in part else part
    return found


def kind(part: dict[str, Any], schema: dict[str, Any]) -> str:
    """A value's type in words; a mapping with keys of its own leads to its section."""
    if part == schema["definitions"]["intrinsic"]:
        return "an intrinsic"
    if part.get("not") == {}:
        return "not yet"
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(kind(resolved(branch, schema), schema) for branch in part["anyOf"]))
    if choices(part):
        return ", ".join(map(choice, choices(part)))
    types = part.get("type", "object")
    words = " or ".join(TYPES.get(word, word) for word in ([types] if isinstance(types, str) else types))
    words += "".join(f" {name} {part[bound]}" for bound, name in BOUNDS.items() if bound in part)
    if words == "list" and "items" in part:
        item = kind(resolved(part["items"], schema), schema)
        return f"list of ({item})" if " or " in item else f"list of {item}"
    entries = part.get("additionalProperties")
    if words == "mapping" and isinstance(entries, dict) and "properties" in resolved(entries, schema):
        return kind(resolved(entries, schema), schema).replace("[mapping]", "[mappings]")
    return f"[{words}](#{part['title'].replace('.', '').lower()})" if "properties" in part else words


def editors(page: str) -> str:
    """The page with the tags of all intrinsics in place of each list of tags: lines that begin with one."""
    return re.sub(r"^( *)\"!.*\n(?: *\"!.*\n)*", lambda found: tags(found[1]), page, flags=re.MULTILINE)


def tags(indent: str) -> str:
    """The setting `yaml.customTags`: each intrinsic's tag, what it may be written on, and that it is a mapping then.

    The last is what the schema calls an intrinsic, the long form of it.
    """
    listed = [
        f'"!{name.removeprefix("Fn::")}\0{form}:object"'
        for name, function in INTRINSICS.items()
        if name != LOOP  # a key, never a tag
        for form in forms(function)
    ]
    lines = textwrap.wrap(
        ", ".join(listed), WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )
    return "\n".join(lines).replace("\0", " ") + "\n"


def forms(function: Intrinsic) -> Iterator[str]:
    """The kinds of YAML node that an intrinsic's argument may be; a mapping may be another intrinsic in long form."""
    argument = function.argument
    if isinstance(argument, Part):
        for form, sample in {"scalar": "text", "sequence": [], "mapping": {}}.items():
            if argument.plain(sample) or (form == "mapping" and argument.gives != "nothing"):
                yield form
        return
    if function.short:
        yield "scalar"
    yield "sequence" if 0 in argument else "mapping"


def main() -> None:
    """Writes the pages, or compares them."""
    texts = {
        REFERENCE: reference(json.loads(SCHEMA.read_text("utf-8"))),
        EDITORS: editors(EDITORS.read_text("utf-8")),
    }
    for page, text in texts.items():
        if "--check" not in sys.argv[1:]:
            page.write_text(text, "utf-8")
        elif not page.exists() or page.read_text("utf-8") != text:
            sys.exit(f"{page.name} is stale: run `make reference`")


if __name__ == "__main__":
    main()
