"""The commands that work on stacks: from what the command line says to one operation, its result and its exit code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from omegac import compiler
from omegac.cloud import CloudError, Expired, Unconfigured, Unreachable
from omegac.deployment.disclosure import withheld, written
from omegac.deployment.parameters import Offered, is_secret, secrets
from omegac.deployment.talk import (
    Described,
    Found,
    Happened,
    Note,
    Outcome,
    Outputs,
    Planned,
    Record,
    Result,
    Talk,
)
from omegac.diagnostics import Diagnostic, Rejected, fault
from omegac.operations.consent import Consent, Declined
from omegac.operations.following import Lost
from omegac.operations.release import Release
from omegac.operations.site import Site, Wanted, site_of, stack_of
from omegac.reading import read
from omegac.source import Traced
from omegac.spec import Spec
from omegac.template import Compilation

if TYPE_CHECKING:
    from omegac.operations.deploy import Manner

CHANGED, FAILED, INTERRUPTED = 5, 4, 130
EXIT_CODES: Mapping[Outcome, int] = {
    "done": 0,
    "unchanged": 0,
    "planned": 0,
    "declined": 1,
    "refused": 1,
    "failed": FAILED,
    "cancelled": INTERRUPTED,
    "interrupted": INTERRUPTED,
    "detached": INTERRUPTED,
    "lost": 1,
}
PRODUCTS: Mapping[str, tuple[type[Record], ...]] = {
    "delete": (Planned,),
    "deploy": (Outputs,),
    "diff": (Planned,),
    "events": (Happened,),
    "outputs": (Outputs,),
    "publish": (Outputs,),
    "status": (Described, Outputs),
}
"""The records that each command is run for, and writes to standard output."""


class Options(NamedTuple):
    """What the command line says; each command takes what concerns it."""

    spec: Path
    stage: str | None = None
    stack: str | None = None
    region: str | None = None
    profile: str | None = None
    bucket: str | None = None
    parameters: Mapping[str, str] = {}
    parameters_file: Path | None = None
    role: str | None = None
    tags: Mapping[str, str] = {}
    yes: bool = False
    accept_loss: Sequence[str] = ()
    plan: bool = False
    change_set: str | None = None
    rollback: bool = True
    skip: Sequence[str] = ()
    adopt: bool = False
    template_only: bool = False
    follow: bool = False
    force: bool = False
    retain: Sequence[str] = ()
    detailed_exitcode: bool = False

    @property
    def wanted(self) -> Wanted:
        """Where to work."""
        return Wanted(self.stack, self.region, self.profile)


def perform(command: str, talk: Talk, options: Options) -> int:
    """Runs a command to its end, says its result, and gives the exit code."""
    try:
        result = COMMANDS[command](talk, options)
    except Lost as lost:
        talk.say(Found(lost.diagnostics[0]))
        result = Result(command, _stack(options), "lost")
    except Rejected as rejected:
        result = _refused(command, talk, options, rejected.diagnostics)
    except CloudError as error:
        result = _refused(command, talk, options, [said_by(error)])
    except Declined:
        result = Result(command, _stack(options), "declined")
    except KeyboardInterrupt:
        result = Result(command, _stack(options), "interrupted")
    except Exception:
        # A program that reads the records must hear of the end, whatever it was.
        talk.say(Result(command, options.stack or "", "refused"))
        raise
    talk.say(result)
    changed = result.outcome == "planned" or (result.outcome == "done" and command == "deploy")
    return CHANGED if changed and options.detailed_exitcode else EXIT_CODES[result.outcome]


def _refused(command: str, talk: Talk, options: Options, diagnostics: Sequence[Diagnostic]) -> Result:
    shown, texts = withheld(options.spec, diagnostics)
    _hide(talk, texts)
    for diagnostic in shown:
        talk.say(Found(diagnostic))
    return Result(command, _stack(options), "refused")


def _hide(talk: Talk, texts: Iterable[str]) -> None:
    for text in texts:
        talk.hide(text)


def _stack(options: Options) -> str:
    """The stack's name, given or its stage's; empty where nothing tells."""
    try:
        return options.stack or stack_of(_staged(options))
    except Rejected:
        return ""


def said_by(error: CloudError) -> Diagnostic:
    """What AWS, or the way to it, says, with the way out."""
    if isinstance(error, Expired):
        hint = "log in anew, as with `aws sso login`, or choose others with --profile or AWS_PROFILE"
        return fault("OM6001", str(error), hint=hint)
    if isinstance(error, Unconfigured):
        hint = "set AWS_REGION and AWS_PROFILE, or name them with --region and --profile"
        if "endpoint" in error.message:
            hint = "AWS_ENDPOINT_URL, where it is set, is the address of a local cloud, such as http://localhost:4566"
        return fault("OM6001", str(error), hint=hint)
    if isinstance(error, Unreachable):
        hint = "look at the network and at AWS_ENDPOINT_URL, and run it again: nothing is done twice"
        return fault("OM6009", f"{error.operation}: {error}", hint=hint)
    return fault("OM6008", f"{error.operation}: {error}")


def _deploy(talk: Talk, options: Options) -> Result:
    from omegac.operations.deploy import deploy, of_change_set, of_release

    if options.change_set:
        spec = compiler.bound_spec(options.spec, options.stage)
        _hide(talk, written(spec.document))
        site = site_of(options.wanted, spec, _consent(talk, options))
        subject = of_change_set(str(spec.service.value), options.change_set, spec.folder)
        return deploy(site, subject, _manner(options, spec))
    with _release(talk, options) as release:
        spec = release.compilation.spec
        site = site_of(options.wanted, spec, _consent(talk, options))
        return deploy(site, of_release(release), _manner(options, spec))


def _manner(options: Options, spec: Spec) -> Manner:
    from omegac.operations.deploy import Manner

    protect = spec.deployment.get("protect") if spec.deployment else None
    return Manner(
        plan_only=options.plan,
        rollback=options.rollback,
        skip=options.skip,
        adopt=options.adopt,
        protect=None if protect is None else bool(protect.value),
    )


def _diff(talk: Talk, options: Options) -> Result:
    from omegac.operations.diff import diff, diff_templates

    with _release(talk, options) as release:
        site = site_of(options.wanted, release.compilation.spec, _consent(talk, options))
        return diff_templates(site, release) if options.template_only else diff(site, release)


def _publish(talk: Talk, options: Options) -> Result:
    from omegac.operations.publish import publish

    with _release(talk, options) as release:
        wanted = options.wanted._replace(stack=options.stack or "")
        site = site_of(wanted, release.compilation.spec, _consent(talk, options))
        published = publish(release.compilation, site.cloud, site.consent, release.bucket, release.bucket_owner)
        if "TemplateURL" in published.template:
            talk.say(Note(f"the template is at {published.template['TemplateURL']}"))
        talk.say(Outputs("", published.parameters))
        return Result("publish", "", "done")


def _status(talk: Talk, options: Options) -> Result:
    from omegac.operations.inspection import status

    return status(_site(talk, options))


def _outputs(talk: Talk, options: Options) -> Result:
    from omegac.operations.inspection import outputs

    return outputs(_site(talk, options))


def _events(talk: Talk, options: Options) -> Result:
    from omegac.operations.inspection import events

    return events(_site(talk, options), options.spec.parent, follow_on=options.follow)


def _delete(talk: Talk, options: Options) -> Result:
    from omegac.operations.delete import Deletion, delete

    deletion = Deletion(options.force, options.retain, options.spec.parent)
    return delete(_site(talk, options), deletion)


COMMANDS: Mapping[str, Callable[[Talk, Options], Result]] = {
    "delete": _delete,
    "deploy": _deploy,
    "diff": _diff,
    "events": _events,
    "outputs": _outputs,
    "publish": _publish,
    "status": _status,
}


def _site(talk: Talk, options: Options) -> Site:
    """The site of a command that needs a spec for the names of its stages alone."""
    spec = _staged(options)
    _hide(talk, written(spec.document) if spec else ())
    return site_of(options.wanted, spec, _consent(talk, options))


def _staged(options: Options) -> Spec | None:
    """The spec with its stage; None where there is no stage."""
    return compiler.bound_spec(options.spec, options.stage) if options.stage else None


def _consent(talk: Talk, options: Options) -> Consent:
    return Consent(talk, options.yes, frozenset(options.accept_loss))


@contextmanager
def _release(talk: Talk, options: Options) -> Iterator[Release]:
    """The spec compiled, and held against the values that were given for its parameters."""
    compilation, warnings = compiler.compile_spec(options.spec, options.stage)
    with compilation.artifact.content:
        _hide(talk, written(compilation.spec.document))
        for warning in warnings:
            talk.say(Found(warning))
        deployment = compilation.spec.deployment
        bucket, owner = (deployment.get(key) if deployment else None for key in ("bucket", "bucket_owner"))
        release = Release(
            compilation,
            Offered(
                options.parameters,
                deployment.get("parameters") if deployment else None,
                _of_file(options, compilation),
            ),
            options.bucket or (bucket.value if bucket else None),
            owner.value if owner else None,
            options.role,
            options.tags,
        )
        _hide(talk, secrets(compilation.root.value, release.offered))
        release.check()
        yield release


def _of_file(options: Options, compilation: Compilation) -> Traced | None:
    """The values of the file of parameters, if there is one."""
    if options.parameters_file is None:
        return None
    from omegac.deployment.parameter_file import parameters_in

    parameters = compilation.root.value.get("Parameters", {})
    secret = [name for name, parameter in parameters.items() if is_secret(parameter)]
    return parameters_in(read(options.parameters_file, str(options.parameters_file)), secret)
