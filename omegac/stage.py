"""The pass that lays a stage over the rest of a spec, before anything is validated."""

from __future__ import annotations

from omegac.diagnostics import Rejected, fault, suggestion
from omegac.merge import merge
from omegac.source import Traced
from omegac.spec import Staged

DEPLOYMENT_KEYS = ("stack", "region", "account", "parameters", "protect", "bucket", "bucket_owner")
"""Keys of a stage that say where and how it is deployed; all others are a partial spec.

A stage's `parameters` are values to deploy with; what a spec declares under `parameters` no stage changes.
"""


def stage(document: Traced, name: str | None) -> Staged:
    """The spec as it holds in a stage. Raises `Rejected` where there is no such stage."""
    if name is None:
        return Staged(document, None, None)
    stages = document.get("stages") or Traced({}, document.origins)
    if not isinstance(stages.value, dict):
        return Staged(document, name, None)
    if name not in stages.value:
        near = suggestion(name, stages.value)
        hint = near or f"stages of this spec: {', '.join(stages.value) or 'none'}"
        raise Rejected([fault("OM1201", f'there is no stage "{name}"', stages, hint=hint, at_key=not near)])
    chosen = stages.at(name)
    if not isinstance(chosen.value, dict):
        return Staged(document, name, None)
    merged = merge(document, _without(chosen, DEPLOYMENT_KEYS), "stage")
    return Staged(merged, name, _only(chosen, DEPLOYMENT_KEYS))


def _without(traced: Traced, keys: tuple[str, ...]) -> Traced:
    return Traced({k: v for k, v in traced.value.items() if k not in keys}, traced.origins)


def _only(traced: Traced, keys: tuple[str, ...]) -> Traced:
    return Traced({k: v for k, v in traced.value.items() if k in keys}, traced.origins)
