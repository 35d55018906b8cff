"""The rules of inline expressions, row by row, and the faults of an earlier converter that must not come back."""

from __future__ import annotations

from typing import Any

import pytest

import omegac
from omegac.source import Source
from omegac.userdata.convert import convert, literal

EXPRESSIONS = [
    ('"Ref" : "AWS::Region"', {"Ref": "AWS::Region"}),
    ('"Fn::GetAtt" : [ "Db" , "Endpoint.Address" ]', {"Fn::GetAtt": ["Db", "Endpoint.Address"]}),
    ('"Fn::GetAtt" : "Db.Endpoint.Address"', {"Fn::GetAtt": "Db.Endpoint.Address"}),
    (
        '"Fn::FindInMap" : [ "M", { "Ref" : "AWS::Region" }, "K" ]',
        {"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "K"]},
    ),
    ('"Fn::Sub" : "${A}-${B.C}"', {"Fn::Sub": "${A}-${B.C}"}),
    ('"Fn::Sub" : [ "${x}", { "x" : { "Ref" : "A" } } ]', {"Fn::Sub": ["${x}", {"x": {"Ref": "A"}}]}),
    ('"Fn::Join" : [ "-", [ "a", { "Ref" : "B" } ] ]', {"Fn::Join": ["-", ["a", {"Ref": "B"}]]}),
    ('"Fn::Select" : [ 0, { "Fn::GetAZs" : "" } ]', {"Fn::Select": [0, {"Fn::GetAZs": ""}]}),
    ('"Fn::Select" : [ "1", { "Fn::Split" : [ ":", "a:b" ] } ]', {"Fn::Select": ["1", {"Fn::Split": [":", "a:b"]}]}),
    ('"Fn::If" : [ "C", "a", { "Ref" : "AWS::NoValue" } ]', {"Fn::If": ["C", "a", {"Ref": "AWS::NoValue"}]}),
    ('"Fn::ImportValue" : "other-stack"', {"Fn::ImportValue": "other-stack"}),
    ('"Fn::Base64" : { "Ref" : "A" }', {"Fn::Base64": {"Ref": "A"}}),
    (
        '"Fn::Select" : [ 0, { "Fn::Cidr" : [ "10.0.0.0/16", 4, 8 ] } ]',
        {"Fn::Select": [0, {"Fn::Cidr": ["10.0.0.0/16", 4, 8]}]},
    ),
]


def values(text: str) -> list[Any]:
    """The items of the join that a text becomes, no template engine in between."""
    return convert(literal(Source("t", text))).values


def refused(text: str) -> list[tuple[str, int, int]]:
    """The codes that a text is refused with, each with its line and column."""
    with pytest.raises(omegac.Rejected) as rejected:
        values(text)
    found = rejected.value.diagnostics
    return [(each.code, each.span.line, each.span.column) for each in found if each.span]


@pytest.mark.parametrize(("written", "meant"), EXPRESSIONS)
def test_recognised(written: str, meant: dict[str, Any]) -> None:
    """Every intrinsic that may stand in a join is one item, in braces and in angle brackets, tightly or loosely."""
    for opening, closing in (("{", "}"), ("<", ">")):
        for space in ("", " ", "\n\t ", "\r\n"):
            text = f"a={opening}{space}{written}{space}{closing};"
            assert values(text) == ["a=", meant, ";"]
    assert values(f"a={{{written.replace(' ', '').replace(chr(10), '')}}}") == ["a=", meant]


def test_several_lines() -> None:
    """An expression may stand on several lines, nested."""
    text = 'A={ "Fn::Join" :\n  [ "," ,\n    [ { "Ref" : "B" } ,\n      "c" ]\n  ]\n} # end\n'
    assert values(text) == ["A=", {"Fn::Join": [",", [{"Ref": "B"}, "c"]]}, " # end\n"]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ('{ "Fn::ToJsonString" : { "a" : 1 } }', "OM2102"),
        ('{ "Fn::Length" : [ "a" ] }', "OM2102"),
        ('{ "Fn::Transform" : { "Name" : "AWS::Include" } }', "OM2102"),
        ('{ "Fn::Unknown" : 1 }', "OM2102"),
        ('{ "Fn::GetAZs" : "" }', "OM2105"),
        ('{ "Fn::Split" : [ ",", "a" ] }', "OM2105"),
        ('{ "Fn::Cidr" : [ "10.0.0.0/16", 4 ] }', "OM2105"),
        ('{ "Ref" : "AWS::NotificationARNs" }', "OM2105"),
        ('{ "Ref" : 1 }', "OM2103"),
        ('{ "Ref" : "" }', "OM2103"),
        ('{ "Ref" : [ "a" ] }', "OM2103"),
        ('{ "Ref" : "a", "Ref" : "b" }', "OM2107"),
        ('{ "Fn::GetAtt" : [ [ "a" ], "b" ] }', "OM2103"),
        ('{ "Fn::GetAtt" : [ "", "b" ] }', "OM2103"),
        ('{ "Fn::GetAtt" : [ "A" ] }', "OM2103"),
        ('{ "Fn::GetAtt" : "A" }', "OM2103"),
        ('{ "Fn::Join" : [ { "Ref" : "A" }, [ "b" ] ] }', "OM2103"),
        ('{ "Fn::If" : [ "A", "b" ] }', "OM2103"),
        ('{ "Ref" : "A", "B" : 1 }', "OM2107"),
        ('{ "Ref" : "A" >', "OM2101"),
        ('< "Ref" : "A" }', "OM2101"),
        ('{ "Ref" : "A"', "OM2101"),
        ('{ "Ref" : "A', "OM2101"),
        ('{ "Ref" : A }', "OM2101"),
        ('{ "Ref" : NaN }', "OM2101"),
        ('{ "Fn::Sub" : [ "a", { "b" : "c", "b" : "d" } ] }', "OM2101"),
    ],
)
def test_refused(written: str, code: str) -> None:
    """A known opening that is wrong is refused with its line and column, wherever in the text it stands."""
    ((found, line, column),) = refused(f"#!/bin/sh\n\na={written}")
    assert found == code
    assert line == 3
    assert column >= 3


def test_all_faults_are_found_at_once() -> None:
    """Several broken expressions are several diagnostics."""
    text = 'a={ "Ref" : 1 }\nb={ "Fn::X" : 2 }\nc={ "Ref" : "ok" }\nd={ "Ref" : 3 }\n'
    assert [(code, line) for code, line, _ in refused(text)] == [("OM2103", 1), ("OM2102", 2), ("OM2103", 4)]


@pytest.mark.parametrize(
    "text",
    [
        '{"Refresh": 1}',
        '{"RefreshToken": "x"}',
        '{ "ref" : "A" }',
        '{ "Condition" : "A" }',
        "{ Ref : A }",
        "{}",
        "${#arr[@]} ${x:-{}} $(( 1 < 2 ))",
        "awk '{ print $1 }' <<< \"x\"",
        '[ "Ref" : "A" ]',
        '{ "Ref" "A" }',
        '{ "Fn" : 1 }',
    ],
)
def test_left_alone(text: str) -> None:
    """Braces and angle brackets that no intrinsic opens are text."""
    assert values(text) == [text]


def test_literal_text_is_split_after_line_feeds_alone() -> None:
    """LF ends a piece; CR, form feed, U+2028, U+0085 and U+001F are ordinary characters; blank lines stay."""
    text = "a\r\n\n\rb\x0cc\u2028d\x85e\x1ff\x0b\n\n"
    assert values(text) == ["a\r\n", "\n", "\rb\x0cc\u2028d\x85e\x1ff\x0b\n", "\n"]
    assert values("") == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('\\{ "Ref" : "A" }', ['{ "Ref" : "A" }']),
        ('\\\\{ "Ref" : "A" }', ["\\", {"Ref": "A"}]),
        ('\\\\\\{ "Ref" : "A" }', ['\\{ "Ref" : "A" }']),
        ('\\\\\\\\< "Ref" : "A" >', ["\\\\", {"Ref": "A"}]),
        ('\\< "Ref" : "A" >', ['< "Ref" : "A" >']),
        ("\\{ x \\\\{ y", ["\\{ x \\\\{ y"]),
        ('{ "Ref" : "A\\"\\\\" }', [{"Ref": 'A"\\'}]),
        ('{ "Ref" : "\\u0041" }', [{"Ref": "A"}]),
    ],
)
def test_escapes(written: str, meant: list[Any]) -> None:
    """A backslash before an opening keeps it as text and goes; two are one, and the expression holds."""
    assert values(written) == meant


@pytest.mark.parametrize("before", ["", "{{ V }}"], ids=["as it is", "rendered"])
def test_lines_of_an_expression_may_end_with_cr(before: str) -> None:
    """In a script with the line ends of Windows too, an expression may go over several lines."""
    text = f'{before}a={{ "Fn::GetAtt" :\r\n[ "D" ,\r\n"A.B" ]\r\n}}\r\n\x1f\r\n'
    converted = omegac.convert_userdata(text, {"V": "v\r"})["Fn::Join"][1]
    assert (
        "".join(item for item in converted if isinstance(item, str))
        == before.replace("{{ V }}", "v\r") + "a=\r\n\x1f\r\n"
    )
    assert [item for item in converted if isinstance(item, dict)] == [{"Fn::GetAtt": ["D", "A.B"]}]


def test_places_after_an_escape() -> None:
    """What stands behind a dropped backslash is still found at its column."""
    assert refused('\\{ "Ref" : "A" } \\\\{ "Ref" : "A" } { "Ref" : 1 }') == [("OM2103", 1, 36)]


HOSTILE = [
    '{ "Ref" : ',
    '{ "Ref" : "',
    '{ "Fn::Base64" : ',
    "{ } < >",
    "{     ",
    "\\",
    '\\{ "Ref" :',
    '"',
    '{ "Fn::Join" : [ ',
]


@pytest.mark.parametrize("part", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_takes_no_square(part: str) -> None:
    """A megabyte of openers, strings, braces or backslashes is converted or refused; a square would take hours."""
    text = part * (1_000_000 // len(part))
    try:
        found = sum(len(value) for value in values(text) if isinstance(value, str))
    except omegac.Rejected as rejected:
        found = len(rejected.diagnostics)
    assert found in (*range(1, 21), len(text), len(text.replace("\\{", "{")))


def converted(text: str, **variables: Any) -> list[Any]:
    """The items of the join that a template becomes."""
    items: list[Any] = omegac.convert_userdata(text, variables)["Fn::Join"][1]
    return items


def test_what_an_earlier_converter_did_wrong() -> None:
    """Blank lines stay, a template that does not parse is refused, and so is a name that nothing defines."""
    assert converted("a\n\n\nb\n") == ["a\n", "\n", "\n", "b\n"]
    for template in ("{{ .Name", "{% if x %}", "{{ .Nothing }}"):
        with pytest.raises(omegac.Rejected):
            converted(template)
    assert converted('{ "Fn::Join" : [ "", [ { "Ref" : "A" }, "b" ] ] }') == [{"Fn::Join": ["", [{"Ref": "A"}, "b"]]}]


HOSTILE_TEMPLATES = {
    "range": "{% for i in range(10**9) %}x{% endfor %}",
    "nested": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "multiply": '{{ "a" * 10**9 }}',
    "power": "{{ 9**9**9 }}",
    "double": '{% set n=namespace(x="aaaaaaaa") %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}',
    "format": '{{ "%999999999d" % 1 }}',
    "recursive macro": "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
    "self include": '{% include "userdata" %}',
    "recursive loop": "{% for x in [1] recursive %}{{ loop(range(9999)) }}{% endfor %}",
    "square": "{% set n=namespace(x=3) %}{% for i in range(60) %}{% set n.x = n.x * n.x %}{% endfor %}",
    "fill": "{% for i in range(100000) %}{{ 'x' * 900 }}{% endfor %}",
    "list": "{{ [0] * 10**9 }}",
    "replace": "{% set n=namespace(x='aa') %}{% for i in range(40) %}{% set n.x = n.x|replace('a','aa') %}{% endfor %}",
    "method": '{{ "x".ljust(10**9) }}',
    "batch": "{{ [1]|batch(10**7, 0)|list|length }}",
    "class": "{{ ''.__class__.__mro__ }}",
    "globals": "{{ range.__globals__ }}",
    "subscript": "{{ ''['__class__'] }}",
    "attr": "{{ ''|attr('__class__') }}",
    "lipsum": "{{ lipsum(10000) }}",
    "random": "{{ [1, 2]|random }}",
    "autoescape": "{% autoescape true %}{{ 1 }}{% endautoescape %}",
}


@pytest.mark.parametrize("template", HOSTILE_TEMPLATES.values(), ids=HOSTILE_TEMPLATES.keys())
def test_a_template_cannot_run_away(template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A template that would run for ever, fill the memory or reach into Python is refused clearly, and soon."""
    monkeypatch.setenv("OMEGAC_MEMO", "off")
    with pytest.raises(omegac.Rejected) as rejected:
        converted("#!/bin/sh\n" + template)
    (diagnostic,) = rejected.value.diagnostics
    assert diagnostic.code in ("OM2001", "OM2002", "OM2003", "OM2004", "OM2005")


@pytest.mark.parametrize(
    "template", ["{{ B|upper }}", "{% if B %}{% endif %}", "{{ B == 1 }}", "{{ B ~ 'x' }}", "{{ B|length }}"]
)
def test_an_intrinsic_is_not_known_yet(template: str) -> None:
    """A variable that is an intrinsic may be printed and passed on, and stands in no filter, test or operator."""
    assert converted("a={{ B }}/x", B={"Ref": "Store"}) == ["a=", {"Ref": "Store"}, "/x"]
    assert converted("{% set c = B %}{{ c }}", B={"Ref": "Store"}) == [{"Ref": "Store"}]
    with pytest.raises(omegac.Rejected) as rejected:
        converted(template, B={"Ref": "Store"})
    assert [diagnostic.code for diagnostic in rejected.value.diagnostics] == ["OM2006"]


def test_shell_text_is_not_eaten() -> None:
    """No comment syntax of a template engine takes shell text away; line ends and the last newline stay."""
    text = "echo ${#arr[@]} {# not a comment #} ${x%%y} ${x#z}\r\n{{ 1 }}\n"
    assert converted(text) == ["echo ${#arr[@]} {# not a comment #} ${x%%y} ${x#z}\r\n", "1\n"]
    assert converted("{{ .A }} {{.A}}", A="x") == ["x x"]


@pytest.mark.parametrize(
    "template",
    [
        '{% filter upper %}{ "Ref" : "A" }{% endfilter %}',
        '{% set x %}{ "Ref" : "A" }{% endset %}{{ x|replace("A", "B") }}',
        "{% set x %}{{ B }}{% endset %}{{ x|upper }}",
        '{% macro m() %}{ "Ref" : "A" }{% endmacro %}{{ m() ~ "x" }}',
        '{% set x %}{ "Ref" : "A" }{% endset %}{{ x|trim("}") }}',
    ],
)
def test_an_expression_goes_through_no_filter(template: str) -> None:
    """Text that holds an expression is refused in a filter or operator, never taken for text."""
    with pytest.raises(omegac.Rejected) as rejected:
        converted(template, B={"Ref": "Store"})
    assert [diagnostic.code for diagnostic in rejected.value.diagnostics] == ["OM2006"]


def test_indent_and_trim_keep_expressions() -> None:
    """The filters that only add or drop white space leave expressions what they are, and blank lines blank."""
    text = '{% set x %} a\n\n{ "Ref" : "A" }{{ V }}\n{% endset %}'
    assert converted(text + "{{ x|indent(2) }}", V="v") == [" a\n", "\n", "  ", {"Ref": "A"}, "v\n"]
    assert converted(text + "{{ x|trim }}", V=" ") == ["a\n", "\n", {"Ref": "A"}]
