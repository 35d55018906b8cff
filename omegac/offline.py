"""The commands that need nothing but files: they build, check and convert, explain and print."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegac.diagnostics import Rejected
from omegac.ending import REFUSED, Ended
from omegac.streams import given, say, show

if TYPE_CHECKING:
    from omegac.report import Format, Report
    from omegac.subject import Options
    from omegac.template import Compilation

DEFAULT_SPEC = Path("omega.yaml")
_BAR_WIDTH = 20
"""Characters of the bar that shows how much of its limit a script takes."""


def build(
    spec: Path = DEFAULT_SPEC,
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
        show(discreet(warnings, [spec]))
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
    say(f"{folder / files.TEMPLATE}: {resources} resources, {size:,} bytes")
    say(f"{folder / files.ARTIFACT}: {compilation.artifact.size:,} bytes, sha256 {compilation.artifact.sha256}")
    for name, script in scripts(compilation.body):
        most = bounds(script.value, compilation.root.value).high
        bar = "#" * min(round(_BAR_WIDTH * most / USERDATA_LIMIT), _BAR_WIDTH)
        say(f"userdata of {name}: [{bar:-<{_BAR_WIDTH}}] {most:,} of {USERDATA_LIMIT:,} bytes at most")


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
    chosen = files or (DEFAULT_SPEC,)
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

    converted_script, warnings = converted(given(file), _folder(file), variables, _template(template))
    show(warnings)
    print(_as_json({"Fn::Base64": converted_script} if base64 else converted_script))


def reverse(file: str, resource: str | None) -> None:
    """`omegac userdata --reverse`."""
    from omegac.conversion import reversed_script

    print(reversed_script(given(file), resource), end="")


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
