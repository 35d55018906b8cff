"""What the commands that work on stacks take: the options that several of them share, and each command's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum, auto
from pathlib import Path
from typing import Annotated, TypeAlias

import typer


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


def add_stack_commands(app: typer.Typer, commands: Mapping[str, Callable[..., None]]) -> None:
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
