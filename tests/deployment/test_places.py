"""From a deployed template back to the lines of the spec."""

from __future__ import annotations

from pathlib import Path

import pytest

from omegac.compiler import compiled
from omegac.deployment.places import NOWHERE, Places, pointer
from omegac.diagnostics import fault
from omegac.report.text import as_text
from omegac.source import Origin

SPEC = """\
omega: 1
service: Shop
artifact: app
functions:
  hello: {runtime: python3.13, handler: hello.handler, memory: 512}
resources:
  Jobs: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: 5}}
servers:
  web: {command: ./serve, port: 8080, ingress: public}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a service, as the working folder."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "hello.py").write_text("def handler(event, context): ...\n", "utf-8")
    (tmp_path / "omega.yaml").write_text(SPEC, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def map_text(folder: Path) -> str:
    """The map of what it compiles to."""
    compilation = compiled(folder / "omega.yaml")
    compilation.artifact.content.close()
    return compilation.map


def written(origin: Origin | None) -> str:
    """What is written at an origin."""
    assert origin
    assert origin.span
    return origin.span.source.text[origin.span.start : origin.span.end]


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ("/Resources/Jobs/Properties/DelaySeconds", "5"),
        ("/Resources/HelloFunction/Properties/MemorySize", "512"),
        ("/Resources/HelloFunction/Properties/Runtime/nothing/below", "python3.13"),
    ],
)
def test_a_value_is_found_where_it_is_written(folder: Path, map_text: str, at: str, text: str) -> None:
    """A pointer into the template leads to what it was made from; where there is nothing, to what is around."""
    assert written(Places(map_text, folder).of(at)) == text


def test_each_origin_of_a_map_is_read_back(folder: Path, map_text: str) -> None:
    """Every value of a map has its origin, shipped templates' lines among them."""
    places = Places(map_text, folder)
    paths = {
        each.span.source.path
        for at in places.pointers
        for origin in [places.of(at)]
        for each in (origin.chain() if origin else ())
        if each.span
    }
    assert paths == {(folder / "omega.yaml").as_posix(), "omegac/server.sh"}


@pytest.mark.parametrize("change", ["# new\n" + SPEC, None], ids=["changed", "gone"])
def test_a_file_that_is_not_what_it_was_is_still_named(folder: Path, map_text: str, change: str | None) -> None:
    """Of a file that has changed since, or is gone, the place is told, but no line that may be another by now."""
    if change:
        (folder / "omega.yaml").write_text(change, "utf-8")
    else:
        (folder / "omega.yaml").unlink()
    shown = as_text(
        [fault("OM6201", "it failed", Places(map_text, Path()).of("/Resources/Jobs/Properties/DelaySeconds"))]
    )
    assert "--> omega.yaml:7:60\n" in shown
    assert "(this file has changed since it was deployed)" in shown
    assert "AWS::SQS::Queue" not in shown


def test_without_a_map_there_is_no_place() -> None:
    """Where the map of what is deployed is not to be had, nothing has a place."""
    assert NOWHERE.of("/Resources/Jobs") is None


def test_a_pointer_escapes_its_steps() -> None:
    """A slash and a tilde in a key are escaped, as RFC 6901 has it."""
    assert pointer("Resources", "a/b~c", 0) == "/Resources/a~1b~0c/0"
