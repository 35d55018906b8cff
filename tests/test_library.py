"""Where userdata templates are found, and where not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from omegac.diagnostics import Rejected
from omegac.source import Source
from omegac.userdata.convert import Pieces, convert, literal
from omegac.userdata.library import Library
from omegac.userdata.script import prove


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a template, a secret beside it, and links."""
    folder = tmp_path / "project"
    (folder / "parts").mkdir(parents=True)
    (folder / "parts" / "one.sh").write_text("one\n", "utf-8")
    (tmp_path / "secret.sh").write_text("secret\n", "utf-8")
    (folder / "out.sh").symlink_to(tmp_path / "secret.sh")
    (folder / "up").symlink_to(tmp_path)
    (folder / "inside.sh").symlink_to(folder / "parts" / "one.sh")
    return folder


@pytest.mark.parametrize("name", ["parts/one.sh", "./parts/one.sh", "inside.sh"])
def test_templates_of_the_project(project: Path, name: str) -> None:
    """A template is named by its path from the project's folder; a link inside of that is followed."""
    assert Library(project).find(name).text == "one\n"


@pytest.mark.parametrize(
    "name", ["../secret.sh", "parts/../../secret.sh", "out.sh", "up/secret.sh", "/etc/passwd", "..\\x"]
)
def test_nothing_leads_out(project: Path, name: str) -> None:
    """No absolute path, no `..` and no link leads out of the project's folder."""
    with pytest.raises(Rejected) as rejected:
        Library(project).find(name)
    (diagnostic,) = rejected.value.diagnostics
    assert diagnostic.code == "OM2001"
    assert "leads out" in diagnostic.message or "link" in diagnostic.message


def test_what_ships(project: Path) -> None:
    """The shipped script is found by its name; another name lists what ships."""
    assert Library(project).find("omegac/server.sh").text.startswith("#!/bin/bash\n")
    with pytest.raises(Rejected, match="omegac ships no template"):
        Library(project).find("omegac/other.sh")


def test_what_is_missing_or_no_file(project: Path) -> None:
    """A template that is not there is refused with the nearest name; so is a folder and what is not UTF-8."""
    with pytest.raises(Rejected) as rejected:
        Library(project).find("parts/on.sh")
    assert rejected.value.diagnostics[0].hint == 'did you mean "one.sh"?'
    os.mkfifo(project / "pipe")
    (project / "latin.sh").write_bytes(b"\xe9")
    for name, code in (("parts", "OM2001"), ("pipe", "OM2001"), ("latin.sh", "OM1002")):
        with pytest.raises(Rejected) as rejected:
            Library(project).find(name)
        assert rejected.value.diagnostics[0].code == code


@pytest.mark.parametrize("spoil", ["value", "literal", "end"])
def test_the_proof_finds_what_is_wrong(spoil: str) -> None:
    """Pieces that are not what the text says do not pass the proof; that is a bug, and an `AssertionError`."""
    text = literal(Source("t", 'a\nb={ "Ref" : "A" }\n'))
    pieces = convert(text)
    assert prove(pieces, text) == '["a\\n", "b=", {"Ref": "A"}, "\\n"]'
    spoilt: dict[str, Pieces] = {
        "value": pieces._replace(values=["a\n", "b=", {"Ref": "B"}, "\n"]),
        "literal": pieces._replace(values=["a\n", "b = ", {"Ref": "A"}, "\n"]),
        "end": pieces._replace(values=pieces.values[:-1]),
    }
    with pytest.raises(AssertionError):
        prove(spoilt[spoil], text)
