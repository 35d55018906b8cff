"""Tests for editors: yaml-language-server, set as docs/editors.md says, knows `omega.yaml`; a strict validator agrees.

They need npm's packages, which `make test` installs; without npm they are skipped, except in CI.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from omegac import schema
from omegac.compiler import compile_spec
from omegac.diagnostics import Rejected
from omegac.load import load
from omegac.source import Source, Traced
from tests.editors.language_server import LanguageServer, Message

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "cases"
TOOLS = ROOT / "tests" / "editors"
GOOD = [ROOT / "omega.yaml", *sorted(ROOT.glob("examples/*/omega.yaml")), *sorted(CASES.glob("good/*/omega.yaml"))]
BAD = sorted(CASES.glob("bad/schema-*/omega.yaml"))
PAGE = (ROOT / "docs" / "editors.md").read_text("utf-8")
SERVER = ("node", str(TOOLS / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"), "--stdio")
OFFLINE = {"schemaStore": {"enable": False}, "kubernetesCRDStore": {"enable": False}}
"""Keeps the server from asking the network for schemas of other files."""

READY = shutil.which("node") and (TOOLS / "node_modules" / ".complete").exists()
pytestmark = [
    pytest.mark.xdist_group("editors"),  # one server serves most of them
    pytest.mark.skipif(not (READY or os.environ.get("CI")), reason="`make test` installs what they need, with npm"),
]

PROPERTY = 10
"""The kind of a suggested key (LSP, CompletionItemKind)."""

BEGINNING = "omega: 1\nservice: Shop\nartifact: app\n"
FUNCTION = f"{BEGINNING}functions:\n  hello:\n    runtime: python3.13\n    handler: main.handler\n"
BESIDE = f"{BEGINNING}servers:\n  web:\n    command: ./run\n    port: 80\n    ingress: public\n"


class Editor(NamedTuple):
    """A language server, with a folder in which the settings of docs/editors.md hold."""

    server: LanguageServer
    folder: Path

    def write(self, name: str, text: str) -> Path:
        """Opens a spec of that name, which is one folder's."""
        path = self.folder / name / "omega.yaml"
        self.server.show(path, text)
        return path

    def complete(self, name: str, text: str) -> dict[str, Message]:
        """What the server suggests at the end of a spec, by its label; without tags, which may stand anywhere."""
        lines = text.split("\n")
        found = self.server.ask("completion", self.write(name, text), len(lines) - 1, len(lines[-1]))
        return {item["label"]: item for item in found["items"] if not item["label"].startswith("!")}


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    assert READY, "`make editors` installs what these tests run, with npm"


def documented() -> dict[str, Any]:
    """The settings of VS Code that docs/editors.md shows."""
    (block,) = re.findall(r"^```json\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    settings: dict[str, Any] = json.loads(block)
    return settings


def served(folder: Path, **yaml: Any) -> LanguageServer:
    """A server for a folder."""
    return LanguageServer(SERVER, folder, {"yaml": {**OFFLINE, **yaml}})


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """A server for a folder with the schema in it, set as docs/editors.md says."""
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "omega.schema.json").write_text(schema.text(), "utf-8")
    settings = {name.removeprefix("yaml."): value for name, value in documented().items()}
    with served(folder, **settings) as server:
        yield Editor(server, folder)


def lines(faults: list[Message]) -> set[int]:
    """The lines of faults, from 1."""
    return {fault["range"]["start"]["line"] + 1 for fault in faults}


def test_good_specs_have_no_fault(editor: Editor, subtests: Any) -> None:
    """Every spec that compiles is without fault in an editor: examples and good cases, tags of every kind in them."""
    shown = {spec: editor.write(f"good/{spec.parent.relative_to(ROOT)}", without_schema(spec)) for spec in GOOD}
    assert len(shown) > 15
    for spec, path in shown.items():
        with subtests.test(spec=spec):
            assert editor.server.faults(path) == []


def without_schema(spec: Path) -> str:
    """A spec that does not name its schema itself, line by line as it is."""
    return re.sub(r"^# yaml-language-server:.*", "#", spec.read_text("utf-8"))


def test_faults_stand_where_omegac_finds_them(editor: Editor, subtests: Any) -> None:
    """What the schema refuses, an editor marks at the line at which omegac does."""
    shown = {spec: editor.write(f"bad/{spec.parent.name}", spec.read_text("utf-8")) for spec in BAD}
    assert len(shown) > 4
    for spec, path in shown.items():
        with subtests.test(spec=spec):
            assert refused_lines(spec) - lines(editor.server.faults(path)) == set()


def refused_lines(spec: Path) -> set[int]:
    """The lines at which omegac refuses a spec by its schema; what intrinsics take, OM1109, is not in it."""
    with pytest.raises(Rejected) as rejected:
        compile_spec(spec)
    spans = [found.span for found in rejected.value.diagnostics if "OM1101" <= found.code <= "OM1108"]
    return {span.source.position(span.start)[0] for span in spans if span}


PLACES = {
    "the spec": ("", BEGINNING),
    "a function": ("functions", f"{FUNCTION}    "),
    "its VPC": ("vpc", f"{FUNCTION}    vpc:\n      "),
    "a statement": ("statement", f"{FUNCTION}    allow:\n      - "),
    "a server": ("servers", f"{BESIDE}    "),
    "its image": ("ami", f"{BESIDE}    ami:\n      "),
    "its script": ("userdata", f"{BESIDE}    userdata:\n      "),
    "a parameter": ("parameter", f"{BEGINNING}parameters:\n  Level:\n    "),
    "a resource": ("resource", f"{BEGINNING}resources:\n  Jobs:\n    "),
    "an output": ("output", f"{BEGINNING}outputs:\n  Jobs:\n    "),
}


@pytest.mark.parametrize("place", PLACES)
def test_keys_are_completed(editor: Editor, place: str) -> None:
    """Wherever a mapping has keys of its own, each is suggested with its description, but for those not yet there."""
    name, text = PLACES[place]
    part = schema.definition(name) if name else schema.document()
    given = set(re.findall(r"^ *(\w+):", text, re.MULTILINE))
    keys = {key: schema.resolved(inner) for key, inner in part["properties"].items() if key not in given}
    wanted = {key: inner["description"] for key, inner in keys.items() if inner.get("not") != {}}
    found = editor.complete(f"keys/{name}", text)
    skeleton = {part["title"]} if set(part.get("required", [])) - given else set()
    assert set(found) == wanted.keys() | skeleton
    assert {key: found[key]["documentation"] for key in wanted} == wanted


def test_all_that_is_required_comes_at_once(editor: Editor) -> None:
    """In an empty entry, one suggestion writes every key that it must have, with what could stand there."""
    found = editor.complete("skeleton", f"{BEGINNING}functions:\n  hello:\n    ")
    assert found["functions.NAME"]["insertText"] == "runtime: $1\nhandler: ${2:hello.handler}"


def test_what_is_suggested_can_be_taken(editor: Editor, subtests: Any) -> None:
    """A key that is taken as suggested, with the values that come with it, is a valid part of a spec."""
    taken = {
        f"{name}/{label}": editor.write(f"taken/{name}/{label}", text + insertion(item, text))
        for name, text in PLACES.values()
        for label, item in editor.complete(f"taken/{name}", text).items()
        if item["kind"] == PROPERTY and insertion(item, text)
    }
    assert len(taken) > 50
    for key, path in taken.items():
        with subtests.test(key=key):
            found = [fault["message"] for fault in editor.server.faults(path)]
            assert [message for message in found if not message.startswith("Missing property")] == []


def insertion(item: Message, text: str) -> str:
    """What an editor writes at the end of a text for a suggestion taken; nothing if a value is left to be written."""
    taken = re.sub(r"\$\{\d+:?([^}]*)\}|\$\d+", r"\1", item["insertText"]).rstrip()
    indent = " " * len(text.rsplit("\n", 1)[1])
    return "" if taken.endswith((":", "-")) else taken.replace("\n", f"\n{indent}") + "\n"


VALUES = {
    f"{FUNCTION}    url: ": {"none", "iam", "public"},
    f"{FUNCTION}    arch: ": {"x86_64", "arm64"},
    f"{FUNCTION}    vpc: ": {"true", "false"},
    f"{FUNCTION}    runtime: ": {"python3.13", "nodejs22.x", "provided.al2023"},
    f"{BESIDE}    ami: ": {"al2023", "al2023-minimal", "ubuntu-22.04", "ubuntu-24.04", "ubuntu-26.04"},
    f"{BESIDE}    signal: ": {"auto", '"off"', "false"},
    f"{BESIDE}    ami:\n      family: ": {"amazon-linux", "ubuntu"},
    f"{BEGINNING}logs:\n  retention: ": set(map(str, schema.definition("logs")["properties"]["retention"]["enum"])),
    f"{BEGINNING}resources:\n  Jobs:\n    DeletionPolicy: ": {"Delete", "Retain", "RetainExceptOnCreate", "Snapshot"},
}


@pytest.mark.parametrize("text", VALUES, ids=lambda text: text.rsplit("\n", 1)[1].strip())
def test_values_are_completed(editor: Editor, text: str) -> None:
    """Where there is a choice, or an example, it is suggested as it has to be written."""
    found = editor.complete(f"values/{list(VALUES).index(text)}", text)
    assert {label: item["insertText"] for label, item in found.items()} == {label: label for label in VALUES[text]}


def test_choices_are_explained(editor: Editor) -> None:
    """A value to choose says what it does."""
    found = editor.complete("choices", f"{FUNCTION}    url: ")
    choices = schema.definition("functions")["properties"]["url"]
    assert [found[label]["documentation"] for label in choices["enum"]] == choices["enumDescriptions"]


FULL = [path for path in GOOD if path.parent.name in ("function-full", "server-full", "ami-forms", "raw-sections")]


@pytest.mark.parametrize("spec", FULL, ids=lambda spec: spec.parent.name)
def test_hover_says_what_a_key_is_for(editor: Editor, spec: Path) -> None:
    """Over any key of the language an editor shows its place in the language and what it is for."""
    text = spec.read_text("utf-8")
    path = editor.write(f"hover/{spec.parent.name}", text)
    keys = list(described(load(Source("omega.yaml", text)), schema.document()))
    assert len(keys) > 30
    for key, part in keys:
        span = key.origin.key
        assert span
        hover = editor.server.ask("hover", path, span.line - 1, span.column)
        shown = re.sub(r"\\(.)|&nbsp;", lambda found: found[1] or " ", hover["contents"]["value"])
        assert part["title"] in shown
        assert part["description"] in shown


def described(traced: Traced, part: dict[str, Any]) -> Iterator[tuple[Traced, dict[str, Any]]]:
    """The keys in a value that the language has, with the schema of each; of a long form, with that of the form."""
    for key, value in traced.items() if isinstance(traced.value, dict) else ():
        inner = form(value, part.get("properties", {}).get(key) or part.get("additionalProperties") or {})
        if key in part.get("properties", {}):
            yield value, inner
        yield from described(value, inner)
    for item in traced.elements() if isinstance(traced.value, list) else ():
        yield from described(item, form(item, part.get("items", {})))


def form(traced: Traced, part: dict[str, Any]) -> dict[str, Any]:
    """The schema of a value, or of the long form that it has."""
    whole = schema.resolved(part)
    forms = (schema.resolved(branch) for branch in whole.get("anyOf", ()))
    long = (branch for branch in forms if "properties" in branch and isinstance(traced.value, dict))
    return next(long, whole)


TAGS = {
    "timeout: !Ref Seconds": True,
    'description: !Sub "${AWS::StackName}"': False,  # has to be known when building
    "layers: [!Ref Layer, !Join [':', [a, b]]]": True,
    "layers: !Ref Layers": False,
    "role: !GetAtt Role.Arn": True,
    "role: !GetAtt [Role, Arn]": True,
    "role: !GetAtt {Role: Arn}": False,
    "role: !Reference Role": False,
}


@pytest.mark.parametrize("line", TAGS)
def test_a_tag_is_marked_where_it_does_not_fit(editor: Editor, line: str) -> None:
    """A tag is marked where no intrinsic may stand, where it takes something else, and where there is no such tag."""
    path = editor.write(f"tags/{list(TAGS).index(line)}", f"{FUNCTION}    {line}\n")
    assert lines(editor.server.faults(path)) == (set() if TAGS[line] else {FUNCTION.count("\n") + 1})


@pytest.mark.parametrize("spec", GOOD[:2], ids=lambda spec: str(spec.relative_to(ROOT)))
def test_a_spec_names_its_schema(spec: Path) -> None:
    """The first line of each example names the schema, by a path from the spec; nothing else has to be set."""
    text = spec.read_text("utf-8")
    with served(ROOT, customTags=documented()["yaml.customTags"]) as server:
        server.show(spec, text)
        assert server.faults(spec) == []
        other = spec.with_name("other.yaml")
        server.show(other, f"{text}colour: red\n")
        assert lines(server.faults(other)) == {text.count("\n") + 1}


def test_a_strict_validator_takes_the_schema(subtests: Any) -> None:
    """In its strict mode ajv takes the schema, every good spec in long form, and no bad one."""
    specs = {
        str(path.relative_to(ROOT)): load(Source("omega.yaml", path.read_text("utf-8"))).value for path in GOOD + BAD
    }
    command = ["node", str(TOOLS / "validate.mjs"), str(ROOT / schema.NAME)]
    result = subprocess.run(command, input=json.dumps(specs), capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    for name, errors in json.loads(result.stdout).items():
        with subtests.test(spec=name):
            assert bool(errors) == ("/bad/" in name), errors
