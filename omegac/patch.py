"""The pass that lays `overrides` over what omegac generated."""

from __future__ import annotations

from omegac.diagnostics import Diagnostic, Rejected, fault, suggestion
from omegac.merge import merge
from omegac.source import Origins, Traced
from omegac.template import Template


def patch(template: Template) -> Template:
    """The template with every override. Raises `Rejected` for those of no resource."""
    overrides = template.spec.document.get("overrides")
    if not overrides:
        return template
    faults: list[Diagnostic] = []
    resources = template.root.at("Resources") if template.resources else Traced({}, Origins(None))
    merged = dict(resources.value)
    within = dict(resources.origins.within)
    for name, override in overrides.items():
        if name not in merged:
            hint = suggestion(name, merged) or "`omegac build` without it shows the logical ids"
            faults.append(
                fault("OM1204", f'there is no resource "{name}" to override', override, hint=hint, at_key=True)
            )
            continue
        merged[name], within[name] = merge(resources.at(name), override, "override")
    if faults:
        raise Rejected(faults)
    root = template.root
    origins = Origins(root.origins.origin, {**root.origins.within, "Resources": Origins(resources.origin, within)})
    return template._replace(root=Traced({**root.value, "Resources": merged}, origins))
