"""What would disclose a parameter with NoEcho: its values where a spec has them, and the outputs made from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, TypeAlias

from omegac.cloudformation.intrinsics import LOOP, Reference
from omegac.cloudformation.references import references
from omegac.deployment.constraints import text_of
from omegac.deployment.parameter_file import told_without_text
from omegac.deployment.parameters import HIDDEN, is_masked, is_secret
from omegac.diagnostics import Diagnostic, Rejected
from omegac.load import load
from omegac.reading import read
from omegac.source import Source, Traced

_KEY = "no_echo"
"""The key of a parameter whose value nobody is shown."""
_Part: TypeAlias = tuple[str, ...]
"""A part of a template by its kind and name: `("ref", "Password")`, or `("attribute", "Setting", "Value")`."""


def written(document: Traced, *, misspelt: bool = False) -> Iterator[str]:
    """What the stages of a spec, valid or not, say for its secret parameters: as it is, and as it is written.

    With `misspelt`, for names that it has no parameter of as well, as long as it has a secret one.
    """
    declared = document.find("parameters")
    plain = declared.value if declared and isinstance(declared.value, dict) else {}
    secret = {name for name, body in plain.items() if _is_declared_secret(body)}
    stages = document.find("stages") if secret else None
    for _, stage in stages.items() if stages and isinstance(stages.value, dict) else ():
        values = stage.find("parameters")
        for name, value in values.items() if values and isinstance(values.value, dict) else ():
            if name in secret or (misspelt and name not in plain):
                yield from _texts(value)


def withheld(spec: Path, diagnostics: Sequence[Diagnostic]) -> tuple[Sequence[Diagnostic], list[str]]:
    """Diagnostics of a spec as they may be shown, once the texts beside them are hidden in whatever they quote."""
    try:
        source = read(spec, spec.name)
    except Rejected:
        return diagnostics, []
    try:
        return diagnostics, list(written(load(source), misspelt=True)) if _KEY in source.text else []
    except Rejected:
        return [guarded(each, source) for each in diagnostics], []


def guarded(found: Diagnostic, spec: Source) -> Diagnostic:
    """A diagnostic of a spec that cannot be read, without what is written at its place if that may be a secret."""
    spans = [span for span in (found.span, *(each.span for each in found.related)) if span]
    ends = [spec.text.find("\n", span.end) for span in spans if span.source.path == spec.path]
    until = len(spec.text) if -1 in ends else max(ends, default=0)
    may_be_secret = _KEY in spec.text and "stages" in spec.text[:until]
    return told_without_text(found) if may_be_secret else found


def has_secrets(parameters: Iterable[Mapping[str, str]]) -> bool:
    """Whether one of a stack's parameters is masked in DescribeStacks, as one with NoEcho is."""
    return any(is_masked(each.get("ParameterValue", "")) for each in parameters)


def shown(template: Mapping[str, Any] | None, outputs: Mapping[str, str]) -> dict[str, str]:
    """Outputs with those hidden that show what a secret parameter is; without a template to tell them by, with all."""
    if template is None:
        return dict.fromkeys(outputs, HIDDEN)
    made = _made_from_secrets(template)
    written_out = template.get("Outputs") or {}
    of_loops = any(kind == "output" and name.startswith(LOOP) for kind, name, *_ in made)
    return {
        name: HIDDEN if ("output", name) in made or (of_loops and name not in written_out) else value
        for name, value in outputs.items()
    }


def _is_declared_secret(body: Any) -> bool:
    """Whether a spec declares a parameter as secret, or tries to."""
    return isinstance(body, dict) and body.get(_KEY, False) is not False


def _texts(value: Traced) -> Iterator[str]:
    if value.value is None:
        return
    yield text_of(value.value)
    for origin in value.origin.chain():
        if origin.span:
            source, start, end = origin.span
            yield source.text[start:end].strip("\"'")


def _made_from_secrets(template: Mapping[str, Any]) -> AbstractSet[_Part]:
    """The parts of a template that tell what a parameter with NoEcho is."""
    declared = (template.get("Parameters") or {}).items()
    made: set[_Part] = {("ref", name) for name, body in declared if isinstance(body, dict) and is_secret(body)}
    uses = [(_used(each), part) for each in references(dict(template)) if (part := _part_at(each))] if made else []
    while reached := {part for used, part in uses if used in made} - made:
        made |= reached
    return made


def _used(reference: Reference) -> _Part:
    """The part that a reference takes a value from: of an attribute the property of that name, where there is one."""
    if reference.kind != "attribute":
        return reference.kind, reference.name
    first, *_ = (reference.attribute or "").split(".")
    # A nested stack has no property `Outputs`: what they are made from is what it is given.
    return "attribute", reference.name, "Parameters" if first == "Outputs" else first


def _part_at(reference: Reference) -> _Part | None:
    """The part that a reference stands in, if that takes on the value: an output that only depends on it does not."""
    match reference.route:
        case "Conditions", str(name), *_:
            return "condition", name
        case "Resources", str(name), "Properties", str(key), *_:
            return "attribute", name, key
        case "Outputs", str(name), *rest if "Value" in rest:
            return "output", name
    return None
