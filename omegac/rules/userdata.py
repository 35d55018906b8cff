"""The size of userdata: refused where it cannot fit, warned of where it may not."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.bounds import USERDATA_LIMIT, bounds
from omegac.diagnostics import Diagnostic, fault
from omegac.template import Compilation


def check(compilation: Compilation) -> Iterator[Diagnostic]:
    """Launch templates whose userdata is, or may turn out, larger than EC2 takes."""
    template = compilation.root.value
    for name, body in template.get("Resources", {}).items():
        if not isinstance(body, dict) or body.get("Type") != "AWS::EC2::LaunchTemplate":
            continue
        script = body.get("Properties", {}).get("LaunchTemplateData", {}).get("UserData", {})
        if not isinstance(script, dict) or "Fn::Base64" not in script:
            continue
        size = bounds(script["Fn::Base64"], template)
        place = compilation.root.at("Resources", name, "Properties", "LaunchTemplateData", "UserData", "Fn::Base64")
        hint = "keep the script short: put what is long into the artifact, which the script fetches anyway"
        if size.low > USERDATA_LIMIT:
            message = f"the userdata of {name} has at least {size.low:,} bytes: EC2 takes {USERDATA_LIMIT:,}"
            yield fault("OM3001", message, place, hint=hint)
        elif size.high > USERDATA_LIMIT:
            message = f"the userdata of {name} may have up to {size.high:,} bytes: EC2 takes {USERDATA_LIMIT:,}"
            bound = "give the parameters in it a max_length or allowed_values, or " + hint
            yield fault("OM3002", message, place, hint=bound)
