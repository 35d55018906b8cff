"""What a command is given, drawn at random: a stack in some status, what will go wrong, and what its caller wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, NamedTuple, TypeAlias, TypeVar

from hypothesis import strategies as st

from omegac.operations.deploy import Manner
from omegac.operations.stack import SERVICE_TAG
from tests.endpoint import STATUSES
from tests.operations.somebody import DEEDS

SERVICES = ("alone", "changed", "kept", "keyed", "queue", "table")
"""The names of what can be deployed."""
RESOURCES = ("HelloFunction", "HelloFunctionLogGroup", "HelloFunctionRole", "Orders", "Queue")
_BROKEN = ("CREATE_FAILED", "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "UPDATE_FAILED", "UPDATE_ROLLBACK_FAILED")
"""The statuses from which there are the most ways to go on: they come twice as often."""
_ENDS: Mapping[str, tuple[str, ...]] = {
    "DELETE": ("DELETE_COMPLETE", "DELETE_FAILED"),
    "CREATE": ("CREATE_COMPLETE", "CREATE_FAILED", "ROLLBACK_COMPLETE"),
    "ROLLBACK": ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED"),
    "UPDATE": ("UPDATE_COMPLETE", "UPDATE_FAILED", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED"),
    "IMPORT": ("IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_FAILED"),
}
"""How what is under way may end, by the first word of its status."""
_LOOKS = ("DescribeChangeSet", "DescribeStackEvents", "DescribeStacks")
_OPERATIONS = (
    *("ContinueUpdateRollback", "CreateChangeSet", "DeleteChangeSet", "DeleteStack", "DescribeEvents"),
    *("ExecuteChangeSet", "GetTemplate", "HeadObject", "ListChangeSets", "ListStackResources", "PutObject"),
    *("RollbackStack", "UpdateTerminationProtection", *_LOOKS, *_LOOKS),
)
_UNHEARD = ("500", "503", "cut")
"""The faults after which nobody knows whether the call was carried out."""
_KINDS = (
    *("access-denied", "cut-body", "disordered", "expired-token", "stale", "throttling", "validation"),
    *_UNHEARD,
)


class Will(NamedTuple):
    """What a command's caller wants: answers, and what was agreed to beforehand."""

    answer: str | None = None
    types: bool = False
    yes: bool = False
    named: frozenset[str] = frozenset()
    interrupts: int = 0
    """At which look they press Ctrl-C; 0 for never."""
    chooses: str = "detach"


WILLING = Will("yes", types=True, yes=True, named=frozenset({*RESOURCES, "shop"}))
_HESITANT = (
    Will(),
    Will(yes=True),
    Will(yes=True, named=frozenset({"Orders"})),
    Will("no"),
    Will("yes"),
    Will("yes", types=True),
)


class Scene(NamedTuple):
    """A stack as others have left it."""

    status: str
    then: str
    """How what is under way will end; empty where nothing is."""
    service: str
    tags: Mapping[str, str]
    protected: bool
    odd: Mapping[str, str]
    """The statuses of resources that have others than the rest."""


class Trouble(NamedTuple):
    """Calls that will go wrong."""

    operation: str
    kind: Any
    times: int
    after: int
    done: bool


class Failing(NamedTuple):
    """A resource that will fail."""

    resource: str
    during: str
    times: int


class Holding(NamedTuple):
    """A resource that takes very long."""

    resource: str


class Meeting(NamedTuple):
    """What somebody else will do before a call is served."""

    deed: str
    operation: str
    after: int
    service: str


class Habit(NamedTuple):
    """A way in which CloudFormation behaves from now on."""

    page: int
    keeps_obsolete: bool
    steps: int
    refusal: str


Woe: TypeAlias = Trouble | Failing | Holding | Meeting | Habit


class World(NamedTuple):
    """What a command is given to work in; without a scene, what the last one has left."""

    scene: Scene | None
    woes: tuple[Woe, ...]


_T = TypeVar("_T")
_OWN, _OTHERS, _NOBODYS = {SERVICE_TAG: "shop"}, {SERVICE_TAG: "other"}, dict[str, str]()


def drawn(make: Callable[[Random], _T]) -> st.SearchStrategy[_T]:
    """What a function makes of a chance, each alike: strategies of hypothesis's own dwell on what is simple."""
    return st.integers(0, 2**32 - 1).map(lambda number: make(Random(number)))  # noqa: S311 (no secret)


def _scene(chance: Random) -> Scene:
    status = chance.choice([*sorted(STATUSES), *_BROKEN])
    goes_on = status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"
    # A stack under review has no resources yet.
    many = 0 if status == "REVIEW_IN_PROGRESS" else chance.choice([0, 0, 1, 2])
    odd = ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_FAILED"]
    if status.startswith(("DELETE", "ROLLBACK")):
        odd += ["DELETE_COMPLETE", "DELETE_FAILED"]
    return Scene(
        status,
        chance.choice(_ENDS[status.partition("_")[0]]) if goes_on else "",
        chance.choice(SERVICES),
        chance.choice([_OWN, _OWN, _OWN, _OWN, _OTHERS, _NOBODYS]),
        chance.random() < 0.1,
        {name: chance.choice(odd) for name in chance.sample(RESOURCES, many)},
    )


def _world(chance: Random) -> World:
    woes = [_WOES[chance.choice(sorted(_WOES))](chance) for _ in range(chance.choice([0, 0, 1, 1, 2, 3]))]
    return World(_scene(chance) if chance.random() < 0.6 else None, tuple(woes))


def _trouble(chance: Random) -> Trouble:
    kind = chance.choice(_KINDS)
    done = kind in _UNHEARD and chance.random() < 0.5
    return Trouble(chance.choice(["*", *_OPERATIONS]), kind, chance.randint(1, 6), chance.randint(0, 8), done)


def _failing(chance: Random) -> Failing:
    during = chance.choice(["", "", "cleanup", "create", "delete", "rollback", "update", "update"])
    return Failing(chance.choice(RESOURCES), during, chance.randint(1, 2))


def _meeting(chance: Random) -> Meeting:
    return Meeting(chance.choice(DEEDS), chance.choice(_OPERATIONS), chance.randint(0, 5), chance.choice(SERVICES))


def _habit(chance: Random) -> Habit:
    refusal = chance.choice(["", "", "", "Template error: it is wrong"])
    return Habit(chance.choice([1, 2, 100]), chance.random() < 0.5, chance.randint(1, 2), refusal)


_WOES: Mapping[str, Callable[[Random], Woe]] = {
    "failing": _failing,
    "habit": _habit,
    "holding": lambda chance: Holding(chance.choice(RESOURCES)),
    "meeting": _meeting,
    "trouble": _trouble,
}


def _will(chance: Random) -> Will:
    interrupted = WILLING._replace(
        interrupts=chance.randint(1, 6), chooses=chance.choice(["detach", "cancel", "go on"])
    )
    return chance.choice([*_HESITANT, *[WILLING] * 5, interrupted])


def _manner(chance: Random) -> Manner:
    return Manner(
        plan_only=chance.random() < 0.2,
        rollback=chance.random() < 0.7,
        skip=chance.choice([(), (), ("HelloFunction",), ("Orders",)]),
        adopt=chance.random() < 0.3,
        protect=chance.choice([None, None, None, False, True]),
    )


MANNERS = drawn(_manner)
SCENES = drawn(_scene)
WILLS = drawn(_will)
WORLDS = drawn(_world)
