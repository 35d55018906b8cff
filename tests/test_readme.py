"""What README.md shows is what omegac does."""

from __future__ import annotations

import re
from contextlib import chdir
from pathlib import Path

import pytest

from omegac.compiler import compile_spec
from omegac.diagnostics import Rejected
from omegac.report.text import as_text

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks in a language."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return [text for found, text in fenced if found == language]


def the_spec() -> str:
    """The one whole spec."""
    (spec,) = (block for block in blocks("yaml") if block.startswith("omega:"))
    return spec


def project(folder: Path, spec: str) -> Path:
    (folder / "app").mkdir()
    (folder / "app" / "hello.py").write_text("handler = print\n", "utf-8")
    (folder / "omega.yaml").write_text(spec, "utf-8")
    return folder / "omega.yaml"


def test_the_spec_compiles_to_what_is_shown(tmp_path: Path) -> None:
    """The spec compiles to as many resources as README says, and to the parts that it shows."""
    spec = the_spec()
    compilation = compile_spec(project(tmp_path, spec)).compilation
    compilation.artifact.content.close()
    (count,) = re.findall(r"becomes (\d+) resources", README)
    assert len(compilation.root.value["Resources"]) == int(count)
    shown = blocks("json")
    assert len(shown) == 2
    for part in shown:
        assert part in compilation.template


def test_what_is_ignored_is_written_as_shown(tmp_path: Path) -> None:
    """The part of a spec that ignores a rule is part of one."""
    (ignored,) = (block for block in blocks("yaml") if block.startswith("lint:"))
    compile_spec(project(tmp_path, the_spec() + ignored)).compilation.artifact.content.close()


def test_the_hooks_are_there() -> None:
    """The hooks that README names are all that the manifest has."""
    (shown,) = (block for block in blocks("yaml") if block.startswith("repos:"))
    manifest = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    assert set(re.findall(r"id: ([a-z-]+)", shown)) == set(re.findall(r"id: ([a-z-]+)", manifest))


def test_the_error_reads_as_shown(tmp_path: Path) -> None:
    """The diagnostic in README is what the mistake in it gives, to the letter."""
    spec = the_spec()
    database = "  Database: {Type: AWS::RDS::DBInstance}\n"
    spec = spec.replace("    ingress: public\n", "    ingress: public\n    userdata: userdata.sh\n") + database
    (shown,) = (block for block in blocks("") if block.startswith("error["))
    line = next(line for line in shown.splitlines() if line.startswith("4 | "))[4:]
    opening = '{% extends "omegac/server.sh" %}\n{% block configure %}\n{{ super() }}\n'
    (tmp_path / "userdata.sh").write_text(opening + line + "\n{% endblock %}\n", "utf-8")
    project(tmp_path, spec)
    with chdir(tmp_path), pytest.raises(Rejected) as refused:
        compile_spec(Path("omega.yaml"))
    assert shown.strip() in as_text(refused.value.diagnostics)
