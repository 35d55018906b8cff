"""Whether a parameter takes a value, as far as its declaration tells; the rest is left to CloudFormation.

What is said of a value never quotes it: it may be a secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

Parameter: TypeAlias = Mapping[str, Any]
"""What a template declares of one."""

MAX_BYTES = 4096
"""A parameter's value has at most (quotas of CloudFormation)."""

_MOST_LISTED = 20


def text_of(value: Any) -> str:
    """A value as CloudFormation has it: every parameter is text there."""
    return value if isinstance(value, str) else json.dumps(value)


def broken(parameter: Parameter, text: str) -> str | None:
    """Why a parameter does not take a value; None if it does, or if only CloudFormation can tell."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        return f"it has {size:,} bytes, and CloudFormation takes {MAX_BYTES:,}"
    kind, items = _parts(str(parameter.get("Type", "String")), text)
    for number, item in enumerate(items, start=1):
        subject = "it" if len(items) == 1 else f"item {number}"
        if (form := _form(kind, item)) is not None:
            return f"{subject} must be {form}"
        if (rule := _broken_rule(parameter, kind, item)) is not None:
            said = str(parameter.get("ConstraintDescription", "")).rstrip(". ")
            return said or f"{subject} must {rule}"
    return None


def _parts(kind: str, text: str) -> tuple[str, list[str]]:
    """The type of what a value consists of, and the parts: of a list the items between its commas, trimmed."""
    if kind.startswith("AWS::SSM::Parameter::Value<"):
        # Checked is the name; what is kept under it CloudFormation takes unseen (guide, Systems Manager parameters).
        return _SSM_NAME, [text]
    listed = re.fullmatch(r"List<(.+)>", kind)
    if kind == "CommaDelimitedList" or listed:
        return listed[1] if listed else "String", [item.strip() for item in text.split(",")]
    return kind, [text]


_SSM_NAME = "AWS::SSM::Parameter::Name"
_ANYTHING = "(?s:.*)"
_ID = "[0-9a-f]{8,17}"
_NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"
_NAME = (r"[\x20-\x7e]{1,255}", "a name of 1 to 255 characters")
_FORMS: Mapping[str, tuple[str, str]] = {
    "Number": (_NUMBER, "a number"),
    "AWS::EC2::AvailabilityZone::Name": (r"[a-z]{2}(-[a-z]+)+-[0-9]+[a-z0-9-]+", "a zone's name such as eu-west-1a"),
    "AWS::EC2::Image::Id": (f"ami-{_ID}", "an image's id such as ami-0123456789abcdef0"),
    "AWS::EC2::Instance::Id": (f"i-{_ID}", "an instance's id such as i-0123456789abcdef0"),
    "AWS::EC2::KeyPair::KeyName": _NAME,
    "AWS::EC2::SecurityGroup::GroupName": _NAME,
    "AWS::EC2::SecurityGroup::Id": (f"sg-{_ID}", "a security group's id such as sg-0123456789abcdef0"),
    "AWS::EC2::Subnet::Id": (f"subnet-{_ID}", "a subnet's id such as subnet-0123456789abcdef0"),
    "AWS::EC2::VPC::Id": (f"vpc-{_ID}", "a VPC's id such as vpc-0123456789abcdef0"),
    "AWS::EC2::Volume::Id": (f"vol-{_ID}", "a volume's id such as vol-0123456789abcdef0"),
    "AWS::Route53::HostedZone::Id": (r"(/hostedzone/)?Z[A-Z0-9]+", "a hosted zone's id such as Z23ABC4XYZL05B"),
    # Another account's is named by its ARN (guide, Systems Manager parameters).
    _SSM_NAME: (
        r"arn:aws[a-z-]*:ssm:\S+|(/[\w./-]+|[\w.-]+)(:[\w.-]+)?",
        "the name of an SSM parameter such as /my/path, or an ARN",
    ),
}
"""The form that a value of each type has, and in words (guide, CloudFormation-supplied parameter types)."""


def _form(kind: str, item: str) -> str | None:
    """What a value of a type must be, if this is none."""
    form, words = _FORMS.get(kind, (_ANYTHING, ""))
    return None if re.fullmatch(form, item, re.ASCII) else words


def _broken_rule(parameter: Parameter, kind: str, item: str) -> str | None:
    """The first constraint that a value breaks. Each is asked of the types alone that the guide says it is for."""
    declared = parameter.get("Type", "String")
    if declared.startswith("List<"):
        return None
    allowed = [text_of(value) for value in parameter.get("AllowedValues", ())]
    if allowed and item not in allowed and not (kind == "Number" and _decimal(item) in map(_decimal, allowed)):
        more = ", …" if len(allowed) > _MOST_LISTED else ""
        return f"be one of {', '.join(allowed[:_MOST_LISTED])}{more}"
    if kind == "Number":
        return _out_of_bounds(parameter, ("MinValue", "MaxValue"), _decimal(item), "be {}")
    if kind in ("String", _SSM_NAME) and not _matches(str(parameter.get("AllowedPattern", _ANYTHING)), item):
        return f"match {parameter['AllowedPattern']}"
    measured = kind in ("String", _SSM_NAME) and declared != "CommaDelimitedList"
    return _out_of_bounds(parameter, ("MinLength", "MaxLength"), len(item), "have {} characters") if measured else None


def _out_of_bounds(parameter: Parameter, keys: tuple[str, str], measure: Any, words: str) -> str | None:
    least, most = (_decimal(parameter.get(key)) for key in keys)
    if least is not None and measure < least:
        return words.format(f"at least {parameter[keys[0]]}")
    if most is not None and measure > most:
        return words.format(f"at most {parameter[keys[1]]}")
    return None


def _decimal(value: Any) -> Any:
    """A number, or a text that is one, exactly; None for anything else."""
    from decimal import Decimal

    written = text_of(value)
    return Decimal(written) if re.fullmatch(_NUMBER, written) else None


def _matches(pattern: str, item: str) -> bool:
    """Whether a pattern matches the whole of a value; also if it is one of Java's that Python reads otherwise."""
    import warnings

    try:
        with warnings.catch_warnings():
            # Python warns of sets within sets, which Java has and Python has not.
            warnings.simplefilter("error", FutureWarning)
            return bool(re.compile(pattern, re.ASCII).fullmatch(item))
    except (re.error, FutureWarning, OverflowError, RecursionError):
        return True
