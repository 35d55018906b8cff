"""Tests for what is published: an sdist, the wheel made from it, and the program that the wheel installs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
DATA = ("schemas/", "templates/")

# One worker builds for all of these tests.
pytestmark = pytest.mark.xdist_group("wheel")


class Distributions(NamedTuple):
    """The two files that are published."""

    sdist: Path
    wheel: Path

    def sdist_names(self) -> set[str]:
        """The sdist's files, without its own top folder."""
        with tarfile.open(self.sdist) as archive:
            return {name.split("/", 1)[1] for name in archive.getnames()}

    def wheel_names(self) -> set[str]:
        with zipfile.ZipFile(self.wheel) as archive:
            return set(archive.namelist())


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    """The sdist of this checkout, and the wheel that the sdist alone makes."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT), cwd=folder)
    (sdist,) = folder.glob("*.tar.gz")
    (wheel,) = folder.glob("*.whl")
    return Distributions(sdist, wheel)


@pytest.fixture(scope="module")
def commands(distributions: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a clean environment with the wheel in it.

    The libraries are those of the environment that runs the tests. They come in last, by a `.pth` file: from
    there, an installation of omegac in that environment is out of reach.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--quiet", "--python", str(python), "install", "--no-index", "--no-deps"]
    run(*pip, str(distributions.wheel), cwd=folder)
    paths = sysconfig.get_paths()
    libraries = sorted({paths["purelib"], paths["platlib"]})
    (site_packages,) = folder.glob("lib/python*/site-packages")
    (site_packages / "libraries.pth").write_text("\n".join(libraries), encoding="utf-8")
    return folder / "bin"


@pytest.fixture
def example(distributions: Distributions, tmp_path: Path) -> Path:
    """The example as the sdist has it, with no omegac beside it."""
    with tarfile.open(distributions.sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    for name in ("omegac", "schemas", "templates"):
        shutil.rmtree(folder / name)
    return folder


def run(*command: str, cwd: Path) -> str:
    """The standard output of a program that cannot see this checkout."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    result = subprocess.run(command, cwd=cwd, env=environment, check=False, capture_output=True, text=True)
    assert result.returncode == 0, f"{command} failed:\n{result.stdout}{result.stderr}"
    return result.stdout


def test_sdist_is_complete(distributions: Distributions) -> None:
    """The sdist has all that a checkout needs to build, to test and to compile the example."""
    names = distributions.sdist_names()
    files = {"CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "omega.yaml", "pyproject.toml"}
    assert files <= names
    folders = {name.split("/", 1)[0] for name in names if "/" in name}
    assert {"app", "omegac", "requirements", "schemas", "scripts", "templates", "tests"} <= folders


def test_wheel_is_the_package_and_its_data(distributions: Distributions) -> None:
    """The wheel has the package, with the schemas and the templates inside it, and nothing else."""
    sources = distributions.sdist_names()
    package = {name for name in sources if name.startswith("omegac/")}
    data = {f"omegac/{name}" for name in sources if name.startswith(DATA)}
    assert "omegac/py.typed" in package
    assert "omegac/schemas/omega.schema.json" in data
    names = distributions.wheel_names()
    assert {name for name in names if not name.split("/", 1)[0].endswith(".dist-info")} == package | data


def test_wheel_carries_the_licence(distributions: Distributions) -> None:
    """The wheel has the text of the licence and names it as SPDX does."""
    with zipfile.ZipFile(distributions.wheel) as archive:
        (licence,) = (name for name in archive.namelist() if name.endswith(".dist-info/licenses/LICENSE"))
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        assert archive.read(licence) == (ROOT / "LICENSE").read_bytes()
        assert "License-Expression: Apache-2.0" in archive.read(metadata).decode().splitlines()


def test_installed_apart_from_the_checkout(commands: Path, tmp_path: Path) -> None:
    """What is tested here is the wheel: its package is imported from the clean environment."""
    file = run(str(commands / "python"), "-c", "import omegac; print(omegac.__file__)", cwd=tmp_path).strip()
    assert Path(file).is_relative_to(commands.parent)


def test_schema(commands: Path, tmp_path: Path) -> None:
    """An installed `omegac schema` prints the schema that the checkout has."""
    printed = run(str(commands / "omegac"), "schema", cwd=tmp_path)
    assert json.loads(printed) == json.loads((ROOT / "schemas" / "omega.schema.json").read_bytes())


def test_help(commands: Path, tmp_path: Path) -> None:
    """An installed `omegac build --help` tells its options: typer and the click beneath it get on."""
    assert "--stage" in run(str(commands / "omegac"), "build", "--help", cwd=tmp_path)


def test_build(commands: Path, example: Path) -> None:
    """An installed `omegac build` compiles the example: a template, its map and the artifact."""
    run(str(commands / "omegac"), "build", cwd=example)
    template = json.loads((example / "build" / "template.json").read_bytes())
    assert template["Resources"]
    assert json.loads((example / "build" / "template.map.json").read_bytes())
    assert zipfile.is_zipfile(example / "build" / "artifact.zip")
