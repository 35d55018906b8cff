"""The versions of functions that a change set leaves out, or would publish in vain.

The logical id of a version changes with what is written of its function. Where that is as before, and a value in it may
be another all the same (that of a parameter, or of a resource that changes), CloudFormation changes the function and
publishes nothing: the alias would stay at what the function was. Where a value of the version alone is another, it
publishes one of a function that has not changed, and fails. Another revision changes both: it is given wherever one of
them may change, unless both are certain to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from omegac.cloudformation.attributes import attributes
from omegac.cloudformation.references import references
from omegac.cloudformation.versions import is_copied
from omegac.construct import revision_of
from omegac.deployment.replacements import recreates

_IDENTITY = re.compile(
    r"(?!.*(Deployment|Endpoint|Recipe|Revision|Secret|Stream|Version))(\w*(Arn|ARN|Id|Url|URL)|\w+Name)"
)
"""The attributes that tell which resource it is, and so stay until it is made anew: of the resource itself, and of
nothing in it or beside it that may be exchanged."""
_DYNAMIC = "{{resolve:"
"""A value kept elsewhere, which CloudFormation reads anew with any change of the resource (guide, "Get values stored in
other services using dynamic references")."""


class Gap(NamedTuple):
    """A function that changes, or may, without a version of it; or the other way round."""

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


class _ChangeSet(NamedTuple):
    """What is told of a change set."""

    changes: Mapping[str, Mapping[str, Any]]
    """By logical ids."""
    idle: AbstractSet[str]
    """The nested stacks in which nothing changes."""

    def may_change(self, function: str, planned: Mapping[str, Any]) -> bool:
        """Whether what versions copy of a function may be another, as its template plans it."""
        change = self.changes.get(function)
        if change is None or change["Action"] != "Modify":
            return False
        return _DYNAMIC in json.dumps(planned) or any(
            _is_of_a_version(detail) and self._may_differ(detail) for detail in change.get("Details", ())
        )

    def may_come(self, version: str) -> bool:
        """Whether a version may be published."""
        change = self.changes.get(version, {})
        return change.get("Action") == "Add" or change.get("Replacement", "False") != "False"

    def is_new(self, name: str) -> bool:
        """Whether a function, or a version, is certain to be another: its description is, or all of it."""
        change = self.changes.get(name, {})
        return (
            change.get("Action") == "Add"
            or change.get("Replacement") == "True"
            or any(_is_certain(each) and _property(each) == "Description" for each in change.get("Details", ()))
        )

    def _may_differ(self, detail: Mapping[str, Any]) -> bool:
        """Whether a property may come to another value, for one reason that CloudFormation has."""
        if detail.get("Evaluation") == "Static":
            return _is_certain(detail)
        name, _, attribute = str(detail.get("CausingEntity", "")).partition(".")
        cause = self.changes.get(name)
        if cause is None or cause["Action"] != "Modify" or cause.get("Replacement") != "False":
            return True
        return name not in self.idle and not _lasts(cause["ResourceType"], attribute)


class _Versions(NamedTuple):
    """Those of one function, by logical ids."""

    function: str
    all: AbstractSet[str]
    revised: AbstractSet[str]
    """The ones that another revision of the function publishes."""


def gaps(
    pages: Iterable[Mapping[str, Any]], planned: Mapping[str, Any], idle: AbstractSet[str] = frozenset()
) -> tuple[Gap, ...]:
    """Those of a change set, from all pages of its description and its template.

    The functions in nested stacks are left out; `idle` are those of the latter in which nothing changes.
    """
    told = (
        change["ResourceChange"] for page in pages for change in page.get("Changes", ()) if "ResourceChange" in change
    )
    change_set = _ChangeSet({change["LogicalResourceId"]: change for change in told}, idle)
    return tuple(
        Gap(versions.function, revision_of(versions.function) if versions.revised else None)
        for versions in _versions(planned)
        if _is_gap(versions, change_set, planned["Resources"])
    )


def renewed(parameters: Sequence[Mapping[str, Any]], revisions: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """The `Parameters` of CreateChangeSet with other revisions of some functions."""
    kept = [each for each in parameters if each["ParameterKey"] not in revisions]
    return [*kept, *({"ParameterKey": name, "ParameterValue": text} for name, text in sorted(revisions.items()))]


def _is_gap(versions: _Versions, change_set: _ChangeSet, planned: Mapping[str, Any]) -> bool:
    may_change = change_set.may_change(versions.function, planned.get(versions.function, {}))
    if not versions.revised:
        return may_change and not any(map(change_set.may_come, versions.all))
    may_change = may_change or any(map(change_set.may_come, versions.revised))
    return may_change and not all(map(change_set.is_new, (versions.function, *versions.revised)))


def _versions(template: Mapping[str, Any]) -> Iterator[_Versions]:
    """The versions of each function that has any, sorted."""
    named = tuple(_named(template))
    for function in sorted({name for _, key, name in named if key == "FunctionName"}):
        found = {version for version, key, name in named if (key, name) == ("FunctionName", function)}
        revised = {version for version, _, name in named if version in found and name == revision_of(function)}
        yield _Versions(function, found, revised)


def _named(template: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Each version, a property of it, and what that names."""
    for reference in references(dict(template)):
        match reference.route:
            case ("Resources", str(version), "Properties", str(key), *_):
                match template["Resources"][version]:
                    case {"Type": "AWS::Lambda::Version"}:
                        yield version, key, reference.name


def _property(detail: Mapping[str, Any]) -> str | None:
    """The property that a detail is of, if it is of one."""
    target = detail.get("Target", {})
    return str(target.get("Name") or "") if target.get("Attribute") == "Properties" else None


def _is_of_a_version(detail: Mapping[str, Any]) -> bool:
    name = _property(detail)
    return name is not None and is_copied(name)


def _is_certain(detail: Mapping[str, Any]) -> bool:
    return detail.get("Evaluation") == "Static" and detail.get("ChangeSource") != "NoModification"


def _lasts(resource_type: str, attribute: str) -> bool:
    """Whether what is asked of a resource stays while that is changed in place; without an attribute, its `Ref`."""
    if attributes(resource_type) is None:  # one that others than AWS make up
        return False
    is_create_only = recreates(resource_type, f"/Properties/{attribute}") == "always"
    return not attribute or is_create_only or bool(_IDENTITY.fullmatch(attribute))
