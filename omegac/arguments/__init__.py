"""What the command line takes: each command's arguments and options, handed to the function that does it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from enum import StrEnum, auto
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from omegac import __version__
from omegac.arguments.running import add_running_commands
from omegac.arguments.stacks import DEFAULT_SPEC, add_stack_commands, path_named

_INTERRUPTED = 130


class Form(StrEnum):
    """How `lint` reports."""

    text = auto()
    json = auto()
    sarif = auto()
    junit = auto()
    github = auto()


def parse(arguments: list[str], commands: Mapping[str, Callable[..., None]]) -> list[Callable[[], None]]:
    """The command that the arguments name, with what it is given; none where they ask only for help or the version.

    Raises typer's own exceptions for arguments that make no sense.
    """
    named: list[Callable[[], None]] = []

    def noted(command: Callable[..., None]) -> Callable[..., None]:
        return lambda *given, **options: named.append(partial(command, *given, **options))

    app = _app({name: noted(command) for name, command in commands.items()})
    # Some versions of typer take an interruption for themselves, and return the code that they would exit with.
    if app(arguments, prog_name="omegac", standalone_mode=False) == _INTERRUPTED:
        raise KeyboardInterrupt
    return named


def _app(  # noqa: C901 (it is as complex as all commands together, each of which is simple)
    commands: Mapping[str, Callable[..., None]],
) -> typer.Typer:
    app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)

    @app.callback(help="Compiles omega.yaml to CloudFormation that runs one artifact on AWS Lambda and on EC2.")
    def omegac(
        version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_version)] = False,
    ) -> None:
        del version

    @app.command()
    def build(
        spec: Annotated[Path, typer.Argument(help="The spec.")] = DEFAULT_SPEC,
        out: Annotated[
            Path | None, typer.Option(metavar="DIR", help="Where to write; build, beside the spec.", parser=path_named)
        ] = None,
        stage: Annotated[str | None, typer.Option(metavar="NAME", help="The stage to lay over the spec.")] = None,
        resolved: Annotated[bool, typer.Option("--resolved", help="Print the spec with its defaults instead.")] = False,
        check: Annotated[bool, typer.Option("--check", help="Fail if what is written is stale.")] = False,
    ) -> None:
        """Compile a spec to template.json, template.map.json and artifact.zip."""
        commands["build"](spec, out, stage, resolved=resolved, check=check)

    @app.command()
    def lint(
        files: Annotated[list[Path] | None, typer.Argument(help="Specs and CloudFormation templates.")] = None,
        form: Annotated[Form, typer.Option("--format", help="How to report.")] = Form.text,
        strict: Annotated[bool, typer.Option("--strict", help="Fail for warnings too.")] = False,
        stage: Annotated[str | None, typer.Option(metavar="NAME", help="The one stage to look at, not all.")] = None,
        region: Annotated[str | None, typer.Option(metavar="R", help="Where templates are deployed.")] = None,
        fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended without a doubt.")] = False,
        trust: Annotated[bool, typer.Option("--trust", help="Run artifact.build and decorators.")] = False,
        no_cache: Annotated[bool, typer.Option("--no-cache", help="Remember nothing, and recall nothing.")] = False,
        time_limit: Annotated[
            int, typer.Option(metavar="SECONDS", min=1, help="How long cfn-lint may take for a template.")
        ] = 60,
    ) -> None:
        """Check specs and CloudFormation templates, by omegac's rules and by cfn-lint's."""
        if no_cache:
            os.environ["OMEGAC_MEMO"] = "off"
        how = {"stage": stage, "region": region, "trusted": trust, "seconds": time_limit}
        commands["lint"](*(files or ()), form=form.value, strict=strict, fix=fix, **how)

    @app.command()
    def explain(
        code: Annotated[
            str | None, typer.Argument(metavar="CODE", help="Such as OM2104; without it, all.", callback=_code)
        ] = None,
    ) -> None:
        """Tell what a code of a diagnostic means, why it is so, and what to do."""
        commands["explain"](code)

    @app.command()
    def schema() -> None:
        """Print the JSON Schema of omega.yaml."""
        commands["schema"]()

    @app.command()
    def userdata(
        file: Annotated[str, typer.Argument(metavar="FILE", help="The script; - for standard input.")],
        var: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="A variable of the script.")] = None,
        template: Annotated[
            Path | None, typer.Option(metavar="T", help="Hold its names against a template.", parser=path_named)
        ] = None,
        base64: Annotated[bool, typer.Option("--base64", help="Put the result into Fn::Base64.")] = False,
        reverse: Annotated[bool, typer.Option("--reverse", help="Turn a template or Fn::Join to a script.")] = False,
        resource: Annotated[str | None, typer.Option(metavar="ID", help="With --reverse: whose userdata.")] = None,
    ) -> None:
        """Convert a script with inline intrinsics to Fn::Join, or back."""
        if reverse and (var or template or base64):
            raise typer.BadParameter("--reverse goes with no other option but --resource")
        if resource and not reverse:
            raise typer.BadParameter("--resource goes with --reverse")
        if reverse:
            commands["reverse"](file, resource)
        else:
            commands["userdata"](file, _variables(var or []), template, base64=base64)

    add_stack_commands(app, commands)
    add_running_commands(app, commands)
    return app


def _variables(given: list[str]) -> dict[str, Any]:
    """`NAME=VALUE`: the value is JSON where it is a mapping, a list, a number or a boolean, and else text."""
    variables: dict[str, Any] = {}
    for each in given:
        name, equals, text = each.partition("=")
        if not equals or not name.isidentifier():
            raise typer.BadParameter(f"{each} is not NAME=VALUE")
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = text
        variables[name] = text if value is None or isinstance(value, str) else value
    return variables


def _code(text: str | None) -> str | None:
    from omegac.explain import UnknownCode, code_of

    try:
        return code_of(text) if text is not None else None
    except UnknownCode as unknown:
        raise typer.BadParameter(str(unknown)) from unknown


def _version(wanted: bool) -> Any:
    if wanted:
        typer.echo(f"omegac {__version__}")
        raise typer.Exit
