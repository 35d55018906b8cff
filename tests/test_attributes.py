import re

import pytest

from omegac.cloudformation.attributes import attributes, known_types


def test_string_attributes() -> None:
    """An attribute that is text, of a nested property too, is known and is no list."""
    database = attributes("AWS::RDS::DBInstance")

    assert database is not None
    assert database["Endpoint.Address"] is False
    assert database["DBInstanceArn"] is False


def test_list_attributes() -> None:
    """An attribute that is a list is marked as one."""
    network = attributes("AWS::EC2::VPC")

    assert network is not None
    assert network["CidrBlockAssociations"] is True
    assert network["CidrBlock"] is False


def test_types_without_attributes() -> None:
    """A known type of which nothing can be asked has an empty mapping, not None."""
    assert attributes("AWS::ACMPCA::Permission") == {}


@pytest.mark.parametrize(
    "resource_type",
    [
        "AWS::CloudFormation::CustomResource",
        "AWS::CloudFormation::Stack",
        "Custom::Anything",
        "Acme::Queue::Thing",
        "Acme::Network::Vpc::MODULE",
        "AWS::SQS::Quee",
        "",
    ],
)
def test_open_types(resource_type: str) -> None:
    """Where only a deployment knows the attributes, or the table does not know the type, any may pass."""
    assert attributes(resource_type) is None


def test_types_of_other_regions() -> None:
    """A type that us-east-1 does not have is known all the same, and so are those of the SAM transform."""
    device_farm, function = attributes("AWS::DeviceFarm::Project"), attributes("AWS::Serverless::Function")

    assert device_farm is not None
    assert "Arn" in device_farm
    assert function is not None
    assert len(known_types()) > 1500


def test_known_types_are_sorted() -> None:
    """Types come sorted and once each, so that suggestions are the same everywhere."""
    assert list(known_types()) == sorted(set(known_types()))
    assert {"AWS::EC2::LaunchTemplate", "AWS::Lambda::Function", "AWS::SQS::Queue"} <= set(known_types())


def test_every_name_can_be_asked_for() -> None:
    """Every name in the table is one that `Fn::GetAtt` can be given, sorted within its type."""
    for resource_type in known_types():
        names = list(attributes(resource_type) or ())
        assert names == sorted(names), resource_type
        assert all(re.fullmatch(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*", name) for name in names), resource_type


def test_the_table_cannot_be_changed() -> None:
    """What one caller gets is what the next one gets: it is read-only."""
    queue = attributes("AWS::SQS::Queue")

    with pytest.raises(TypeError):
        queue["Colour"] = False  # type: ignore[index]
