"""Fixtures of the boots: the image, the local cloud, and the example on a running instance."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.boot import image as machine_image
from tests.boot.instance import Instance, booted
from tests.boot.service import IMAGE, deploy, launch
from tests.ministack import Ministack
from tests.operations.local import edit
from tests.operations.shell import ROOT

logging.getLogger("botocore").setLevel(logging.WARNING)
_LOG = logging.getLogger(__name__)


def _obstacle() -> str | None:
    """Why nothing can be booted here."""
    if sys.platform != "linux" or not Path("/etc/debian_version").exists():
        return "a boot needs Debian"
    if os.geteuid() != 0:
        return "a boot needs root"
    if absent := machine_image.missing():
        return f"a boot needs {', '.join(absent)}, which `make boot` installs"
    if subprocess.run(["unshare", "--mount", "--net", "true"], capture_output=True, check=False).returncode:
        return "a boot needs the right to make namespaces"
    return None


@pytest.fixture(scope="session")
def image() -> Path:
    """The machine image. Skips where it cannot be booted, or where that is not asked for."""
    if "OMEGAC_BOOT" not in os.environ:
        pytest.skip("`make boot` runs these")
    if obstacle := _obstacle():
        pytest.skip(obstacle)
    began = time.monotonic()
    path = machine_image.image()
    _LOG.info("the image is there after %.1f s", time.monotonic() - began)
    return path


def example_in(folder: Path) -> Path:
    """A copy of the repository's own example, for the image that is booted here."""
    for name in ("omega.yaml", "userdata.sh"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "app", folder / "app", ignore=shutil.ignore_patterns("__pycache__"))
    edit(folder / "omega.yaml", "command: python3.13 ", f"{IMAGE}\n    command: python3 ")
    edit(folder / "omega.yaml", "packages: [python3.13]", "packages: [python3]")
    return folder


class Running(NamedTuple):
    """The example, deployed and booted."""

    folder: Path
    told: dict[str, str]
    """The stack's outputs."""
    instance: Instance


@pytest.fixture(scope="module")
def running(image: Path, ministack_server: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The example on its first instance, for the tests that only look at it and the one that updates it."""
    with pytest.MonkeyPatch.context() as patch:
        ministack_server.reset()
        for name, value in ministack_server.environment().items():
            patch.setenv(name, value)
        folder = example_in(tmp_path_factory.mktemp("example"))
        told = deploy(folder)
        with booted(launch(image)) as instance:
            yield Running(folder, told, instance)


@pytest.fixture
def example(ministack: Ministack, tmp_path: Path) -> Path:
    """The example, in an empty cloud."""
    assert ministack
    return example_in(tmp_path)


@pytest.fixture
def supervised(ministack: Ministack, tmp_path: Path) -> Path:
    """The example with a script of its own, in an empty cloud, for the image that is booted here."""
    assert ministack
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "examples" / "supervisor", tmp_path, dirs_exist_ok=True, ignore=ignored)
    edit(tmp_path / "omega.yaml", "ami: ubuntu-22.04", IMAGE)
    return tmp_path
