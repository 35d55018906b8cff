"""Which configs cfn-init runs: those of a set, or without any sets the one that is named `config`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import TypeAlias

from omegac.cloudformation.intrinsics import is_intrinsic
from omegac.cloudformation.literals import ITEMS, outcomes
from omegac.diagnostics import Diagnostic, fault, suggestion
from omegac.source import Traced
from omegac.template import Body

_SETS = "configSets"
_SET = "ConfigSet"
_ONLY = "config"

_Entries: TypeAlias = Mapping[str, list[Traced]]
"""What each set holds: names of configs, references to sets, intrinsics."""


def check(body: Body) -> Iterator[Diagnostic]:
    """Sets of what is not there, or of themselves, and configs that nothing runs."""
    for _, resource in body.resources():
        init = resource.find("Metadata", "AWS::CloudFormation::Init")
        if init is None or not isinstance(init.value, dict) or any(key.startswith("Fn::") for key in init.value):
            continue
        configs, sets = init.value.keys() - {_SETS}, init.get(_SETS)
        if sets is None:
            why = f"without configSets, cfn-init runs the one that is named {_ONLY}"
            yield from _idle(init, configs - {_ONLY}, why)
        elif isinstance(sets.value, dict) and not is_intrinsic(sets.value):
            entries = {name: list(_entries(body.root, listed)) for name, listed in sets.items()}
            missing = list(_missing(entries, configs))
            yield from missing or _idle(init, _unnamed(entries, configs), "it is in none of the configSets")
            yield from _circular(sets, entries)


def _entries(root: Traced, listed: Traced) -> Iterator[Traced]:
    for outcome in outcomes(root, listed):
        items = outcomes(root, outcome, ITEMS) if isinstance(outcome.known, list) else [outcome]
        yield from (item.value for item in items if item.value)


def _missing(sets: _Entries, configs: AbstractSet[str]) -> Iterator[Diagnostic]:
    for entry in (entry for entries in sets.values() for entry in entries):
        match entry.value:
            case str(name) if name not in configs:
                yield _unknown("config", name, entry, configs)
            case {"ConfigSet": str(name)} if name not in sets:
                yield _unknown("config set", name, entry, sets.keys())


def _unknown(what: str, name: str, entry: Traced, known: AbstractSet[str]) -> Diagnostic:
    hint = suggestion(name, known) or f"there is {', '.join(sorted(known)) or 'none'}"
    return fault("OM5501", f'there is no {what} "{name}": cfn-init fails before it does anything', entry, hint=hint)


def _circular(sets: Traced, entries: _Entries) -> Iterator[Diagnostic]:
    """The first set that takes itself in, if only by way of others."""
    taken = {name: entries.keys() & {_taken(entry) for entry in listed} for name, listed in entries.items()}
    for name in taken:
        reached, todo = set[str](), [name]
        while todo:
            further = taken[todo.pop()] - reached
            reached |= further
            todo += further
        if name in reached:
            message = f"the set {name} takes itself in: cfn-init fails before it does anything"
            yield fault("OM5504", message, sets.at(name), hint="take the way back out", at_key=True)
            return


def _taken(entry: Traced) -> str | None:
    name = entry.value.get(_SET) if isinstance(entry.value, dict) else None
    return name if isinstance(name, str) else None


def _unnamed(sets: _Entries, configs: AbstractSet[str]) -> AbstractSet[str]:
    """The configs that are in no set; none where only a deployment knows what a set holds."""
    listed = [entry.value for entries in sets.values() for entry in entries]
    if any(is_intrinsic(value) for value in listed):
        return frozenset()
    return configs - {value for value in listed if isinstance(value, str)}


def _idle(init: Traced, names: AbstractSet[str], why: str) -> Iterator[Diagnostic]:
    for name, config in init.items():
        if name in names:
            yield fault("OM5505", f"nothing runs {name}: {why}", config, hint="name it in a config set", at_key=True)
