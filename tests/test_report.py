"""Reports in every format: one hand-made report in golden files, and what holds for any other."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any, get_args
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from omegac import __version__
from omegac.codes import CODES
from omegac.diagnostics import Diagnostic, Fix, Foreign, Related, fault
from omegac.report import Format, Report, render
from omegac.report.text import MOST, as_text, wants_colour
from omegac.source import Origin, Source, Span

DATA = Path(__file__).parent / "report"
REWRITE = os.environ.get("OMEGAC_GOLDEN") == "rewrite"

SPEC = """\
omega: 1
service: Report\ton\ttabs
名前: [東京, café, e\u0301\u0301a, 👍🏽, 👨\u200d👩\u200d👧, ❤\ufe0f, 한글] # every width
evil: "\x1b[31m \u202eright to left\u202c zero\u200bwidth \u3164 \x07"
script: |
  echo one
  echo two
odd: 100%, "a:b", <b> & ]]>, [link](1), {{0}}
"""
LONG = "x" * 5000 + "HERE" + "y" * 4996 + "\n"


def at(source: Source, word: str, end: str | None = None) -> Span:
    """The span of a word, or from there to the end of another."""
    start = source.text.index(word)
    return source.span(start, source.text.index(end or word, start) + len(end or word))


def foreign(code: str, message: str, place: Span | Origin | None = None, **more: Any) -> Diagnostic:
    """A diagnostic of a rule that is not in `codes`, so that changes there leave the golden files alone."""
    severity: Any = "warning" if code.startswith("W") else "error"
    origin = Origin(place) if isinstance(place, Span) else place
    meaning = Foreign(severity, f"what {code} is about", more.pop("url", ""))
    return Diagnostic(code, message, origin, foreign=meaning, **more)


def the_report() -> Report:
    """A report with all that one may have."""
    spec = Source("omega.yaml", SPEC, "services/web/omega.yaml")
    again = Source("omega.yaml", SPEC, "services/web/omega.yaml")
    script = Source("start.sh", "#!/bin/bash\necho { broken\n", "services/web/start.sh")
    strange = Source("b", LONG, "odd %:,#?/ä\x1b[1m.yaml")
    made = Origin(at(script, "broken"), "template", (Origin(at(spec, "|"), key=at(spec, "script")),))
    first = Related(at(spec, "omega"), "the first is here")
    second = Related(at(script, "#!"), "another one, [in brackets], in a file of its own,\nwith a second line")
    diagnostics = (
        foreign("E1000", "beside the caret", at(spec, "service"), hint="the way out"),
        foreign("E1000", "beside the caret", at(again, "service"), hint="the same once more, from another stage"),
        foreign("E1000", "another message at the same place", at(spec, "service")),
        foreign("W1001", "behind tabs", at(spec, "tabs"), url="https://example.org/rules#W1001"),
        foreign("E1002", "東京 is two columns a letter", at(spec, "東京")),
        foreign("E1003", "accents take none", at(spec, "e\u0301\u0301a")),
        foreign("E1004", "behind all of them", at(spec, "한글")),
        foreign("W1005", "what moves \x1b[2J or hides \u202e is shown", at(spec, "\x1b", "\x07"), hint="so\x07 too"),
        foreign("E1006", "over several lines", at(spec, "|", "two"), related=(first, second)),
        foreign("E1007", "what each format escapes: 100%, <b> & ]]>, [link](1), {{0}}", at(spec, "100%", "{{0}}")),
        foreign("E1008", "a fix", at(spec, "Report"), fix=Fix(at(spec, "Report"), "Greeting")),
        foreign("W1009", "made from another file", made, hint="where that is, is said below"),
        foreign("W1009", "made from another file", at(script, "{"), hint="nothing but the place is different"),
        foreign("E1010", "far to the right", at(strange, "HERE"), hint="here"),
        foreign("E1010", "farther than there is room", at(strange, "HERE", "yyy\n"), hint="here"),
        foreign("E1011", "no place\nand two lines", None, hint="it printed last:\n  make: *** [all] Error 2\r\n  bye"),
    )
    files = ("services/web/omega.yaml", "/absolute/clean file.yaml", "odd %:,#?/ä\x1b[1m.yaml")
    return Report(files, diagnostics, ("services/web/omega.yaml: not run: artifact.build", "100%:\nand more"))


GOLDEN: dict[str, Format] = {
    "report.txt": "text",
    "report.json": "json",
    "report.sarif": "sarif",
    "report.xml": "junit",
    "report.github.txt": "github",
}


def golden(name: str, text: str) -> None:
    """Compares with a golden file, or rewrites it."""
    path = DATA / name
    if REWRITE:
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


def test_every_format_has_a_golden_file() -> None:
    """No format goes untested."""
    assert set(GOLDEN.values()) == set(get_args(Format))


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str) -> None:
    """The report is shown as in the golden file of each format."""
    golden(name, render(the_report(), GOLDEN[name]).replace(f'"version": "{__version__}"', '"version": "…"'))


def test_golden_in_colour() -> None:
    """Severity, code, caret and frame are coloured, and nothing else is different."""
    coloured = render(the_report(), "text", colour=True)
    golden("report.colour.txt", coloured)
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == render(the_report(), "text")


# Any report


def spans(sources: list[Source]) -> st.SearchStrategy[Span]:
    def within(source: Source) -> st.SearchStrategy[Span]:
        offset = st.integers(0, len(source.text))
        return st.tuples(offset, offset).map(lambda ends: source.span(min(ends), max(ends)))

    return st.sampled_from(sources).flatmap(within)


TEXT = st.text(
    st.one_of(
        st.sampled_from("ab\t\n\r%:,[](){}<>&\"'\\\x00\x1b\x85\u2028\u202e\ufeff東\u0301👍"),
        st.characters(codec="utf-8"),
    )
)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Any report, with diagnostics of omegac's own codes and of others."""
    paths = draw(st.lists(TEXT.filter(bool), min_size=1, max_size=3, unique=True))
    span = spans([Source(path, draw(TEXT), path) for path in paths])
    written = st.builds(Origin, span, st.just("spec"), st.just(()), st.none() | span)
    made = st.builds(Origin, span, st.just("construct"), st.lists(written, max_size=2).map(tuple), st.none() | span)
    of_others = st.builds(Foreign, st.sampled_from(["error", "warning"]), TEXT, st.just("https://example.org/"))
    found = st.builds(
        Diagnostic,
        code=st.sampled_from(["OM1001", "OM5003"]),
        message=TEXT,
        origin=st.none() | written | made,
        hint=st.none() | TEXT,
        related=st.lists(st.builds(Related, span, TEXT), max_size=2).map(tuple),
        at_key=st.booleans(),
        foreign=st.none() | of_others,
        fix=st.none() | st.builds(Fix, span, TEXT),
    )
    notes = st.lists(TEXT, max_size=2).map(tuple)
    files = st.sampled_from([tuple(paths), tuple(paths[:1]), ()])
    return Report(draw(files), tuple(draw(st.lists(found, max_size=4))), draw(notes))


def once(report: Report) -> list[Diagnostic]:
    """The diagnostics of a report, without those that say the same of the same place."""
    found: dict[Any, Diagnostic] = {}
    for diagnostic in report.diagnostics:
        span = diagnostic.span
        place = span and (span.source.path, span.start, span.end)
        found.setdefault((diagnostic.code, diagnostic.message, place), diagnostic)
    return list(found.values())


@cache
def schema(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((DATA / f"{name}.schema.json").read_text("utf-8")))


def between(text: str, line: int, column: int, end_line: int, end_column: int) -> str:
    """What stands between two places of a text."""
    lines = text.split("\n")
    start, end = (sum(len(each) + 1 for each in lines[: n - 1]) for n in (line, end_line))
    return text[start + column - 1 : end + end_column - 1]


@settings(deadline=None)
@given(reports())
def test_text_is_safe_to_print(report: Report) -> None:
    """Whatever a report holds, a terminal is shown nothing but what can be seen, and no line by surprise."""
    assert all(character.isprintable() for character in render(report, "text").replace("\n", ""))


@settings(deadline=None)
@given(reports())
def test_json_holds_everything(report: Report) -> None:
    """What is read back has the shape of the schema, and every text and span as it was."""
    document = json.loads(render(report, "json"))
    schema("json_v1").validate(document)
    assert document["files"] == list(report.files)
    assert document["notes"] == list(report.notes)
    assert len(document["diagnostics"]) == len(once(report)) == sum(document["summary"].values())
    for record, diagnostic in zip(document["diagnostics"], once(report), strict=True):
        for key in ("code", "severity", "message", "meaning", "hint"):
            assert record[key] == getattr(diagnostic, key)
        assert [related["text"] for related in record["related"]] == [text for _, text in diagnostic.related]
        for place, span in [(record, diagnostic.span), (record["fix"], diagnostic.fix and diagnostic.fix.span)]:
            if span:
                assert place["file"] == span.source.path
                ends = place["line"], place["column"], place["end_line"], place["end_column"]
                assert between(span.source.text, *ends) == span.source.text[span.start : span.end]


@settings(deadline=None)
@given(reports())
def test_sarif_is_valid(report: Report) -> None:
    """Any report is valid by the schema of SARIF, each result has its rule, and each file its URI."""
    document = json.loads(render(report, "sarif"))
    schema("sarif-2.1.0").validate(document)
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result, diagnostic in zip(run["results"], once(report), strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == diagnostic.code
        if not diagnostic.span:
            continue
        (location,) = result["locations"]
        uri = urlsplit(location["physicalLocation"]["artifactLocation"]["uri"])
        assert (uri.netloc, uri.query, uri.fragment) == ("", "", "")
        assert os.path.normpath(diagnostic.span.source.path) == unquote(uri.path, errors="strict")


def parsed(xml: str | bytes) -> ET.Element:
    return ET.fromstring(xml)  # noqa: S314 (our own output)


@settings(deadline=None)
@given(reports())
def test_junit_is_xml(report: Report) -> None:
    """Any report is XML that counts right, with a failure for each error and no two cases of one name."""
    root = parsed(render(report, "junit").encode())
    errors = sum(diagnostic.severity == "error" for diagnostic in once(report))
    assert len(root.findall(".//failure")) == errors == int(root.get("failures", ""))
    for element in [root, *root.findall("testsuite")]:
        assert int(element.get("tests", "")) == len(list(element.iter("testcase")))
        assert int(element.get("failures", "")) == len(list(element.iter("failure")))
        names = [case.get("name") for case in element.findall("testcase")]
        assert len(set(names)) == len(names)
    assert sum(case.get("name") != "nothing found" for case in root.iter("testcase")) == len(once(report))


def undone(text: str, *escaped: str) -> str:
    """An escaped text as the runner reads it: what GitHub documents, the percent sign last."""
    for character in (*escaped, "%"):
        text = text.replace(f"%{ord(character):02X}", character)
    return text


@settings(deadline=None)
@given(reports())
def test_github_has_a_line_for_each(report: Report) -> None:
    """Each diagnostic and each note is a command of one line, that the runner takes apart as it was meant."""
    lines = render(report, "github").split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(once(report)) + len(report.notes)
    for line, diagnostic in zip(lines, once(report), strict=False):
        _, command, _ = line.split("::", 2)
        severity, properties = command.split(" ", 1)
        found = dict(each.split("=", 1) for each in properties.split(","))
        assert severity == diagnostic.severity
        assert found["title"] == diagnostic.code
        if diagnostic.span:
            assert undone(found["file"], "\r", "\n", ":", ",") == diagnostic.span.source.path
            assert int(found["line"]) == diagnostic.span.line
            end = diagnostic.span.source.position(diagnostic.span.end)[0]
            assert ("col" in found) == (end == diagnostic.span.line)
            assert int(found["line"]) <= int(found["endLine"]) <= end
    assert all(line.startswith("::notice::") for line in lines[len(once(report)) :])


# Carets

SHOWN = {
    "a": ("a", 1),
    " ": (" ", 1),
    "é": ("é", 1),
    "東": ("東", 2),
    "한": ("한", 2),
    "\uff21": ("\uff21", 2),
    "ｱ": ("ｱ", 1),
    "👍": ("👍", 2),
    "🏽": ("�", 1),  # terminals do not agree whether it is drawn into the emoji before it
    "\u200d": ("�", 1),
    "\ufe0f": ("�", 1),
    "\u202e": ("�", 1),
    "\u3164": ("�", 1),
    "\x1b": ("�", 1),
    "\t": ("    ", 4),
    "\u0301": ("\u0301", 0),
    "\u0e31": ("\u0e31", 0),
}
"""How characters are shown, and the columns that takes on a terminal."""
WIDTHS = dict(SHOWN.values()) | {"…": 1}


def under(line: str, start: int, end: int) -> str:
    """What stands in the columns of a line, from one to before another."""
    found, column = "", 0
    for character in line:
        width = WIDTHS.get(character, 1)
        if start < column <= end if width == 0 else start <= column < end:
            found += character
        column += width
    return found


@st.composite
def marks(draw: st.DrawFn) -> tuple[str, int, int]:
    """A line, short or long, and the column and length of a mark in it."""
    word = draw(st.text(st.sampled_from(sorted(SHOWN)), min_size=1, max_size=30))
    line = f"a{word * draw(st.sampled_from([1, 1, 50]))}"
    column = draw(st.integers(0, len(line) - 1))
    return line, column, draw(st.integers(1, len(line) - column))


@settings(deadline=None)
@given(marks())
def test_carets_are_under_what_is_marked(mark: tuple[str, int, int]) -> None:
    """Carets stand in the columns of the marked text, in any mixture of widths, in lines of any length."""
    line, column, length = mark
    source = Source("a", f"one\n{line}\n")
    text = as_text([fault("OM1003", "m", source.span(4 + column, 4 + column + length))])
    _, _, _, shown, carets, *_ = text.split("\n")
    shown, carets = shown.removeprefix("2 | "), carets.removeprefix("  | ")
    assert sum(WIDTHS.get(character, 1) for character in shown) <= 102  # with a sign at each end that more is there
    start, end = carets.index("^"), carets.rindex("^") + 1
    first, last = column, column + length
    while SHOWN[line[first]][1] == 0:
        first -= 1
    while last < len(line) and SHOWN[line[last]][1] == 0:
        last += 1
    marked = "".join(SHOWN[character][0] for character in line[first:last])
    found = under(shown, start, end)
    assert found == marked or (marked.startswith(found) and found and shown.endswith(f"{found}…"))


@pytest.mark.parametrize(
    ("text", "start", "marked"), [("ab", 2, "  ^"), ("ab\ncd", 2, "  ^"), ("ab\r\ncd", 1, " ^"), ("\n", 0, "^")]
)
def test_caret_where_there_is_nothing(text: str, start: int, marked: str) -> None:
    """At the end of a line or a file, and in an empty line, there is one caret."""
    source = Source("a", text)
    assert as_text([fault("OM1003", "m", source.span(start, start + 2))]).split("\n")[4] == f"  | {marked}"


def test_an_empty_file_has_no_line_to_show() -> None:
    """Of a file that is empty, or is not there, the place is shown and no line, with the way out below."""
    found = [fault("OM1003", "m", Source("a", "").span(0, 0), hint="write something")]
    assert as_text(found) == "error[OM1003]: m\n --> a:1:1\n  = write something\n\n"


# What is shown of text


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "terminal", "pipe"),
    [
        ({}, True, False),
        ({"TERM": "xterm"}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"NO_COLOR": "0"}, False, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True),
        ({"CLICOLOR_FORCE": "1"}, True, True),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
    ],
)
def test_colour(environment: dict[str, str], terminal: bool, pipe: bool) -> None:  # noqa: FBT001 (a table)
    """Colour is for terminals that can, and for who asks for it; NO_COLOR is stronger than that."""
    assert wants_colour(Terminal(), environment) is terminal
    assert wants_colour(StringIO(), environment) is pipe


def many(warnings: int, errors: int) -> tuple[Diagnostic, ...]:
    source = Source("a", "\n")
    codes = ["OM5003"] * warnings + ["OM1003"] * errors
    return tuple(fault(code, str(number), source.span(0, 0)) for number, code in enumerate(codes))


def test_thousands_are_cut() -> None:
    """Of very many diagnostics the first errors are shown, and warnings if there is room left; the rest is counted."""
    report = Report(("a",), many(900, 4100))
    text = render(report, "text")
    assert [int(number) for number in re.findall(r"^error\[OM1003\]: (\d+)$", text, re.MULTILINE)] == [
        *range(900, 900 + MOST)
    ]
    assert text.count("warning[") == 0
    end = "… and 4,900 more: 4,000 errors, 900 warnings\n\n4,100 errors, 900 warnings in 1 file\n"
    assert text.endswith(end)
    assert len(json.loads(render(report, "json"))["diagnostics"]) == 5000


def test_warnings_stay_in_order_among_errors() -> None:
    """What is shown stands in the order of the files, even where errors go before warnings."""
    text = as_text(many(150, 50))
    assert [int(number) for number in re.findall(r"\]: (\d+)$", text, re.MULTILINE)] == [*range(50), *range(150, 200)]
    assert text.endswith("… and 100 more: 100 warnings\n\n")
    assert "…" not in as_text(many(50, 50))


@pytest.mark.parametrize(
    ("files", "diagnostics", "summary"),
    [
        (("a",), (), "1 file: nothing found"),
        (("a", "b", "c"), (), "3 files: nothing found"),
        (("a",), many(1, 0), "1 warning in 1 file"),
        (("a", "b", "c"), many(1, 2), "2 errors, 1 warning in 3 files"),
    ],
)
def test_summary(files: tuple[str, ...], diagnostics: tuple[Diagnostic, ...], summary: str) -> None:
    """The last line before the notes says how many there are, in how many files."""
    assert render(Report(files, diagnostics, ("left out",)), "text").splitlines()[-2:] == [summary, "note: left out"]


def test_each_finding_is_shown_once() -> None:
    """What is said of a place twice is shown once in every format; of another file it is another finding."""
    one, again, other = (Source("a", "x\n", path) for path in ("one/a", "one/a", "other/a"))
    found = tuple(fault("OM1003", "m", source.span(0, 1)) for source in (one, again, other))
    report = Report(("one/a", "other/a"), found)
    assert render(report, "text").count("error[OM1003]: m\n") == 2
    assert render(report, "text").endswith("2 errors in 2 files\n")
    assert render(report, "github").count("::error") == 2
    assert json.loads(render(report, "json"))["summary"] == {"errors": 2, "warnings": 0}


# What is particular about SARIF and JUnit


def results(report: Report) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(render(report, "sarif"))["runs"][0]["results"]
    return found


def test_fingerprints_outlive_a_change_of_lines() -> None:
    """Lines put in above, and another indentation, leave fingerprints as they were; each result has its own."""

    def prints(text: str) -> list[dict[str, str]]:
        source = Source("omega.yaml", text)
        places = [source.span(match.start(), match.end()) for match in re.finditer("bad", text)]
        found = [fault(code, "m", place) for place in places for code in ("OM1003", "OM1101")]
        return [result["partialFingerprints"] for result in results(Report(("omega.yaml",), tuple(found)))]

    before, after = prints("one: bad\ntwo: bad\n"), prints("# new\n\n  one: bad\nnew: 1\ntwo: bad\n")
    assert before == after
    assert len({str(each) for each in before}) == 4
    assert len({str(each) for each in prints("- bad\n- bad\n")}) == 4


def test_sarif_explains_own_codes() -> None:
    """A rule of omegac's own comes with all that `codes` has about it."""
    report = Report(("a",), (fault("OM5208", "m"),))
    (rule,) = json.loads(render(report, "sarif"))["runs"][0]["tool"]["driver"]["rules"]
    code = CODES["OM5208"]
    assert rule["shortDescription"]["text"] == code.meaning
    assert rule["help"]["text"].split() == code.explanation.split()
    assert code.bad in rule["help"]["markdown"]
    assert code.good in rule["help"]["markdown"]
    assert rule["defaultConfiguration"]["level"] == code.severity == "warning"


def test_sarif_has_a_file_for_each_result() -> None:
    """A result without a place has the file that was asked about: GitHub refuses a report where one has none."""
    (result,) = results(Report(("omega.yaml",), (fault("OM1003", "m"),)))
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "omega.yaml"
    assert all(result["locations"] for result in results(the_report()))


def test_names_that_are_not_unicode() -> None:
    """A file whose name is no UTF-8 keeps its bytes in a URI, and breaks no format once it is printed."""
    source = Source("a", "x\n", "caf\udce9/.//x.yaml")
    report = Report((source.path,), (fault("OM1003", "m", source.span(0, 1)),))
    printed = {form: render(report, form).encode("utf-8", "backslashreplace") for form in get_args(Format)}
    assert json.loads(printed["json"])["files"] == [source.path]
    assert results(report)[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "caf%E9/x.yaml"
    assert parsed(printed["junit"]).findall("testsuite")[0].get("name") == "caf/.//x.yaml"


def test_a_spec_is_not_fine_where_its_script_is_wrong() -> None:
    """A file has a case that passes only if nothing was found in what it is about."""
    spec, script = Source("omega.yaml", "a: b\n"), Source("start.sh", "x\n")
    wrong = fault("OM2101", "m", Origin(script.span(0, 1), "template", (Origin(spec.span(3, 4)),)))
    root = parsed(render(Report(("omega.yaml", "other.yaml"), (wrong,), ("left out",)), "junit"))
    cases = [(case.get("file"), case.get("name")) for case in root.iter("testcase")]
    assert cases == [("other.yaml", "nothing found"), ("start.sh", "OM2101: m")]
    assert root.findtext("testsuite[@name='omegac']/system-out") == "left out"
