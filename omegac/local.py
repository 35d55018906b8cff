"""The commands that run a service: in a local cloud, on this machine, or, of a function, where it is deployed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from shutil import which
from typing import NamedTuple, NoReturn

from omegac import compiler
from omegac.deployment.talk import Found, Talk
from omegac.diagnostics import Diagnostic, Rejected, fault, suggestion
from omegac.source import Source
from omegac.spec import SECTIONS, Entry, Kind, Spec

DONE, FAILED = 0, 1
_NOT_RUN = 127
"""The code where a command is not there, as shells have it."""
_OF_SIGNALS = 128
"""A command that a signal ended has this and the signal's number as its code, as shells have it."""
_EVENT_LIMIT = 6_291_456
"""Bytes of an event (AWS Lambda, Quotas, invocation payload: 6 MB each for request and response, synchronous)."""
_MOST_SAID = 1000
"""Characters of an error that are said again: all of it is the answer."""
_CONSTANT = re.compile(r'"(?:[^"\\]|\\.)*"|NaN|-?Infinity')
"""A number that no JSON has, or a string, in which it is none."""
_LOGGED = "its log has the line; standard output has the shape of the error, as its caller gets it"
_WAYS_OUT = {
    "Function.ResponseSizeTooLarge": "let it put what is large into S3, and answer where it is",
    "Runtime.OutOfMemory": "its `memory` has to hold all that it keeps at a time",
    "Sandbox.Timedout": "its `timeout` has to cover what it waits for",
}
"""By what Lambda calls an error, what helps where the log has no line of it."""
_NO_AWS = """\
this is a local cloud, and not AWS: it launches no instances, asks for no capabilities, waits for no signals of
instances, and enforces no policies of IAM
"""


class Speech(NamedTuple):
    """Where what is said goes."""

    write: Callable[[str], None]
    """What the command is run for, to standard output."""
    say: Callable[[str], None]
    """All else, to standard error."""
    talk: Talk
    """Who shows diagnostics."""

    def show(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Shows what was found."""
        for diagnostic in diagnostics:
            self.talk.say(Found(diagnostic))


class Place(NamedTuple):
    """Which spec, and what is told of where it runs."""

    spec: Path
    stage: str | None = None
    stack: str | None = None
    """The stack that has it; None for this machine."""
    region: str | None = None
    profile: str | None = None
    variables: Mapping[str, str] = {}
    """Values of variables, by --env."""


class _Call(NamedTuple):
    """What is invoked, and with which events."""

    name: str
    place: Place
    payloads: Sequence[bytes]


def sandbox(speech: Speech, words: Sequence[str], port: int | None, state: Path | None) -> int:
    """`omegac sandbox`: runs a command in a local cloud and gives its code, or waits until it is ended."""
    from omegac.child import Command
    from omegac.running.foreground import run
    from omegac.running.gateway import PACKAGE
    from omegac.running.local_cloud import exports, local_cloud, search_path
    from omegac.running.scratch import scratch
    from omegac.running.server import check_port

    _need(PACKAGE)
    if port:
        check_port(port)
    if words and not which(words[0], path=search_path()):
        hint = "it is run without a shell: is it installed, on the PATH, and may it be run?"
        speech.show([fault("OM6308", f"{words[0]} is no program that can be run", hint=hint)])
        return _NOT_RUN
    with (
        scratch() as folder,
        local_cloud(folder, speech.say, port, state.resolve() if state else None) as cloud,
    ):
        speech.say(_NO_AWS)
        if words:
            command = Command(words, Path(), cloud.environment, [folder.hold], foreground=True)
            code = _as_exit_code(run(command))
            cloud.check()
            return code
        speech.write(exports(cloud))
        speech.say(f"it listens on {cloud.url}; Ctrl-C ends it\n")
        cloud.child.wait()
        cloud.check()
    return DONE


def serve(speech: Speech, name: str, place: Place, port: int | None, patience: float) -> int:
    """`omegac serve`: runs a server's command from the artifact, and gives its code."""
    from omegac.running import server
    from omegac.running.evaluation import evaluation_of
    from omegac.running.scratch import scratch
    from omegac.running.unpacked import unpack
    from omegac.running.variables import left_out, of_aws, variables

    compilation, _ = compiler.compile_spec(place.spec, place.stage)
    with compilation.artifact.content, scratch() as folder:
        unpack(compilation.artifact, folder.code)
        entry = _entry(compilation.spec, "server", name)
        written = entry.get("environment")
        aws = of_aws(_region(place, compilation.spec))
        own = variables(written.value if written else {}, place.variables, evaluation_of(compilation, aws))
        speech.show(left_out(written, own))
        ready = server.served(entry, folder, own.values, aws, port)
        speech.say("".join(f"{note}\n" for note in (*own.notes, *ready.notes)))
        return _as_exit_code(server.serve(ready, lambda line: speech.say(f"{line}\n"), patience))


def invoke(speech: Speech, name: str, place: Place, events: Sequence[Source], *, as_json: bool = False) -> int:
    """`omegac invoke`: one line for each event to standard output, its result or the record of it; the log beside."""
    payloads = [_payload(event) for event in events] or [b"{}"]
    kept: list[str] = []
    code = DONE
    answers = _of_stack if place.stack else _of_function
    for payload, failed in answers(_Call(name, place, payloads), speech, kept.append if as_json else speech.say):
        text = payload.decode("utf-8", "replace")
        speech.write(f"{_record(name, place, failed=failed, payload=text, log=''.join(kept)) if as_json else text}\n")
        kept.clear()
        if failed:
            code = FAILED
            speech.show([_failure(name, text)])
    return code


def _of_function(call: _Call, speech: Speech, log: Callable[[str], None]) -> Iterator[tuple[bytes, bool]]:
    """What a function answers to each event, run here, and whether that is an error."""
    from omegac.running.evaluation import evaluation_of
    from omegac.running.function import Function
    from omegac.running.runtime_folder import CLIENT, lay_out
    from omegac.running.scratch import scratch
    from omegac.running.setting import Declared, defaulted, differences, environment_of, refuse_reserved, setting_of
    from omegac.running.unpacked import unpack
    from omegac.running.variables import left_out, of_aws, variables

    _need(CLIENT)
    name, place, payloads = call
    compilation, _ = compiler.compile_spec(place.spec, place.stage)
    with compilation.artifact.content, scratch() as folder:
        unpack(compilation.artifact, folder.code)
        entry = _entry(compilation.spec, "function", name)
        properties = compilation.root.find("Resources", entry.stem, "Properties")
        if properties is None:
            raise Rejected([fault("OM6304", f"the template has no function {entry.stem}", entry.origin)])
        aws = of_aws(_region(place, compilation.spec))
        declared = Declared(entry.stem, properties, evaluation_of(compilation, aws))
        written, said = environment_of(declared)
        refuse_reserved(written, place.variables)
        own = variables(written.value if written else {}, place.variables, declared.evaluation)
        setting = setting_of(declared, folder, own.values, aws)
        speech.show([*said, *left_out(written, own), *defaulted(declared)])
        speech.say("".join(f"{note}\n" for note in (*own.notes, *differences(declared))))
        lay_out(folder)
        with Function(setting, log) as function:
            for payload in payloads:
                done = function.invoke(payload)
                yield done.payload, done.failed


def _of_stack(call: _Call, speech: Speech, log: Callable[[str], None]) -> Iterator[tuple[bytes, bool]]:
    """What the function that a stack has answers to each event, and whether that is an error."""
    from omegac.cloud import CloudError
    from omegac.commands import said_by
    from omegac.operations.consent import Consent
    from omegac.operations.invoke import alias_of, invoke
    from omegac.operations.site import Wanted, site_of

    name, place, payloads = call
    spec = compiler.bound_spec(place.spec, place.stage)
    entry = _entry(spec, "function", name)
    try:
        site = site_of(Wanted(place.stack, place.region, place.profile), spec, Consent(speech.talk))
        alias = alias_of(site, str(spec.service.value), entry)
        for payload in payloads:
            response = invoke(site.cloud, alias, payload)
            log(f"{response.log}\n" if response.log and not response.log.endswith("\n") else response.log)
            yield response.payload, response.failed
    except CloudError as error:
        raise Rejected([said_by(error)]) from error


def _record(name: str, place: Place, *, failed: bool, payload: str, log: str) -> str:
    """What came of an event, for programs; keys may be added, and none is taken away."""
    record = {"type": "invocation", "version": 1, "function": name, "stack": place.stack, "failed": failed}
    try:
        told = json.dumps({**record, "payload": json.loads(payload), "log": log}, ensure_ascii=False, allow_nan=False)
        told.encode()
    except (RecursionError, ValueError):  # NaN, half a character, what no JSON in UTF-8 has or Python reads, stay text
        told = json.dumps({**record, "payload": payload, "log": log}, ensure_ascii=False)
    return told


def _failure(name: str, payload: str) -> Diagnostic:
    kind = None
    try:
        shape = json.loads(payload)
        kind = shape.get("errorType")
        said = ": ".join(str(shape[key]) for key in ("errorType", "errorMessage") if shape.get(key))
    except (ValueError, AttributeError, RecursionError):
        said = payload
    said = said if len(said) <= _MOST_SAID else f"{said[:_MOST_SAID]}…"
    return fault("OM6307", f"{name} has failed: {said}", hint=_WAYS_OUT.get(str(kind), _LOGGED))


def _payload(event: Source) -> bytes:
    refused = partial(_refuse, event)
    if not event.text.strip():
        raise Rejected(
            [fault("OM6306", "the event is empty", event.span(0, 0), hint="{} is an event with nothing in it")]
        )
    try:
        # How many digits a number may have is for who reads it, and so is how deep it may be.
        json.loads(event.text, parse_int=str, parse_float=str, parse_constant=refused)
    except RecursionError:
        pass
    except json.JSONDecodeError as error:
        message = f"the event is not JSON: {error.msg[0].lower()}{error.msg[1:].removesuffix(' at')}"
        raise Rejected([fault("OM6306", message, event.span(error.pos, error.pos + 1))]) from None
    payload = event.text.encode()
    if len(payload) > _EVENT_LIMIT:
        message = f"the event has {len(payload):,} bytes; Lambda takes {_EVENT_LIMIT:,}"
        raise Rejected([fault("OM6306", message, event.span(0, 0))])
    return payload


def _refuse(event: Source, constant: str) -> NoReturn:
    """Refuses what Python takes for a number of JSON, and Lambda does not."""
    # All before it is JSON, and so it is the first that stands in no string.
    places = (found.start() for found in _CONSTANT.finditer(event.text) if found[0] == constant)
    start = next(places)
    message = f"the event is not JSON: it has no {constant}"
    raise Rejected([fault("OM6306", message, event.span(start, start + len(constant)))])


def _entry(spec: Spec, kind: Kind, name: str) -> Entry:
    """The function or server of a name. Raises `Rejected` where there is none."""
    entries = {entry.name: entry for entry in spec.of(kind)}
    if name in entries:
        return entries[name]
    others = [entry.kind for entry in spec.entries if entry.name == name]
    use = {"function": "invoke", "server": "serve"}
    hint = f"it is a {others[0]}: omegac {use[others[0]]} {name}" if others else suggestion(name, entries)
    hint = hint or f"those of the spec: {', '.join(sorted(entries)) or 'none'}"
    at = spec.document.get(SECTIONS[kind])
    raise Rejected([fault("OM6304", f'there is no {kind} "{name}"', at, hint=hint, at_key=True)])


def _region(place: Place, spec: Spec) -> str | None:
    staged = spec.deployment.get("region") if spec.deployment else None
    return place.region or (str(staged.value) if staged else None)


def _need(package: str) -> None:
    """Raises `Rejected` where a package of the extra is not installed."""
    from importlib.util import find_spec

    try:
        found = find_spec(package)
    except ValueError:  # imported before, as something else
        found = None
    if found is None:
        hint = "install what runs a service on this machine: pip install 'omegac[sandbox]'"
        raise Rejected([fault("OM6301", f"{package} is not installed", hint=hint)])


def _as_exit_code(code: int) -> int:
    return code if code >= 0 else _OF_SIGNALS - code
