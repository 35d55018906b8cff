"""What IAM policies allow that nobody is likely to mean, and the language that they are written in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from omegac.cloudformation.literals import ITEMS, Outcome, outcomes
from omegac.diagnostics import Diagnostic, fault
from omegac.source import Traced
from omegac.template import Body

_IDENTITIES = ("AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::User")
_RIGHTS = (
    *_IDENTITIES,
    "AWS::IAM::GroupPolicy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
)
"""Whose policies say what those may do who have them."""
_ACCESS = (
    "AWS::ECR::Repository",
    "AWS::KMS::Key",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicInlinePolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueueInlinePolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SecretsManager::ResourcePolicy",
)
"""Whose policies say who may use a resource. Of others, such as endpoints and APIs, it may rightly be everyone."""
_TRUST = "AssumeRolePolicyDocument"
_LANGUAGE = "2012-10-17"
_LEAST = "name the actions that are needed, and the resources that they are needed on"
_ADMINISTRATOR = ":iam::aws:policy/AdministratorAccess"
_EVERYTHING = r"(?i)(?:([a-z0-9-]+|\*):)?\*"
# IAM User Guide, Policy elements: variables and tags. In Fn::Sub an exclamation mark leaves one to IAM.
_VARIABLE = r"(?i)\$\{!?(?:aws|ec2|iam|s3|saml|sts|[a-z.]+\.amazon\.com):[^:}]+\}"


class _Policy(NamedTuple):
    """A policy document that is a mapping, and where it belongs."""

    owner: str
    type: str
    key: str
    """Of the property that it stands in."""
    document: Outcome
    at: Traced


def check(body: Body) -> Iterator[Diagnostic]:
    """Policies that allow too much, or to everyone, and those without a Version."""
    for policy in _policies(body):
        yield from _language(body.root, policy)
        for statement in _several(body.root, policy.document, "Statement"):
            if _is_free(statement):
                yield from _of_statement(body.root, policy, statement)
    for name, resource in body.resources(*_IDENTITIES):
        for arn in outcomes(body.root, resource, "Properties", "ManagedPolicyArns", ITEMS):
            if arn.value and _text(arn.value).endswith(_ADMINISTRATOR):
                yield fault("OM4201", f"{name} may do everything, to everything", arn.value, hint=_LEAST)


def _policies(body: Body) -> Iterator[_Policy]:
    """The policies of all resources."""
    for name, resource in body.resources():
        properties = resource.find("Properties")
        for key, value in properties.value.items() if properties and isinstance(properties.value, dict) else ():
            if not _may_be_a_policy(key, value):
                continue
            route = (key, ITEMS, "PolicyDocument") if key == "Policies" else (key,)
            for document in outcomes(body.root, resource, "Properties", *route):
                if document.value and isinstance(document.known, dict) and "Statement" in document.known:
                    yield _Policy(name, str(resource.value.get("Type")), key, document, document.value)


def _may_be_a_policy(key: str, value: Any) -> bool:
    """Whether it is worth a look: most properties are plain values."""
    return key == "Policies" or (isinstance(value, dict) and ("Statement" in value or "Fn::If" in value))


def _language(root: Traced, policy: _Policy) -> Iterator[Diagnostic]:
    """Without a Version a policy is read as those of 2008 were; that it says an old one, cfn-lint finds."""
    versions = list(outcomes(root, policy.document, "Version"))
    missing = all(version.absent for version in versions)
    if not missing and any(version.known in (None, _LANGUAGE) for version in versions):
        return
    hint = f'write Version: "{_LANGUAGE}"'
    variables = list(_variables(policy.at)) if "${" in str(policy.at.value) else []
    for text, variable in variables:
        message = f"{variable} is plain text here: a policy has variables only in the language of {_LANGUAGE}"
        yield fault("OM4206", message, text, hint=hint)
    if missing and not variables:
        message = f"{policy.owner} has a policy without a Version, which is read as in 2008"
        yield fault("OM4205", message, policy.at, hint=hint, at_key=True)


def _variables(value: Traced) -> Iterator[tuple[Traced, str]]:
    if isinstance(value.value, str):
        if found := re.search(_VARIABLE, value.value):
            yield value, found[0].replace("!", "")
    elif isinstance(value.value, dict | list):
        children = value.elements() if isinstance(value.value, list) else (child for _, child in value.items())
        for child in children:
            yield from _variables(child)


def _is_free(statement: Outcome) -> bool:
    """Whether a statement allows something without a condition on who asks."""
    said = statement.known if isinstance(statement.known, dict) else {}
    if "Condition" not in said:
        return said.get("Effect") == "Allow"
    operators = said["Condition"].values() if isinstance(said["Condition"], dict) else ()
    keys = {str(key).lower() for operator in operators if isinstance(operator, dict) for key in operator}
    return said.get("Effect") == "Allow" and keys == {"aws:securetransport"}


def _of_statement(root: Traced, policy: _Policy, statement: Outcome) -> Iterator[Diagnostic]:
    if policy.key == _TRUST:
        message = f"anyone, of any account, may become {policy.owner}"
        yield from _everyone("OM4203", message, root, statement)
    elif policy.type in _RIGHTS:
        yield from _too_much(root, policy.owner, statement)
    elif policy.type in _ACCESS:
        yield from _everyone("OM4204", f"{policy.owner} lets everyone in, of any account or none", root, statement)


def _too_much(root: Traced, owner: str, statement: Outcome) -> Iterator[Diagnostic]:
    for key, what in (("NotAction", "do"), ("NotResource", "do it to")):
        for named in outcomes(root, statement, key):
            if named.present:
                message = f"{owner} may {what} all but what is named here, and whatever is added later"
                yield fault("OM4202", message, named.value, hint=_LEAST, at_key=True)
    if not any(resource.text == "*" for resource in _several(root, statement, "Resource")):
        return
    for action in _several(root, statement, "Action"):
        if found := re.fullmatch(_EVERYTHING, action.text or ""):
            of = f" that {found[1]} has" if found[1] not in (None, "*") else ""
            yield fault("OM4201", f"{owner} may do everything{of}, to everything", action.value, hint=_LEAST)


def _everyone(code: str, message: str, root: Traced, statement: Outcome) -> Iterator[Diagnostic]:
    hint = "name who it is for, or what they must come from: aws:SourceArn, aws:SourceAccount, aws:PrincipalOrgID"
    for principal in outcomes(root, statement, "Principal"):
        for account in _several(root, principal, "AWS") if isinstance(principal.known, dict) else [principal]:
            if account.text == "*":
                yield fault(code, message, account.value, hint=hint)
    for principal in outcomes(root, statement, "NotPrincipal"):
        if principal.present:
            yield fault(code, message, principal.value, hint=hint, at_key=True)


def _several(root: Traced, start: Outcome, key: str) -> Iterator[Outcome]:
    """The values of a key that holds one or a list of them."""
    for outcome in outcomes(root, start, key):
        if isinstance(outcome.known, list):
            yield from outcomes(root, outcome, ITEMS)
        else:
            yield outcome


def _text(value: Traced) -> str:
    """A text, or that of an Fn::Sub."""
    text = value.value.get("Fn::Sub") if isinstance(value.value, dict) else value.value
    return text if isinstance(text, str) else ""
