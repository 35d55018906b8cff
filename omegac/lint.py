"""Lints files: what the passes refuse, what the rules find, and what cfn-lint does, each at its place in the source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from omegac import memo
from omegac.codes import CODES
from omegac.diagnostics import Diagnostic, Fix, Foreign, Rejected, fault
from omegac.linter import UNKNOWN_REGION, Answer, Finding, Linter
from omegac.reading import read
from omegac.report import Report
from omegac.source import Origin, Route, Traced
from omegac.subject import Options, Subject, subjects_of

_COVERED = {
    "OM1205": (
        "E1010",
        "E1011",
        "E1015",
        "E1018",
        "E1019",
        "E1020",
        "E1028",
        "E3005",
        "E6101",
        "E8002",
        "E8003",
        "E8007",
    ),
    "OM2104": ("E1010", "E1011", "E1019", "E1020"),
    "OM2204": ("E1029",),
    "OM3101": ("E2010", "E3010", "E6010", "E7010"),
    "OM3102": ("E1003", "E3012"),
    "OM4005": ("W2010",),
}
"""Rules of cfn-lint that say, less well, what one of omegac's own has said of the same place."""
_AT_KEY = ("E2001", "E3002", "E6001", "E7001", "E8001", "W2001", "W7001", "W8001")
"""Rules of cfn-lint whose route ends at a key that should not be there, or that nothing uses."""


def lint(files: Sequence[Path], options: Options) -> Report:
    """Lints files, all faults of all of them; what an error of one file is does not keep the others from it."""
    linter = Linter(options.seconds)
    texts = [_seen_key(path, options) for path in files]
    try:
        linter.start(sum(memo.recall("seen", key) is None for key in texts if key))
        subjects = [subject for path in files for subject in subjects_of(path, options)]
        answers = iter(linter.ask([subject.question for subject in subjects if subject.question]))
        answered = [(subject, next(answers) if subject.question else ()) for subject in subjects]
    finally:
        linter.stop()
    for key in filter(None, texts):
        memo.remember("seen", key, b"")
    names = tuple(dict.fromkeys(path.as_posix() for path in files))
    found = [diagnostic for name in names for diagnostic in _of_file(name, answered)]
    return Report(names, tuple(found), tuple(_notes(subjects)))


def _seen_key(path: Path, options: Options) -> str | None:
    """A guess at whether all about a file is remembered; only how early cfn-lint is started hangs on it."""
    try:
        return memo.key("seen", str(options), read(path, path.name).text)
    except Rejected:
        return None


def _of_file(name: str, answered: Iterable[tuple[Subject, Answer]]) -> list[Diagnostic]:
    """All diagnostics of a file: those of several stages that are the same are one."""
    found: dict[tuple[Any, str], Diagnostic] = {}
    listed: dict[str, Traced] = {}
    needed: set[str] = set()
    complete = True
    for subject, answer in answered:
        if subject.file != name:
            continue
        complete = complete and subject.body is not None and answer is not None
        unwanted = dict(subject.unwanted.items()) if subject.unwanted else {}
        listed |= unwanted
        for diagnostic in (*subject.found, *_placed(subject, answer)):
            if diagnostic.code in unwanted and _may_be_ignored(diagnostic):
                needed.add(diagnostic.code)
            else:
                found.setdefault((_place(diagnostic), diagnostic.message), diagnostic)
    if complete:
        for unneeded in _unneeded(listed, needed):
            found[_place(unneeded), unneeded.message] = unneeded
    return [found[key] for key in sorted(found)]


def _may_be_ignored(diagnostic: Diagnostic) -> bool:
    """An error of omegac's own says that a deployment will fail: no reason makes it succeed."""
    return diagnostic.foreign is not None or diagnostic.severity == "warning"


def _unneeded(listed: dict[str, Traced], needed: set[str]) -> Iterator[Diagnostic]:
    hint = "take it out, or correct the code"
    for code, reason in listed.items():
        if code not in needed:
            fatal = code in CODES and CODES[code].severity == "error"
            why = (
                f"{code} cannot be ignored: what it finds will fail" if fatal else f"nothing here is ignored by {code}"
            )
            wrong = fault("OM5006", why, reason, hint=hint, at_key=True)
            # Without any entry the key `lint` itself would be in the way.
            yield wrong._replace(fix=_line_taken_out(reason)) if needed else wrong


def _line_taken_out(entry: Traced) -> Fix | None:
    """A fix that takes an entry out of a mapping, where it has its line to itself."""
    key, value = entry.origin.key, entry.origin.span
    if key is None or value is None or key.source is not value.source:
        return None
    source = key.source
    line = source.line(key.line)
    start = key.start - key.column + 1
    end = start + len(line)
    alone = source.text[start : key.start].isspace() and source.text[value.end : end].strip() == ""
    return Fix(source.span(start, end + 1), "") if alone and key.line == value.line else None


def _placed(subject: Subject, answer: Answer) -> Iterator[Diagnostic]:
    """What cfn-lint found, at its place in the source, without what omegac's own rules say of that place."""
    if subject.body is None:
        return
    root = subject.body.root
    if answer is None:
        message = "cfn-lint did not finish in time, so that its rules were not checked"
        hint = "give it longer with --time-limit; nested Fn::If and many conditions are what it takes long for"
        yield fault("OM5008", message, root, hint=hint)
        return
    said = [(_COVERED[own.code], own) for own in subject.found if own.code in _COVERED]
    for finding in answer:
        diagnostic = _diagnostic(root, finding)
        if not any(finding.rule in rules and _overlap(own, diagnostic) for rules, own in said):
            yield diagnostic


def _diagnostic(root: Traced, finding: Finding) -> Diagnostic:
    if finding.rule == UNKNOWN_REGION:
        return fault(UNKNOWN_REGION, finding.message, root)
    origin = _nearest(root, finding.route)
    foreign = Foreign(finding.severity, finding.meaning, finding.url)
    return Diagnostic(finding.rule, finding.message, origin, at_key=finding.rule in _AT_KEY, foreign=foreign)


def _nearest(root: Traced, route: Route) -> Origin:
    """The origin at a route, as far as there is such a way: transforms write what stands in no source."""
    traced = root
    for step in route:
        try:
            traced = traced.at(step)
        except (KeyError, IndexError, TypeError):
            break
    return traced.origin


def _overlap(one: Diagnostic, other: Diagnostic) -> bool:
    a, b = one.span, other.span
    return a is not None and b is not None and a.source is b.source and a.start < b.end and b.start < a.end


def _place(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    """What sorts diagnostics; a source may have been read once for each stage, so it counts by its path."""
    span = diagnostic.span
    return (span.source.path, span.start, span.end, diagnostic.code) if span else ("", 0, 0, diagnostic.code)


def _notes(subjects: Iterable[Subject]) -> Iterator[str]:
    """What was not run, and with it not checked."""
    left_out = {subject.file: subject.left_out for subject in subjects if subject.left_out}
    for file, parts in left_out.items():
        yield f"{file}: not run: {', '.join(parts)}; with --trust it is, for specs whose code you trust"
