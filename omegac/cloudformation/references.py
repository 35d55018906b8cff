"""The names by which parts of a template refer to each other: finding them, checking them, changing one.

Works on a finished template as plain data. Every walk is a loop over a stack, so that no nesting is too deep, and
takes time in proportion to the template.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import groupby
from typing import Any, Literal, NamedTuple, TypeAlias

from omegac.cloudformation import intrinsics
from omegac.cloudformation.attributes import attributes
from omegac.cloudformation.intrinsics import LOOP, PSEUDO_PARAMETERS, named
from omegac.diagnostics import suggestion
from omegac.source import Route

Template: TypeAlias = dict[str, Any]
Reference: TypeAlias = intrinsics.Reference


class Unresolved(NamedTuple):
    """A reference to something that the template does not have."""

    reference: Reference
    message: str
    known: tuple[str, ...]
    """The names that could have been meant, sorted."""
    written: str
    """What of the reference is wrong, as it is written: its name, or its attribute."""


_Place: TypeAlias = Literal["entries", "entry", "value", "condition"]
_Trail: TypeAlias = "tuple[_Trail, str | int] | None"
"""The way from the root, last step first: a step costs the same at any depth."""

_PLACES: Mapping[str, _Place] = {
    "Conditions": "condition",
    "Outputs": "entries",
    "Resources": "entries",
    "Rules": "condition",
}

# These refer to nothing: parameters and maps are literal, and of metadata CloudFormation resolves that of resources.
_SKIPPED = frozenset(["Mappings", "Metadata", "Parameters"])

_BODY = 2
"""The item of a loop that holds what it repeats; of a loop over entries, more of them."""

_TO_RESOURCES = frozenset(["attribute", "depends", "ref"])


def references(template: Template) -> Iterator[Reference]:
    """Every reference of a template, each section in its order."""
    sections = [(name, section) for name, section in template.items() if name not in _SKIPPED]
    todo: list[tuple[Any, _Trail, _Place]] = [
        (section, (None, name), _PLACES.get(name, "value")) for name, section in reversed(sections)
    ]
    while todo:
        value, trail, place = todo.pop()
        steps: Iterable[tuple[str | int, Any]] = ()
        if isinstance(value, dict):
            for reference in _own(value, place) if place == "entry" or len(value) == 1 else ():
                yield reference._replace(route=_route(trail, reference.route))
            steps = reversed(value.items())
        elif isinstance(value, list):
            steps = zip(range(len(value) - 1, -1, -1), reversed(value), strict=True)
        for step, child in steps:
            if isinstance(child, dict | list):
                todo.append((child, (trail, step), _inside(place, step)))


def renamed(template: Template, names: Mapping[str, str]) -> Template:
    """The template with every reference to an old logical id made one to its new one; the entries' own keys stay.

    A copy that shares with the template whatever has not changed; the template itself if nothing has.
    """
    result, copies = template, set[int]()
    edits = (each for each in references(template) if each.name in names and each.kind in _TO_RESOURCES)
    for route, group in groupby(edits, key=lambda reference: reference.route):
        if not copies:
            result = template.copy()
            copies.add(id(result))
        node: Any = result
        for step in route[:-1]:
            if id(node[step]) not in copies:
                node[step] = node[step].copy()
                copies.add(id(node[step]))
            node = node[step]
        text, pieces, position = node[route[-1]], list[str](), 0
        for reference in group:
            column = reference.column or 0
            pieces += text[position:column], names[reference.name]
            position = column + len(reference.name)
        node[route[-1]] = "".join([*pieces, text[position:]])
    return result


def unresolved(template: Template) -> Iterator[Unresolved]:
    """The references that lead nowhere; none where macros or loops have yet to write parts of the template.

    An attribute passes where `attributes` knows nothing of the resource's type, and so does whatever may be a
    resource of a module: the logical ids of those begin with the module's own.
    """
    names = _names(template)
    found = [each for reference in references(template) for each in _problems(reference, template, names)]
    if found and not _unfinished(template):
        yield from found


def nearest(found: Unresolved) -> str | None:
    """A hint with the name that was probably meant."""
    sought = (found.reference.attribute, found.reference.name)
    return next((hint for name in sought if name and (hint := suggestion(name, found.known))), None)


def _own(value: dict[str, Any], place: _Place) -> Iterator[Reference]:
    """The references that an entry, or a mapping of one key, makes by itself; routes begin at it."""
    if place == "entry":
        # A resource or an output; elsewhere `Condition` is the key of a policy, and `DependsOn` anybody's.
        yield from named("Condition", value.get("Condition"))
        depends = value.get("DependsOn")
        if isinstance(depends, str):
            yield Reference(("DependsOn",), "depends", depends)
        for index, name in enumerate(depends if isinstance(depends, list) else ()):
            if isinstance(name, str):
                yield Reference(("DependsOn", index), "depends", name)
    elif place != "entries":
        ((name, argument),) = value.items()
        if name != "Condition" or place == "condition":
            yield from named(name, argument)


def _inside(place: _Place, step: str | int) -> _Place:
    """The place of what stands at a step from a value in a place."""
    if place != "entries":
        return "value" if place == "entry" else place
    if isinstance(step, str):
        return "entries" if step.startswith(LOOP) else "entry"
    return "entries" if step == _BODY else "value"


def _route(trail: _Trail, last: Route) -> Route:
    steps: list[str | int] = []
    while trail:
        trail, step = trail
        steps.append(step)
    return (*reversed(steps), *last)


class _Names(NamedTuple):
    """What a template has to refer to."""

    parameters: AbstractSet[str]
    maps: dict[str, Any]
    resources: dict[str, Any]
    modules: tuple[str, ...]
    known: Mapping[str, AbstractSet[str]]
    """By the kind of reference."""


def _names(template: Template) -> _Names:
    sections = ("Conditions", "Mappings", "Parameters", "Resources")
    found = (template.get(name) for name in sections)
    conditions, maps, parameters, resources = (section if isinstance(section, dict) else {} for section in found)
    named_early = parameters.keys() | PSEUDO_PARAMETERS.keys()
    known = {
        "attribute": resources.keys(),
        "condition": conditions.keys(),
        "depends": resources.keys(),
        "mapping": maps.keys(),
        "ref": named_early | resources.keys(),
    }
    modules = tuple(name for name in resources if _type(resources[name]).endswith("::MODULE"))
    return _Names(named_early, maps, resources, modules, known)


def _type(resource: object) -> str:
    kind = resource.get("Type") if isinstance(resource, dict) else None
    return kind if isinstance(kind, str) else ""


def _problems(reference: Reference, template: Template, names: _Names) -> Iterator[Unresolved]:
    """What is wrong with a reference: its name stands for nothing, or not for what is asked of it."""
    kind, name, known = reference.kind, reference.name, names.known[reference.kind]
    if reference.route[0] in ("Conditions", "Rules") and kind in ("ref", "attribute"):
        known = names.parameters if kind == "ref" else frozenset()
    if name not in known:
        if not (kind in _TO_RESOURCES and names.modules and name.startswith(names.modules)):
            yield Unresolved(reference, _message(reference, names), tuple(sorted(known)), name)
    elif kind == "mapping":
        yield from _key_problems(reference, template, names.maps[name])
    elif kind == "attribute":
        resource_type = _type(names.resources[name])
        offered = attributes(resource_type)
        if offered is not None and reference.attribute is not None and reference.attribute not in offered:
            message = f'{name} ({resource_type}) has no attribute "{reference.attribute}"'
            yield Unresolved(reference, message, tuple(sorted(offered)), reference.attribute)


def _message(reference: Reference, names: _Names) -> str:
    """Why a name does not stand for what it should."""
    kind, name = reference.kind, reference.name
    if kind == "attribute" and name in names.parameters:
        return f"{name} is a parameter and has no attributes"
    if kind in ("ref", "attribute") and name in names.resources:
        return f"{name} is a resource: conditions and rules can refer to parameters alone"
    things = {"ref": "parameter or resource", "mapping": "map", "condition": "condition"}
    message = f'there is no {things.get(kind, "resource")} "{name}"'
    if "Fn::Sub" not in reference.route[-2:]:
        return message
    whole = name if reference.attribute is None else f"{name}.{reference.attribute}"
    return f"{message}; to keep ${{{whole}}} as text, write ${{!{whole}}}"


def _key_problems(reference: Reference, template: Template, entries: Any) -> Iterator[Unresolved]:
    """Keys of `Fn::FindInMap`, written as they stand and without a default, that the map does not have."""
    *way, _ = reference.route
    argument: Any = template
    for step in way:
        argument = argument[step]
    keys, default = argument[1:3], argument[3:]
    where = f"the map {reference.name}"
    for index, key in enumerate(keys, start=1):
        if default or not isinstance(entries, dict) or not isinstance(key, str):
            return
        if key not in entries:
            lost = reference._replace(route=(*way, index), name=key)
            yield Unresolved(lost, f'{where} has no key "{key}"', tuple(sorted(entries)), key)
            return
        where, entries = f'"{key}" in {where}', entries[key]


def _unfinished(template: Template) -> bool:
    """Whether something other than CloudFormation itself has yet to write parts of the template."""
    extensions = "AWS::LanguageExtensions"
    if template.get("Transform", extensions) not in (extensions, [extensions], []):
        return True
    todo: list[Any] = [template]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            if any(key == "Fn::Transform" or key.startswith(LOOP) for key in value):
                return True
            todo += value.values()
        elif isinstance(value, list):
            todo += value
    return False
