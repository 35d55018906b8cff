"""The pipeline, in order: the only place that knows it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from omegac.bind import bind
from omegac.contribute import contribute
from omegac.decorate import decorate
from omegac.diagnostics import Diagnostic, Rejected
from omegac.emit import emit
from omegac.load import load
from omegac.lower import lower
from omegac.pack import pack, unbuilt
from omegac.patch import patch
from omegac.reading import read
from omegac.rules import of_service
from omegac.seal import seal
from omegac.spec import Spec
from omegac.stage import stage
from omegac.template import Body, Compilation
from omegac.validate import validate


class Checked(NamedTuple):
    """A compilation that no rule refuses, and what the rules warn of."""

    compilation: Compilation
    warnings: tuple[Diagnostic, ...]


def compile_spec(path: Path, stage_name: str | None = None) -> Checked:
    """Compiles the spec at a path. Raises `Rejected` with everything that the first refusing pass found."""
    compilation = compiled(path, stage_name)
    try:
        return checked(compilation)
    except BaseException:
        compilation.artifact.content.close()
        raise


def compiled(path: Path, stage_name: str | None = None) -> Compilation:
    """The spec compiled, before any rule has been asked."""
    contributed = contribute(bound_spec(path, stage_name))
    spec = contributed.spec
    artifact = pack(spec.document.at("artifact"), spec.folder, for_function=bool(spec.of("function")))
    try:
        return emit(seal(decorate(patch(lower(contributed, artifact)))))
    except BaseException:
        artifact.content.close()
        raise


def compiled_unbuilt(path: Path, stage_name: str | None = None) -> Compilation:
    """The same with nothing run, neither `artifact.build` nor decorators: its artifact is a placeholder."""
    contributed = contribute(bound_spec(path, stage_name))
    spec = contributed.spec
    artifact = unbuilt(spec.document.at("artifact"), spec.folder, for_function=bool(spec.of("function")))
    return emit(seal(patch(lower(contributed, artifact))))


def stages_of(path: Path) -> list[str]:
    """The names of the spec's stages."""
    stages = load(read(path, path.name)).get("stages")
    return list(stages.value) if stages and isinstance(stages.value, dict) else []


def bound_spec(path: Path, stage_name: str | None = None) -> Spec:
    """The spec at a path, valid and with every default in place."""
    document = load(read(path, path.name))
    return bind(validate(stage(document, stage_name)), path.parent)


def template_body(path: Path) -> Body:
    """A CloudFormation template that others wrote, in YAML or JSON. Raises `Rejected` where it is neither."""
    source = read(path, path.name)
    return Body(load(source, disputes=False), source.text)


def checked(compilation: Compilation) -> Checked:
    """Asks every rule. Raises `Rejected` with all findings where one of them is an error."""
    unwanted = compilation.spec.document.value.get("lint", {})
    findings = [
        finding for finding in of_service(compilation) if finding.severity == "error" or finding.code not in unwanted
    ]
    findings.sort(key=_place)
    if any(finding.severity == "error" for finding in findings):
        raise Rejected(findings)
    return Checked(compilation, tuple(findings))


def _place(finding: Diagnostic) -> tuple[str, int, str]:
    span = finding.span
    return (span.source.name, span.start, finding.message) if span else ("", 0, finding.message)
