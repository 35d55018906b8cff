"""`omegac userdata` and `convert_userdata`: the converter on its own, and back."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import omegac
from omegac.source import Origin, Origins, Traced
from omegac.userdata.reverse import reverse

ROOT = Path(__file__).resolve().parent.parent

SCRIPT = """\
#!/bin/bash
POSTGRES_ADDRESS={ "Fn::GetAtt" : [ "{{ .Database }}" , "Endpoint.Address" ] }

aws s3 cp s3://{{ Bucket }}/app.zip < "Ref" : "AWS::Region" >
"""
TEMPLATE = {"Resources": {"Db": {"Type": "AWS::RDS::DBInstance"}, "Store": {"Type": "AWS::S3::Bucket"}}}
JOINED = {
    "Fn::Join": [
        "",
        [
            "#!/bin/bash\n",
            "POSTGRES_ADDRESS=",
            {"Fn::GetAtt": ["Db", "Endpoint.Address"]},
            "\n",
            "\n",
            "aws s3 cp s3://",
            {"Ref": "Store"},
            "/app.zip ",
            {"Ref": "AWS::Region"},
            "\n",
        ],
    ]
}


def command(*arguments: str, text: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Runs `omegac userdata`."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "omegac", "userdata", *arguments],
        input=text,
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def value_of(expression: Any) -> list[Any]:
    """What an expression amounts to: text put together, expressions as they are."""
    parts: list[Any] = []
    for item in expression["Fn::Join"][1]:
        if isinstance(item, str) and parts and isinstance(parts[-1], str):
            parts[-1] += item
        elif item != "":
            parts.append(item)
    return parts


def reversed_(value: Any) -> str:
    return reverse(Traced(value, Origins(Origin(None))))


def test_the_library_call() -> None:
    """`convert_userdata` gives plain JSON types that a hand-written template can hold."""
    given = {"Database": "Db", "Bucket": {"Ref": "Store"}}
    assert omegac.convert_userdata(SCRIPT, given, template=TEMPLATE) == JOINED
    assert json.loads(json.dumps(JOINED)) == omegac.convert_userdata(SCRIPT, given)


def test_the_library_call_refuses_with_places() -> None:
    """A name that stands for nothing is refused at its line and column."""
    with pytest.raises(omegac.Rejected) as refused:
        omegac.convert_userdata('#!/bin/sh\nA={ "Ref" : "Stor" }\n', template=TEMPLATE)
    (diagnostic,) = refused.value.diagnostics
    assert (diagnostic.code, diagnostic.hint) == ("OM2104", 'did you mean "Store"?')
    assert diagnostic.span is not None
    assert (diagnostic.span.line, diagnostic.span.column) == (2, 14)


def test_an_expression_behind_a_printed_value_has_its_own_place() -> None:
    """Where literal text goes on with a bracket that opens an expression, that bracket is its place."""
    with pytest.raises(omegac.Rejected) as rejected:
        omegac.convert_userdata('echo {{ Name }} { "Ref" : 1 }', {"Name": "a"})
    (diagnostic,) = rejected.value.diagnostics
    assert diagnostic.span
    assert (diagnostic.span.line, diagnostic.span.column) == (1, 17)


def test_plain_text_needs_no_jinja2() -> None:
    """A script without tags of Jinja2 is converted without importing it."""
    program = (
        'import omegac, sys; omegac.convert_userdata(\'#!/bin/sh\\nA={ "Ref" : "AWS::Region" }\\n\');'
        "assert 'jinja2' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)


def test_the_command(tmp_path: Path) -> None:
    """A file, or standard input, with variables of every kind, becomes JSON."""
    (tmp_path / "userdata.sh").write_text(SCRIPT, "utf-8")
    (tmp_path / "template.json").write_text(json.dumps(TEMPLATE), "utf-8")
    variables = ("--var", "Database=Db", "--var", 'Bucket={"Ref": "Store"}')
    done = command("userdata.sh", *variables, "--template", "template.json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == JOINED
    piped = command("-", *variables, "--base64", text=SCRIPT, cwd=tmp_path)
    assert json.loads(piped.stdout) == {"Fn::Base64": JOINED}


def test_the_command_refuses(tmp_path: Path) -> None:
    """Broken expressions, unknown names and undefined variables are refused with their places."""
    broken = command("-", text='#!/bin/sh\nA={ "Ref" : 1 }\nB={ "Fn::Nope" : 1 }\n', cwd=tmp_path)
    assert broken.returncode == 1
    assert "--> standard input:2:3" in broken.stderr
    assert "--> standard input:3:3" in broken.stderr
    assert broken.stdout == ""
    undefined = command("-", text="#!/bin/sh\n{{ Nothing }}\n", cwd=tmp_path)
    assert "error[OM2003]" in undefined.stderr
    assert command("-", "--var", "novalue", cwd=tmp_path).returncode == 2
    assert command("nowhere.sh", cwd=tmp_path).returncode == 1


def test_the_command_extends_what_ships(tmp_path: Path) -> None:
    """A script names other templates by their paths from its own folder, and those that ship with omegac."""
    (tmp_path / "part.sh").write_text('echo { "Ref" : "AWS::StackName" }\n', "utf-8")
    (tmp_path / "userdata.sh").write_text('#!/bin/sh\n{% include "part.sh" %}\n', "utf-8")
    done = command(str(tmp_path / "userdata.sh"))
    assert {"Ref": "AWS::StackName"} in json.loads(done.stdout)["Fn::Join"][1]
    (tmp_path / "leading.sh").write_text('#!/bin/sh\n{% include "../x.sh" %}\n', "utf-8")
    assert "error[OM2001]" in command(str(tmp_path / "leading.sh")).stderr


@pytest.mark.parametrize(
    ("value", "script"),
    [
        (JOINED, None),
        ({"Fn::Base64": {"Fn::Sub": "#!/bin/sh\necho ${Db.Arn} ${!HOME} ${ x\n"}}, None),
        ({"Fn::Sub": ["a ${B} ${AWS::Region}", {"B": {"Ref": "C"}}]}, 'a { "Ref" : "C" } { "Ref" : "AWS::Region" }'),
        ({"Fn::Join": ["\n", ["#!/bin/sh", "a", {"Ref": "B"}]]}, '#!/bin/sh\na\n{ "Ref" : "B" }'),
        ({"Fn::Base64": "docker ps --format '{{.Names}}'"}, "docker ps --format '{{ \"{{\" }}.Names}}'"),
        ({"Fn::Join": ["", ['\\{ "Ref" : 1 }', {"Ref": "A"}]]}, '\\\\\\{ "Ref" : 1 }{ "Ref" : "A" }'),
        ({"Fn::Join": ["", ["{", {"Ref": "A"}, "}"]]}, '{< "Ref" : "A" >}'),
        ({"Fn::Join": ["", ["\\", {"Fn::Sub": "{{x}} ${A}"}]]}, '\\\\{ "Fn::Sub" : "\\u007b{x}} ${A}" }'),
    ],
)
def test_reverse(value: Any, script: str | None) -> None:
    """The script of an expression, converted again, has the value of the expression."""
    text = reversed_(value)
    assert script is None or text == script
    again = omegac.convert_userdata(text)
    inner = value.get("Fn::Base64", value) if isinstance(value, dict) else value
    if isinstance(inner, dict) and inner.get("Fn::Join", ["x"])[0] == "":
        assert value_of(again) == value_of(inner)
    if isinstance(inner, str):
        assert "".join(again["Fn::Join"][1]) == inner
    if inner == {"Fn::Sub": "#!/bin/sh\necho ${Db.Arn} ${!HOME} ${ x\n"}:
        assert value_of(again) == ["#!/bin/sh\necho ", {"Fn::GetAtt": ["Db", "Arn"]}, " ${HOME} ${ x\n"]


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "Script"},
        {"Fn::Join": ["", {"Ref": "List"}]},
        {"Fn::Join": ["", ["a", {"Fn::GetAZs": ""}]]},
        {"Fn::Join": ["", ["a", {"Ref": "AWS::NoValue"}]]},
        {"Fn::Join": [{"Ref": "X"}, ["a"]]},
        {"Fn::Base64": {"Fn::If": ["A", "b", "c"]}},
        ["a"],
    ],
)
def test_what_cannot_be_reversed_is_refused(value: Any) -> None:
    """What no script can say is refused, never guessed."""
    with pytest.raises(omegac.Rejected) as refused:
        reversed_(value)
    assert [diagnostic.code for diagnostic in refused.value.diagnostics] == ["OM2301"]


BITS = [
    "a",
    "{",
    "}",
    "<",
    "\\",
    '"',
    "\n",
    "{{",
    "}}",
    "{%",
    "%}",
    '{ "Ref" : ',
    '"x" }',
    "$",
    "${A}",
    "\r",
    "é",
    "\x1f",
    "#",
]


def test_text_and_expressions_survive_the_way_back_and_forth() -> None:
    """Whatever text stands around whatever expressions, reversing and converting again gives the same value."""
    expressions = [{"Ref": "A"}, {"Fn::GetAtt": ["B", "C.D"]}, {"Fn::Sub": '{{ ${E} {% \\ "'}, {"Fn::Base64": "{%"}]
    for number in range(1500):
        source = random.Random(number)  # noqa: S311 (to make scripts, not keys)
        items = [source.choice([*BITS, *expressions]) for _ in range(source.randint(0, 12))]
        value = {"Fn::Join": ["", items]}
        assert value_of(omegac.convert_userdata(reversed_(value))) == value_of(value), number


def test_the_command_reverses_a_template(tmp_path: Path) -> None:
    """--reverse finds the userdata of a template, JSON or YAML; of several, the one that --resource names."""
    server = {"Type": "AWS::EC2::Instance", "Properties": {"UserData": {"Fn::Base64": JOINED}}}
    (tmp_path / "one.json").write_text(json.dumps({"Resources": {"A": server}}), "utf-8")
    one = command("one.json", "--reverse", cwd=tmp_path)
    assert one.returncode == 0
    assert omegac.convert_userdata(one.stdout) == JOINED
    (tmp_path / "two.json").write_text(json.dumps({"Resources": {"A": server, "B": server}}), "utf-8")
    both = command("two.json", "--reverse", cwd=tmp_path)
    assert "error[OM2302]: resources with userdata here: A, B" in both.stderr
    assert command("two.json", "--reverse", "--resource", "B", cwd=tmp_path).stdout == one.stdout
    assert "OM2302" in command("two.json", "--reverse", "--resource", "C", cwd=tmp_path).stderr
    text = "Resources:\n  A:\n    Type: AWS::EC2::Instance\n    Properties:\n      UserData: !Base64\n"
    (tmp_path / "t.yaml").write_text(
        text + "        Fn::Sub: |\n          #!/bin/sh\n          echo ${AWS::Region}\n", "utf-8"
    )
    assert command("t.yaml", "--reverse", cwd=tmp_path).stdout == '#!/bin/sh\necho { "Ref" : "AWS::Region" }\n'
    assert command("-", "--reverse", text=json.dumps(JOINED)).stdout == one.stdout


def test_depth_is_refused_cleanly() -> None:
    """A hundred thousand levels of nesting are refused with a diagnostic, not a RecursionError."""
    deep = "A=" + '{ "Fn::Base64" : ' * 100_000 + '"x"' + " }" * 100_000
    with pytest.raises(omegac.Rejected) as refused:
        omegac.convert_userdata("#!/bin/sh\n" + deep)
    assert "OM2101" in {diagnostic.code for diagnostic in refused.value.diagnostics}


def test_a_cr_on_the_first_line_is_refused() -> None:
    """A first line that ends with CR names a program that there is not."""
    done = command("-", text="#!/bin/bash\r\necho\r\n")
    assert "OM2202" in done.stderr or os.linesep != "\n"
