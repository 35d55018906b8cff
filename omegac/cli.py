"""The command line: what each command does, exit codes, and the only place that prints."""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from omegac.diagnostics import Diagnostic, Rejected

if TYPE_CHECKING:
    from omegac.report import Format, Report
    from omegac.source import Source
    from omegac.subject import Options
    from omegac.template import Compilation

DONE, REFUSED, USAGE, BUG, INTERRUPTED = 0, 1, 2, 3, 130
_DEFAULT_SPEC = Path("omega.yaml")
_OF_THE_MACHINE = {errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOENT, errno.ENOSPC}
"""Errors that are not omegac's where they name no file: what is full, and no folder for temporary files."""
_BAR_WIDTH = 20
"""Characters of the bar that shows how much of its limit a script takes."""


class Ended(Exception):  # noqa: N818 (it says what the command did, and has said why)
    """A command that has shown what there is to show, and ends with a code of its own."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(code)


def main() -> None:
    """Runs the command that the arguments name, and exits with its code; all that is printed is UTF-8."""
    # A command ends before a collection of garbage would pay: it makes trees, and no cycles.
    gc.disable()
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


def _open_what_is_closed() -> None:
    """Opens to nowhere what was closed before omegac began, as by `>&-`; else the next file would take its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(nowhere, True)
            setattr(sys, name, os.fdopen(nowhere, mode, encoding="utf-8"))


def run(arguments: list[str]) -> int:
    """Runs a command and gives its exit code. A command and files need no parser, so none is imported for them."""
    try:
        code = _ended(arguments)
        sys.stdout.flush()
    except Rejected as rejected:
        _show(rejected.diagnostics)
        return REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _lose_output()  # the reader has gone
        return DONE
    except Exception as error:  # noqa: BLE001 (what nobody expected is a bug, and is said to be one)
        return _failed(error)
    return code


def _ended(arguments: list[str]) -> int:
    """Runs a command, and gives its exit code unless it raises why it has none."""
    try:
        if _is_plain(arguments):
            _COMMANDS[arguments[0]](*map(Path, arguments[1:]))
        else:
            _parse(arguments)
    except Ended as ended:
        return ended.code
    return DONE


def _lose_output() -> None:
    """Has what standard output does not take go nowhere: closing it must not fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_plain(arguments: list[str]) -> bool:
    """Whether the arguments are a command and files alone."""
    command, *files = arguments or [""]
    most = _PLAIN.get(command, -1)
    return len(files) <= most and not any(file.startswith("-") for file in files)


def _parse(arguments: list[str]) -> None:
    from omegac.arguments import parse

    parse(arguments, _COMMANDS)


def _failed(error: Exception) -> int:
    """A usage error shows itself; a file that cannot be written is said; all else is a bug of omegac."""
    show = getattr(error, "show", None)
    if callable(show):
        show()
        return USAGE
    if type(error).__name__ == "Abort":
        return INTERRUPTED
    if isinstance(error, OSError) and (error.filename is not None or error.errno in _OF_THE_MACHINE):
        place = f"{error.filename}: " if error.filename is not None else ""
        _say(f"omegac: {place}{error.strerror}")
        if not place:
            _lose_output()  # it may be what is full
        return REFUSED
    import traceback

    traceback.print_exc()
    _say("omegac: this is a bug of omegac; please report it with the lines above")
    return BUG


def build(
    spec: Path = _DEFAULT_SPEC,
    out: Path | None = None,
    stage: str | None = None,
    *,
    resolved: bool = False,
    check: bool = False,
) -> None:
    """`omegac build`."""
    from omegac import compiler
    from omegac.discretion import discreet, discretion

    with discretion(spec):
        if resolved:
            print(_as_yaml(compiler.bound_spec(spec, stage).document.value), end="")
            return
        compilation, warnings = compiler.compile_spec(spec, stage)
    with compilation.artifact.content:
        _show(discreet(warnings, [spec]))
        folder = out or spec.parent / "build"
        if check:
            _check(compilation, folder)
        else:
            _write(compilation, folder)


def _write(compilation: Compilation, folder: Path) -> None:
    from omegac import build as files
    from omegac.cloudformation.bounds import USERDATA_LIMIT, bounds
    from omegac.rules.template.userdata import scripts

    _refuse_folder_of_the_artifact(compilation, folder)
    files.write(compilation, folder)
    resources = len(compilation.root.value.get("Resources", {}))
    size = len(compilation.template.encode())
    _say(f"{folder / files.TEMPLATE}: {resources} resources, {size:,} bytes")
    _say(f"{folder / files.ARTIFACT}: {compilation.artifact.size:,} bytes, sha256 {compilation.artifact.sha256}")
    for name, script in scripts(compilation.body):
        most = bounds(script.value, compilation.root.value).high
        bar = "#" * min(round(_BAR_WIDTH * most / USERDATA_LIMIT), _BAR_WIDTH)
        _say(f"userdata of {name}: [{bar:-<{_BAR_WIDTH}}] {most:,} of {USERDATA_LIMIT:,} bytes at most")


def _refuse_folder_of_the_artifact(compilation: Compilation, folder: Path) -> None:
    """What a build writes must not become part of what the next one packs."""
    from omegac.diagnostics import fault

    path = compilation.spec.document.at("artifact", "path")
    if folder.resolve().is_relative_to((compilation.spec.folder / path.value).resolve()):
        message = f"{folder} lies inside of the artifact, and would become part of it"
        raise Rejected([fault("OM1301", message, path, hint="write to a folder outside, with --out")])


def _check(compilation: Compilation, folder: Path) -> None:
    from omegac import build as files

    different = files.stale(compilation, folder)
    if different:
        raise Rejected(different)


def lint(*files: Path, form: Format = "text", strict: bool = False, fix: bool = False, **how: Any) -> None:
    """`omegac lint`; `how` are the fields of `omegac.subject.Options`."""
    from omegac.discretion import discreet
    from omegac.lint import lint as linted
    from omegac.report import render
    from omegac.report.text import wants_colour
    from omegac.subject import Options

    options = Options(**how)
    chosen = files or (_DEFAULT_SPEC,)
    report = linted(chosen, options)
    if fix:
        report = _fixed(report, chosen, options)
    shown = report._replace(diagnostics=discreet(report.diagnostics, chosen))
    print(render(shown, form, colour=wants_colour(sys.stdout, os.environ)), end="")
    if any(finding.severity == "error" or strict for finding in report.diagnostics):
        raise Ended(REFUSED)


def _fixed(report: Report, files: tuple[Path, ...], options: Options) -> Report:
    """The report on the files once all has been fixed that can be, and a note for each fix."""
    from omegac.fixing import apply
    from omegac.lint import lint as linted

    notes: list[str] = []
    while applied := apply(report.diagnostics):
        notes += [f"fixed {fix.span.source.path}:{fix.span.line}:{fix.span.column}" for fix in applied]
        report = linted(files, options)
    return report._replace(notes=(*notes, *report.notes))


def _as_yaml(value: Any) -> str:
    import yaml

    class WithoutAliases(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 (a value shared in memory is written out each time)
            return True

    text: str = yaml.dump(value, Dumper=WithoutAliases, sort_keys=False, allow_unicode=True, width=100)
    return text


def explain(code: str | None) -> None:
    """`omegac explain`."""
    from omegac.explain import explained, listed

    print(listed() if code is None else explained(code), end="")


def schema() -> None:
    """`omegac schema`."""
    from omegac import schema as language

    print(language.text(), end="")


def userdata(file: str, variables: dict[str, Any], template: Path | None, *, base64: bool) -> None:
    """`omegac userdata`."""
    from omegac.conversion import converted

    converted_script, warnings = converted(_source(file), _folder(file), variables, _template(template))
    _show(warnings)
    print(_as_json({"Fn::Base64": converted_script} if base64 else converted_script))


def reverse(file: str, resource: str | None) -> None:
    """`omegac userdata --reverse`."""
    from omegac.conversion import reversed_script

    print(reversed_script(_source(file), resource), end="")


def _source(file: str) -> Source:
    from omegac.reading import decode, read

    if file == "-":
        return decode(sys.stdin.buffer.read(), "standard input")
    return read(Path(file), file, way_in='"-" in its place reads standard input')


def _folder(file: str) -> Path:
    return Path.cwd() if file == "-" else Path(file).parent


def _template(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    from omegac.load import load
    from omegac.reading import read

    template: dict[str, Any] = load(read(path, str(path)), disputes=False).value
    return template


def _as_json(value: Any) -> str:
    from omegac.emit import canonical

    return canonical(value)


def _on_stack(command: str, form: Literal["text", "json"] = "text", **options: Any) -> None:
    """The commands of `omegac.commands`; `options` are the fields of its `Options`."""
    from omegac.commands import PRODUCTS, Options, perform
    from omegac.console import talk

    _end_on_sigterm()
    streams = (sys.stdin, sys.stdout, sys.stderr)
    raise Ended(perform(command, talk(form, streams, os.environ, PRODUCTS[command]), Options(**options)))


def _local(command: str, place: Mapping[str, Any] | None = None, **options: Any) -> None:
    """The commands of `omegac.local`; `place` are the fields of its `Place`, `options` the other arguments of each."""
    from omegac import local
    from omegac.console import talk
    from omegac.discretion import discretion

    _end_on_sigterm()
    streams = (sys.stdin, sys.stdout, sys.stderr)
    write, say = (partial(print, end="", file=stream, flush=True) for stream in streams[1:])
    if place is not None:
        options["place"] = local.Place(**place)
    if "events" in options:
        options["events"] = [_source(file) for file in options["events"]]
    with discretion(Path(place["spec"]) if place else _DEFAULT_SPEC):
        raise Ended(getattr(local, command)(local.Speech(write, say, talk("text", streams, os.environ, ())), **options))


def _end_on_sigterm() -> None:
    """Has SIGTERM do what Ctrl-C does, but that nobody is asked: nothing is left half done, all that runs is ended."""
    import signal

    from omegac.deployment.talk import Terminated

    def end(*_: object) -> None:
        raise Terminated

    signal.signal(signal.SIGTERM, end)


def _show(diagnostics: Iterable[Diagnostic]) -> None:
    if diagnostics:
        from omegac.report.text import as_text, wants_colour

        print(as_text(diagnostics, colour=wants_colour(sys.stderr, os.environ)), end="", file=sys.stderr)


def _say(line: str) -> None:
    print(line, file=sys.stderr)


_ON_STACKS = ("delete", "deploy", "diff", "events", "outputs", "publish", "status")
_LOCAL = ("invoke", "sandbox", "serve")
_COMMANDS: dict[str, Callable[..., None]] = {
    "build": build,
    "explain": explain,
    "lint": lint,
    "reverse": reverse,
    "schema": schema,
    "userdata": userdata,
    **{name: partial(_on_stack, name) for name in _ON_STACKS},
    **{name: partial(_local, name) for name in _LOCAL},
}
_PLAIN = {"build": 1, "lint": 1_000_000, "schema": 0}
"""How many files a command takes that needs nothing else, and so no parser of arguments."""
