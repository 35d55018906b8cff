"""Answers that come in pages."""

from __future__ import annotations

from tests.endpoint.cloudformation.state import Event
from tests.endpoint.cloudformation.world import World
from tests.endpoint.wire import Params


def page(found: list[Params], params: Params, size: int) -> tuple[list[Params], str | None]:
    """A page, and the token of the next one: where it begins."""
    start = int(params.get("NextToken") or 0)
    end = start + size
    return found[start:end], str(end) if end < len(found) else None


def backward(world: World, found: list[Event], params: Params) -> tuple[list[Event], str | None]:
    """A page of events, the newest first, and the token of the next one: where it ends."""
    end, size = int(params.get("NextToken") or len(found)), world.script.events_page
    told = found[max(0, end - size) : end][::-1]
    if world.disordered:
        pairs = zip(told[1::2], told[::2], strict=False)
        told = [event for pair in pairs for event in pair] + told[len(told) // 2 * 2 :]
    return told, str(end - size) if end > size else None
