"""The same specs give the same bytes and the same words: elsewhere, later, under other settings, on other Pythons.

What is compared is all that `compile_all` writes for the example and every case: templates, maps, artifacts, and
what was printed, diagnostics among it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TypeAlias

import pytest

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("app", "omega.yaml", "omegac", "schemas", "templates", "tests/cases", "tests/compile_all.py", "userdata.sh")
IMPORTED = ("jinja2", "jsonschema", "pathspec", "pyyaml", "typer")
"""The projects that `omegac build` imports."""

Files: TypeAlias = dict[str, bytes]
"""Files below a folder: their bytes by their paths."""

# One worker compiles what all the others are compared with.
pytestmark = pytest.mark.xdist_group("determinism")


def copy(folder: Path) -> Path:
    """A copy of all that takes part in a compilation."""
    for name in COPIED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return folder


def compiled(checkout: Path, *python: str, flags: tuple[str, ...] = (), umask: int = -1, **environment: str) -> Files:
    """What a copy compiles to: with a Python and its options, flags of `compile_all`, variables of the environment."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("OMEGAC_", "PYTHON"))}
    shutil.rmtree(checkout / "outcomes", ignore_errors=True)
    result = subprocess.run(
        [*(python or (sys.executable,)), "tests/compile_all.py", *flags],
        cwd=checkout,
        env={**inherited, "OMEGAC_MEMO": "off", "PYTHONPATH": str(checkout), **environment},
        umask=umask,
        check=False,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    return files(checkout / "outcomes")


def files(folder: Path) -> Files:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def different(one: Files, other: Files) -> list[str]:
    """The names of files that are not the same in both."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that stays as it is."""
    return copy(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def reference(checkout: Path) -> Files:
    """What the specs compile to here and now, with nothing remembered."""
    return compiled(checkout, PYTHONHASHSEED="0")


def test_all_are_compared(reference: Files) -> None:
    """The example and every good case give three files each, and every bad case its diagnostics."""
    assert {"template.json", "template.map.json", "artifact.zip", "printed.txt"} <= reference.keys()
    for spec in ROOT.glob("tests/cases/*/*/omega.yaml"):
        case = str(spec.parent.relative_to(ROOT))
        good = spec.parent.parent.name == "good"
        written = {name.rpartition("/")[2] for name in reference if name.startswith(f"{case}/")}
        assert written == ({"template.json", "template.map.json", "artifact.zip"} if good else set()) | {"printed.txt"}
        assert reference[f"{case}/printed.txt"].endswith(b"exit code 0\n" if good else b"exit code 1\n"), case


def test_elsewhere_and_later(reference: Files, tmp_path: Path) -> None:
    """Path, times, modes, umask, time zone, locale, hash seed and optimisation leave no trace."""
    other = copy(tmp_path / "a path with é")
    for path in [*other.rglob("*"), other]:
        path.chmod(0o700 if path.is_dir() else 0o600)
        os.utime(path, (0, 0))  # earlier than a zip can tell
    again = compiled(
        other,
        sys.executable,
        "-OO",
        umask=0o077,
        LC_ALL="C",
        PYTHONCOERCECLOCALE="0",
        PYTHONHASHSEED="1",
        PYTHONUTF8="0",  # or Python would take the locale C for UTF-8
        TZ="Pacific/Apia",
    )
    assert different(reference, again) == []


def test_memo(reference: Files, checkout: Path, tmp_path: Path) -> None:
    """What is remembered changes nothing, nor does what is left of it once every file is spoilt."""
    memo = tmp_path / "memo"
    assert different(reference, compiled(checkout, OMEGAC_MEMO=str(memo))) == []
    remembered, written = files(memo), times(memo)
    assert {name.partition("-")[0] for name in remembered} == {"bash", "rendered", "valid"}
    assert different(reference, compiled(checkout, OMEGAC_MEMO=str(memo))) == []
    assert times(memo) == written, "what is remembered is not computed again"
    spoil(memo)
    assert different(reference, compiled(checkout, OMEGAC_MEMO=str(memo))) == []
    assert different(remembered, files(memo)) == [], "what is spoilt is computed again"


def times(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def spoil(memo: Path) -> None:
    """Puts garbage into one of three entries, nothing into the next, and into the last what another one holds."""
    paths = sorted(memo.iterdir())
    wrong = [b"garbage " * 9, b"", paths[0].read_bytes()]
    for index, path in enumerate(paths):
        path.write_bytes(wrong[index % len(wrong)])


def test_without_libyaml(reference: Files, checkout: Path) -> None:
    """PyYAML's own parser and libyaml give the same bytes and places; what is no YAML they word in their own ways."""
    pure = compiled(checkout, flags=("--without-libyaml",))
    assert different(own_words(reference), own_words(pure)) == []


def own_words(outcome: Files) -> Files:
    """Without the words of YAML's parser, and the place that goes with them."""
    return {
        name: re.sub(rb"(?s)(?<=not YAML: ).*?\n\n", b"", content) if name.endswith("printed.txt") else content
        for name, content in outcome.items()
    }


def supported() -> list[str]:
    """The versions of Python that the project names, but for that which runs the tests."""
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["classifiers"]
    versions = [name.rpartition(" ")[2] for name in classifiers if re.search(r":: 3\.\d+$", name)]
    return [version for version in versions if version != f"{sys.version_info.major}.{sys.version_info.minor}"]


@pytest.mark.parametrize("version", supported())
def test_other_pythons(version: str, reference: Files, checkout: Path, cache: pytest.Cache) -> None:
    """Every supported Python that this machine has gives the same bytes and the same words."""
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} on the PATH or in pyenv")
    libraries = installed(python, version, Path(cache.mkdir("libraries")))
    paths = f"{checkout}{os.pathsep}{libraries}"
    assert different(reference, compiled(checkout, python, PYTHONPATH=paths)) == []


def interpreter(version: str) -> str | None:
    """A Python of a version, if there is one."""
    kept = sorted(map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python")))
    for python in [f"python{version}", *kept]:
        command = [python, "-c", "import sys; print(sys.executable, *sys.version_info[:2])"]
        try:
            answer = subprocess.run(command, check=False, capture_output=True, text=True).stdout.split()
        except FileNotFoundError:
            continue
        if answer[1:] == version.split("."):  # pyenv may have a name on the PATH without the Python behind it
            return answer[0]
    return None


def installed(python: str, version: str, kept: Path) -> Path:
    """A folder with what `omegac build` imports, in the locked versions; it is made once for each lock."""
    lock = (ROOT / "requirements" / "dev.txt").read_text("utf-8")
    pins = "".join(f"{pin}\n" for pin in re.findall(r"^[\w.-]+==[^\\\n]+", lock, re.MULTILINE))
    folder, wanted = kept / version, kept / f"{version}.txt"
    if folder.exists() and wanted.exists() and wanted.read_text("utf-8") == pins:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    wanted.write_text(pins, "utf-8")
    pip = [sys.executable, "-m", "pip", "--quiet", "--python", python, "install", "--only-binary", ":all:"]
    target = ["--target", str(folder), "--constraint", str(wanted)]
    result = subprocess.run([*pip, *target, *IMPORTED], check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return folder
