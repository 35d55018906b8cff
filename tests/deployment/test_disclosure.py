"""Disclosure: the outputs that a template makes from a parameter with NoEcho, and where a spec has its values."""

from __future__ import annotations

from typing import Any

import pytest

from omegac.deployment.disclosure import guarded, has_secrets, shown, written
from omegac.diagnostics import Rejected
from omegac.load import load
from omegac.source import Source

TEMPLATE = load(
    Source(
        "template.yaml",
        """\
Parameters:
  Key: {Type: String, NoEcho: "true"}
  Level: {Type: String, Default: info}
Conditions:
  IsKnown: !Equals [!Ref Key, hunter2]
  IsUnknown: !Not [Condition: IsKnown]
  IsLoud: !Equals [!Ref Level, debug]
Mappings:
  Words: {a: {b: c}}
Resources:
  Setting: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Sub "key ${Key}"}}
  Copy: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !GetAtt Setting.Value}}
  Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "https://…", Parameters: {Key: !Ref Key}}}
  Database: {Type: AWS::RDS::DBInstance, Properties: {MasterUserPassword: !Ref Key}}
Outputs: {}
""",
    ),
    disputes=False,
).value


def outputs(text: str) -> dict[str, Any]:
    """The template with an output."""
    return {**TEMPLATE, "Outputs": load(Source("outputs.yaml", f"Told: {text}\n"), disputes=False).value}


@pytest.mark.parametrize(
    "value",
    [
        "!Ref Key",
        '!Sub "${AWS::Region} ${Key}"',
        '!Sub ["${Word}", {Word: !Ref Key}]',
        '!Join ["", [a, !Select [0, !Split ["-", !Ref Key]]]]',
        "Fn::Base64: !Ref Key",
        "!If [IsUnknown, yes it is, no]",
        "!If [IsLoud, !Ref Key, nothing]",
        "!FindInMap [Words, !Ref Key, b]",
        "!GetAtt Setting.Value",
        '!Sub "${Copy.Value}"',
        "!GetAtt Inner.Outputs.Key",
    ],
)
def test_an_output_that_a_secret_reaches_is_hidden(value: str) -> None:
    """By whatever intrinsic, condition or property it comes there."""
    block = f"\n    {value}" if value.startswith("Fn::") else f" {value}"
    assert shown(outputs(f"\n  Value:{block}"), {"Told": "hunter2"}) == {"Told": "****"}


@pytest.mark.parametrize(
    "body",
    [
        "{Value: !Ref Level}",
        "{Value: !If [IsLoud, a, b]}",
        "{Value: Key}",
        '{Value: !Sub "${!Key}"}',
        "{Value: !Ref Setting}",
        "{Value: !GetAtt Setting.Type}",
        "{Value: !GetAtt Database.Endpoint.Address}",
        "{Value: plain, Condition: IsKnown}",
        "{Value: plain, Export: {Name: !Ref Key}}",
    ],
)
def test_any_other_output_is_shown(body: str) -> None:
    """What a secret is used for beside an output's value hides nothing."""
    assert shown(outputs(body), {"Told": "plain"}) == {"Told": "plain"}


def test_an_output_of_a_loop_is_hidden_if_the_loop_has_a_secret() -> None:
    """A loop names its outputs by itself: those that are not written out may be any of its."""
    loop = {"Fn::ForEach::Each": ["Each", ["A", "B"], {"Told${Each}": {"Value": {"Ref": "Key"}}}]}
    template = {**TEMPLATE, "Outputs": {**loop, "Plain": {"Value": "plain"}}}
    assert shown(template, {"ToldA": "hunter2", "Plain": "plain"}) == {"ToldA": "****", "Plain": "plain"}


def test_without_a_template_all_is_hidden() -> None:
    """Each output may be the secret."""
    assert shown(None, {"One": "a", "Other": "b"}) == {"One": "****", "Other": "****"}


@pytest.mark.parametrize(("value", "masked"), [("****", True), ("", False), ("a****", False)])
def test_a_masked_parameter_is_a_secret(value: str, masked: bool) -> None:  # noqa: FBT001 (pytest gives it by name)
    """DescribeStacks has asterisks in the place of a value with NoEcho."""
    assert has_secrets([{"ParameterKey": "Level", "ParameterValue": "info"}, {"ParameterValue": value}]) == masked


@pytest.mark.parametrize(
    ("spec", "texts"),
    [
        (
            "parameters: {Key: {no_echo: true}}\nstages: {a: {parameters: {Key: k1}}, b: {parameters: {Key: k2}}}",
            "k1 k2",
        ),
        ("parameters: {Key: {no_echo: true}, Level: {}}\nstages: {a: {parameters: {Level: x, Kye: k}}}", "k"),
        ("parameters: {Key: {no_echo: yse}}\nstages: {a: {parameters: {Key: 7}}}", "7"),
        ('parameters: {Key: {no_echo: true}}\nstages: {a: {parameters: {Key: "\\x6b"}}}', "\\x6b k"),
        ("parameters: {Key: {no_echo: false}}\nstages: {a: {parameters: {Key: k}}}", ""),
        ("stages: {a: {parameters: {Key: k}}}", ""),
        ("parameters: [Key]\nstages: {a: {parameters: {Key: k}}}", ""),
        ("parameters: {Key: {no_echo: true}}\nstages: [a]", ""),
        ("parameters: {Key: {no_echo: true}}\nstages: {a: 1, b: {parameters: [Key]}, c: {parameters: {Key: }}}", ""),
    ],
)
def test_the_values_of_secret_parameters_are_found_in_a_spec(spec: str, texts: str) -> None:
    """In each stage, as they are and as they are written, those of names that no parameter has too, valid or not."""
    assert sorted(set(written(load(Source("omega.yaml", spec)), misspelt=True))) == texts.split()


def test_a_parameter_of_the_template_alone_is_no_secret() -> None:
    """Of a spec that compiles, a name that it has no parameter of is one that omegac has made, such as an image's."""
    spec = "parameters: {Key: {no_echo: true}}\nstages: {a: {parameters: {Key: k, WebImage: /image}}}"
    assert set(written(load(Source("omega.yaml", spec)))) == {"k"}


@pytest.mark.parametrize(
    ("spec", "quoted"),
    [
        ("parameters: {Key: {no_echo: true}}\nstages:\n  prod: {parameters: {Key: hunter2}, a: *x}\n", False),
        ("service: *x\nparameters: {Key: {no_echo: true}}\nstages:\n  prod: {parameters: {Key: hunter2}}\n", True),
        ("stages:\n  prod: {parameters: {Level: info}, a: *x}\n", True),
    ],
)
def test_of_a_spec_that_cannot_be_read_no_line_of_a_stage_is_shown(spec: str, quoted: bool) -> None:  # noqa: FBT001 (pytest gives it by name)
    """What is secret there is not known; the place is told all the same."""
    source = Source("omega.yaml", spec)
    with pytest.raises(Rejected) as refused:
        load(source)
    (found,) = (guarded(each, source) for each in refused.value.diagnostics)
    assert found.span
    assert found.span.line == (1 if spec.startswith("service") else spec.count("\n"))
    assert (found.span.source is source) == quoted
    assert quoted or set(found.span.source.text) == {"*", " ", "\n"}
