"""The contract that each file of `constructs` fulfils, and the facts that constructs tell each other.

A construct never edits another's resource. It contributes facts about an entry; the construct that owns a
resource reads the facts addressed to the entry and alone writes it. Contributing comes first, for all of
them, so that no order among constructs matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeAlias, TypeVar

from omegac.artifact import Artifact
from omegac.source import Origin, Traced, derived
from omegac.spec import Entry, Kind, Spec

ARTIFACT_BUCKET = "ArtifactBucket"
"""The reserved parameter: the bucket that holds the artifact."""


def revision_of(function: str) -> str:
    """The parameter of a function, by logical ids, of which another value publishes a version."""
    return f"{function}Revision"


class Statement(NamedTuple):
    """Something that the entry's role must be allowed to do."""

    policy: str
    """Name of the inline policy; statements of one name stand together."""
    body: dict[str, Any]
    """In IAM's own form, traced values within."""
    origin: Origin
    """Of what makes it necessary."""


class RoleName(NamedTuple):
    """The entry's role."""

    name: Any
    """What the role is called."""
    arn: Any


class LogGroup(NamedTuple):
    """Where the entry logs to."""

    name: Any


class Interfaces(NamedTuple):
    """Where a function has its network interfaces."""

    subnets: Any
    security_groups: Any


class SecurityGroup(NamedTuple):
    """The group that guards the entry's instances."""

    id: Any


class Image(NamedTuple):
    """What the entry's instances boot from."""

    id: Any
    root_device: Any
    family: str
    """`amazon-linux` or `ubuntu`."""
    release: str
    """Of the system, such as `24.04`; empty where it is not known."""


class Size(NamedTuple):
    """How many instances there are."""

    properties: dict[str, Any]
    """Of the Auto Scaling group."""
    first: Traced
    """Instances that the group starts with."""
    kept: Traced
    """Instances in service during a rolling update."""
    minutes: Traced
    """How long to wait for each instance's signal: minutes, `auto` or off."""


Fact: TypeAlias = Statement | RoleName | LogGroup | Interfaces | SecurityGroup | Image | Size
_F = TypeVar("_F", bound=Fact)


class Facts(NamedTuple):
    """What constructs contributed to one entry, in the order of their names."""

    given: tuple[Fact, ...]

    def all(self, kind: type[_F]) -> list[_F]:
        """Every fact of a kind."""
        return [fact for fact in self.given if isinstance(fact, kind)]

    def one(self, kind: type[_F]) -> _F | None:
        """The fact of a kind that an entry has at most one of."""
        found = self.all(kind)
        return found[0] if found else None


class Contributed(NamedTuple):
    """A spec, and the facts about each of its entries."""

    spec: Spec
    facts: dict[str, Facts]


class Plan(NamedTuple):
    """What a resource is written from, beside its entry."""

    spec: Spec
    artifact: Artifact
    facts: Facts

    @property
    def artifact_key(self) -> Traced:
        """The artifact's key in its bucket."""
        service = self.spec.service
        return derived(self.artifact.key(service.value), self.artifact.origin, service)

    @property
    def artifact_sha256(self) -> Traced:
        """The artifact's digest, in hexadecimal."""
        return derived(self.artifact.sha256, self.artifact.origin)


class Declaration(NamedTuple):
    """One thing that a template declares."""

    section: str
    """`Resources`, `Parameters`, `Conditions` or `Outputs`."""
    name: str
    """Its logical id."""
    body: Any
    """With traced values planted in it."""
    origin: Origin
    shared: bool = False
    """Several entries may declare it, all alike."""


def _no_facts(_entry: Entry, _spec: Spec) -> Iterable[Fact]:
    return ()


def _no_declarations(_entry: Entry, _plan: Plan) -> Iterable[Declaration]:
    return ()


class Construct(NamedTuple):
    """What one file of `constructs` offers."""

    kinds: tuple[Kind, ...]
    """The entries it has to do with."""
    contribute: Callable[[Entry, Spec], Iterable[Fact]] = _no_facts
    lower: Callable[[Entry, Plan], Iterable[Declaration]] = _no_declarations


def resource(
    name: str,
    resource_type: str,
    properties: dict[str, Any],
    origin: Origin,
    **attributes: Any,
) -> Declaration:
    """A resource; attributes are those beside its properties, such as `DependsOn`."""
    return declared("Resources", name, {"Type": resource_type, **attributes, "Properties": properties}, origin)


def declared(section: str, name: str, body: Any, origin: Origin, *, shared: bool = False) -> Declaration:
    """What a construct declares for what stands at an origin."""
    return Declaration(section, name, body, origin._replace(via="construct", parents=(origin,)), shared)


def program_text(value: Any) -> str:
    """A plain value as the text that it is to a program, in its environment."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def tags(spec: Spec, name: Any = None) -> list[dict[str, Any]] | None:
    """The service's tags in CloudFormation's form, after a `Name` if there is one; None where there are none."""
    own = [{"Key": "Name", "Value": name}] if name is not None else []
    given = [{"Key": derived(key, value), "Value": value} for key, value in spec.tags.items()] if spec.tags else []
    return [*own, *(tag for tag in given if not own or tag["Key"].value != "Name")] or None
