"""Events of an operation: one of them, and the history that is put together from pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omegac.deployment.events import STACK, Bookmark, History, Nested, event_of

ROOT = "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/1"
INNER = "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop-Inner/2"
DEEPER = "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop-Inner-Deep/3"
OURS = "omegac-1"
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

Raw = dict[str, Any]


def raw(seconds: float, logical_id: str, status: str, **more: Any) -> Raw:
    """An event as botocore gives it, so many seconds after the start."""
    return {
        "EventId": f"{logical_id}-{status}-{seconds}",
        "StackId": ROOT,
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": logical_id.lower(),
        "ResourceType": "AWS::SQS::Queue",
        "Timestamp": START + timedelta(seconds=seconds),
        "ResourceStatus": status,
        "ClientRequestToken": OURS,
        **more,
    }


def own(seconds: float, status: str, stack_id: str = ROOT, **more: Any) -> Raw:
    """What a stack says of itself."""
    name = stack_id.split("/")[1]
    return raw(seconds, name, status, StackId=stack_id, PhysicalResourceId=stack_id, ResourceType=STACK, **more)


def around(seconds: float, status: str, physical_id: str = INNER, **more: Any) -> Raw:
    """What a stack says of a nested one."""
    return raw(seconds, "Inner", status, PhysicalResourceId=physical_id, ResourceType=STACK, **more)


BEFORE = [
    own(-50, "UPDATE_IN_PROGRESS", ClientRequestToken="other"),
    raw(-45, "Jobs", "UPDATE_COMPLETE", ClientRequestToken="other"),
    own(-40, "UPDATE_COMPLETE", ClientRequestToken="other"),
]
OPERATION = [
    own(0, "UPDATE_IN_PROGRESS"),
    raw(1, "Jobs", "UPDATE_IN_PROGRESS"),
    raw(2, "Mails", "CREATE_IN_PROGRESS"),
    raw(3, "Jobs", "UPDATE_COMPLETE"),
    raw(4, "Mails", "CREATE_COMPLETE"),
    own(5, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
    own(6, "UPDATE_COMPLETE"),
]
MARK = Bookmark(BEFORE[-1]["EventId"], BEFORE[-1]["Timestamp"])


def look(history: History, events: Iterable[Raw], size: int) -> int:
    """Reads a stack's events page by page, for as long as the history asks for it; gives how many pages it read."""
    listed = list(events)
    pages = [listed[at : at + size] for at in range(0, len(listed), size)]
    for count, page in enumerate(pages, start=1):
        if not history.read(page):
            return count
    return len(pages)


def ids(history: History) -> list[str]:
    return [event.id for event in history.events]


def test_an_event_is_what_botocore_gives() -> None:
    """What CloudFormation leaves out is None, or an empty text where there always is one."""
    event = event_of(
        {"EventId": "1", "StackId": ROOT, "Timestamp": START, "ResourceStatus": "CREATE_FAILED"}, ("Inner",)
    )
    assert tuple(event) == ("1", START, ROOT, ("Inner",), "", "", "", "CREATE_FAILED", None, None, None)
    assert event.failed
    assert not event.is_stack


def test_a_stack_speaks_of_itself_and_of_nested_ones() -> None:
    """Only an event of the very stack it belongs to is the stack's own; its path is that of the stack."""
    assert event_of(own(0, "CREATE_COMPLETE"), ()).is_stack
    nested = event_of(around(0, "CREATE_COMPLETE"), ())
    assert not nested.is_stack
    assert nested.path == ("Inner",)
    assert event_of(own(0, "CREATE_COMPLETE", INNER), ("Inner",)).path == ("Inner",)


@pytest.mark.parametrize("token", [OURS, None])
@pytest.mark.parametrize("bookmark", [MARK, None])
def test_only_events_of_the_operation_are_taken(token: str | None, bookmark: Bookmark | None) -> None:
    """Events of another token, and those from before the bookmark, are left out; without either, all are taken."""
    history = History(ROOT, token, bookmark)
    look(history, [*OPERATION[::-1], *BEFORE[::-1]], 3)
    expected = OPERATION if token or bookmark else [*BEFORE, *OPERATION]
    assert ids(history) == [event["EventId"] for event in expected]


def test_events_without_a_token_are_told_by_the_bookmark() -> None:
    """Where an endpoint gives no tokens, what is newer than the bookmark belongs, even in its very second."""
    plain = [{**event, "ClientRequestToken": None} for event in OPERATION]
    mark = {**plain[0], "EventId": "mark"}
    older = {**plain[0], "EventId": "older"}
    history = History(ROOT, OURS, Bookmark("mark", mark["Timestamp"]))
    look(history, [*plain[::-1], mark, older], 2)
    assert ids(history) == [event["EventId"] for event in plain]


def test_paging_stops_where_nothing_new_comes() -> None:
    """A second look reads one page while the operation goes on, and down to the bookmark once it has ended."""
    history = History(ROOT, OURS, MARK)
    events = [*OPERATION[:5][::-1], *BEFORE[::-1]]
    assert look(history, events, 2) == 3
    assert look(history, events, 2) == 1
    assert look(history, [*OPERATION[::-1], *BEFORE[::-1]], 2) == 4


def test_a_later_operation_does_not_hide_the_one_that_is_followed() -> None:
    """Whoever takes up an operation that another one came after still sees all of it, and nothing of the other."""
    later = [own(60 + second, "UPDATE_IN_PROGRESS", ClientRequestToken="later") for second in range(5)]
    history = History(ROOT, OURS)
    assert look(history, [*later[::-1], *OPERATION[::-1], *BEFORE[::-1]], 2) == 7
    assert ids(history) == [event["EventId"] for event in OPERATION]
    assert history.outcome == "UPDATE_COMPLETE"


@given(st.data())
def test_nothing_is_lost_or_told_twice(data: st.DataObject) -> None:
    """However events are cut into pages, repeated and mixed up, each is told once, in order of time in the end."""
    history = History(ROOT, data.draw(st.sampled_from([OURS, None])), MARK)
    told = []
    for count in [*data.draw(st.lists(st.integers(0, len(OPERATION) - 1), max_size=5).map(sorted)), len(OPERATION)]:
        late = data.draw(st.permutations(OPERATION[:count]))
        again = data.draw(st.lists(st.sampled_from(late), max_size=3)) if late else []
        # Those that the stack itself tells last stand anywhere too: the end is known from the first page or the last.
        look(history, [*again, *late, *BEFORE[::-1]], data.draw(st.integers(1, 4)))
        fresh = history.take()
        assert [event.time for event in fresh] == sorted(event.time for event in fresh)
        told += [event.id for event in fresh]
    for _ in OPERATION:
        look(history, [*OPERATION[::-1], *BEFORE[::-1]], 3)
    told += [event.id for event in history.take()]
    assert sorted(told) == sorted(event["EventId"] for event in OPERATION)
    assert ids(history) == [event["EventId"] for event in OPERATION]


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        ([], None),
        (["REVIEW_IN_PROGRESS"], None),
        (["REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS"], None),
        (["CREATE_IN_PROGRESS", "CREATE_COMPLETE"], "CREATE_COMPLETE"),
        (["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"], None),
        (["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"], "UPDATE_ROLLBACK_FAILED"),
        (["DELETE_IN_PROGRESS", "DELETE_COMPLETE"], "DELETE_COMPLETE"),
        (["DELETE_IN_PROGRESS", "SOMETHING_NEW"], None),
    ],
)
def test_the_outcome_is_where_the_stack_comes_to_rest(statuses: list[str], outcome: str | None) -> None:
    """The last status of the stack itself is the outcome, if it is one in which a stack rests."""
    history = History(ROOT, OURS, MARK)
    history.read([own(second, status) for second, status in enumerate(statuses)][::-1])
    assert history.outcome == outcome


def test_the_last_of_one_second_is_the_outcome() -> None:
    """Where times are too coarse to tell, the order of the list does."""
    history = History(ROOT, OURS, MARK)
    history.read([own(0, "CREATE_COMPLETE"), own(0, "CREATE_IN_PROGRESS")])
    assert history.outcome == "CREATE_COMPLETE"


def test_nested_stacks_are_to_be_asked_too() -> None:
    """A nested stack's events belong since the operation came to it, whatever tokens they have, and so on inwards."""
    history = History(ROOT, OURS, MARK)
    # While it is made, its physical id is not known.
    history.read([around(2, "CREATE_IN_PROGRESS"), around(1, "CREATE_IN_PROGRESS", ""), own(0, "UPDATE_IN_PROGRESS")])
    (inner,) = history.nested
    assert inner == Nested(INNER, ("Inner",), START + timedelta(seconds=1))
    deep = {"StackId": INNER, "PhysicalResourceId": DEEPER, "ResourceType": STACK, "ClientRequestToken": "its own"}
    page = [raw(4, "Deep", "CREATE_IN_PROGRESS", **deep), own(3, "CREATE_IN_PROGRESS", INNER), own(-9, "OLD", INNER)]
    assert not history.read(page, inner)
    assert [nested.path for nested in history.nested] == [("Inner",), ("Inner", "Deep")]
    assert "OLD" not in {event.status for event in history.events}
    assert history.outcome is None


def test_a_nested_stack_that_goes_is_not_asked() -> None:
    """One that the operation only removes is left out, unless the stack around it goes too."""
    removed = History(ROOT, OURS, MARK)
    removed.read([around(1, "DELETE_IN_PROGRESS"), own(0, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")])
    assert removed.nested == ()
    deleted = History(ROOT, OURS, MARK)
    deleted.read([around(1, "DELETE_IN_PROGRESS"), own(0, "DELETE_IN_PROGRESS")])
    assert [nested.stack_id for nested in deleted.nested] == [INNER]
