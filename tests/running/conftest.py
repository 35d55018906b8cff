"""What tests of running things stand on: services of a few files, and a look at the processes of this machine."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.operations.shell import ROOT
from tests.running.services import HANDLER, SPEC


@pytest.fixture(autouse=True)
def _no_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing leads to AWS, wherever the tests run."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _scratch(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What a killed omegac leaves in the folder of temporary files goes with pytest's own."""
    monkeypatch.setenv("TMPDIR", str(tmp_path_factory.mktemp("scratch")))


@pytest.fixture
def python_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has `python` be the Python with what omegac needs."""
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A service with a function that does what its event says, and servers; beside it a module that is not packed."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "hello.py").write_text(HANDLER, "utf-8")
    (tmp_path / "beside.py").write_text("", "utf-8")
    (tmp_path / "omega.yaml").write_text(SPEC, "utf-8")
    return tmp_path


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A copy of the repository's own example."""
    for name in ("omega.yaml", "userdata.sh"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path
