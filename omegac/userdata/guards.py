"""What a script says that will not work, or should not be said, on an instance: findings over its expression."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from omegac import memo
from omegac.cloudformation.intrinsics import PSEUDO_PARAMETERS
from omegac.diagnostics import Diagnostic, Fix, fault
from omegac.source import Traced

# What cloud-init recognises userdata by (cloud-init documentation, User-data formats), and EC2Launch on Windows (Amazon
# EC2 User Guide, How Amazon EC2 handles user data for Windows instances).
_FIRST = re.compile(
    r"#!|#cloud-config|#cloud-boothook|#include|#part-handler|#upstart-job|## template:|Content-Type:|MIME-Version:"
    r"|<powershell>|<script>|<persist>|version: 1\.",
    re.IGNORECASE,
)
_SHELL = re.compile(r"#!\s*(?:/usr)?/bin/(?:env\s+)?(?:ba)?sh\b")
_SECRET = re.compile(r"\{\{resolve:(?:secretsmanager|ssm-secure):[^}]*\}\}")
_ACCESS_KEY = re.compile(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b")
_SHELL_NAME = re.compile(r"(?<!\\)\$\{([A-Za-z][A-Za-z0-9]*(?:::[A-Za-z]+)?)\}")
_STAND_IN = "x"
"""What an expression is to bash while it checks the script: a word."""


def guards(expression: Traced, template: dict[str, Any]) -> Iterator[Diagnostic]:
    """Findings on a script, `{"Fn::Join": ["", […]]}`, in the light of the template that it is for."""
    items = expression.at("Fn::Join", 1)
    if items.value:
        yield from _first_line(items.at(0))
    for item in items.elements():
        if isinstance(item.value, str):
            yield from _in_text(item, template)
        else:
            yield from _no_echo(item, template)
    yield from _syntax(items)


def _first_line(first: Traced) -> Iterator[Diagnostic]:
    if not isinstance(first.value, str):
        return
    if not _FIRST.match(first.value):
        hint = "begin with #!/bin/bash, or with #cloud-config"
        yield fault(
            "OM2201", "cloud-init knows a script by its first line, and would ignore this one", first, hint=hint
        )
    elif first.value.startswith("#!") and first.value.endswith("\r\n"):
        hint = "save the file with the line ends of Unix"
        wrong = fault(
            "OM2202", "the first line ends with CR, which becomes part of the program's name", first, hint=hint
        )
        yield wrong._replace(fix=_unix_line_ends(first))


def _unix_line_ends(first: Traced) -> Fix | None:
    """The whole file with the line ends of Unix."""
    span = first.origin.span
    if span is None:
        return None
    source = span.source
    return Fix(source.span(0, len(source.text)), source.text.replace("\r\n", "\n"))


def _in_text(item: Traced, template: dict[str, Any]) -> Iterator[Diagnostic]:
    text = item.value
    fetch = "let the instance fetch it when it starts, by a right under `allow`"
    for secret in _SECRET.finditer(text):
        message = f"{secret[0]} would be readable by anyone who may describe the launch template"
        yield fault("OM4001", message, item, hint=fetch)
    for key in _ACCESS_KEY.finditer(text):
        message = f"{key[0][:8]}… looks like an access key, readable by anyone who may describe the launch template"
        yield fault(
            "OM4002", message, item, hint="the instance's role has credentials of its own; give it rights instead"
        )
    if "${" in text:
        known = {*_section(template, "Resources"), *_section(template, "Parameters"), *PSEUDO_PARAMETERS}
        for name in _SHELL_NAME.findall(text):
            if name in known:
                hint = f'write {{ "Ref" : "{name}" }} for its value; a shell variable is safer under another name'
                yield fault(
                    "OM2204", f"${{{name}}} is text to CloudFormation here, not the value of {name}", item, hint=hint
                )


def _no_echo(item: Traced, template: dict[str, Any]) -> Iterator[Diagnostic]:
    parameters = _section(template, "Parameters")
    for name in sorted(_refs(item.value)):
        parameter = parameters.get(name)
        if isinstance(parameter, dict) and str(parameter.get("NoEcho", "")).lower() == "true":
            message = (
                f"the parameter {name} is not shown, but userdata is, to anyone who may describe the launch template"
            )
            hint = "let the instance fetch it when it starts, from Parameter Store or Secrets Manager"
            yield fault("OM4001", message, item, hint=hint)


def _section(template: dict[str, Any], name: str) -> dict[str, Any]:
    """A section of a template of anyone's: where it is missing, or no mapping, it has no entries."""
    found = template.get(name)
    return found if isinstance(found, dict) else {}


def _refs(value: Any) -> set[str]:
    """The names that an expression refers to by Ref, nested ones among them, and by Fn::Sub."""
    if isinstance(value, dict):
        own = {value["Ref"]} if isinstance(value.get("Ref"), str) else set()
        text = value.get("Fn::Sub")
        text = text[0] if isinstance(text, list) and text else text
        if isinstance(text, str):
            own |= set(re.findall(r"\$\{([^!}]+)\}", text))
        return own.union(*map(_refs, value.values()))
    return set[str]().union(*map(_refs, value)) if isinstance(value, list) else set()


def _syntax(items: Traced) -> Iterator[Diagnostic]:
    """What bash says of the script, each expression a word to it; on a machine without bash, nothing."""
    if not items.value or not isinstance(items.value[0], str) or not _SHELL.match(items.value[0]):
        return
    script = "".join(item if isinstance(item, str) else _STAND_IN for item in items.value)
    key = memo.key(script)
    if memo.recall("bash", key) == b"fine":
        return
    complaint = _asked(script)
    if complaint is None:
        memo.remember("bash", key, b"fine")
        return
    line, words = complaint
    yield fault("OM2203", f"bash does not take this script: {words}", _line(items, line))


def _asked(script: str) -> tuple[int, str] | None:
    """The line and the words of bash's first complaint."""
    from subprocess import DEVNULL, PIPE, run

    try:
        # The C locale, so that bash complains in English, the same everywhere.
        answer = run(
            ["bash", "-n"],  # noqa: S607 (whichever bash there is)
            input=script.encode(),
            stdout=DEVNULL,
            stderr=PIPE,
            env={"LC_ALL": "C", "PATH": "/usr/local/bin:/usr/bin:/bin"},
            check=False,
        )
    except OSError:
        return None
    if answer.returncode == 0:
        return None
    found = re.search(r"line (\d+): (.*)", answer.stderr.decode(errors="replace"))
    return (int(found[1]), found[2]) if found else (1, "it does not say why")


def _line(items: Traced, number: int) -> Traced:
    """The item that holds a line of the script."""
    line = 1
    for item in items.elements():
        ends = item.value.count("\n") if isinstance(item.value, str) else 0
        if line + ends > number or (line == number and not ends):
            return item
        line += ends
    return items.at(len(items.value) - 1)
