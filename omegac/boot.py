"""What a server's script is rendered from: the template that the spec names, and the names that it may use."""

from __future__ import annotations

import shlex
from base64 import b64encode
from collections.abc import Iterator
from functools import partial
from typing import Any

from omegac.cloudformation.intrinsics import is_intrinsic
from omegac.command import words_of
from omegac.construct import ARTIFACT_BUCKET, Image, Plan, program_text
from omegac.diagnostics import Diagnostic, Rejected, fault
from omegac.source import Excerpt, Origin, Source, Traced, derived, settle
from omegac.spec import Entry
from omegac.userdata.library import SHIPPED, Library
from omegac.userdata.script import Script, compile_script

_BUILT_IN = f"{SHIPPED}server.sh"


def boot_script(entry: Entry, plan: Plan, group: str) -> Script:
    """The script of a server's instances; `group` is the logical id that it signals for."""
    library = Library(plan.spec.folder)
    use = entry.get("userdata")
    at = (use or entry.body).origin
    template = _template(use, library)
    return compile_script(template, _variables(entry, plan, group), library.find, at)


def _template(use: Traced | None, library: Library) -> Source:
    if use is None:
        return library.find(_BUILT_IN)
    if isinstance(use.value, str):
        return _found(library, use)
    given = [key for key in ("template", "script") if key in use.value]
    if len(given) > 1:
        message = "userdata has a template or a script, not both"
        raise Rejected([fault("OM1110", message, use.at("script"), at_key=True)])
    if given == ["script"]:
        script = use.at("script")
        span = script.origin.span
        return Excerpt(script.value, span) if span else Source("script", script.value)
    return _found(library, use.at("template")) if given else library.find(_BUILT_IN)


def _found(library: Library, name: Traced) -> Source:
    try:
        return library.find(name.value)
    except Rejected as rejected:
        raise Rejected(map(partial(_named_at, name.origin), rejected.diagnostics)) from rejected


def _named_at(name: Origin, diagnostic: Diagnostic) -> Diagnostic:
    """What is wrong with a file, and where that is named; for one that is not there, that is the place."""
    own = diagnostic.origin
    return diagnostic._replace(origin=own._replace(parents=(*own.parents, name)) if own else name)


def _variables(entry: Entry, plan: Plan, group: str) -> Traced:
    """The built-in names and the user's own. Raises `Rejected` where one of the user's is taken."""
    names = dict(_built_in(entry, plan, group))
    use = entry.get("userdata")
    own = use.get("vars") if use and isinstance(use.value, dict) else None
    hint = "choose another name"
    taken = [
        fault("OM1203", f'"{name}" is a name of omegac\'s own in userdata', value, hint=hint, at_key=True)
        for name, value in (own.items() if own else ())
        if name in names
    ]
    if taken:
        raise Rejected(taken)
    return settle(names | dict(own.items() if own else ()), entry.origin)


def _built_in(entry: Entry, plan: Plan, group: str) -> Iterator[tuple[str, Any]]:
    image = plan.facts.one(Image)
    packages, health_check = entry.get("packages"), entry.get("health_check")
    signal = entry.at("signal")
    yield "Command", _command(entry.at("command"))
    yield "Digest", plan.artifact_sha256
    yield "Environment", _environment(entry.get("environment"))
    yield "Family", derived(image.family if image else "", entry.at("ami"))
    yield "HealthCheck", health_check or ""
    yield "Init", _init(entry.at("init"), image)
    yield "Packages", packages or []
    yield "Port", entry.at("port")
    yield "Release", derived(image.release if image else "", entry.at("ami"))
    yield "S3Bucket", {"Ref": ARTIFACT_BUCKET}
    yield "S3Key", plan.artifact_key
    yield "ServerName", derived(entry.name, entry.origin)
    yield "ServiceName", plan.spec.service
    yield "Signal", derived(signal.value not in ("off", False), signal)
    yield "SignalResource", derived(group, entry.origin)
    if plan.spec.stage is not None:
        yield "Stage", derived(plan.spec.stage, plan.spec.document)


def _init(init: Traced, image: Image | None) -> Traced:
    if init.value == "supervisord" and image and image.family == "amazon-linux":
        hint = "use systemd, or an image of Ubuntu"
        raise Rejected([fault("OM1110", "Amazon Linux has no package of supervisord", init, hint=hint)])
    return init


def _command(command: Traced) -> Traced:
    """The words of the command, quoted for a shell that must take each as it is."""
    words = words_of(command)
    if "=" in words[0]:
        message = f'"{words[0]}" would be taken for a variable, as it has a ='
        raise Rejected([fault("OM1106", message, command, hint="variables go under `environment`")])
    return derived(shlex.join(words), command, *(command.elements() if isinstance(command.value, list) else ()))


def _environment(environment: Traced | None) -> list[list[Any]]:
    """Each variable's name and its value in base64, which no shell can take for anything else."""
    return [
        [derived(name, value), _encoded(value)] for name, value in sorted(environment.items() if environment else ())
    ]


def _encoded(value: Traced) -> Any:
    if is_intrinsic(value.value):
        return settle({"Fn::Base64": value}, value.origin)
    return derived(b64encode(program_text(value.value).encode()).decode(), value)
