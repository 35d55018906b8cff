"""From a file to what is to be linted: the template that it is, or those of the stages of a spec.

A spec is compiled without running anything of it, unless it is trusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from omegac.diagnostics import Diagnostic, Rejected, fault
from omegac.linter import DEFAULT_REGION, Question
from omegac.reading import read
from omegac.source import Traced

if TYPE_CHECKING:
    from omegac.spec import Spec
    from omegac.template import Body, Compilation

_SPEC = re.compile(r"""^[\s{]*["']?omega["']?[ \t]*:""", re.MULTILINE)


class Options(NamedTuple):
    """How to lint."""

    stage: str | None = None
    """The one stage to look at, or all."""
    region: str | None = None
    """For templates, and for stages that do not say their own."""
    trusted: bool = False
    """Whether `artifact.build` and decorators may be run."""
    seconds: float = 60
    """How long cfn-lint may take for one template."""


class Subject(NamedTuple):
    """One template to ask about."""

    file: str
    """The path of the file that it comes from."""
    found: tuple[Diagnostic, ...]
    """By the passes, or by the rules."""
    body: Body | None = None
    """None where a pass refused it."""
    question: Question | None = None
    unwanted: Traced | None = None
    """A mapping of codes that are to be ignored, each to the reason."""
    left_out: tuple[str, ...] = ()
    """What of the spec was not run."""


def subjects_of(path: Path, options: Options) -> Iterator[Subject]:
    """What there is to lint in a file: one template, or one for each stage of a spec."""
    # Here, so that cfn-lint is already on its way while the compiler is being imported.
    from omegac.compiler import compiled, compiled_unbuilt, stages_of, template_body

    name = path.as_posix()
    try:
        text = read(path, path.name).text
        if not is_spec(path, text):
            yield _template(name, template_body(path), options)
            return
        stages: list[str | None] = [options.stage] if options.stage else [*stages_of(path)] or [None]
    except Rejected as rejected:
        yield Subject(name, rejected.diagnostics)
        return
    for stage in stages:
        try:
            compilation = (compiled if options.trusted else compiled_unbuilt)(path, stage)
        except Rejected as rejected:
            yield Subject(name, rejected.diagnostics)
            continue
        with compilation.artifact.content:
            yield _service(name, compilation, options)


def _template(name: str, body: Body, options: Options) -> Subject:
    from omegac.emit import canonical
    from omegac.rules import of_template
    from omegac.surrogates import stood_in

    if not any(section in body.root.value for section in ("Resources", "Transform", "AWSTemplateFormatVersion")):
        hint = "a template has a section Resources, and a spec begins with `omega: 1`"
        neither = fault("OM5005", f"{name} is neither a CloudFormation template nor a spec", body.root, hint=hint)
        return Subject(name, (neither,))
    # cfn-lint does not read them either: it is given the same template, written otherwise.
    readable = body.text if stood_in(body.text) == body.text else canonical(body.root.value)
    question = Question(readable, (options.region or DEFAULT_REGION,))
    unwanted = body.root.find("Metadata", "omegac", "lint")
    known = unwanted if unwanted and isinstance(unwanted.value, dict) else None
    return Subject(name, tuple(of_template(body)), body, question, known)


def _service(name: str, compilation: Compilation, options: Options) -> Subject:
    from omegac.rules import of_service

    deployment = compilation.spec.deployment
    region = deployment.get("region") if deployment else None
    where = region.value if region and isinstance(region.value, str) else options.region or DEFAULT_REGION
    body, hidden = _without_suppressions(compilation.body)
    found = (*of_service(compilation), *hidden)
    unwanted = compilation.spec.document.get("lint")
    left_out = () if options.trusted else tuple(_not_run(compilation.spec))
    return Subject(name, found, body, Question(body.text, (where,)), unwanted, left_out)


def _not_run(spec: Spec) -> Iterator[str]:
    decorators = spec.document.get("decorators")
    yield from decorators.value if decorators else ()
    if "build" in spec.document.at("artifact").value:
        yield "artifact.build"


def _without_suppressions(body: Body) -> tuple[Body, list[Diagnostic]]:
    """A spec's template without cfn-lint's own way to ignore rules, which asks for no reason."""
    places = [("Metadata",), *(("Resources", name, "Metadata") for name, _ in body.resources())]
    hiding = [found for place in places if (found := body.root.find(*place, "cfn-lint"))]
    if not hiding:
        return body, []
    from omegac.emit import canonical

    message = "cfn-lint's configuration in metadata has no effect here"
    hint = "name the rule under `lint`, with the reason"
    faults = [fault("OM5009", message, each, hint=hint, at_key=True) for each in hiding]
    return body._replace(text=canonical(_stripped(body.root.value))), faults


def _stripped(root: dict[str, Any]) -> dict[str, Any]:
    def bare(part: Any) -> Any:
        metadata = part.get("Metadata") if isinstance(part, dict) else None
        if not isinstance(metadata, dict):
            return part
        return {**part, "Metadata": {key: value for key, value in metadata.items() if key != "cfn-lint"}}

    resources = {name: bare(body) for name, body in root.get("Resources", {}).items()}
    stripped: dict[str, Any] = bare({**root, "Resources": resources})
    return stripped


def is_spec(path: Path, text: str) -> bool:
    """Whether a file is a spec, by its name or by its key `omega`; else it is taken for a template."""
    return path.stem in ("omega", "omegac") or path.name.endswith(".omega.yaml") or _SPEC.search(text) is not None
