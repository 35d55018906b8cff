"""What a template's intrinsics come to before it is deployed: by its parameters' values, its region and its account."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from omegac.cloudformation.intrinsics import is_intrinsic, sub_names
from omegac.construct import program_text
from omegac.deployment.constraints import text_of
from omegac.source import Traced
from omegac.template import Compilation

_PARTITIONS = (
    ("cn-", "aws-cn", "amazonaws.com.cn"),
    ("eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"),
    ("eusc-", "aws-eusc", "amazonaws.eu"),
    ("us-gov-", "aws-us-gov", "amazonaws.com"),
    ("us-iso-", "aws-iso", "c2s.ic.gov"),
    ("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
    ("us-isof-", "aws-iso-f", "csp.hci.ic.gov"),
    ("", "aws", "amazonaws.com"),
)
"""How the regions of a partition begin, its name, and the end of its hosts' names; as botocore's endpoints have it."""
_KEPT_ELSEWHERE = "AWS::SSM::Parameter::Value<"
"""How the type of a parameter begins whose value is only the name of one in Systems Manager."""
_RESOLVED_LATER = "{{resolve:"


class Unknown(Exception):  # noqa: N818 (it is no error: most intrinsics are known only when they are deployed)
    """A value that only a deployment tells."""


class Evaluation:
    """The values of one template in one region. An absent value, that of AWS::NoValue, is None."""

    def __init__(self, template: Mapping[str, Any], parameters: Mapping[str, Any], pseudo: Mapping[str, str]) -> None:
        self._template = template
        self._parameters = parameters
        self._pseudo = pseudo
        self._conditions: dict[str, bool | None] = {}

    @property
    def pseudo(self) -> Mapping[str, str]:
        """The pseudo parameters that are known."""
        return self._pseudo

    def value(self, written: Any) -> Any:
        """What a value comes to: a text, a list, or whatever it plainly is. Raises `Unknown`."""
        if isinstance(written, str) and _RESOLVED_LATER in written:
            raise Unknown
        if not is_intrinsic(written):
            return written
        match written:
            case {"Ref": str(name)}:
                return self._ref(name)
            case {"Fn::If": [str(condition), holds, otherwise]}:
                return self.value(holds if self._named(condition) else otherwise)
            case {"Fn::FindInMap": [mapping, first, second, *options]}:
                return self._find([mapping, first, second], options)
            case {"Fn::Select": [index, items]}:
                return self._select(index, items)
            case {"Fn::Split": [str(delimiter), text]} if delimiter:
                return self.text(text).split(delimiter)
        return self._made(written)

    def chosen(self, written: Traced) -> Traced | None:
        """What stands where conditions choose, with its origins; None for AWS::NoValue. Raises `Unknown`."""
        match written.value:
            case {"Fn::If": [str(condition), _, _]}:
                return self.chosen(written.at("Fn::If", 1 if self._named(condition) else 2))
            case {"Ref": "AWS::NoValue"}:
                return None
            case value if is_intrinsic(value):
                raise Unknown
        return written

    def _made(self, written: Any) -> str:
        """The text that an intrinsic makes of others."""
        match written:
            case {"Fn::Sub": str(text)}:
                return self._sub(text, {})
            case {"Fn::Sub": [str(text), dict(variables)]}:
                return self._sub(text, variables)
            case {"Fn::Join": [str(delimiter), items]}:
                listed = self._list(items)
                return delimiter.join(self.text(item) for item in listed if self.value(item) is not None)
            case {"Fn::Base64": text}:
                return b64encode(self.text(text).encode()).decode()
            case {"Fn::Length": items}:
                return str(len(self._list(items)))
            case {"Fn::ToJsonString": content}:
                return json.dumps(self._whole(content), ensure_ascii=False, separators=(",", ":"))
        raise Unknown

    def _whole(self, written: Any) -> Any:
        """What a value comes to, with all that is in it; what is absent is left out."""
        value = self.value(written)
        if isinstance(value, dict):
            return {key: self._whole(part) for key, part in value.items() if self.value(part) is not None}
        if isinstance(value, list):
            return [self._whole(part) for part in value if self.value(part) is not None]
        return value

    def text(self, written: Any) -> str:
        """The text that a value comes to. Raises `Unknown`, also where it is none."""
        value = self.value(written)
        if value is None or isinstance(value, list | dict):
            raise Unknown
        return program_text(value)

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return None
        if name in self._pseudo:
            return self._pseudo[name]
        declared = self._template.get("Parameters", {}).get(name)
        if not isinstance(declared, dict):
            raise Unknown
        kind, value = str(declared.get("Type")), self._parameters.get(name, declared.get("Default"))
        if value is None or kind.startswith(_KEPT_ELSEWHERE):
            raise Unknown
        text = text_of(value)
        if _RESOLVED_LATER in text:
            raise Unknown
        listed = kind == "CommaDelimitedList" or kind.startswith("List<")
        return [item.strip() for item in text.split(",")] if listed else text

    def _sub(self, text: str, variables: Mapping[str, Any]) -> str:
        parts, position = [], 0
        for start, end, name in sub_names(text):
            parts.append(_literal(text[position : text.rindex("${", 0, start)]))
            parts.append(self.text(variables.get(name, {"Ref": name})))  # no parameter's name has a dot
            position = text.index("}", end) + 1
        return self.text("".join([*parts, _literal(text[position:])]))

    def _list(self, items: Any) -> list[Any]:
        listed = self.value(items)
        if not isinstance(listed, list):
            raise Unknown
        return listed

    def _select(self, index: Any, items: Any) -> Any:
        number, listed = self.text(index), self._list(items)
        if not re.fullmatch("[0-9]{1,9}", number) or int(number) >= len(listed):
            raise Unknown
        return self.value(listed[int(number)])

    def _find(self, keys: list[Any], options: list[Any]) -> Any:
        found: Any = self._template.get("Mappings", {})
        for key in map(self.text, keys):
            found = found.get(key) if isinstance(found, dict) else None
        match found, options:
            case None, [{"DefaultValue": default}]:
                return self.value(default)
            case None, _:
                raise Unknown
        return self.value(found)

    def _holds(self, condition: Any) -> bool:
        """Whether a condition holds. Raises `Unknown`."""
        match condition:
            case {"Condition": str(name)}:
                return self._named(name)
            case {"Fn::Equals": [one, other]}:
                return bool(self._compared(one) == self._compared(other))
            case {"Fn::Not": [part]}:
                return not self._holds(part)
            case {"Fn::And": [*parts]}:
                return not self._any(parts, holds=False)
            case {"Fn::Or": [*parts]}:
                return self._any(parts, holds=True)
        raise Unknown

    def _named(self, name: str) -> bool:
        if name not in self._conditions:
            self._conditions[name] = None  # while it is asked for, as one that depends on itself is never known
            self._conditions[name] = self._settled(self._template.get("Conditions", {}).get(name))
        holds = self._conditions[name]
        if holds is None:
            raise Unknown
        return holds

    def _any(self, parts: list[Any], *, holds: bool) -> bool:
        """Whether one of some conditions holds, or does not; those that are unknown matter only if it is none else."""
        settled = [self._settled(part) for part in parts]
        if holds not in settled and None in settled:
            raise Unknown
        return holds in settled

    def _settled(self, condition: Any) -> bool | None:
        try:
            return self._holds(condition)
        except Unknown:
            return None

    def _compared(self, written: Any) -> Any:
        value = self.value(written)
        return [self.text(item) for item in value] if isinstance(value, list) else self.text(written)


def evaluation_of(compilation: Compilation, aws: Mapping[str, str]) -> Evaluation:
    """That of a compiled spec, with its stage's parameters, where variables say how AWS is called."""
    staged = compilation.spec.deployment.value if compilation.spec.deployment else {}
    region = aws["AWS_REGION"]
    partition, suffix = next(names for start, *names in _PARTITIONS if region.startswith(start))
    pseudo = {"AWS::Partition": partition, "AWS::Region": region, "AWS::URLSuffix": suffix}
    # To a local cloud, an access key of 12 digits is the account.
    key = aws.get("AWS_ACCESS_KEY_ID", "")
    account = key if re.fullmatch("[0-9]{12}", key) else staged.get("account")
    if account:
        pseudo["AWS::AccountId"] = str(account)
    return Evaluation(compilation.root.value, staged.get("parameters", {}), pseudo)


def _literal(text: str) -> str:
    """A stretch of `Fn::Sub` without a name in it, where an exclamation mark makes text of one."""
    return text.replace("${!", "${")
