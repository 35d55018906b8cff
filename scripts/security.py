"""Checks the examples and every good case with checkov: a failed check must be one that `security.toml` accepts.

It counts where omegac makes the resource, and in the examples everywhere, as people copy them; what a case adds by
itself stands for anybody's. What the list accepts and nothing needs is a failure too.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from omegac.compiler import compile_spec

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "security.toml"
CHECKOV = ROOT / ".venv-security" / "bin" / "checkov"
EXAMPLES = ("omega.yaml", "examples/*/omega.yaml")
CASES = "tests/cases/good/*/omega.yaml"


class Accepted(NamedTuple):
    """Failures that are accepted: of one check, at resources of one pattern."""

    check: str
    pattern: str
    """Of a type and a logical id, with a dot between."""


class Failure(NamedTuple):
    """A check that fails."""

    spec: str
    resource: str
    """Type and logical id, with a dot between."""
    check: str
    meaning: str


class Compiled(NamedTuple):
    """What a spec compiles to."""

    template: str
    resources: int
    counting: frozenset[str]
    """Type and logical id of each resource whose failures count."""


def main() -> None:
    """Prints the failures of each spec; exits with 1 where one is not accepted, or the list has one too many."""
    compiled = {str(spec.relative_to(ROOT)): _compiled(spec) for spec in _specs()}
    failures = sorted(_failures(compiled))
    accepted = list(_accepted())
    for spec in compiled:
        checks = [failure.check for failure in failures if failure.spec == spec]
        print(f"{spec}: {len(checks)} failed {' '.join(sorted(set(checks)))}".rstrip())
    wrong = [
        f"{failure.spec}: {failure.resource} fails {failure.check}: {failure.meaning}"
        for failure in failures
        if not any(_covers(entry, failure) for entry in accepted)
    ]
    wrong += [
        f"{LIST.name}: no {entry.pattern} fails {entry.check}: take it out"
        for entry in accepted
        if not any(_covers(entry, failure) for failure in failures)
    ]
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{len(failures)} failed checks, each accepted by {LIST.name}")


def _specs() -> Iterator[Path]:
    for pattern in (*EXAMPLES, CASES):
        yield from sorted(ROOT.glob(pattern))


def _compiled(spec: Path) -> Compiled:
    """The template of a spec; a case named `…@prod` is compiled for the stage `prod`."""
    compilation = compile_spec(spec, spec.parent.name.partition("@")[2] or None).compilation
    compilation.artifact.content.close()
    root = compilation.root
    resources = root.value["Resources"]
    counting = frozenset(
        f"{body['Type']}.{name}"
        for name, body in resources.items()
        if not spec.match(CASES) or root.at("Resources", name).origin.via == "construct"
    )
    return Compiled(compilation.template, len(resources), counting)


def _failures(compiled: dict[str, Compiled]) -> Iterator[Failure]:
    """Every failed check that counts."""
    with TemporaryDirectory() as temporary:
        place = Path(temporary).resolve()
        specs = {place / str(number) / "template.json": spec for number, spec in enumerate(compiled)}
        for path, spec in specs.items():
            path.parent.mkdir()
            path.write_text(compiled[spec].template, "utf-8")
        report = _report(list(specs), place)
    looked_at, there = report["summary"]["resource_count"], sum(found.resources for found in compiled.values())
    if report["summary"]["parsing_errors"] or looked_at != there:
        sys.exit(f"checkov looked at {looked_at} of {there} resources")
    for found in report["results"]["failed_checks"]:
        spec = specs[Path(found["file_abs_path"])]
        if found["resource"] in compiled[spec].counting:
            yield Failure(spec, found["resource"], found["check_id"], found["check_name"])


def _report(templates: list[Path], place: Path) -> Any:
    """What checkov says of some templates. It runs in their folder, where no configuration of it can be."""
    options = ["--framework", "cloudformation", "--skip-download", "--output", "json", "--quiet", "--compact"]
    command = [str(CHECKOV), *options, "--file", *map(str, templates)]
    result = subprocess.run(command, cwd=place, check=False, capture_output=True, text=True)
    if result.returncode not in {0, 1}:  # 1: a check has failed
        sys.exit(f"checkov failed with {result.returncode}:\n{result.stderr}")
    return json.loads(result.stdout)


def _accepted() -> Iterator[Accepted]:
    for entry in tomllib.loads(LIST.read_text("utf-8"))["accepted"]:
        if not entry["reason"]:
            sys.exit(f"{LIST.name}: {entry['check']} has no reason")
        yield from (Accepted(entry["check"], pattern) for pattern in entry["resources"])


def _covers(entry: Accepted, failure: Failure) -> bool:
    return entry.check == failure.check and fnmatchcase(failure.resource, entry.pattern)


if __name__ == "__main__":
    main()
