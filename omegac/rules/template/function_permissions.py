"""Functions that anyone's resources, or anyone at all, may invoke."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omegac.cloudformation.literals import Outcome, outcomes
from omegac.diagnostics import Diagnostic, fault
from omegac.source import Traced
from omegac.template import Body

# Services that call in the name of a resource, whose ARN or account they say (AWS Lambda, AddPermission; the
# developer guide's page of each service).
_SERVICE = (
    r"(?:apigateway|bedrock|codecommit|cognito-idp|config|elasticloadbalancing|events|iot|logs(?:\.[a-z0-9-]+)?"
    r"|s3|secretsmanager|ses|sns)\.amazonaws\.com"
)
_LIMITS = ("EventSourceToken", "PrincipalOrgID", "SourceAccount", "SourceArn")
_URL = ("FunctionUrlAuthType", "InvokedViaFunctionUrl")
"""What makes a permission one for a function's URL, which can be meant for everyone."""


def check(body: Body) -> Iterator[Diagnostic]:
    """Permissions without a word on what the call must come from."""
    for _, permission in body.resources("AWS::Lambda::Permission"):
        if any(permission.find("Properties", key) for key in _LIMITS):
            continue
        for principal in outcomes(body.root, permission, "Properties", "Principal"):
            yield from _of_principal(body.root, permission, principal)


def _of_principal(root: Traced, permission: Traced, principal: Outcome) -> Iterator[Diagnostic]:
    if re.fullmatch(_SERVICE, principal.text or ""):
        message = f"a resource of any account may have {principal.text} invoke the function"
        yield fault("OM4301", message, principal.value, hint="say SourceArn, or at least SourceAccount")
    elif principal.text == "*" and not _is_for_url(root, permission):
        message = "every principal of every account may invoke the function"
        hint = "name the account, or say PrincipalOrgID; a public URL says InvokedViaFunctionUrl: true"
        yield fault("OM4302", message, principal.value, hint=hint)


def _is_for_url(root: Traced, permission: Traced) -> bool:
    """Whether it may hold for calls by a URL alone."""
    if any(action.text == "lambda:InvokeFunctionUrl" for action in outcomes(root, permission, "Properties", "Action")):
        return True
    said = (each for key in _URL for each in outcomes(root, permission, "Properties", key))
    return any(not each.absent and each.truth is not False for each in said)
