"""The versions of functions that a change set leaves out.

The logical id of a version changes with what is written of its function. Where that is as before, and a value in it may
be another all the same (that of a parameter, or of a resource that changes), CloudFormation changes the function and
publishes nothing: the alias would stay at what the function was. Another revision publishes a version. It changes the
function, too, so that none is published in vain: for what may change, CloudFormation's own word is enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from omegac.cloudformation.attributes import attributes
from omegac.cloudformation.references import references
from omegac.cloudformation.versions import is_copied
from omegac.construct import revision_of

_LASTING = re.compile(r"(?!.*(Revision|Stream|Version))\w*(Arn|ARN|Id|Name|Url|URL)")
"""The attributes that a resource keeps for as long as it is not made anew: those that name it, and nothing in it."""


class Gap(NamedTuple):
    """A function that changes, or may, without a version of it."""

    function: str
    """Its logical id."""
    revision: str | None
    """The parameter of which another value publishes one; None where the template has none."""

    @property
    def remark(self) -> str:
        """What is to be known of it, in a sentence without its full stop."""
        left = (
            f"the alias live stays at what it was; --param {self.revision}=… with another number publishes one"
            if self.revision
            else "what calls one has it as it was"
        )
        return f"{self.function} may change, and no version of it is published: {left}"


def gaps(pages: Iterable[Mapping[str, Any]], planned: Mapping[str, Any]) -> tuple[Gap, ...]:
    """Those of a change set, from all pages of its description and its template; nested stacks are left out."""
    told = (
        change["ResourceChange"] for page in pages for change in page.get("Changes", ()) if "ResourceChange" in change
    )
    changes = {change["LogicalResourceId"]: change for change in told}
    named = frozenset(_named(planned))
    versions: dict[str, set[str]] = {}
    for version, name in named:
        versions.setdefault(name, set()).add(version)
    return tuple(
        Gap(
            function, revision_of(function) if versions[function] & versions.get(revision_of(function), set()) else None
        )
        for function in sorted(versions)
        if _may_change(changes.get(function), changes)
        and not any(_is_published(changes.get(version)) for version in versions[function])
    )


def renewed(parameters: Sequence[Mapping[str, Any]], now: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """The `Parameters` of CreateChangeSet with the next revision of some functions, from what they are by now."""
    kept = [each for each in parameters if each["ParameterKey"] not in now]
    return [*kept, *({"ParameterKey": name, "ParameterValue": _next(text)} for name, text in sorted(now.items()))]


def _named(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each version with what its properties name: its function, and the parameter that publishes another."""
    resources = template.get("Resources", {})
    for reference in references(dict(template)):
        match reference.route:
            case ("Resources", str(version), "Properties", *_):
                match resources[version]:
                    case {"Type": "AWS::Lambda::Version"}:
                        yield version, reference.name


def _is_published(change: Mapping[str, Any] | None) -> bool:
    return change is not None and (change["Action"] == "Add" or change.get("Replacement") == "True")


def _may_change(change: Mapping[str, Any] | None, changes: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether what versions copy may change of a function that is not made anew."""
    if not change or change["Action"] != "Modify" or change.get("Replacement") == "True":
        return False
    if change["ResourceType"] != "AWS::Lambda::Function":
        return False
    return any(_is_of_a_version(each) and _may_differ(each, changes) for each in change.get("Details", ()))


def _is_of_a_version(detail: Mapping[str, Any]) -> bool:
    target = detail.get("Target", {})
    return target.get("Attribute") == "Properties" and is_copied(str(target.get("Name") or ""))


def _may_differ(detail: Mapping[str, Any], changes: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a property may come to another value, for one reason that CloudFormation has."""
    if detail.get("Evaluation") == "Static":
        return detail.get("ChangeSource") != "NoModification"
    name, _, attribute = str(detail.get("CausingEntity", "")).partition(".")
    cause = changes.get(name)
    if cause is None or cause["Action"] != "Modify" or cause.get("Replacement") != "False":
        return True
    # An id and a name stay with a resource that is changed in place, but for those that others than AWS make up.
    return attributes(cause["ResourceType"]) is None or bool(attribute and not _LASTING.fullmatch(attribute))


def _next(revision: str) -> str:
    return str(int(revision) + 1) if revision.isdecimal() else "1"
