"""Tests for `omegac.shipped`."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from omegac import shipped

NAME = "schemas/example.json"


def installed(package: Path) -> ModuleType:
    """The module as it is when its package stands in another folder."""
    package.mkdir(parents=True, exist_ok=True)
    copy = shutil.copy(shipped.__file__, package)
    spec = importlib.util.spec_from_file_location("shipped_elsewhere", copy)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(content)


def test_checkout(tmp_path: Path) -> None:
    """Beside a package that has no schemas inside, the folders of the checkout are used."""
    write(tmp_path / NAME, b"beside")
    assert installed(tmp_path / "omegac").path(NAME) == tmp_path / NAME


def test_wheel(tmp_path: Path) -> None:
    """Inside the package goes before beside it: a folder of site-packages may have the same name."""
    write(tmp_path / NAME, b"beside")
    write(tmp_path / "omegac" / NAME, b"inside")
    assert installed(tmp_path / "omegac").text(NAME) == "inside"


def test_line_ends(tmp_path: Path) -> None:
    """A checkout with CRLF line ends gives the same text as any other, in UTF-8."""
    write(tmp_path / NAME, "é\r\n\n".encode())
    assert installed(tmp_path / "omegac").text(NAME) == "é\n\n"


def test_folder() -> None:
    """A folder has a path as a file has."""
    assert shipped.path("schemas").is_dir()


def test_missing() -> None:
    """A file that is not there is an error of its own, at reading."""
    with pytest.raises(FileNotFoundError):
        shipped.text("templates/no-such-template")


NAMES_ELSEWHERE = ["", "..", "./schemas", "/etc/passwd", "omegac/cli.py", "schemas/../omega.yaml", "schemasx"]


@pytest.mark.parametrize("name", NAMES_ELSEWHERE)
def test_elsewhere(name: str) -> None:
    """A name that leads out of the shipped folders is refused."""
    with pytest.raises(ValueError, match="not the name of a shipped file"):
        shipped.path(name)
