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
from omegac.cloudformation.versions import is_copied, revision_in
from omegac.deployment.replacements import recreates

_IDENTITY = re.compile(
    r"(?!.*(Deployment|Distribution|Dns|Domain|Endpoint|Key|Kms|Launch|Recipe|Record|Revision|Secret|Stream|Version))"
    r"(\w*(Arn|ARN|Id|Url|URL)|\w+Name)"
)
"""The attributes that tell which resource it is, and so stay until it is made anew: of the resource itself, and of
nothing in it or beside it that may be exchanged."""
_REVISED = frozenset(["AWS::Batch::JobDefinition"])
"""The types whose `Ref` is another one after each change (their guide: the ARN has a revision)."""
_DYNAMIC = re.compile(r"\{\{resolve(?!:ssm(-secure)?:[^:}]+:\d+\}\})")
"""A value kept elsewhere, which CloudFormation reads anew with any change of the resource (guide, "Get values stored in
other services using dynamic references"), but for a version of it that cannot change."""


class Gap(NamedTuple):
    """A function that changes, or may, without a version of it; or the other way round."""

    function: str
    """Its logical id."""
    revision: str | None = None
    """The parameter of which another value publishes one; None where the template has none."""
    is_in_vain: bool = False
    """Whether a version is published, but the function does not change."""

    @property
    def remark(self) -> str:
        """What is to be known of it, in a sentence without its full stop."""
        another = f"--param {self.revision}=… with another number"
        if self.is_in_vain:
            refused = "Lambda publishes no other version of what has not changed"
            return f"a version of {self.function} comes alone, and {refused}: {another} changes both"
        left = f"the alias live stays at what it was; {another} publishes one"
        left = left if self.revision else "what calls one has it as it was"
        return f"{self.function} may change, and no version of it is published: {left}"


class _Versions(NamedTuple):
    """Those of one function, by logical ids."""

    function: str
    all: AbstractSet[str]
    revision: str | None
    """The parameter that publishes omegac's own."""
    own: AbstractSet[str]
    """The ones that it publishes."""


class _ChangeSet(NamedTuple):
    """What is told of a change set."""

    changes: Mapping[str, Mapping[str, Any]]
    """By logical ids."""
    idle: AbstractSet[str]
    """The nested stacks in which nothing changes."""

    def may_change(self, function: str, planned: Mapping[str, Any]) -> bool:
        """Whether what versions copy of a function may be another, as a template plans it."""
        change = self.changes.get(function)
        if change is None or change["Action"] != "Modify":
            return False
        differing = [detail for detail in change.get("Details", ()) if self._may_differ(detail)]
        return any(map(_is_of_a_version, differing)) or (bool(differing) and _reads(planned, function))

    def may_come(self, version: str) -> bool:
        """Whether a version may be published."""
        change = self.changes.get(version, {})
        if change.get("Replacement", "False") == "False":
            return change.get("Action") == "Add"
        return any(map(self._may_differ, change.get("Details", ())))

    def is_renewed(self, versions: _Versions) -> bool:
        """Whether each of omegac's own versions is certain to come, and so is what it makes of the function.

        A version that is added has another digest, and any other has another revision: both are in the description of
        the function.
        """
        changes = [self.changes.get(name, {}) for name in versions.own]
        return all(
            (change.get("Action") == "Add" and self._is_described(versions.function))
            or any(detail.get("CausingEntity") == versions.revision for detail in change.get("Details", ()))
            for change in changes
        )

    def _is_described(self, function: str) -> bool:
        """Whether a function is made, or its description is certain to change."""
        change = self.changes.get(function, {})
        details = change.get("Details", ())
        return change.get("Action") == "Add" or any(
            _is_certain(each) and _property(each) == "Description" for each in details
        )

    def _may_differ(self, detail: Mapping[str, Any]) -> bool:
        """Whether what a detail is of may come to another value, for the reason that CloudFormation has."""
        if detail.get("Evaluation") == "Static":
            return _is_certain(detail)
        name, _, attribute = str(detail.get("CausingEntity", "")).partition(".")
        cause = self.changes.get(name)
        if cause is None or cause["Action"] != "Modify" or cause.get("Replacement") != "False":
            return True
        return name not in self.idle and not _lasts(cause["ResourceType"], attribute)


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
    found = (_gap(versions, change_set, planned) for versions in _versions(planned))
    return tuple(gap for gap in found if gap)


def renewed(parameters: Sequence[Mapping[str, Any]], revisions: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """The `Parameters` of CreateChangeSet with other revisions of some functions."""
    kept = [each for each in parameters if each["ParameterKey"] not in revisions]
    return [*kept, *({"ParameterKey": name, "ParameterValue": text} for name, text in sorted(revisions.items()))]


def _gap(versions: _Versions, change_set: _ChangeSet, planned: Mapping[str, Any]) -> Gap | None:
    may_change = change_set.may_change(versions.function, planned)
    if versions.revision is None:
        comes = any(map(change_set.may_come, versions.all))
        return Gap(versions.function) if may_change and not comes else None
    comes = any(map(change_set.may_come, versions.own))
    if not (may_change or comes) or change_set.is_renewed(versions):
        return None
    return Gap(versions.function, versions.revision, is_in_vain=not may_change)


def _versions(template: Mapping[str, Any]) -> Iterator[_Versions]:
    """The versions of each function that has any, sorted."""
    resources = template.get("Resources", {})
    named: dict[str, set[str]] = {}
    for reference in references(dict(template)):
        match reference.route:
            case ("Resources", str(version), "Properties", "FunctionName", *_):
                match resources[version]:
                    case {"Type": "AWS::Lambda::Version"}:
                        named.setdefault(reference.name, set()).add(version)
    for function, versions in sorted(named.items()):
        revision = _revision(resources.get(function))
        own = {version for version in versions if revision and _revision(resources[version]) == revision}
        yield _Versions(function, versions, revision if own else None, own)


def _revision(resource: Any) -> str | None:
    match resource:
        case {"Properties": {"Description": description}}:
            return revision_in(description)
    return None


def _reads(template: Mapping[str, Any], function: str) -> bool:
    """Whether a function has a value that CloudFormation reads anew, be it by way of a parameter or a mapping."""
    body = template["Resources"].get(function)
    named = {reference.name for reference in references({"Resources": {function: body}})}
    sections = [template.get(section) or {} for section in ("Mappings", "Parameters")]
    parts = [body, *(section[name] for section in sections for name in named & section.keys())]
    return bool(_DYNAMIC.search(json.dumps(parts)))


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
    if attributes(resource_type) is None or resource_type in _REVISED:  # the former are what others than AWS make up
        return False
    is_create_only = recreates(resource_type, f"/Properties/{attribute}") == "always"
    return not attribute or is_create_only or bool(_IDENTITY.fullmatch(attribute))
