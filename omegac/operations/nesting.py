"""Nested stacks: the change sets that tell of them, and a look into those that none tells of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from omegac.cloud import Answer, Cloud, Expired, Refused
from omegac.deployment.changes import NESTED, Action, Change, Changes
from omegac.deployment.nesting import completed, going, unseen
from omegac.operations.stack import look, resources_of, template_of


def described(cloud: Cloud, pages: Sequence[Answer]) -> dict[str, list[Answer]]:
    """The change sets of all nested stacks below one, however deep, by their ids; without those that tell nothing."""
    found: dict[str, list[Answer]] = {}
    seen: set[str] = set()
    waiting = list(_nested(pages))
    while waiting:
        id_ = waiting.pop(0)
        if id_ not in seen:
            seen.add(id_)
            told = _description(cloud, id_)
            if told:
                found[id_] = told
                waiting += _nested(told)
    return found


def looked_into(cloud: Cloud, changes: Changes) -> Changes:
    """The same changes, once nested stacks that may be lost have been looked into. Raises `CloudError`."""
    return completed(changes, {change.name: _lost_within(cloud, change, frozenset()) for change in unseen(changes)})


def _nested(pages: Iterable[Answer]) -> Iterator[str]:
    for page in pages:
        for change in page.get("Changes", ()):
            id_ = change.get("ResourceChange", {}).get("ChangeSetId")
            if id_:
                yield id_


def _description(cloud: Cloud, change_set: str) -> list[Answer] | None:
    """All pages of one; None where whoever calls may not see it, or it is not there."""
    which = {"ChangeSetName": change_set, "IncludePropertyValues": True}
    try:
        return list(cloud.pages("cloudformation", "describe_change_set", **which))
    except Expired:
        raise
    except Refused:
        return None


def _lost_within(cloud: Cloud, nested: Change, outer: frozenset[str]) -> tuple[Change, ...] | None:
    """What holds data inside of a nested stack and goes with it, or may go; None where that is not to be known."""
    id_ = nested.physical_id
    if not id_ or id_ in outer:
        return None
    try:
        stack = look(cloud, id_)
        if stack.status == "DELETE_COMPLETE":
            return ()
        resources, template = resources_of(cloud, stack), template_of(cloud, stack) or {}
    except Expired:
        raise
    except Refused:
        return None
    action: Action = "remove" if nested.action in {"remove", "replace"} else "undetermined"
    found: list[Change] = []
    for change in going(resources, template, action, (*nested.stack, nested.logical_id)):
        if change.loses_data:
            deeper = _lost_within(cloud, change, outer | {id_}) if change.type == NESTED else None
            found += [change] if deeper is None else deeper
    return tuple(found)
