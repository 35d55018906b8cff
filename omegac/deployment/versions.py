"""The versions of functions that a change set leaves out.

The logical id of a version changes with what is written of its function. Where that is as before, and a value in it is
another all the same (that of a parameter, or of a resource that is made anew), CloudFormation changes the function and
publishes nothing: the alias would stay at what the function was. Another revision publishes a version; but of a
function that does not change, Lambda publishes none, and the deployment fails. So it is CloudFormation's own word that
counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from omegac.cloudformation.versions import is_copied
from omegac.construct import revision_of

_CODE = "Code"
"""Of the artifact, the logical id of a version tells which it is, and no version has where it lies."""


class Gap(NamedTuple):
    """A function that changes without a version of it."""

    function: str
    """Its logical id."""
    revision: str | None
    """The parameter of which another value publishes one; None where the template has none."""
    is_certain: bool
    """Whether CloudFormation is sure that the function changes."""

    @property
    def remark(self) -> str:
        """What is to be known of it, in a sentence without its full stop."""
        changes = "changes" if self.is_certain else "may change"
        how = f"--param {self.revision}=… publishes one" if self.revision else "its template has no revision of it"
        return (
            f"{self.function} {changes}, and no version of it is published: "
            f"the alias live stays at what {self.function} was; {how}"
        )


def gaps(pages: Iterable[Mapping[str, Any]], planned: Mapping[str, Any]) -> tuple[Gap, ...]:
    """Those of a change set, from all pages of its description and its template; nested stacks are left out."""
    told = (
        change["ResourceChange"] for page in pages for change in page.get("Changes", ()) if "ResourceChange" in change
    )
    changes = {change["LogicalResourceId"]: change for change in told}
    return tuple(
        Gap(function, revision_of(function) if _has_revision(planned, function) else None, certain)
        for function, version in sorted(_versions(planned))
        if not _is_published(changes.get(version))
        for certain in [_certainty(changes.get(function), changes)]
        if certain is not None
    )


def renewed(parameters: Sequence[Mapping[str, Any]], now: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """The `Parameters` of CreateChangeSet with the next revision of some functions, from what they are by now."""
    kept = [each for each in parameters if each["ParameterKey"] not in now]
    return [*kept, *({"ParameterKey": name, "ParameterValue": _next(text)} for name, text in sorted(now.items()))]


def _versions(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Functions and their versions, by logical ids."""
    for name, resource in template.get("Resources", {}).items():
        match resource:
            case {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": str(function)}}}:
                yield function, name


def _has_revision(template: Mapping[str, Any], function: str) -> bool:
    return revision_of(function) in template.get("Parameters", {})


def _is_published(change: Mapping[str, Any] | None) -> bool:
    return change is not None and (change["Action"] == "Add" or change.get("Replacement") in {"True", "Conditional"})


def _certainty(change: Mapping[str, Any] | None, changes: Mapping[str, Mapping[str, Any]]) -> bool | None:
    """Whether it is sure that what versions copy of a function changes; None where it does not."""
    if not change or change["Action"] != "Modify" or change.get("Replacement") == "True":
        return None
    found = {_is_sure(detail, changes) for detail in change.get("Details", ()) if _is_of_a_version(detail)}
    return max((each for each in found if each is not None), default=None)


def _is_of_a_version(detail: Mapping[str, Any]) -> bool:
    target = detail.get("Target", {})
    name = str(target.get("Name") or "")
    return target.get("Attribute") == "Properties" and name != _CODE and is_copied(name)


def _is_sure(detail: Mapping[str, Any], changes: Mapping[str, Mapping[str, Any]]) -> bool | None:
    """Of one reason for a change, as `_certainty` of all; that a resource is changed in place is no reason."""
    if detail.get("Evaluation") == "Static":
        return None if detail.get("ChangeSource") == "NoModification" else True
    cause = changes.get(str(detail.get("CausingEntity", "")).split(".", maxsplit=1)[0], {})
    return {"True": True, "Conditional": False}.get(str(cause.get("Replacement")))


def _next(revision: str) -> str:
    return str(int(revision) + 1) if revision.isdecimal() else "1"
