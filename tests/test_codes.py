"""The table of codes: each is explained, and its examples, when they are run, do what the table says of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import NamedTuple

import pytest

import omegac.codes
from omegac.codes import CODES, HUNDREDS
from omegac.codes.code import form_of
from omegac.compiler import compile_spec, template_body
from omegac.conversion import converted
from omegac.diagnostics import Diagnostic, Rejected
from omegac.rules import of_template
from omegac.source import Source
from tests.endpoint import Endpoint
from tests.operations.staging import stage

ROOT = Path(__file__).resolve().parent.parent
HEAD = {"omega": "1", "service": "Example", "artifact": "app"}
"""What a part of a spec lacks."""
FUNCTIONS = "functions:\n  hello: {runtime: python3.13, handler: hello.handler}\n"
SHOWN = re.compile(r"^(error|warning)\[(\w+)\]", re.MULTILINE)


class Found(NamedTuple):
    """The codes that an example gets, and the errors among them."""

    codes: set[str]
    errors: set[str]
    said: str = ""
    """What a command printed."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a small service in it, as the working folder."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "hello.py").write_text("def handler(event, context):\n    return event\n", "utf-8")
    (tmp_path / "omega.yaml").write_text(whole(FUNCTIONS), "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def whole(part: str) -> str:
    """A part of a spec with what it lacks."""
    missing = [f"{key}: {value}\n" for key, value in HEAD.items() if f"\n{key}:" not in f"\n{part}"]
    return "".join([*missing, part])


def found_in(example: str, folder: Path, endpoint: Endpoint) -> Found:
    """What an example gets when it is run."""
    if form_of(example) == "commands":
        if example.startswith("# stack: "):
            stage(endpoint, example, folder / "omega.yaml")
        return printed_by(example, folder)
    try:
        return of(diagnostics_of(example, folder))
    except Rejected as rejected:
        return of(rejected.diagnostics)


def of(diagnostics: Iterable[Diagnostic]) -> Found:
    listed = list(diagnostics)
    return Found({each.code for each in listed}, {each.code for each in listed if each.severity == "error"})


def diagnostics_of(example: str, folder: Path) -> Iterable[Diagnostic]:
    """What a script, a template or a spec gets. Raises `Rejected` where it is refused."""
    match form_of(example):
        case "script":
            return converted(Source("userdata.sh", example), folder, {}, None)[1]
        case "template":
            (folder / "template.yaml").write_text(example, "utf-8")
            return list(of_template(template_body(folder / "template.yaml")))
    (folder / "omega.yaml").write_text(whole(example), "utf-8")
    compilation, warnings = compile_spec(folder / "omega.yaml")
    compilation.artifact.content.close()
    return warnings


def printed_by(example: str, folder: Path) -> Found:
    """What commands print, as bash runs them with omegac on the PATH; the last decides whether they succeed."""
    programs = folder / ".programs"
    programs.mkdir()
    omegac = programs / "omegac"
    omegac.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m omegac "$@"\n', "utf-8")
    omegac.chmod(0o755)
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    script = re.sub(r"^\$ ", "", example, flags=re.MULTILINE)
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said
    found = [(severity, code) for severity, code in SHOWN.findall(said) if code.startswith("OM")]
    assert bool(done.returncode) == any(severity == "error" for severity, _ in found), said
    return Found({code for _, code in found}, {code for severity, code in found if severity == "error"}, said)


@pytest.mark.parametrize("code", CODES)
def test_each_code_is_explained(code: str) -> None:
    """Each code has a meaning of one line, paragraphs that explain it, and two examples that differ."""
    entry = CODES[code]
    assert entry.meaning
    assert "\n" not in entry.meaning
    assert entry.explanation.strip()
    assert entry.bad.strip()
    assert entry.good.strip()
    assert entry.bad != entry.good


@pytest.mark.parametrize("code", CODES)
def test_the_bad_example_gets_the_code(code: str, folder: Path, endpoint: Endpoint) -> None:
    """The example of a fault gets its code, and no error but that."""
    found = found_in(CODES[code].bad, folder, endpoint)
    assert code in found.codes, found
    assert found.errors == ({code} if CODES[code].severity == "error" else set()), found


@pytest.mark.parametrize("code", CODES)
def test_the_good_example_does_not(code: str, folder: Path, endpoint: Endpoint) -> None:
    """The mended example does not get the code, and no error."""
    found = found_in(CODES[code].good, folder, endpoint)
    assert code not in found.codes, found
    assert found.errors == set(), found


def test_each_code_is_in_one_module() -> None:
    """No code is given twice, so that none hides another; each is of a hundred with a heading."""
    modules = [import_module(f"omegac.codes.{module.name}") for module in iter_modules(omegac.codes.__path__)]
    tables = [vars(module).get("CODES", {}) for module in modules]
    # A module that puts others together has their very entries.
    entries = {id(entry): (code, entry) for table in tables for code, entry in table.items()}
    codes = sorted(code for code, _ in entries.values())
    assert codes == sorted(CODES)
    assert all(re.fullmatch(r"OM\d{4}", code) and code[:4] in HUNDREDS for code in codes)


def test_the_codes_of_a_module_are_in_order() -> None:
    """Whoever looks for a code in the table finds it in its place."""
    for module in iter_modules(omegac.codes.__path__):
        listed = list(vars(import_module(f"omegac.codes.{module.name}")).get("CODES", {}))
        assert listed == sorted(listed), module.name


def test_the_table_is_what_the_program_says() -> None:
    """Every code that the program names is in the table, and every code of the table is named by the program."""
    package = ROOT / "omegac"
    named = {
        code
        for path in package.rglob("*.py")
        if path.parent != package / "codes"
        for code in re.findall(r'"(OM\d{4})"', path.read_text("utf-8"))
    }
    assert named == set(CODES)


def test_the_page_is_generated() -> None:
    """docs/codes.md is what the table says, with an anchor for each code."""
    command = [sys.executable, "scripts/codes.py", "--check"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    page = (ROOT / "docs" / "codes.md").read_text("utf-8")
    assert re.findall(r"^### (\w+)$", page, re.MULTILINE) == sorted(CODES)


def explain(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`omegac explain`, as a user runs it."""
    command = [sys.executable, "-m", "omegac", "explain", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("written", ["OM2104", "om2104", "2104"])
def test_explain(written: str) -> None:
    """All that the table has on a code is printed, however its name is written."""
    done = explain(written)
    entry = CODES["OM2104"]
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"error[OM2104]: {entry.meaning}\n")
    assert " ".join(entry.explanation.split()) in " ".join(done.stdout.split())
    for example in (entry.bad, entry.good):
        assert "".join(f"    {line}\n" for line in example.splitlines()) in done.stdout


def test_explain_lists_all() -> None:
    """Without a code, every one is listed with its severity and meaning, in order."""
    done = explain()
    assert done.returncode == 0
    listed = re.findall(r"^  (OM\d{4})  (\w+) +(.+)$", done.stdout, re.MULTILINE)
    assert listed == [(code, CODES[code].severity, CODES[code].meaning) for code in sorted(CODES)]


@pytest.mark.parametrize(
    ("written", "way_out"),
    [
        ("OM21O4", 'did you mean "OM2104"?'),
        ("nonsense", "`omegac explain` lists them all"),
        ("E3012", "cfn-lint's own: `omegac lint` prints the address of its documentation"),
        ("w2001", "cfn-lint's own"),
    ],
)
def test_explain_of_what_is_no_code(written: str, way_out: str) -> None:
    """A code that is not omegac's is an error of usage, with the nearest code or whose it is."""
    done = explain(written)
    assert (done.returncode, done.stdout) == (2, "")
    assert way_out in done.stderr
