"""The report as JUnit XML, for what shows the results of tests: a suite for each file, a case for each finding in it.

An error is a failure. A warning is a case that passes, and says what it has to say in its name and its output: CI that
counts failures would fail where omegac itself does not, and a case that is skipped would say that nobody looked.
Cases are named by code and message, so that a run can be compared with one before lines were moved; GitLab drops the
second of two cases of one name, so that one is numbered.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from omegac.diagnostics import Diagnostic
from omegac.report.columns import visible
from omegac.report.place import file_of, sources_of
from omegac.report.report import Report, counts
from omegac.report.text import as_text

_TOOL = "omegac"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write (its production 2, Char)."""


def render(report: Report) -> str:
    """The whole report; what belongs to no file is in a suite of its own."""
    root = Element("testsuites", name=_TOOL)
    for file, diagnostics in _by_file(report).items():
        suite = SubElement(root, "testsuite", name=_legal(file or _TOOL))
        _add_cases(suite, file, diagnostics)
        if file is None and report.notes:
            SubElement(suite, "system-out").text = _legal("\n".join(report.notes))
        _count(suite, diagnostics)
    _count(root, report.diagnostics)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _by_file(report: Report) -> dict[str | None, list[Diagnostic]]:
    """The diagnostics of each file, in the order of the report, and those of none if there are any, or notes."""
    found: dict[str | None, list[Diagnostic]] = {file: [] for file in report.files}
    for diagnostic in report.diagnostics:
        found.setdefault(file_of(diagnostic, report.files), []).append(diagnostic)
    # A spec whose script is wrong is not fine, though the finding stands under the script.
    for file in {place.file for diagnostic in report.diagnostics for place in sources_of(diagnostic)}:
        if found.get(file) == []:
            del found[file]
    if report.notes:
        found.setdefault(None, [])
    return found


def _add_cases(suite: Element, file: str | None, diagnostics: Iterable[Diagnostic]) -> None:
    names: Counter[str] = Counter()
    for diagnostic in diagnostics:
        name = _legal(visible(" ".join(f"{diagnostic.code}: {diagnostic.message}".split())))
        names[name] += 1
        case = _add_case(suite, file, f"{name} ({names[name]})" if names[name] > 1 else name)
        if diagnostic.span:
            case.set("line", str(diagnostic.span.line))
        said = SubElement(case, "failure" if diagnostic.severity == "error" else "system-out")
        said.text = _legal(as_text([diagnostic])).rstrip("\n")
        if diagnostic.severity == "error":
            said.attrib |= {"type": _legal(diagnostic.code), "message": _legal(diagnostic.message)}
    if file and not names:
        _add_case(suite, file, "nothing found")


def _add_case(suite: Element, file: str | None, name: str) -> Element:
    case = SubElement(suite, "testcase", name=name, classname=_legal(file or _TOOL), time="0")
    if file:
        case.set("file", _legal(file))
    return case


def _count(element: Element, diagnostics: Iterable[Diagnostic]) -> None:
    element.set("tests", str(len(list(element.iter("testcase")))))
    element.set("failures", str(counts(diagnostics)["error"]))
    element.set("errors", "0")
    element.set("skipped", "0")
    element.set("time", "0")


def _legal(text: str) -> str:
    return _NOT_XML.sub("", text)
