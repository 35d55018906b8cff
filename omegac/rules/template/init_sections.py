"""What a config of cfn-init holds: sections that it reads, and commands that it can run."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.intrinsics import is_intrinsic
from omegac.diagnostics import Diagnostic, fault, suggestion
from omegac.source import Traced
from omegac.template import Body

_INIT = "AWS::CloudFormation::Init"
_SETS = "configSets"
_SECTIONS = ("commands", "files", "groups", "packages", "services", "sources", "users")


def check(body: Body) -> Iterator[Diagnostic]:
    """Sections that cfn-init passes over in silence, and commands that it fails at."""
    for _, resource in body.resources():
        init = resource.find("Metadata", _INIT)
        if init is None or not isinstance(init.value, dict):
            continue
        for name, config in init.items():
            if name != _SETS and isinstance(config.value, dict) and not is_intrinsic(config.value):
                yield from _sections(name, config)
                yield from _commands(config)


def _sections(name: str, config: Traced) -> Iterator[Diagnostic]:
    for key, section in config.items():
        if key not in _SECTIONS and not key.startswith("Fn::"):
            hint = suggestion(key, _SECTIONS) or f"sections are {', '.join(_SECTIONS)}"
            message = f'cfn-init knows no section "{key}": it passes over this part of {name} in silence'
            yield fault("OM5502", message, section, hint=hint, at_key=True)


def _commands(config: Traced) -> Iterator[Diagnostic]:
    commands = config.find("commands")
    for name, command in commands.items() if commands and isinstance(commands.value, dict) else ():
        said = command.value
        # What a script under `defaults` prints may bring the command.
        if isinstance(said, dict) and not is_intrinsic(said) and not {"command", "defaults"} & said.keys():
            message = f"{name} has no command: cfn-init fails at it"
            yield fault("OM5503", message, command, hint="write command: beside test, cwd and env", at_key=True)
