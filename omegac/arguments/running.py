"""What the commands that run a service on this machine take."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import isnan
from pathlib import Path
from typing import Annotated

import typer

from omegac.arguments.stacks import (
    DEFAULT_SPEC,
    OPTIONS,
    StackForm,
    each_filled,
    filled,
    paired,
    path_named,
    stack_named,
)

_NAME = re.compile("[A-Za-z][A-Za-z0-9_]+")
"""A variable's name, as the schema has it."""
_Spec = Annotated[Path, OPTIONS["spec"].info]
_Stage = Annotated[str | None, OPTIONS["stage"].info]
_Region = Annotated[
    str | None,
    typer.Option(metavar="R", help="The region; without it, the stage's, or AWS's variables'.", callback=filled),
]
_Env = Annotated[
    list[str] | None, typer.Option("--env", metavar="NAME=VALUE", help="A variable, as what is deployed is given it.")
]


def _number(given: float) -> float:
    if isnan(given):
        raise typer.BadParameter("it is no number")
    return given


def _variables(given: list[str]) -> dict[str, str]:
    variables = paired(given, "--env")
    for number, name in enumerate(variables, 1):
        if not _NAME.fullmatch(name):
            rule = "letters, digits and _, a letter first, two characters at least"
            raise typer.BadParameter(f"--env takes names of {rule}: that of number {number} is none")
    return variables


def add_running_commands(app: typer.Typer, commands: Mapping[str, Callable[..., None]]) -> None:
    """The commands that run a service on this machine, and `invoke`, which asks a deployed function as well."""

    @app.command(context_settings={"allow_interspersed_args": False})
    def sandbox(
        command: Annotated[list[str] | None, typer.Argument(metavar="[-- COMMAND ARGS…]")] = None,
        port: Annotated[int | None, typer.Option(metavar="P", min=1, max=65535, help="Its port; any free one.")] = None,
        state: Annotated[
            Path | None, typer.Option(metavar="DIR", help="Keep what it holds, in a folder.", parser=path_named)
        ] = None,
    ) -> None:
        """Start a local cloud, and run a command in it, or wait until Ctrl-C.

        It runs functions, custom resources and queues, on loopback and without an account. It is not AWS: it launches
        no instances, asks for no capabilities, waits for no signals and enforces no policies of IAM.
        """
        if command and not command[0].strip():
            raise typer.BadParameter("the command to run is empty")
        commands["sandbox"](words=command or [], port=port, state=state)

    @app.command()
    def invoke(
        function: Annotated[str, typer.Argument(metavar="FUNCTION", help="Its name in the spec.")],
        spec: _Spec = DEFAULT_SPEC,
        stack: Annotated[
            str | None,
            typer.Option(metavar="NAME", help="The stack that has it; else, it runs here.", callback=stack_named),
        ] = None,
        stage: _Stage = None,
        event: Annotated[
            list[str] | None,
            typer.Option(
                metavar="F", help="A file with an event, or -; without it, {}. Repeatable.", callback=each_filled
            ),
        ] = None,
        env: _Env = None,
        region: _Region = None,
        profile: Annotated[
            str | None,
            typer.Option(metavar="P", help="With --stack: the profile of AWS's configuration.", callback=filled),
        ] = None,
        form: Annotated[StackForm, OPTIONS["form"].info] = StackForm.text,
    ) -> None:
        """Run a function from the built artifact as Lambda does, or ask the one that a stack has."""
        if stack and env:
            raise typer.BadParameter("--env goes without --stack: a deployed function has its own")
        if (event or []).count("-") > 1:
            raise typer.BadParameter("--event - is given once: there is one standard input")
        if profile and not stack:
            raise typer.BadParameter("--profile goes with --stack")
        place = {
            "spec": spec,
            "stage": stage,
            "stack": stack,
            "region": region,
            "profile": profile,
            "variables": _variables(env or []),
        }
        commands["invoke"](place=place, name=function, events=event or [], as_json=form is StackForm.json)

    @app.command()
    def serve(
        server: Annotated[str, typer.Argument(metavar="SERVER", help="Its name in the spec.")],
        spec: _Spec = DEFAULT_SPEC,
        stage: _Stage = None,
        port: Annotated[
            int | None, typer.Option(metavar="P", min=1, max=65535, help="Another port, told it as PORT.")
        ] = None,
        env: _Env = None,
        region: _Region = None,
        wait: Annotated[
            float,
            typer.Option(metavar="SECONDS", min=0, help="How long it may take to answer.", callback=_number),
        ] = 300,
    ) -> None:
        """Run a server's command from the built artifact, as an instance does."""
        place = {"spec": spec, "stage": stage, "region": region, "variables": _variables(env or [])}
        commands["serve"](place=place, name=server, port=port, patience=wait)
