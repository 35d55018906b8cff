"""What the command line takes: each command's arguments and options, handed to the function that does it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from enum import StrEnum, auto
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from omegac import __version__


class Form(StrEnum):
    """How `lint` reports."""

    text = auto()
    json = auto()
    sarif = auto()
    junit = auto()
    github = auto()


class StackForm(StrEnum):
    """How the commands on stacks report."""

    text = auto()
    json = auto()


DEFAULT_SPEC = Path("omega.yaml")

SpecOption: TypeAlias = Annotated[Path, typer.Argument(help="The spec.")]
StageOption: TypeAlias = Annotated[str | None, typer.Option(metavar="NAME", help="The stage to lay over the spec.")]
StackOption: TypeAlias = Annotated[
    str | None, typer.Option(metavar="NAME", help="The stack; without it, that of the stage.")
]
RegionOption: TypeAlias = Annotated[
    str | None, typer.Option(metavar="R", help="The region; without it, the stage's, or AWS's configuration.")
]
ProfileOption: TypeAlias = Annotated[str | None, typer.Option(metavar="P", help="The profile of AWS's configuration.")]
BucketOption: TypeAlias = Annotated[
    str | None, typer.Option(metavar="B", help="The bucket for artifacts; without it, omegac's own, made after asking.")
]
ParamOption: TypeAlias = Annotated[
    list[str] | None, typer.Option("--param", metavar="NAME=VALUE", help="The value of a parameter.")
]
ParamsFileOption: TypeAlias = Annotated[
    Path | None, typer.Option("--params-file", metavar="F", help="A file of parameters, YAML or JSON.")
]
RoleOption: TypeAlias = Annotated[
    str | None, typer.Option("--role-arn", metavar="ARN", help="The role that CloudFormation works with.")
]
TagOption: TypeAlias = Annotated[
    list[str] | None, typer.Option("--tag", metavar="KEY=VALUE", help="A tag on the stack, and all in it.")
]
YesOption: TypeAlias = Annotated[bool, typer.Option("--yes", help="Agree to what is asked, but to no loss of data.")]
LossOption: TypeAlias = Annotated[
    list[str] | None, typer.Option("--accept-loss", metavar="ID", help="Agree to the loss of what a resource holds.")
]
FormOption: TypeAlias = Annotated[StackForm, typer.Option("--format", help="How to report.")]
DetailOption: TypeAlias = Annotated[
    bool, typer.Option("--detailed-exitcode", help="Exit with 5 where there is a change.")
]


def parse(  # noqa: C901 (it is as complex as all commands together, each of which is simple)
    arguments: list[str], commands: Mapping[str, Callable[..., None]]
) -> None:
    """Calls the command that the arguments name. Raises typer's own exceptions for arguments that make no sense."""
    app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)

    @app.callback(help="Compiles omega.yaml to CloudFormation that runs one artifact on AWS Lambda and on EC2.")
    def omegac(
        version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_version)] = False,
    ) -> None:
        del version

    @app.command()
    def build(
        spec: Annotated[Path, typer.Argument(help="The spec.")] = DEFAULT_SPEC,
        out: Annotated[Path | None, typer.Option(metavar="DIR", help="Where to write; build, beside the spec.")] = None,
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
        template: Annotated[Path | None, typer.Option(metavar="T", help="Hold its names against a template.")] = None,
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

    _add_stack_commands(app, commands)
    app(arguments, prog_name="omegac", standalone_mode=False)


def _add_stack_commands(app: typer.Typer, commands: Mapping[str, Callable[..., None]]) -> None:
    """The commands that work on stacks."""

    @app.command()
    def deploy(
        spec: SpecOption = DEFAULT_SPEC,
        stack: StackOption = None,
        stage: StageOption = None,
        region: RegionOption = None,
        profile: ProfileOption = None,
        bucket: BucketOption = None,
        param: ParamOption = None,
        params_file: ParamsFileOption = None,
        role_arn: RoleOption = None,
        tag: TagOption = None,
        yes: YesOption = False,
        accept_loss: LossOption = None,
        plan: Annotated[bool, typer.Option("--plan", help="Stop with the change set made and shown.")] = False,
        change_set: Annotated[
            str | None, typer.Option("--change-set", metavar="NAME", help="Execute this one, which was planned before.")
        ] = None,
        no_rollback: Annotated[bool, typer.Option("--no-rollback", help="Leave what fails as it is.")] = False,
        skip: Annotated[
            list[str] | None, typer.Option("--skip", metavar="ID", help="What a blocked rollback leaves as it is.")
        ] = None,
        adopt: Annotated[bool, typer.Option("--adopt", help="Take over a stack that is not this service's.")] = False,
        detailed_exitcode: DetailOption = False,
        form: FormOption = StackForm.text,
    ) -> None:
        """Build, show what would change, ask, deploy, and follow to the end."""
        if change_set and (plan or param or params_file or tag or role_arn or bucket):
            raise typer.BadParameter("--change-set goes with no option that says what to plan")
        commands["deploy"](
            form.value,
            spec=spec,
            stack=stack,
            stage=stage,
            region=region,
            profile=profile,
            bucket=bucket,
            parameters=_pairs(param, "--param"),
            parameters_file=params_file,
            role=role_arn,
            tags=_pairs(tag, "--tag"),
            yes=yes,
            accept_loss=accept_loss or (),
            plan=plan,
            change_set=change_set,
            rollback=not no_rollback,
            skip=skip or (),
            adopt=adopt,
            detailed_exitcode=detailed_exitcode,
        )

    @app.command()
    def diff(
        spec: SpecOption = DEFAULT_SPEC,
        stack: StackOption = None,
        stage: StageOption = None,
        region: RegionOption = None,
        profile: ProfileOption = None,
        bucket: BucketOption = None,
        param: ParamOption = None,
        params_file: ParamsFileOption = None,
        yes: YesOption = False,
        template_only: Annotated[
            bool, typer.Option("--template-only", help="Compare the templates alone: nothing is written anywhere.")
        ] = False,
        detailed_exitcode: DetailOption = False,
        form: FormOption = StackForm.text,
    ) -> None:
        """Show what a deployment would change."""
        commands["diff"](
            form.value,
            spec=spec,
            stack=stack,
            stage=stage,
            region=region,
            profile=profile,
            bucket=bucket,
            parameters=_pairs(param, "--param"),
            parameters_file=params_file,
            yes=yes,
            template_only=template_only,
            detailed_exitcode=detailed_exitcode,
        )

    @app.command()
    def publish(
        spec: SpecOption = DEFAULT_SPEC,
        stage: StageOption = None,
        region: RegionOption = None,
        profile: ProfileOption = None,
        bucket: BucketOption = None,
        yes: YesOption = False,
        form: FormOption = StackForm.text,
    ) -> None:
        """Send the artifact to its bucket, and print the parameters to deploy the template with."""
        commands["publish"](form.value, spec=spec, stage=stage, region=region, profile=profile, bucket=bucket, yes=yes)

    def of_stack(name: str, help_: str) -> None:
        def command(
            spec: SpecOption = DEFAULT_SPEC,
            stack: StackOption = None,
            stage: StageOption = None,
            region: RegionOption = None,
            profile: ProfileOption = None,
            form: FormOption = StackForm.text,
        ) -> None:
            commands[name](form.value, spec=spec, stack=stack, stage=stage, region=region, profile=profile)

        app.command(name, help=help_)(command)

    of_stack("status", "Show how a stack stands, and what the next deployment would do about it.")
    of_stack("outputs", "Print a stack's outputs.")

    @app.command()
    def events(
        spec: SpecOption = DEFAULT_SPEC,
        stack: StackOption = None,
        stage: StageOption = None,
        region: RegionOption = None,
        profile: ProfileOption = None,
        follow: Annotated[bool, typer.Option("--follow", help="Follow it to its end.")] = False,
        form: FormOption = StackForm.text,
    ) -> None:
        """Show what has happened in a stack's last operation, and why it failed if it did."""
        commands["events"](
            form.value, spec=spec, stack=stack, stage=stage, region=region, profile=profile, follow=follow
        )

    @app.command()
    def delete(
        spec: SpecOption = DEFAULT_SPEC,
        stack: StackOption = None,
        stage: StageOption = None,
        region: RegionOption = None,
        profile: ProfileOption = None,
        yes: YesOption = False,
        accept_loss: LossOption = None,
        retain: Annotated[
            list[str] | None, typer.Option("--retain", metavar="ID", help="Leave behind what could not be deleted.")
        ] = None,
        force: Annotated[bool, typer.Option("--force", help="Delete a stack that is not omegac's, too.")] = False,
        form: FormOption = StackForm.text,
    ) -> None:
        """Show what goes with a stack and what stays, ask, and delete it."""
        commands["delete"](
            form.value,
            spec=spec,
            stack=stack,
            stage=stage,
            region=region,
            profile=profile,
            yes=yes,
            accept_loss=accept_loss or (),
            retain=retain or (),
            force=force,
        )


def _pairs(given: list[str] | None, option: str) -> dict[str, str]:
    """`NAME=VALUE`, each as text."""
    pairs = [each.partition("=") for each in given or ()]
    for name, equals, _ in pairs:
        if not (name and equals):
            raise typer.BadParameter(f"{option} takes NAME=VALUE, not {name or '='}")
    return {name: value for name, _, value in pairs}


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
