"""What a change set would change: the resources that are there against those that are wanted, and why they differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tests.endpoint.cloudformation import recreation
from tests.endpoint.cloudformation.intrinsics import Scope, references, resolved
from tests.endpoint.cloudformation.scopes import KNOWN_AFTER_APPLY, present, shown, symbolic
from tests.endpoint.cloudformation.state import STACK, Deployment, Resource, Stack
from tests.endpoint.cloudformation.templates import layers

Detail: TypeAlias = dict[str, Any]

_ATTRIBUTES = ("Properties", "Metadata", "CreationPolicy", "UpdatePolicy", "DeletionPolicy", "UpdateReplacePolicy")

_SEVERITY = {"Never": "False", "Conditionally": "Conditional", "Always": "True"}


@dataclass(frozen=True)
class Change:
    """A change of one resource; `replacement` is True, False, Conditional, or "" where it does not apply."""

    action: str
    logical_id: str
    kind: str
    resource: Resource | None = None
    replacement: str = ""
    details: list[Detail] = field(default_factory=list)
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None

    def certain(self, replaced: set[str]) -> bool:
        """Whether it is made in any case: what follows another resource's change depends on that one's replacement."""
        return any(
            detail["Evaluation"] == "Static" or detail.get("CausingEntity", "").partition(".")[0] in replaced
            for detail in self.details
        )


def planned(stack: Stack, wanted: Deployment) -> list[Change]:
    """The changes that lead from what a stack has to what is wanted, in the order of their logical ids."""
    return _Planning(stack, wanted).changes()


class _Planning:
    def __init__(self, stack: Stack, wanted: Deployment) -> None:
        self.stack = stack
        self.wanted = wanted
        self.scope = symbolic(stack, wanted)
        self.there = {id_: resource for id_, resource in stack.resources.items() if _is_there(resource)}
        self.modified: dict[str, str] = {}
        """The replacement of each resource that is changed."""

    def changes(self) -> list[Change]:
        wanted = present(self.scope, self.wanted)
        added = [id_ for id_ in wanted if id_ not in self.there]
        kept = [id_ for layer in layers(self.wanted.template, set(wanted) - set(added)) for id_ in layer]
        found = [change for id_ in kept if (change := self._modification(id_))]
        unknown = {*added, *(change.logical_id for change in found if change.replacement != "False")}
        self.after = shown(self.stack, self.wanted, unknown)
        changes = [self._completed(change) for change in found]
        changes += [self._addition(id_) for id_ in added]
        changes += [self._removal(self.there[id_]) for id_ in self.there.keys() - set(wanted)]
        return sorted(changes, key=lambda change: change.logical_id)

    def _addition(self, id_: str) -> Change:
        body = self.wanted.body(id_)
        return Change("Add", id_, body["Type"], after=_context(body, self.after))

    def _removal(self, resource: Resource) -> Change:
        return Change("Remove", resource.logical_id, resource.kind, resource, before=self._before(resource))

    def _before(self, resource: Resource) -> dict[str, Any]:
        return _context(resource.applied.body(resource.logical_id), shown(self.stack, resource.applied, set()))

    def _modification(self, id_: str) -> Change | None:
        resource = self.there[id_]
        details = [*self._direct(resource), *self._tags(resource)]
        if resource.status.endswith("_FAILED") and not details:
            details = [_detail("Properties", "", "Never", Evaluation="Static", ChangeSource="DirectModification")]
        details += self._dynamic(resource, {detail["Target"].get("Name") for detail in details})
        if not details:
            return None
        kind = self.wanted.body(id_)["Type"]
        replacement = "True" if kind != resource.kind else _replacement(details)
        self.modified[id_] = replacement
        return Change("Modify", id_, kind, resource, replacement, details)

    def _direct(self, resource: Resource) -> Iterator[Detail]:
        """What differs by itself, or by a parameter."""
        old, new = resource.applied.body(resource.logical_id), self.wanted.body(resource.logical_id)
        scope = symbolic(self.stack, resource.applied)
        for attribute in _ATTRIBUTES:
            before, after = resolved(old.get(attribute), scope), resolved(new.get(attribute), self.scope)
            if before == after:
                continue
            if attribute != "Properties":
                yield _detail(attribute, "", "Never", Evaluation="Static", ChangeSource="DirectModification")
                continue
            raw_old, raw_new = old.get(attribute) or {}, new.get(attribute) or {}
            before, after = before or {}, after or {}
            for name in sorted(before.keys() | after.keys()):
                if before.get(name) != after.get(name):
                    recreation_ = recreation.of(resource.kind, name)
                    yield from self._causes(resource, name, recreation_, (raw_old.get(name), raw_new.get(name)))

    def _causes(self, resource: Resource, name: str, requires: str, raw: tuple[Any, Any]) -> Iterator[Detail]:
        """Why a property differs; where parameters do it, the property itself might be changed too."""
        before, after = resource.applied.parameters, self.wanted.parameters
        used = {reference for reference, _ in references(raw[1])} if raw[0] == raw[1] else set()
        causes = sorted(n for n in used if n in before and n in after and before[n].meaning != after[n].meaning)
        for cause in causes:
            more = {"Evaluation": "Static", "ChangeSource": "ParameterReference", "CausingEntity": cause}
            yield _detail("Properties", name, requires, **more)
        evaluation = "Dynamic" if causes else "Static"
        yield _detail("Properties", name, requires, Evaluation=evaluation, ChangeSource="DirectModification")

    def _tags(self, resource: Resource) -> Iterator[Detail]:
        if resource.applied.tags != self.wanted.tags:
            yield _detail("Tags", "", "Never", Evaluation="Static", ChangeSource="DirectModification")

    def _dynamic(self, resource: Resource, known: set[str | None]) -> Iterator[Detail]:
        """What may come to differ because another resource changes."""
        properties = self.wanted.body(resource.logical_id).get("Properties") or {}
        for name in sorted(properties.keys() - known):
            for cause, attribute in sorted(set(references(properties[name]))):
                replacement = self.modified.get(cause)
                if replacement is None or (replacement == "False" and not attribute):
                    continue
                more = {
                    "Evaluation": "Dynamic",
                    "ChangeSource": "ResourceAttribute" if attribute else "ResourceReference",
                    "CausingEntity": f"{cause}.{attribute}" if attribute else cause,
                }
                yield _detail("Properties", name, recreation.of(resource.kind, name), **more)

    def _completed(self, change: Change) -> Change:
        """A modification with what its properties were and will be."""
        assert change.resource is not None
        before, after = self._before(change.resource), _context(self.wanted.body(change.logical_id), self.after)
        details = [filled for detail in change.details for filled in _filled(detail, before, after)]
        return Change(
            change.action, change.logical_id, change.kind, change.resource, change.replacement, details, before, after
        )


def _is_there(resource: Resource) -> bool:
    """Whether a resource can be changed: one that was not made has to be made anew, unless it is a stack itself."""
    return resource.exists and (resource.status != "CREATE_FAILED" or resource.kind == STACK)


def _detail(attribute: str, name: str, requires: str, **more: str) -> Detail:
    target = {"Attribute": attribute, "Name": name or None, "RequiresRecreation": requires}
    return {"Target": target, **more}


def _replacement(details: list[Detail]) -> str:
    """What the details mean together: what depends on another resource's change is conditional."""
    found = "False"
    for detail in details:
        own = _SEVERITY[detail["Target"]["RequiresRecreation"]]
        if detail["Evaluation"] == "Dynamic" and own == "True" and detail["ChangeSource"] != "DirectModification":
            own = "Conditional"
        found = max(found, own, key=["False", "Conditional", "True"].index)
    return found


def _context(body: dict[str, Any], scope: Scope) -> dict[str, Any]:
    """What is told of a resource before or after a change."""
    return {name: resolved(body[name], scope) for name in _ATTRIBUTES if name in body}


def _filled(detail: Detail, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Detail]:
    """A detail for each value that differs below the one that it names."""
    target = detail["Target"]
    path = "/".join(filter(None, ["", target["Attribute"], target["Name"]]))
    steps = [step for step in (target["Attribute"], target["Name"]) if step]
    leaves = list(_differences("/" + path, _at(before, steps), _at(after, steps)))
    for place, old, new in leaves or [("/" + path, None, None)]:
        values = {
            "Path": place,
            "BeforeValue": _text(old),
            "AfterValue": _text(new),
            "AttributeChangeType": _type(old, new),
        }
        yield {**detail, "Target": {**target, **values}}


def _type(old: Any, new: Any) -> str:
    if old is None:
        return "Modify" if new is None else "Add"
    return "Remove" if new is None else "Modify"


def _at(node: Any, steps: list[str]) -> Any:
    for step in steps:
        node = node.get(step) if isinstance(node, dict) else None
    return node


def _differences(path: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """The places at which two values differ, as deep as both go."""
    if old == new and KNOWN_AFTER_APPLY not in str(new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _differences(f"{path}/{key}", old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            pair = (members[index] if index < len(members) else None for members in (old, new))
            yield from _differences(f"{path}/{index}", *pair)
    else:
        yield path, old, new


def _text(value: Any) -> str | None:
    """A value as the answer tells it."""
    return value if value is None or isinstance(value, str) else json.dumps(value)
