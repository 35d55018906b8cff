"""What the commands that work on stacks take: each option once, and for each command the options that it has."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum, auto
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

_STACK = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}|arn:[^:]+:cloudformation:[^:]+:[0-9]{12}:stack/[^/]+/[^/]+")
"""A name, or an id (API reference, CreateStack, StackName; DescribeStacks, StackId)."""


class StackForm(StrEnum):
    """How the commands on stacks report."""

    text = auto()
    json = auto()


DEFAULT_SPEC = Path("omega.yaml")


class Option(NamedTuple):
    """One option, or argument, of the command line."""

    type: Any
    info: Any
    default: Any = None
    value: Callable[[Any], Any] = lambda given: given
    """What the command is handed, from what was typed."""


def _flag(name: str, help_: str, *, turned: bool = False) -> Option:
    return Option(bool, typer.Option(f"--{name}", help=help_), default=False, value=lambda given: given != turned)


def _text(name: str, metavar: str, help_: str) -> Option:
    # An empty one is most often a variable of a script that was never set: to take it for none does what nobody meant.
    return Option(str | None, typer.Option(f"--{name}", metavar=metavar, help=help_, callback=filled))


def filled(parameter: typer.CallbackParam, given: str | None) -> str | None:
    """What was typed for an option. Raises typer's own exception where it is empty."""
    if given is not None and not given.strip():
        raise typer.BadParameter("it is empty", param=parameter)
    return given


def path_named(given: str) -> Path:
    """The path that was typed for an option: an empty one is none, and not the folder that omegac runs in."""
    if not given.strip():
        raise typer.BadParameter("it is empty")
    return Path(given)


def each_filled(parameter: typer.CallbackParam, given: list[str] | None) -> list[str] | None:
    """What was typed for an option that may be repeated. Raises as `filled` does."""
    for each in given or []:
        filled(parameter, each)
    return given


def stack_named(parameter: typer.CallbackParam, given: str | None) -> str | None:
    """The name or the id of a stack, as far as that can be told from it."""
    if given is not None and not _STACK.fullmatch(given):
        raise typer.BadParameter(f"{given!r} is no name: letters, digits and hyphens, a letter first", param=parameter)
    return given


def _names(name: str, help_: str) -> Option:
    info = typer.Option(f"--{name}", metavar="ID", help=help_)
    return Option(list[str] | None, info, value=lambda given: given or ())


def _pairs(name: str, metavar: str, help_: str) -> Option:
    info = typer.Option(f"--{name}", metavar=metavar, help=help_)
    return Option(list[str] | None, info, value=lambda given: paired(given or [], f"--{name}"))


def paired(given: list[str], option: str) -> dict[str, str]:
    """`NAME=VALUE`, each as text. Nothing of one that is wrong is repeated, as it may be a secret."""
    pairs: dict[str, str] = {}
    for number, each in enumerate(given, 1):
        name, equals, value = each.partition("=")
        if not (name and equals):
            lacks = "has no name" if equals else "has no equals sign"
            raise typer.BadParameter(f"{option} takes NAME=VALUE: number {number} {lacks}")
        if name in pairs:
            raise typer.BadParameter(f"{option} gives {name} twice")
        pairs[name] = value
    return pairs


def _tags(given: list[str] | None) -> dict[str, str]:
    """Tags that may be set: AWS reserves `aws:`, and by `omegac:` it is told whose the stack is."""
    tags = paired(given or [], "--tag")
    for name in tags:
        if name.lower().startswith(("aws:", "omegac:")):
            raise typer.BadParameter(f"--tag takes no name that begins with {name.partition(':')[0]}:, such as {name}")
    return tags


OPTIONS: Mapping[str, Option] = {
    "spec": Option(Path, typer.Argument(help="The spec."), DEFAULT_SPEC),
    "stack": Option(
        str | None,
        typer.Option("--stack", metavar="NAME", help="The stack; without it, that of the stage.", callback=stack_named),
    ),
    "stage": _text("stage", "NAME", "The stage to lay over the spec."),
    "region": _text("region", "R", "The region; without it, the stage's, or AWS's configuration."),
    "profile": _text("profile", "P", "The profile of AWS's configuration."),
    "bucket": _text("bucket", "B", "The bucket for artifacts; without it, omegac's own, made after asking."),
    "parameters": _pairs("param", "NAME=VALUE", "The value of a parameter."),
    "parameters_file": Option(
        Path | None,
        typer.Option("--params-file", metavar="F", help="A file of parameters, YAML or JSON.", parser=path_named),
    ),
    "role": _text("role-arn", "ARN", "The role that CloudFormation works with."),
    "tags": Option(
        list[str] | None,
        typer.Option("--tag", metavar="KEY=VALUE", help="A tag on the stack, and all in it."),
        value=_tags,
    ),
    "yes": _flag("yes", "Agree to what is asked, but to no loss of data."),
    "accept_loss": _names("accept-loss", "Agree to the loss of what a resource holds."),
    "plan": _flag("plan", "Stop with the change set made and shown."),
    "change_set": _text("change-set", "NAME", "Execute this one, which was planned before."),
    "rollback": _flag("no-rollback", "Leave what fails as it is.", turned=True),
    "skip": _names("skip", "What a blocked rollback leaves as it is."),
    "adopt": _flag("adopt", "Take over a stack that is not this service's."),
    "template_only": _flag("template-only", "Compare the templates alone: nothing is written anywhere."),
    "follow": _flag("follow", "Follow it to its end."),
    "force": _flag("force", "Delete a stack that is not omegac's, too."),
    "retain": _names("retain", "Leave behind what could not be deleted."),
    "detailed_exitcode": _flag("detailed-exitcode", "Exit with 5 where there is a change."),
    "form": Option(StackForm, typer.Option("--format", help="How to report."), StackForm.text, lambda form: form.value),
}
"""By the names of what they are handed over as, which are the fields of `omegac.commands.Options`."""

_WHERE = ("spec", "stack", "stage", "region", "profile")
_WITH = ("bucket", "parameters", "parameters_file")
_PLANNING = ("bucket", "parameters", "parameters_file", "role", "tags", "plan")
"""What says what to plan, and so goes with no change set that was planned before."""


class Command(NamedTuple):
    """A command."""

    help: str
    options: tuple[str, ...]


COMMANDS: Mapping[str, Command] = {
    "deploy": Command(
        "Build, show what would change, ask, deploy, and follow to the end.",
        (
            *(*_WHERE, *_WITH, "role", "tags", "yes", "accept_loss"),
            *("plan", "change_set", "rollback", "skip", "adopt", "detailed_exitcode", "form"),
        ),
    ),
    "diff": Command(
        "Show what a deployment would change.",
        (*_WHERE, *_WITH, "yes", "template_only", "detailed_exitcode", "form"),
    ),
    "publish": Command(
        "Send the artifact to its bucket, and print the parameters to deploy the template with.",
        ("spec", "stage", "region", "profile", "bucket", "yes", "form"),
    ),
    "status": Command("Show how a stack stands, and what the next deployment would do about it.", (*_WHERE, "form")),
    "events": Command(
        "Show what has happened in a stack's last operation, and why it failed if it did.", (*_WHERE, "follow", "form")
    ),
    "outputs": Command("Print a stack's outputs.", (*_WHERE, "form")),
    "delete": Command(
        "Show what goes with a stack and what stays, ask, and delete it.",
        (*_WHERE, "yes", "accept_loss", "retain", "force", "form"),
    ),
}


def add_stack_commands(app: typer.Typer, commands: Mapping[str, Callable[..., None]]) -> None:
    """The commands that work on stacks."""
    for name, command in COMMANDS.items():
        app.command(name, help=command.help)(_function(command, commands[name]))


def _function(command: Command, perform: Callable[..., None]) -> Callable[..., None]:
    """A function with the options as its parameters, which is what typer reads."""

    def run(**given: Any) -> None:
        options = {name: OPTIONS[name].value(value) for name, value in given.items()}
        if options.get("change_set") and any(options[name] for name in _PLANNING):
            raise typer.BadParameter("--change-set goes with no option that says what to plan")
        perform(**options)

    parameters = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[type_, info])
        for name in command.options
        for type_, info, default, _ in [OPTIONS[name]]
    ]
    run.__signature__ = Signature(parameters)  # type: ignore[attr-defined] # a function has it if it is given one
    return run
