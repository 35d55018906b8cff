"""The values of a template's parameters: given, kept from before or by default, and checked as CloudFormation does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.endpoint.cloudformation.templates import Template
from tests.endpoint.wire import invalid

_STORED = "AWS::SSM::Parameter::Value<"

MASK = "****"


@dataclass(frozen=True)
class Value:
    """The value of a parameter; `stored` is what the parameter store has under it, for the types that ask there."""

    text: str
    kind: str = "String"
    stored: str | None = None
    secret: bool = False

    @property
    def meaning(self) -> str | list[str]:
        """What a Ref to the parameter gives."""
        text = self.text if self.stored is None else self.stored
        lists = "List<" in self.kind or "CommaDelimitedList" in self.kind
        return [member.strip() for member in text.split(",")] if lists else text

    @property
    def shown(self) -> str | list[str]:
        """The same, where everybody may see it."""
        return MASK if self.secret else self.meaning


def bound(
    template: Template,
    given: list[dict[str, Any]],
    before: Mapping[str, Value],
    fetch: Callable[[str], str | None],
) -> dict[str, Value]:
    """The value of every parameter of a template, in its order."""
    declared = template.section("Parameters")
    entries = {entry["ParameterKey"]: entry for entry in given}
    if unknown := sorted(entries.keys() - declared.keys()):
        raise invalid(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    texts = {name: _text(name, entries.get(name), body, before) for name, body in declared.items()}
    if missing := [name for name, text in texts.items() if text is None]:
        raise invalid(f"Parameters: [{', '.join(sorted(missing))}] must have values")
    values = {}
    for name, body in declared.items():
        text, kind = str(texts[name]), str(body.get("Type", "String"))
        _check(name, text, body)
        stored = _fetched(text, fetch) if kind.startswith(_STORED) else None
        values[name] = Value(text, kind, stored, str(body.get("NoEcho", "")).lower() == "true")
    return values


def _text(name: str, entry: dict[str, Any] | None, body: dict[str, Any], before: Mapping[str, Value]) -> str | None:
    """The text of one value, None if there is no such."""
    if entry is None:
        default = body.get("Default")
        return None if default is None else _plain(default)
    if entry.get("UsePreviousValue") != "true":
        return str(entry.get("ParameterValue", ""))
    said = f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true"
    if entry.get("ParameterValue"):
        raise invalid(f"{said} and non empty value for a parameter")
    if name not in before:
        raise invalid(f"{said} for a parameter key not in the previous template")
    return before[name].text


def _plain(default: Any) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)


def _fetched(name: str, fetch: Callable[[str], str | None]) -> str:
    stored = fetch(name)
    if stored is None:
        raise invalid(f"Unable to fetch parameters [{name}] from parameter store for this account.")
    return stored


def _check(name: str, text: str, body: dict[str, Any]) -> None:
    """Refuses a value that the parameter's own rules do not allow."""
    kind = str(body.get("Type", "String"))
    members = [member.strip() for member in text.split(",")] if "List" in kind else [text]
    for member in members:
        if reason := _fault(member, body, kind):
            if described := body.get("ConstraintDescription"):
                raise invalid(f"Parameter {name} failed to satisfy constraint: {described}")
            raise invalid(f"Parameter '{name}' {reason}")


def _fault(text: str, body: dict[str, Any], kind: str) -> str:
    """What is wrong with a text, in CloudFormation's words."""
    if "AllowedValues" in body and text not in map(_plain, body["AllowedValues"]):
        return "must be one of AllowedValues"
    if "AllowedPattern" in body and not re.fullmatch(body["AllowedPattern"], text):
        return f"must match pattern {body['AllowedPattern']}"
    if len(text) < int(body.get("MinLength", 0)):
        return f"must contain at least {body['MinLength']} characters"
    if len(text) > int(body.get("MaxLength", len(text))):
        return f"must contain at most {body['MaxLength']} characters"
    return _fault_of_number(text, body) if "Number" in kind else ""


def _fault_of_number(text: str, body: dict[str, Any]) -> str:
    try:
        number = float(text)
    except ValueError:
        return "must be a number"
    if number < float(body.get("MinValue", number)):
        return f"must be a number not less than {body['MinValue']}"
    if number > float(body.get("MaxValue", number)):
        return f"must be a number not greater than {body['MaxValue']}"
    return ""
