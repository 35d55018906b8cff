"""Tests for the schema of the language: it is whole, it agrees with itself, and other tools take it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest

from omegac import schema
from omegac.cloudformation.intrinsics import INTRINSICS, LOOP, argument_fault

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / schema.NAME
DATA = ("const", "default", "enum", "examples")
"""Keywords whose values are values of the language."""


class Key(NamedTuple):
    """A key of the language, anywhere in it."""

    place: str
    required: bool
    part: dict[str, Any]


def parts(part: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema within a schema, itself first, with where it stands."""
    yield place, part
    for keyword, value in part.items():
        if keyword in ("properties", "patternProperties", "definitions"):
            for name, inner in value.items():
                yield from parts(inner, f"{place}/{keyword}/{name}")
        elif keyword not in DATA:
            for inner in value if isinstance(value, list) else [value]:
                if isinstance(inner, dict) and keyword != "dependencies":
                    yield from parts(inner, f"{place}/{keyword}")


PARTS = dict(parts(schema.document()))
KEYS = [
    Key(f"{place}/{name}".replace("/definitions/", ""), name in part.get("required", ()), schema.resolved(inner))
    for place, part in PARTS.items()
    for name, inner in part.get("properties", {}).items()
]
SUPPORTED = [key for key in KEYS if key.part.get("not") != {}]


def forms(part: dict[str, Any]) -> list[dict[str, Any]]:
    """The forms that a value may have, intrinsics apart."""
    branches = [schema.resolved(branch) for branch in part.get("anyOf", [part])]
    return [branch for branch in branches if branch != schema.definition("intrinsic")]


def is_free(part: dict[str, Any]) -> bool:
    """Whether a schema leaves it to an example to show how a value is written: text, or a mapping of any keys."""
    part = schema.resolved(part)
    if "anyOf" in part:
        return any(map(is_free, forms(part)))
    types = part.get("type", ())
    if "enum" in part or "const" in part or "properties" in part:
        return False
    if types == "array":
        return is_free(part["items"])
    entries = schema.resolved(part.get("additionalProperties") or {})
    return "string" in types or (types == "object" and "properties" not in entries and "examples" not in entries)


def test_each_key_is_told() -> None:
    """Every key has a title, its place in the language, and a description: sentences, on one line."""
    assert len(KEYS) > 100
    assert [key.place for key in KEYS if not re.fullmatch(r"[\w.]+", key.part["title"])] == []
    assert [key.place for key in KEYS if not re.fullmatch(r"[A-Z][^\n]+\.", key.part["description"])] == []


def test_each_title_is_a_place_in_the_reference() -> None:
    """The reference has each key under the place that its title names."""
    reference = (ROOT / "docs" / "language.md").read_text("utf-8")
    for key in KEYS:
        heading, _, name = key.part["title"].rpartition(".")
        _, _, after = reference.partition(f"## {heading or 'The spec'}\n")
        section, _, _ = after.partition("\n## ")
        assert f"| `{name}` |" in section or f"## {key.part['title']}\n" in reference, key.place


def test_each_key_tells_what_holds_without_it() -> None:
    """A key is required, has a default, or says what holds without it; a list or a mapping is then an empty one."""
    optional = [key for key in SUPPORTED if not key.required and "default" not in key.part]
    plain = [key for key in optional if any(form.get("type") not in ("array", "object") for form in forms(key.part))]
    assert plain
    assert [key.place for key in plain if not re.search("without it|or one of", key.part["description"])] == []


def test_each_free_value_has_an_example() -> None:
    """Where anything may be written, an example shows what."""
    free = [key for key in SUPPORTED if is_free(key.part)]
    assert free
    assert [key.place for key in free if not key.part.get("examples")] == []


def test_each_value_in_the_schema_is_valid() -> None:
    """Every example and every default is valid where it stands."""
    found = 0
    for place, part in PARTS.items():
        whole = {**part, "definitions": schema.document()["definitions"]}
        for value in [*part.get("examples", ()), *([part["default"]] if "default" in part else ())]:
            found += 1
            assert [error.message for error in jsonschema.Draft7Validator(whole).iter_errors(value)] == [], place
    assert found > 100


def test_nothing_stands_beside_a_reference() -> None:
    """No `$ref` has anything beside it: in draft 7, validators would not see it, and editors would."""
    assert [place for place, part in PARTS.items() if "$ref" in part and len(part) > 1] == []


def test_each_choice_is_explained_once() -> None:
    """Where the values to choose from are explained, each is."""
    explained = [part for part in PARTS.values() if "enumDescriptions" in part]
    assert explained
    assert [part for part in explained if len(part["enum"]) != len(part["enumDescriptions"])] == []


def test_what_is_not_supported_is_not_suggested() -> None:
    """Editors suggest no key that is not supported yet."""
    unsupported = [key for key in KEYS if key.part.get("not") == {}]
    assert unsupported
    assert all(key.part["doNotSuggest"] for key in unsupported)
    assert not any("doNotSuggest" in key.part for key in SUPPORTED)


def test_size() -> None:
    """The schema, which each build reads, stays small."""
    assert SCHEMA.stat().st_size < 200_000


def check_jsonschema(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_it_is_a_schema() -> None:
    """check-jsonschema finds it valid by the schema of schemas."""
    assert "ok" in check_jsonschema("--check-metaschema", str(SCHEMA)).stdout


@pytest.mark.parametrize(("case", "status"), [("good/server-minimal", 0), ("bad/schema-keys", 1)])
def test_it_tells_good_from_bad(case: str, status: int) -> None:
    """check-jsonschema takes a good spec by it, and refuses a bad one."""
    checked = check_jsonschema("--schemafile", str(SCHEMA), f"tests/cases/{case}/omega.yaml")
    assert checked.returncode == status, checked.stdout


def test_a_spec_with_tags_once_they_are_written_out(tmp_path: Path) -> None:
    """check-jsonschema takes the example, tags and all, as `omegac build --resolved` prints it."""
    command = [sys.executable, "-m", "omegac", "build", "--resolved"]
    resolved = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    (tmp_path / "omega.yaml").write_text(resolved, "utf-8")
    assert "Ref:" in resolved
    assert check_jsonschema("--schemafile", str(SCHEMA), str(tmp_path / "omega.yaml")).returncode == 0


LISTS: list[list[Any]] = [["a"], ["a", "b"], ["a", "b", "c"], ["a", ["b"]], [["a"], "b"], [["a"], ["b"]], [0, ["a"]]]
ARGUMENTS: dict[str, list[Any]] = {
    "scalar": ["a", "a.b"],
    "sequence": [*LISTS, ["a", 1], ["a", {"b": "c"}], [{"Fn::Equals": ["a", "b"]}], [{"Fn::Equals": ["a", "b"]}] * 2],
    "mapping": [{"Ref": "a"}, {"Fn::GetAZs": ""}, {"Name": "a"}, {"StackName": "a", "OutputName": "b"}, {"a": "b"}],
}
"""What an intrinsic may take, by the kind of node that it is in YAML."""


@pytest.mark.parametrize("language", ["json", "lua"])
def test_each_tag_is_told_to_editors(language: str) -> None:
    """The settings in docs/editors.md have every tag once for each kind of node that the intrinsic can take."""
    page = (ROOT / "docs" / "editors.md").read_text("utf-8")
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    wanted = [
        f"!{name.removeprefix('Fn::')} {kind}:object"
        for name in INTRINSICS
        for kind, arguments in ARGUMENTS.items()
        if name != LOOP and any(argument_fault(name, argument) is None for argument in arguments)
    ]
    assert sorted(re.findall(r'"(![^"]+)"', block)) == sorted(wanted)
