"""The operations that look at templates: those of stacks and change sets, and any other."""

from __future__ import annotations

import json

from tests.endpoint.cloudformation.change_sets import change_set_of
from tests.endpoint.cloudformation.templates import Template, taken
from tests.endpoint.cloudformation.world import World
from tests.endpoint.wire import Params, invalid


def get_template(world: World, params: Params, region: str) -> Params:
    if params.get("ChangeSetName"):
        template = change_set_of(world, params, region)[1].wanted.template
    else:
        template = world.find(params["StackName"], region).deployment.template
    return {"TemplateBody": template.text, "StagesAvailable": ["Original", "Processed"]}


def get_template_summary(world: World, params: Params, region: str) -> Params:
    template = _template(world, params, region)
    kinds = sorted({str(body["Type"]) for body in template.resources.values()})
    told = validated(template)
    for parameter, body in zip(told["Parameters"], template.section("Parameters").values(), strict=True):
        allowed = {"AllowedValues": [str(value) for value in body.get("AllowedValues", [])]}
        parameter |= {"ParameterType": body.get("Type", "String"), "ParameterConstraints": allowed}
    version, metadata = template.body.get("AWSTemplateFormatVersion"), template.body.get("Metadata")
    return {
        **told,
        "ResourceTypes": kinds,
        "Version": version,
        "Metadata": None if metadata is None else json.dumps(metadata),
    }


def validate_template(world: World, params: Params, region: str) -> Params:
    return validated(_template(world, params, region))


def _template(world: World, params: Params, region: str) -> Template:
    if name := params.get("StackName"):
        return world.find(name, region).deployment.template
    return taken(template_text(world, params))


def template_text(world: World, params: Params) -> str:
    """The template that a call brings, or says where to find."""
    if url := params.get("TemplateURL"):
        return world.fetch(url)
    text: str = params.get("TemplateBody") or ""
    if not text:
        raise invalid("Either Template URL or Template Body must be specified.")
    if len(text.encode()) > 51_200:
        raise invalid(
            f"1 validation error detected: Value '{text[:100]}' at 'templateBody' failed to satisfy constraint:"
            " Member must have length less than or equal to 51200"
        )
    return text


def validated(template: Template) -> Params:
    """What is said of a template that is well-formed."""
    parameters = [
        {
            "ParameterKey": name,
            "DefaultValue": None if "Default" not in body else str(body["Default"]),
            "NoEcho": str(body.get("NoEcho", "")).lower() == "true",
            "Description": body.get("Description"),
        }
        for name, body in template.section("Parameters").items()
    ]
    transforms = template.body.get("Transform") or []
    return {
        "Parameters": parameters,
        "Description": template.body.get("Description"),
        "Capabilities": template.capabilities,
        "CapabilitiesReason": template.capabilities_reason,
        "DeclaredTransforms": [transforms] if isinstance(transforms, str) else transforms,
    }
