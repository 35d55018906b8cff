"""What a deployment changes, told from a change set's description or from two templates, and how it is shown.

A folder in `changes/` has the templates, and the pages of a description as botocore gives them unless the templates
alone are to be compared; beside them is what people and programs are shown. `OMEGAC_GOLDEN=rewrite` rewrites that.
"""

from __future__ import annotations

import base64
import copy
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omegac.console.changes import as_record, as_text
from omegac.deployment.changes import Change, Changes, changes_of
from omegac.deployment.comparison import changes_between
from omegac.deployment.holdings import DATA, HOURLY
from omegac.deployment.properties import PropertyChange, differences, tokens
from omegac.deployment.remarks import moved_images, retained_parameters
from omegac.deployment.replacements import recreates
from omegac.deployment.scripts import script, script_difference

CASES = Path(__file__).parent / "changes"
REWRITE = os.environ.get("OMEGAC_GOLDEN") == "rewrite"


def cases() -> list[Path]:
    return sorted(path.parent for path in CASES.glob("*/planned.json"))


def read(case: Path, name: str) -> Any:
    path = case / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def found(case: Path) -> Changes:
    """What the folder's change set does, or its planned template where there is none."""
    pages, deployed, planned = (read(case, name) for name in ("pages", "deployed", "planned"))
    if pages is None:
        return changes_between(deployed, planned)
    return changes_of(pages, deployed, planned, read(case, "nested"))


def expect(path: Path, text: str) -> None:
    """Compares with a golden file, or rewrites it."""
    if REWRITE:
        path.write_text(text, "utf-8")
    assert path.exists(), f"{path} is missing: run with OMEGAC_GOLDEN=rewrite"
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize("case", cases(), ids=lambda case: str(case.name))
def test_golden(case: Path) -> None:
    """People are shown a change set as in the folder's text, and programs as in its record."""
    changes = found(case)
    expect(case / "changes.txt", as_text(changes))
    expect(case / "changes.record.json", json.dumps(as_record(changes), ensure_ascii=False, indent=2) + "\n")


def test_colour_adds_nothing_but_colour() -> None:
    """With colours, the text is the same; what is lost is bold and red."""
    changes = found(CASES / "data")
    coloured = as_text(changes, colour=True)
    assert "\x1b[1;31mholds data, which is lost: items\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == as_text(changes)


@pytest.mark.parametrize(
    "case", [case for case in cases() if (case / "pages.json").exists()], ids=lambda case: str(case.name)
)
def test_no_change_is_lost(case: Path) -> None:
    """Each resource that a change set names is in the changes once, and each property by its path or what is in it."""
    listed = [*read(case, "pages"), *(page for inner in (read(case, "nested") or {}).values() for page in inner)]
    told = [each["ResourceChange"] for page in listed for each in page["Changes"]]
    changes = found(case)
    assert sorted(each["LogicalResourceId"] for each in told) == sorted(each.logical_id for each in changes.resources)
    paths = {change.logical_id: [each.path for each in change.properties] for change in changes.resources}
    for each in told:
        for target in (detail["Target"] for detail in each.get("Details", ())):
            path = target.get("Path") or f"/Properties/{target.get('Name') or ''}"
            assert any(found.startswith(path.rstrip("/")) for found in paths[each["LogicalResourceId"]]), path


def test_at_risk_is_what_is_not_kept() -> None:
    """At risk is what holds data and goes without being retained or put into a snapshot, nothing else."""
    changes = found(CASES / "data")
    assert [change.name for change in changes.at_risk] == ["Answer", "Visits", "Events"]


def test_a_perhaps_is_a_risk() -> None:
    """Data counts as at risk when its resource is replaced only perhaps."""
    change = {
        "Action": "Modify",
        "Replacement": "Conditional",
        "LogicalResourceId": "T",
        "ResourceType": "AWS::S3::Bucket",
    }
    changes = changes_of([{"Changes": [{"Type": "Resource", "ResourceChange": change}]}], None, {})
    assert [each.action for each in changes.at_risk] == ["perhaps replace"]


def test_the_lesser_policy_counts() -> None:
    """Where the old template retains what is replaced and the new one does not, it is taken as lost."""
    before = {"Type": "AWS::SQS::Queue", "UpdateReplacePolicy": "Retain", "Properties": {"QueueName": "a"}}
    after = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "b"}}
    (change,) = changes_between({"Resources": {"Q": before}}, {"Resources": {"Q": after}}).resources
    assert (change.action, change.keeps, change.loses_data) == ("replace", "delete", True)


def test_the_lookup_of_an_image_holds_nothing() -> None:
    """The custom resource that omegac finds an image with is no loss; of any other nobody knows."""
    lookup = {"ServiceToken": "arn", "Owner": "amazon", "Name": "al2023*", "Architecture": "arm64"}
    template = {
        "Resources": {
            "WebImage": {"Type": "AWS::CloudFormation::CustomResource", "Properties": lookup},
            "Other": {"Type": "Custom::Thing", "Properties": {"ServiceToken": "arn"}},
        }
    }
    assert [each.name for each in changes_between(template, {"Resources": {}}).at_risk] == ["Other"]


def test_a_replacement_spreads() -> None:
    """What refers to a replaced resource changes too, and so on to the end, each with its cause."""
    role, lesser = "AWS::IAM::Role", "AWS::IAM::InstanceProfile"

    def template(name: str) -> dict[str, Any]:
        return {
            "Resources": {
                "Last": {"Type": lesser, "Properties": {"InstanceProfileName": {"Fn::Sub": "x-${Middle}"}}},
                "Middle": {"Type": lesser, "Properties": {"InstanceProfileName": {"Ref": "First"}}},
                "First": {"Type": role, "Properties": {"RoleName": name}},
                "Apart": {"Type": role, "DependsOn": "First", "Properties": {"Description": {"Fn::Sub": "${!First}"}}},
            }
        }

    changes = changes_between(template("a"), template("b")).resources
    assert [(each.name, each.action, each.properties[0].causes) for each in changes] == [
        ("First", "replace", ("the template",)),
        ("Last", "perhaps replace", ("Middle, which changes",)),
        ("Middle", "perhaps replace", ("First, which changes",)),
    ]


def test_a_moved_image() -> None:
    """An image that the same parameter now leads to is named with what boots from it; what stays is not."""
    planned = {
        "Parameters": {
            "ImageAl2023": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"},
            "ImageUbuntu": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"},
            "Zone": {"Type": "AWS::SSM::Parameter::Value<String>"},
        },
        "Resources": {"Web": {"Type": "AWS::EC2::LaunchTemplate", "Properties": {"ImageId": {"Ref": "ImageAl2023"}}}},
    }

    def parameters(*values: str) -> list[dict[str, str]]:
        names = ("ImageAl2023", "ImageUbuntu", "Zone")
        return [
            {"ParameterKey": name, "ParameterValue": "/path", "ResolvedValue": value}
            for name, value in zip(names, values, strict=True)
        ]

    stack, change_set = parameters("ami-1", "ami-5", "a"), parameters("ami-2", "ami-5", "b")
    assert moved_images(stack, change_set, planned) == ("the image of Web moves from ami-1 to ami-2",)
    assert moved_images(stack, change_set)[0] == "the image of ImageAl2023 moves from ami-1 to ami-2"
    assert moved_images([{"ParameterKey": "ImageAl2023", "ParameterValue": "/path"}], change_set, planned) == ()


def test_retained_parameters() -> None:
    """A value that stays is named where the default is new and another; not one meant before, nor what a secret is."""

    def template(hidden: str = "new", **defaults: Any) -> dict[str, Any]:
        secret = {"Type": "String", "NoEcho": True, "Default": hidden}
        named = {name: {"Type": "String", "Default": value} for name, value in defaults.items()}
        return {"Parameters": {**named, "Password": secret, "Needed": {"Type": "String"}}}

    retained = {"KeyName": "dev", "Level": "info", "Count": "2", "Password": "****", "Needed": "x"}
    planned, deployed = template(KeyName="prod", Level="info", Count=3), template(KeyName="stage", Count=3)
    key = "KeyName stays dev, though the default is now prod"
    assert retained_parameters(retained, planned) == ("Count stays 2, though the default is now 3", key)
    assert retained_parameters(retained, planned, deployed) == (key,)
    changed = retained_parameters(retained, planned, template("old", KeyName="prod", Count=3))
    assert changed == ("Password stays as it is, though its default is another now",)


@pytest.mark.parametrize(
    ("resource_type", "path", "expected"),
    [
        ("AWS::IAM::Role", "/Properties/RoleName", "always"),
        ("AWS::IAM::Role", "/Properties/Description", "never"),
        ("AWS::IAM::Role", "/Metadata/RoleName", "never"),
        ("AWS::IAM::Role", "/Type", "always"),
        ("AWS::EC2::Instance", "/Properties/InstanceType", "conditionally"),
        ("AWS::EC2::Instance", "/Properties/NetworkInterfaces/0/SubnetId", "always"),
        ("AWS::CloudFront::ConnectionFunction", "/Properties/ConnectionFunctionConfig", "conditionally"),
        ("AWS::CloudFront::ConnectionFunction", "/Properties/ConnectionFunctionConfig/Comment", "never"),
        (
            "AWS::EC2::TransitGatewayConnectPeer",
            "/Properties/ConnectPeerConfiguration/BgpConfigurations/0/PeerAsn",
            "always",
        ),
        ("Custom::Thing", "/Properties/ServiceToken", "always"),
        ("Custom::Thing", "/Properties/Anything", "conditionally"),
        ("Acme::Any::Thing", "/Properties/Anything", "conditionally"),
    ],
)
def test_what_asks_for_another_resource(resource_type: str, path: str, expected: str) -> None:
    """A change of what is only set at creation, or of anything in it, replaces; around it, or unknown, perhaps."""
    assert recreates(resource_type, path) == expected


def test_holdings_are_sorted() -> None:
    """The tables of what holds data and what costs by the hour are sorted, so that a type is found by eye."""
    assert list(DATA) == sorted(DATA)
    assert list(HOURLY) == sorted(HOURLY)


@pytest.mark.parametrize(
    ("userdata", "text"),
    [
        ({"Fn::Base64": "#!/bin/bash\necho hi\n"}, "#!/bin/bash\necho hi\n"),
        ({"Fn::Base64": {"Fn::Join": ["", ["echo ", {"Ref": "Name"}]]}}, 'echo { "Ref" : "Name" }'),
        ({"Fn::Base64": {"Fn::Sub": "echo ${Name}"}}, 'echo { "Ref" : "Name" }'),
        (base64.b64encode(b"echo hi").decode(), "echo hi"),
        ("H4v/", "H4v/"),
        ({"Fn::GetAtt": ["Maker", "Script"]}, '{\n  "Fn::GetAtt": [\n    "Maker",\n    "Script"\n  ]\n}'),
    ],
)
def test_script(userdata: Any, text: str) -> None:
    """Userdata is shown as its script, resolved or with inline intrinsics, and as it stands where it has none."""
    assert script(userdata) == text


def test_scripts_of_every_launcher() -> None:
    """The script is found in whatever launches instances, and in nothing else."""
    one, other = ({"Fn::Base64": f"#!/bin/sh\necho {word}\n"} for word in "ab")
    shown = ("@@ -1,2 +1,2 @@", " #!/bin/sh", "-echo a", "+echo b")

    def launched(userdata: Any) -> dict[str, Any]:
        return {"Properties": {"UserData": userdata, "LaunchTemplateData": {"UserData": userdata}}}

    for resource_type in ("AWS::EC2::Instance", "AWS::AutoScaling::LaunchConfiguration", "AWS::EC2::LaunchTemplate"):
        assert script_difference(resource_type, launched(one), launched(other)) == shown
    assert script_difference("AWS::SNS::Topic", launched(one), launched(other)) == ()


def test_lists_that_moved_are_one_change() -> None:
    """Lists are told apart by their items where none moved; elsewhere the whole list is one change."""
    assert [each.path for each in differences(["a", "b"], ["a", "c"])] == ["/1"]
    assert [each.path for each in differences(["a"], ["a", "b"])] == ["/1"]
    assert [each.path for each in differences(["a", "b"], ["b"])] == [""]


def test_true_is_no_number() -> None:
    """A value that was 1 and becomes true is a change, though Python calls them equal."""
    assert list(differences({"On": 1}, {"On": True})) == [PropertyChange("/On", "change", 1, True)]


def test_what_is_certain_only_if_it_changes() -> None:
    """A property that always replaces does so only perhaps while its value is not known to change."""
    target = {"Attribute": "Properties", "Name": "RoleName", "RequiresRecreation": "Always"}
    detail = {"Target": target, "Evaluation": "Dynamic", "ChangeSource": "ResourceReference", "CausingEntity": "Other"}
    told = {"Action": "Modify", "LogicalResourceId": "R", "ResourceType": "AWS::IAM::Role", "Details": [detail]}
    (change,) = changes_of([{"Changes": [{"Type": "Resource", "ResourceChange": told}]}], None, {}).resources
    assert change.action == "perhaps replace"
    assert change.properties == (
        PropertyChange("/Properties/RoleName", "change", None, None, "conditionally", ("Other, which changes",)),
    )


@pytest.mark.parametrize("join", [" ", "\n"])
def test_what_is_cut_still_differs(join: str) -> None:
    """Where cutting two texts would make them look the same, they are shown whole."""
    one, other = (join.join([f"first {'x' * 90}{letter}{'x' * 90}", "the end"]) for letter in "ab")
    bodies = ({"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": each}} for each in (one, other))
    text = as_text(changes_between(*({"Resources": {"T": each}} for each in bodies)), width=60)
    taken = [line.strip()[1:] for line in text.splitlines() if line.startswith("        -")]
    put = [line.strip()[1:] for line in text.splitlines() if line.startswith("        +")]
    assert taken
    assert not set(taken) & set(put)


NAMES = st.sampled_from(["A", "B", "C~/D", "0"])
SCALARS = st.booleans() | st.integers(-2, 2) | st.text("ab\n…{", max_size=4) | st.builds(lambda n: {"Ref": n}, NAMES)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)
TYPES = ["AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::IAM::Role", "Acme::Any::Thing", "AWS::EC2::LaunchTemplate"]
BODIES = st.fixed_dictionaries(
    {"Type": st.sampled_from(TYPES), "Properties": st.dictionaries(NAMES, VALUES, max_size=3)},
    optional={
        "DeletionPolicy": st.sampled_from(["Delete", "Retain", "Snapshot", "RetainExceptOnCreate"]),
        "UpdateReplacePolicy": st.sampled_from(["Delete", "Retain", "Snapshot"]),
    },
)
TEMPLATES = st.builds(
    lambda bodies: {"Resources": bodies}, st.dictionaries(st.sampled_from("QRSTU"), BODIES, max_size=4)
)


def applied(value: Any, changes: tuple[PropertyChange, ...]) -> Any:
    """A value after changes of it; those at the end of a list are taken away from its end on."""
    value = copy.deepcopy(value)
    ends = [each for each in reversed(changes) if each.action == "remove"]
    for each in [*(each for each in changes if each.action != "remove"), *ends]:
        if each.before is None and each.after is None:
            continue  # a reference to what changes, which is written as it was
        *way, last = tokens(each.path)
        place = value
        for step in way:
            place = place[int(step)] if isinstance(place, list) else place[step]
        if isinstance(place, list) and each.action == "add":
            assert int(last) == len(place)
            place.append(each.after)
        elif each.action == "remove":
            place.pop(int(last) if isinstance(place, list) else last)
        else:
            place[int(last) if isinstance(place, list) else last] = each.after
    return value


@given(TEMPLATES, TEMPLATES)
def test_changes_lead_from_one_template_to_the_other(deployed: dict[str, Any], planned: dict[str, Any]) -> None:
    """What changes of two templates' resources, done to the first, gives the second."""
    resources = copy.deepcopy(deployed["Resources"])
    for change in changes_between(deployed, planned).resources:
        if change.action == "remove":
            del resources[change.logical_id]
        elif change.action == "add":
            resources[change.logical_id] = planned["Resources"][change.logical_id]
        else:
            resources[change.logical_id] = applied(resources[change.logical_id], change.properties)
    assert json.dumps(resources, sort_keys=True) == json.dumps(planned["Resources"], sort_keys=True)


@given(TEMPLATES)
def test_equal_templates_have_no_changes(template: dict[str, Any]) -> None:
    """A template changes nothing of a stack that was made from it."""
    assert changes_between(template, copy.deepcopy(template)) == Changes(())


@given(VALUES, VALUES)
def test_differences_are_real(before: Any, after: Any) -> None:
    """A difference has two values that differ, and there is none only where the values are one."""
    changes = list(differences(before, after))
    assert bool(changes) == (json.dumps(before, sort_keys=True) != json.dumps(after, sort_keys=True))
    assert all(json.dumps(each.before) != json.dumps(each.after) for each in changes)
    assert len({each.path for each in changes}) == len(changes)


ACTIONS = st.sampled_from(["Add", "Modify", "Remove", "Import", "Dynamic", "SyncWithActual"])
DESCRIBED = st.lists(
    st.fixed_dictionaries(
        {
            "Action": ACTIONS,
            "LogicalResourceId": st.text("XYZ", min_size=1, max_size=3),
            "ResourceType": st.sampled_from(TYPES),
        },
        optional={
            "Replacement": st.sampled_from(["True", "False", "Conditional"]),
            "PolicyAction": st.sampled_from(["Delete", "Retain", "Snapshot", "ReplaceAndDelete", "ReplaceAndRetain"]),
        },
    ),
    unique_by=lambda change: change["LogicalResourceId"],
    max_size=8,
)


@given(DESCRIBED, st.randoms(use_true_random=False))
def test_order_of_danger(told: list[dict[str, Any]], random: Any) -> None:
    """However the service orders a change set, the order shown is one: lost data, what goes, changes, additions."""

    def pages(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{"Changes": [{"Type": "Resource", "ResourceChange": each}]} for each in changes]

    shuffled = random.sample(told, len(told))
    changes = changes_of(pages(told), None, {}).resources
    assert changes == changes_of(pages(shuffled), None, {}).resources

    def rank(change: Change) -> int:
        return 0 if change.loses_data else 1 if change.vanishes else 3 if change.action == "add" else 2

    assert [rank(change) for change in changes] == sorted(map(rank, changes))
    assert all(change.keeps is None for change in changes if not change.vanishes)


@given(TEMPLATES, TEMPLATES, st.integers(1, 90))
def test_text_is_never_misleading(deployed: dict[str, Any], planned: dict[str, Any], width: int) -> None:
    """On a terminal of any width, two values that differ are shown as different, and nothing controls the terminal."""
    text = as_text(changes_between(deployed, planned), width=width)
    assert all(line.isprintable() for line in text.splitlines())
    for line in text.splitlines():
        before, arrow, after = line.partition(" → ")
        if arrow:
            assert before.split(": ", 1)[1] != re.sub(", which (may )?replaces? it$", "", after)
    for taken, put in re.findall(r"^        -(.*)\n        \+(.*)$", text, re.MULTILINE):
        assert taken != put
