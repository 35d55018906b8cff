"""The kinds of values in plain words, and what to do about a value of the wrong one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from omegac import schema
from omegac.cloudformation import intrinsics
from omegac.diagnostics import Fix
from omegac.location import Location
from omegac.spelling import folded

_PLAIN = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "null": "nothing",
}
MOST_LISTED = 24
"""Values that are listed where a message tells which there are."""
_LONGEST_SHOWN = 60
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


class Hint(NamedTuple):
    """What to do about a value, and the change that does it if there is no doubt."""

    text: str | None
    fix: Fix | None = None


def kind_of(value: Any) -> str:
    """A value's type, as JSON Schema calls it."""
    kinds = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
    return kinds.get(type(value), "null")


def kinds_of(part: dict[str, Any]) -> set[str]:
    """The types that a schema leaves room for; intrinsics do not count."""
    if part == schema.definition("intrinsic"):
        return set()
    if "anyOf" in part:
        return set().union(*map(kinds_of, part["anyOf"]))
    if "enum" in part or "const" in part:
        return {kind_of(value) for value in part.get("enum", [part.get("const")])}
    types = part.get("type", "object" if "properties" in part else ())
    found = {types} if isinstance(types, str) else set(types)
    return found | {"integer"} if "number" in found else found


def in_words(value: Any) -> str:
    """What a value is."""
    return json.dumps(value) if isinstance(value, bool) else _PLAIN[kind_of(value)]


def expected(part: dict[str, Any]) -> str:
    """What a schema takes: `text, a number or "auto"`."""
    words = list(dict.fromkeys(_expected(part)))
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def meaning(part: dict[str, Any]) -> str | None:
    """What a schema says that its value is for; nothing where it only says of what kind it is."""
    general = [schema.definition(name)["description"] for name in ("scalar", "text", "texts")]
    said: str | None = part.get("description")
    return None if said in general else said


def _expected(part: dict[str, Any]) -> Iterator[str]:
    if part == schema.definition("intrinsic"):
        return
    for branch in part.get("anyOf", ()):
        yield from _expected(branch)
    refused = part.get("not", {}).get("enum", ())
    literals = part.get("enum") or ([part["const"]] if "const" in part else [])
    if len(literals) > MOST_LISTED:
        literals = []
    yield from (json.dumps(value) for value in literals if value not in refused)
    if not literals and "anyOf" not in part:
        types = part.get("type", "object")
        for kind in [types] if isinstance(types, str) else types:
            yield from ("true", "false") if kind == "boolean" else (_PLAIN[kind],)


def way_out(location: Location, part: dict[str, Any]) -> Hint:
    """What to do about a value whose kind is not the schema's."""
    value, wanted = location.value, kinds_of(part)
    if isinstance(value, str):
        return Hint(_of_text(value, wanted))
    if isinstance(value, bool | int | float):
        return _of_number(location, part, wanted)
    if isinstance(value, list) and "object" in wanted:
        return Hint(_of_list(value))
    if isinstance(value, dict):
        return Hint(_of_mapping(location, value, part))
    return Hint(None)


def _of_text(text: str, wanted: set[str]) -> str | None:
    if wanted & {"integer", "number"} and _NUMBER.fullmatch(text):
        return f"without quotes it is a number: {text}"
    if "boolean" in wanted and text in ("true", "false"):
        return f"without quotes it is {text}"
    if "object" in wanted and re.match(r"[\w-]+:\S", text):
        return "a space must follow the colon"
    if wanted == {"array"} and text.isprintable() and len(text) <= _LONGEST_SHOWN:
        return f"a list is written [{text}]" if "," in text else f"a list of one is written [{text}]"
    return None


def _of_number(location: Location, part: dict[str, Any], wanted: set[str]) -> Hint:
    """Quotes make text of a number or a boolean, where that text is then allowed."""
    fix = location.quoted() if wanted == {"string"} else None
    if fix is None:
        return Hint(None)
    if _allows(part, fix.text[1:-1]):
        return Hint(f"in quotes it is text: {fix.text}", fix)
    longer = [text for text in part.get("enum", ()) if text.endswith(fix.text[1:-1])]
    return Hint(f'did you mean "{longer[0]}"?' if len(longer) == 1 else None)


def _allows(part: dict[str, Any], text: str) -> bool:
    if "anyOf" in part:
        return any(_allows(branch, text) for branch in part["anyOf"])
    form, allowed = part.get("pattern", ""), part.get("enum", [text])
    return "string" in kinds_of(part) and text in allowed and re.search(form, text) is not None


def _of_list(items: list[Any]) -> str | None:
    if items and all(isinstance(item, dict) for item in items):
        if all(len(item) == 1 for item in items):
            return "without the dashes it is a mapping"
        if items[0].keys() == {"Key", "Value"}:
            return f"each is a key with a value, without a dash: {items[0]['Key']}: {items[0]['Value']}"
        name = items[0].get("name")
        return f"each stands under its own name, without a dash: {name if isinstance(name, str) else 'NAME'}:"
    if items and all(isinstance(item, str) and "=" in item for item in items):
        name, _, text = items[0].partition("=")
        return f"each is a key with a value, without a dash: {name}: {text}"
    return None


def _of_mapping(location: Location, value: dict[str, Any], part: dict[str, Any]) -> str | None:
    for known in intrinsics.INTRINSICS:
        if known in value and known != "Condition":
            return f"{known} must be the only key of its mapping"
        if len(value) == 1 and folded(next(iter(value))) in (folded(known), folded(known.removeprefix("Fn::"))):
            return f'did you mean "{known}"?'
    if location.route[-2:] == ("environment", "Variables"):
        return 'variables stand right under "environment"'
    if any("object" in kinds_of(branch.get("items", {})) for branch in (part, *part.get("anyOf", ()))):
        return "a list of one has a dash before it, or brackets around it"
    return None
