"""What becomes of one input of `fuzz`: compiled as `omegac lint` does it, with all that must hold whatever is found."""

from __future__ import annotations

import faulthandler
import json
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import chdir, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, TypeAlias, get_args

from omegac.compiler import compiled_unbuilt, stages_of, template_body
from omegac.conversion import converted, reversed_script
from omegac.diagnostics import Diagnostic, Rejected
from omegac.fixing import apply
from omegac.load import load
from omegac.reading import read
from omegac.report import Format, Report, render
from omegac.rules import of_service, of_template
from omegac.source import Source

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 10
"""How often fixes may be followed by others."""

SCRIPT = '#!/bin/bash\n{ "Ref" : "Greetings" } { "Fn::GetAtt" : [ "Database" , "Endpoint.Address" ] } ${Greetings}\n'

Files: TypeAlias = dict[str, bytes]
"""Files by their names."""

Attempt: TypeAlias = Callable[[], list[Diagnostic]]
"""Something that omegac is asked: it gives what was found, or raises `Rejected`."""


class Input(NamedTuple):
    """A folder of the checkout, and what of it is changed."""

    folder: str
    main: str
    """The spec or the template."""
    files: Files


class Verdict(NamedTuple):
    """What became of an input."""

    outcome: str
    """`compiled` if every pass accepted it, else `refused`; or how it failed: the same words for the same fault."""
    codes: tuple[str, ...] = ()
    detail: str = ""

    @property
    def failed(self) -> bool:
        """Whether omegac did what it must never do."""
        return self.outcome not in ("compiled", "refused")


class Broken(Exception):  # noqa: N818 (it says what a promise is)
    """Something that must hold for any input does not."""


def judge(seconds: float) -> None:
    """One line of JSON with a verdict for each line of JSON with an input; ends itself at one that takes longer."""
    faulthandler.enable()
    with TemporaryDirectory() as scratch:
        for line in sys.stdin:
            folder, main, files = json.loads(line)
            given = Input(folder, main, {name: text.encode("latin-1") for name, text in files.items()})
            # Not by a signal, which would wait for whatever in C hangs.
            faulthandler.dump_traceback_later(seconds, exit=True)
            verdict = judged(given, Path(scratch))
            faulthandler.cancel_dump_traceback_later()
            sys.stdout.write(json.dumps(verdict) + "\n")
            sys.stdout.flush()


def judged(given: Input, scratch: Path) -> Verdict:
    """The verdict on an input, whose folder is laid out below another."""
    codes: set[str] = set()
    outcome = "compiled"
    with chdir(laid_out(given, scratch)):
        try:
            for attempt in attempts(Path(given.main)):
                found, accepted = asked(attempt)
                codes |= {diagnostic.code for diagnostic in found}
                check_placed(found)
                check_rendered(given.main, found)
                check_fixed(attempt, found)
                outcome = outcome if accepted else "refused"
        except Broken as error:
            return Verdict(str(error), tuple(sorted(codes)))
        except Exception as error:  # noqa: BLE001 (whatever it is, it is what is looked for)
            return Verdict(f"{type(error).__name__} in {where(error)}", tuple(sorted(codes)), traceback.format_exc())
    return Verdict(outcome, tuple(sorted(codes)))


def laid_out(given: Input, scratch: Path) -> Path:
    """A folder with an input's files; inputs of one folder follow each other in it."""
    folder = scratch / given.folder.replace("/", "-").replace(".", "root")
    if not folder.exists():
        copy_around(given, folder)
    for name, raw in given.files.items():
        (folder / name).write_bytes(raw)
    return folder


def copy_around(given: Input, folder: Path) -> None:
    """What else there is in an input's folder; in that of the checkout the artifact alone counts."""
    source, target = (ROOT / "app", folder / "app") if given.folder == "." else (ROOT / given.folder, folder)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "build"))


def attempts(main: Path) -> Iterator[Attempt]:
    """What there is to ask: every stage of a spec, or a template with all that is done to templates."""
    if main.name != "omega.yaml":
        yield partial(ruled, main)
        yield partial(beside, partial(reverse, main))
        yield partial(beside, partial(convert, main))
        return
    names: list[str | None] = []
    with suppress(Rejected):  # compiling will be refused for the same reason
        names += stages_of(main)
    for name in names or [None]:
        yield partial(compiled, main, name)


def compiled(main: Path, stage: str | None) -> list[Diagnostic]:
    """What the rules find in what a spec compiles to."""
    return list(of_service(compiled_unbuilt(main, stage)))


def ruled(main: Path) -> list[Diagnostic]:
    """What the rules find in a template."""
    return list(of_template(template_body(main)))


def beside(ask: Callable[[], object]) -> list[Diagnostic]:
    """What is refused of something that most templates are not made for, so that it counts for no refusal."""
    try:
        ask()
    except Rejected as rejected:
        return list(rejected.diagnostics)
    return []


def reverse(main: Path) -> None:
    """The template's userdata as a script."""
    reversed_script(read(main, main.name), None)


def convert(main: Path) -> None:
    """A script held against a template."""
    template = load(read(main, main.name), disputes=False)
    converted(Source("start.sh", SCRIPT), Path(), {}, template.value)


def asked(attempt: Attempt) -> tuple[list[Diagnostic], bool]:
    """What was found, and whether every pass accepted it."""
    try:
        found = attempt()
    except Rejected as rejected:
        if not rejected.diagnostics:
            raise Broken("refused without a diagnostic") from rejected
        return list(rejected.diagnostics), False
    return found, True


def check_placed(found: list[Diagnostic]) -> None:
    """Every diagnostic has a place, and every span lies in a source that has a path."""
    for diagnostic in found:
        if diagnostic.span is None:
            raise Broken(f"{diagnostic.code} without a place")
        fixed = [diagnostic.fix.span] if diagnostic.fix else []
        for span in (diagnostic.span, *(related.span for related in diagnostic.related), *fixed):
            if not span.source.path or not 0 <= span.start <= span.end <= len(span.source.text):
                raise Broken(f"{diagnostic.code} with a place that is none")


def check_rendered(main: str, found: list[Diagnostic]) -> None:
    """Every format takes every diagnostic, and is what it says it is."""
    from xml.parsers import expat

    report = Report((main,), tuple(found))
    for form in get_args(Format):
        encoded = render(report, form).encode("utf-8", "backslashreplace")  # as `cli` prints it
        if form in ("json", "sarif"):
            json.loads(encoded)
        elif form == "junit":
            expat.ParserCreate().Parse(encoded, True)


def check_fixed(attempt: Attempt, found: list[Diagnostic]) -> None:
    """Fixes are followed by others for a while at most."""
    for _ in range(ROUNDS):
        if not apply(found):
            return
        found, _accepted = asked(attempt)
    raise Broken("fixes without an end")


def where(error: BaseException) -> str:
    """The innermost function of omegac's own that an exception went through."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(f"{ROOT / 'omegac'}{os.sep}")]
    return f"{Path(own[-1].filename).relative_to(ROOT).as_posix()}:{own[-1].name}" if own else "none of omegac"
