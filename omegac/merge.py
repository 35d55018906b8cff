"""The one merge, JSON Merge Patch (RFC 7396), of values and their origins together.

It serves stages, `properties` and `overrides`. One thing goes beyond the RFC: an intrinsic is a value, so it
replaces and is replaced whole; merged by keys, `!Ref` over `!GetAtt` would give a mapping that is neither.
"""

from __future__ import annotations

from omegac.cloudformation.intrinsics import is_intrinsic
from omegac.source import Origins, Traced, Via


def merge(target: Traced | None, patch: Traced, via: Via) -> Traced:
    """The target with the patch over it: mappings deep, null deletes, everything else is replaced."""
    if not _is_mapping(patch):
        return _placed(patch, target, via)
    old = target if target and _is_mapping(target) else Traced({}, patch.origins)
    value = dict(old.value)
    within = dict(old.origins.within)
    for key, part in patch.items():
        if part.value is None:
            value.pop(key, None)
            within.pop(key, None)
        else:
            value[key], within[key] = merge(old.get(key), part, via)
    return Traced(value, Origins(old.origins.origin if old is target else patch.origin._replace(via=via), within))


def _is_mapping(traced: Traced) -> bool:
    return isinstance(traced.value, dict) and not is_intrinsic(traced.value)


def _placed(patch: Traced, target: Traced | None, via: Via) -> Traced:
    parents = (*patch.origin.parents, target.origin) if target else patch.origin.parents
    origin = patch.origin._replace(via=via, parents=parents)
    return Traced(patch.value, Origins(origin, patch.origins.within))
