"""Which value each parameter is deployed with: golden cases, the forms of each type, and what holds for any input."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omegac.deployment.constraints import MAX_BYTES, broken
from omegac.deployment.parameter_file import parameters_in
from omegac.deployment.parameters import Offered, Settled, refusal, retained, secrets, settle, unanswered
from omegac.diagnostics import Rejected
from omegac.load import load
from omegac.report.text import as_text
from omegac.source import Origin, Origins, Source, Traced

CASES = Path(__file__).parent / "parameters"
REWRITE = os.environ.get("OMEGAC_GOLDEN") == "rewrite"

NAMES = ("Level", "Password", "Size", "Zone")
UNSEEN = "hunter2"
# Beside a pair of surrogates `load` reads none of the private use area, where their stand-ins are.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Co"], exclude_characters="\x7f"), max_size=20)


def source_of(case: Path, *names: str) -> Source | None:
    """The first of some files that a case has."""
    found = next((case / name for name in names if (case / name).exists()), None)
    return Source(found.name, found.read_text("utf-8")) if found else None


def result_of(case: Path) -> str:
    """What a case comes to: its settled parameters as JSON, or rendered diagnostics."""
    template: dict[str, Any] = load(Source("template.yaml", (case / "template.yaml").read_text("utf-8"))).value
    offered, stage = source_of(case, "offered.yaml"), source_of(case, "stage.yaml")
    file = source_of(case, "params.yaml", "params.json")
    hidden = [name for name, each in template.get("Parameters", {}).items() if each.get("NoEcho")]
    try:
        read = Offered(
            of_stage=load(stage) if stage else None,
            of_file=parameters_in(file, hidden) if file else None,
            **(load(offered).value if offered else {}),
        )
        settled = settle(template, read)
    except Rejected as rejected:
        return as_text(rejected.diagnostics)
    if settled.missing and not settled.values:
        return as_text([unanswered(settled.missing)])
    return json.dumps(told(template, settled), indent=2) + "\n"


def told(template: Mapping[str, Any], settled: Settled) -> dict[str, Any]:
    return {
        "for_cloudformation": settled.for_cloudformation(),
        "values": {each.name: [each.source, each.shown] for each in settled.values},
        "missing": [each._asdict() for each in settled.missing],
        "retained": [each._asdict() for each in retained(template, settled)],
    }


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_golden(case: Path) -> None:
    """A template and what is offered for it come to the values beside them, or to the diagnostics."""
    result = result_of(case)
    golden = case / ("settled.json" if result.startswith("{") else "diagnostics.txt")
    if REWRITE:
        golden.write_text(result, "utf-8")
    assert [path.name for path in case.glob("[ds][ie][at][gt]*")] == [golden.name]
    assert result == golden.read_text("utf-8")
    assert UNSEEN not in result


PATTERN = {"Type": "String", "AllowedPattern": "^[a-z]+$"}
LISTED = {"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"], "MinLength": 2}
SSM = {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"}


@pytest.mark.parametrize(
    ("parameter", "taken", "refused"),
    [
        ({}, ["", "any", "a\nb", "x" * MAX_BYTES], ["x" * (MAX_BYTES + 1), "é" * (MAX_BYTES // 2 + 1)]),
        ({"Type": "Number"}, ["0", "-1", "+1.5", ".5", "1.", "1e3"], ["", "one", "1,2", "0x10", "NaN", " 1", "\u0661"]),
        ({"Type": "Number", "MinValue": "0.1", "MaxValue": 10}, ["0.1", "10.0"], ["0.09999999999999999999", "10.01"]),
        ({"Type": "Number", "MinValue": 9007199254740993}, ["9007199254740993"], ["9007199254740992"]),
        ({"Type": "Number", "AllowedValues": [1, 2]}, ["1", "2.0"], ["3", "-1"]),
        ({"Type": "List<Number>", "MinValue": 5}, ["1", "1, 2,3"], ["", "1,,2", "1,two"]),
        ({"Type": "String", "AllowedValues": [True, 1, "x"]}, ["true", "1", "x"], ["True", "1.0", "X", ""]),
        ({"Type": "String", "MinLength": "2", "MaxLength": 3}, ["ab", "éèà"], ["", "a", "abcd"]),
        (PATTERN, ["abc"], ["", "abc1", "abc\n", "ABC"]),
        ({**PATTERN, "AllowedPattern": r"\d+"}, ["12"], ["\u0661\u0662"]),
        ({**PATTERN, "AllowedPattern": r"\p{Lower}+"}, ["abc", "ABC"], []),
        ({**PATTERN, "AllowedPattern": "[a-z&&[^x]]+"}, ["abc", "x"], []),
        (LISTED, ["a", "a, b", "b,a,a"], ["", "a,c", "ab"]),
        ({"Type": "CommaDelimitedList", "AllowedPattern": "[a-z]+"}, ["a", "a, bc"], ["a,", "a,B"]),
        ({"Type": "AWS::EC2::VPC::Id"}, ["vpc-01234567", "vpc-0123456789abcdef0"], ["", "vpc-", "subnet-01234567"]),
        ({"Type": "AWS::EC2::Subnet::Id"}, ["subnet-0123456789abcdef0"], ["subnet-0123456789ABCDEF0", "default"]),
        ({"Type": "AWS::EC2::SecurityGroup::Id"}, ["sg-01234567"], ["web", "sg-01234567,sg-01234567"]),
        ({"Type": "List<AWS::EC2::SecurityGroup::Id>"}, ["sg-01234567,sg-01234567"], ["", "sg-01234567,web"]),
        ({"Type": "AWS::EC2::Image::Id"}, ["ami-0123456789abcdef0"], ["/aws/service/ami"]),
        ({"Type": "AWS::EC2::Instance::Id"}, ["i-0123456789abcdef0"], ["i-"]),
        ({"Type": "AWS::EC2::Volume::Id"}, ["vol-0123456789abcdef0"], ["vol"]),
        ({"Type": "AWS::EC2::KeyPair::KeyName"}, ["my key"], ["", "x" * 256]),
        (
            {"Type": "AWS::EC2::AvailabilityZone::Name"},
            ["eu-west-1a", "us-west-2-lax-1a", "us-gov-east-1b"],
            ["eu-west"],
        ),
        ({"Type": "AWS::Route53::HostedZone::Id"}, ["Z23ABC4XYZL05B"], ["example.com"]),
        (
            SSM,
            ["/aws/service/ami", "name", "/a/b:3", "arn:aws:ssm:eu-west-1:123456789012:parameter/a"],
            ["", "a/b", "a b"],
        ),
        ({**SSM, "AllowedPattern": "/mine/.*"}, ["/mine/image"], ["/aws/service/ami"]),
        ({"Type": "AWS::Something::New"}, ["", "any"], []),
    ],
    ids=str,
)
def test_what_a_parameter_takes(parameter: dict[str, Any], taken: list[str], refused: list[str]) -> None:
    """A value is refused where its parameter's declaration says so, and left to CloudFormation where it does not."""
    assert {text: broken(parameter, text) for text in taken} == dict.fromkeys(taken)
    assert [text for text in refused if broken(parameter, text) is None] == []


def test_an_answer_is_checked_as_any_value() -> None:
    """What is typed for a missing parameter gets the message that the same value gets elsewhere."""
    template = {"Parameters": {"Level": {"Type": "String", "AllowedValues": ["low", "high"]}}}
    found = refusal(template, "Level", "hihg")
    assert found is not None
    with pytest.raises(Rejected) as rejected:
        settle(template, Offered(given={"Level": "hihg"}))
    assert rejected.value.diagnostics == (found,)
    assert refusal(template, "Level", "high") is None


def test_a_secret_is_not_in_a_representation() -> None:
    """A traceback or a log that has the settled parameters in it has no secret, which CloudFormation is still sent."""
    settled = settle({"Parameters": {"Password": {"NoEcho": True}}}, Offered(given={"Password": UNSEEN}))
    assert UNSEEN not in repr(settled)
    assert settled.for_cloudformation() == [{"ParameterKey": "Password", "ParameterValue": UNSEEN}]


def traced(values: Mapping[str, Any] | None) -> Traced | None:
    return None if values is None else Traced(values, Origins(Origin(None)))


def chosen(label: str) -> st.SearchStrategy[dict[str, str]]:
    """A value for some of the names, which tells its own source and name."""
    return st.sets(st.sampled_from(NAMES)).map(lambda names: {name: f"{label} {name}" for name in names})


ORDER = ("given", "stage", "file", "generated", "previous", "default")
SOURCES = st.fixed_dictionaries({source: chosen(source) for source in ORDER})


@given(SOURCES, st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES)))
def test_the_first_source_that_has_a_value_counts(
    sources: dict[str, dict[str, str]], hidden: set[str], masked: set[str]
) -> None:
    """Each parameter is settled once: by the first source that names it, or as missing where none does."""
    template = {
        "Parameters": {
            name: {"NoEcho": name in hidden}
            | ({"Default": sources["default"][name]} if name in sources["default"] else {})
            for name in NAMES
        }
    }
    previous = [
        {"ParameterKey": name, "ParameterValue": "****" if name in masked else text}
        for name, text in sources["previous"].items()
    ]
    offered = Offered(
        sources["given"], traced(sources["stage"]), traced(sources["file"]), previous, sources["generated"]
    )
    settled = settle(template, offered)
    first = {name: [source for source in ORDER if name in sources[source]][:1] for name in NAMES}
    assert {each.name: [each.source] for each in settled.values} | {each.name: [] for each in settled.missing} == first
    assert [each.name for each in settled.values] == sorted(name for name in NAMES if first[name])
    assert [each.name for each in settled.missing] == sorted(name for name in NAMES if not first[name])

    sent = {each["ParameterKey"]: each for each in settled.for_cloudformation()}
    assert sent.keys() == {name for name in NAMES if first[name] not in ([], ["default"])}
    for name, each in sent.items():
        (source,) = first[name]
        text = {"UsePreviousValue": True} if source == "previous" else {"ParameterValue": f"{source} {name}"}
        assert each == {"ParameterKey": name, **text}
    for value in settled.values:
        untold = value.source == "previous" and (value.name in hidden or value.name in masked)
        assert value.value == (None if untold else f"{value.source} {value.name}")
        assert (value.shown == "****") == (untold or value.secret)
    for unseen in secrets(template, offered):
        assert unseen not in repr(settled)
        assert unseen.split()[1] in hidden


@given(
    st.dictionaries(st.from_regex("[A-Z][A-Za-z0-9]{0,9}", fullmatch=True), TEXTS, max_size=5),
    st.sampled_from([None, 1]),
)
def test_each_form_of_a_file_says_the_same(values: dict[str, str], indent: int | None) -> None:
    """A mapping, the AWS CLI's list and CodePipeline's form of the same values are read alike, each at its place."""
    forms: list[Any] = [
        values,
        [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()],
        {"Parameters": values},
    ]
    for form in forms if "Parameters" not in values else forms[1:]:
        text = json.dumps(form, indent=indent)
        read = parameters_in(Source("params.json", text))
        assert read.value == values
        for name, at in read.items():
            span, key = at.origin.span, at.origin.key
            assert span
            assert key
            assert text[span.start : span.end] == json.dumps(values[name])
            assert text[key.start : key.end] == json.dumps(name)


@given(
    st.permutations(NAMES),
    st.sampled_from(["list", "mapping"]),
    st.sampled_from([None, 1]),
    st.sampled_from(["Password", "Pasword"]),
)
def test_no_layout_of_a_file_shows_a_secret(
    order: list[str],
    form: str,
    indent: int | None,
    spelt: str,
) -> None:
    """Whatever stands on a secret's line, the diagnostics of the file do not show it."""
    values = {spelt if name == "Password" else name: UNSEEN if name == "Password" else "x" for name in order}
    entries = [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]
    source = Source("params.json", json.dumps(entries if form == "list" else values, indent=indent))
    template = {
        "Parameters": {
            name: {"Type": "Number"} if name != "Password" else {"NoEcho": True, "MinLength": 12} for name in NAMES
        }
    }
    with pytest.raises(Rejected) as rejected:
        settle(template, Offered(of_file=parameters_in(source, ["Password"])))
    assert len(rejected.value.diagnostics) == len(NAMES)
    assert UNSEEN not in as_text(rejected.value.diagnostics)
