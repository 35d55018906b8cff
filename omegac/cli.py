"""The command line: which command the arguments name, what it is given, and the exit code that it comes to."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

from omegac import offline
from omegac.ending import Ended, code_of, heed_signals
from omegac.streams import given, prepare, say


def main() -> None:
    """Runs the command that the arguments name, and exits with its code; all that is printed is UTF-8."""
    # A command ends before a collection of garbage would pay: it makes trees, and no cycles.
    gc.disable()
    prepare()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Runs a command and gives its exit code."""
    return code_of(partial(_run, arguments))


def _run(arguments: list[str]) -> None:
    """Runs a command. One that is given files alone needs no parser, so none is imported for it."""
    if _is_plain(arguments):
        _COMMANDS[arguments[0]](*map(Path, arguments[1:]))
        return
    from omegac.arguments import parse

    # Out of the parser's sight, which takes for itself what becomes of the streams while a command runs.
    for command in parse(arguments, _COMMANDS):
        command()


def _is_plain(arguments: list[str]) -> bool:
    """Whether the arguments are a command and files alone."""
    command, *files = arguments or [""]
    most = _PLAIN.get(command, -1)
    return len(files) <= most and not any(file.startswith("-") for file in files)


def _on_stack(command: str, form: Literal["text", "json"] = "text", **options: Any) -> None:
    """The commands of `omegac.commands`; `options` are the fields of its `Options`."""
    from omegac.commands import PRODUCTS, Options, perform
    from omegac.console import talk

    heed_signals()
    streams = (sys.stdin, sys.stdout, sys.stderr)
    raise Ended(perform(command, talk(form, streams, os.environ, PRODUCTS[command]), Options(**options)))


def _local(command: str, place: Mapping[str, Any] | None = None, **options: Any) -> None:
    """The commands of `omegac.local`; `place` are the fields of its `Place`, `options` the other arguments of each."""
    from omegac import local
    from omegac.console import talk
    from omegac.discretion import discretion

    heed_signals()
    streams = (sys.stdin, sys.stdout, sys.stderr)
    speech = local.Speech(
        partial(print, end="", flush=True), partial(say, end=""), talk("text", streams, os.environ, ())
    )
    if place is not None:
        options["place"] = local.Place(**place)
    if "events" in options:
        options["events"] = [given(file) for file in options["events"]]
    with discretion(Path(place["spec"]) if place else offline.DEFAULT_SPEC):
        raise Ended(getattr(local, command)(speech, **options))


_ON_STACKS = ("delete", "deploy", "diff", "events", "outputs", "publish", "status")
_LOCAL = ("invoke", "sandbox", "serve")
_COMMANDS: dict[str, Callable[..., None]] = {
    "build": offline.build,
    "explain": offline.explain,
    "lint": offline.lint,
    "reverse": offline.reverse,
    "schema": offline.schema,
    "userdata": offline.userdata,
    **{name: partial(_on_stack, name) for name in _ON_STACKS},
    **{name: partial(_local, name) for name in _LOCAL},
}
_PLAIN = {"build": 1, "lint": 1_000_000, "schema": 0}
"""How many files a command takes that needs nothing else, and so no parser of arguments."""
