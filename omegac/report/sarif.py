"""The report as SARIF 2.1.0, for code scanning and editors.

Section numbers are those of the standard (OASIS, Static Analysis Results Interchange Format). What GitHub asks for
beyond it is met: a rule with all its texts, a place for each result, fingerprints that outlive a change of lines.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from hashlib import sha256
from posixpath import normpath
from typing import Any
from urllib.parse import quote

from omegac import __version__
from omegac.codes import CODES
from omegac.diagnostics import Diagnostic
from omegac.report.place import Place, file_of, place_of, sources_of
from omegac.report.report import Report
from omegac.source import Span

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BASE = "%SRCROOT%"
_FINGERPRINT = "omegac/v1"
_NEAR = 100
"""Characters on each side that a fingerprint is made from."""


def render(report: Report) -> str:
    """One run, with the rules that found something."""
    rules = {diagnostic.code: diagnostic for diagnostic in reversed(report.diagnostics)}
    codes = sorted(rules)
    run = {
        "tool": {"driver": {"name": "omegac", "version": __version__, "rules": [_rule(rules[code]) for code in codes]}},
        "columnKind": "unicodeCodePoints",
        # Where that is depends on the machine, so it is left to the reader (3.14.14).
        "originalUriBaseIds": {_BASE: {"description": {"text": "The folder that omegac was run in."}}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": list(map(_note, report.notes))}],
        "results": _results(report, {code: index for index, code in enumerate(codes)}),
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _rule(example: Diagnostic) -> dict[str, Any]:
    """The rule that a diagnostic is an example of."""
    code, foreign = example.code, example.foreign
    explanation = "" if foreign else _unwrapped(CODES[code].explanation)
    meaning = example.meaning or code
    return {
        "id": code,
        "shortDescription": {"text": meaning},
        "fullDescription": {"text": explanation or meaning},
        "help": {"text": explanation or meaning, "markdown": _markdown(explanation or meaning, example)},
        **({"helpUri": foreign.url} if foreign and foreign.url else {}),
        "defaultConfiguration": {"level": example.severity},
    }


def _unwrapped(paragraphs: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs.split("\n\n")).strip()


def _markdown(explanation: str, example: Diagnostic) -> str:
    if example.foreign:
        return f"{explanation}\n\n{example.foreign.url}".strip()
    code = CODES[example.code]
    parts = [
        f"{title}\n\n```\n{text.rstrip()}\n```" for title, text in (("Wrong:", code.bad), ("Right:", code.good)) if text
    ]
    return "\n\n".join([explanation, *parts])


def _note(note: str) -> dict[str, Any]:
    return {"level": "note", "message": {"text": _plain(note)}}


def _results(report: Report, rules: dict[str, int]) -> list[dict[str, Any]]:
    seen: Counter[tuple[str | None, str]] = Counter()
    results = []
    for diagnostic in report.diagnostics:
        file, digest = file_of(diagnostic, report.files), _digest(diagnostic)
        seen[file, digest] += 1
        result = {
            "ruleId": diagnostic.code,
            "ruleIndex": rules[diagnostic.code],
            "level": diagnostic.severity,
            **_said(diagnostic),
            "locations": _locations(diagnostic, file, report.files),
            "partialFingerprints": {_FINGERPRINT: f"{digest}:{seen[file, digest]}"},
            **_fixes(diagnostic),
        }
        results.append(result)
    return results


def _locations(diagnostic: Diagnostic, file: str | None, files: tuple[str, ...]) -> list[dict[str, Any]]:
    """One place, if need be the start of a file: GitHub refuses a whole report for one result that has none."""
    if diagnostic.span:
        return [_location(place_of(diagnostic.span))]
    nearest = [file] if file else files[:1]
    return [_location(Place(each, 1, 1, 1, 1)) for each in nearest]


def _digest(diagnostic: Diagnostic) -> str:
    """What tells a result from others wherever its line stands: its code, what is marked, and what is around that."""
    span = diagnostic.span
    marked, around = _context(span) if span else (diagnostic.message, "")
    return sha256(f"{diagnostic.code}\0{marked}\0{around}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _context(span: Span) -> tuple[str, str]:
    """The mark and its line, as far as they are near: all of a template may be one line."""
    text, start = span.source.text, span.start
    before = text[max(start - span.column + 1, start - _NEAR) : start]
    after = text[start : start + _NEAR].partition("\n")[0]
    return after[: span.end - start], " ".join((before + after).split())


def _said(diagnostic: Diagnostic) -> dict[str, Any]:
    """The message, and the places that it links to: GitHub shows those alone that are linked to (3.11.6)."""
    places = [(place_of(related.span), related.text) for related in diagnostic.related]
    places += [(place, f"from {place}") for place in sources_of(diagnostic)]
    links = [f"[{_link_text(text)}]({number})" for number, (_, text) in enumerate(places, start=1)]
    related = [
        {"id": number, **_location(place), "message": {"text": _plain(text)}}
        for number, (place, text) in enumerate(places, start=1)
    ]
    paragraphs = [_plain(diagnostic.message), *([_plain(diagnostic.hint)] if diagnostic.hint else []), *links]
    return {"message": {"text": "\n".join(paragraphs)}, **({"relatedLocations": related} if related else {})}


def _plain(text: str) -> str:
    """A text in a message: braces are doubled, as a single one begins a placeholder (3.11.5); nothing is a link."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", r"\](")


def _link_text(text: str) -> str:
    return re.sub(r"([\\\[\]])", r"\\\1", " ".join(text.split())).replace("{", "{{").replace("}", "}}")


def _fixes(diagnostic: Diagnostic) -> dict[str, Any]:
    fix = diagnostic.fix
    if fix is None:
        return {}
    place = place_of(fix.span)
    replacement = {"deletedRegion": _region(place), "insertedContent": {"text": fix.text}}
    change = {"artifactLocation": _artifact(place.file), "replacements": [replacement]}
    description = {"description": {"text": _plain(diagnostic.hint)}} if diagnostic.hint else {}
    return {"fixes": [{**description, "artifactChanges": [change]}]}


def _location(place: Place) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": _artifact(place.file), "region": _region(place)}}


def _region(place: Place) -> dict[str, int]:
    _, line, column, end_line, end_column = place
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _artifact(file: str) -> dict[str, str]:
    """A file as a URI; an absolute one has no base (3.4.4)."""
    path = quote(normpath(file).encode("utf-8", "surrogateescape"))
    return {"uri": f"file://{path}"} if path.startswith("/") else {"uri": path, "uriBaseId": _BASE}
