"""The converter on its own, for any template: from a script to its expression, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from omegac.cloudformation.intrinsics import is_intrinsic
from omegac.diagnostics import Diagnostic, Rejected, fault
from omegac.load import load
from omegac.source import Origin, Origins, Source, Traced
from omegac.userdata.guards import guards
from omegac.userdata.library import Library
from omegac.userdata.reverse import reverse
from omegac.userdata.script import check_names, compile_script

_USERDATA = {
    "AWS::EC2::Instance": ("UserData",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData", "UserData"),
    "AWS::AutoScaling::LaunchConfiguration": ("UserData",),
}
"""Where resources have userdata, by their types."""


def converted(
    script: Source, folder: Path, variables: dict[str, Any], template: dict[str, Any] | None
) -> tuple[dict[str, Any], list[Diagnostic]]:
    """The `Fn::Join` of a script, and what is to be warned of; other templates that it names stand in a folder.

    Raises `Rejected` where it does not render or convert, or has something that would not work on an instance.
    """
    given = Traced(variables, Origins(Origin(None)))
    expression = compile_script(script, given, Library(folder).find, Origin(None)).expression
    if template is not None:
        check_names(expression, template)
    findings = list(guards(expression, template or {}))
    if any(finding.severity == "error" for finding in findings):
        raise Rejected(findings)
    value: dict[str, Any] = expression.value
    return value, findings


def reversed_script(source: Source, resource: str | None) -> str:
    """The script of a template's userdata, or of an expression in a file of its own.

    Raises `Rejected` where there is none, or several and none is chosen, or where it is no script.
    """
    document = load(source, disputes=False)
    if is_intrinsic(document.value):
        return reverse(document)
    found = dict(_userdata(document))
    listed = ", ".join(found) or "none"
    if resource is not None and resource not in found:
        hint = f"resources with userdata here: {listed}"
        raise Rejected([fault("OM2302", f"there is no userdata of {resource}", document, hint=hint)])
    if resource is None and len(found) != 1:
        hint = "choose one with --resource" if found else "a file may also hold the Fn::Join or Fn::Sub itself"
        raise Rejected([fault("OM2302", f"resources with userdata here: {listed}", document, hint=hint)])
    return reverse(found[resource] if resource is not None else next(iter(found.values())))


def _userdata(document: Traced) -> list[tuple[str, Traced]]:
    resources = document.find("Resources")
    if resources is None or not isinstance(resources.value, dict):
        return []
    bodies = [(name, resources.at(name)) for name in resources.value]
    placed = [
        (name, body.find("Properties", *_USERDATA.get(kind.value, ("UserData",))))
        for name, body in bodies
        if (kind := body.find("Type")) and isinstance(kind.value, str)
    ]
    return [(name, script) for name, script in placed if script]
