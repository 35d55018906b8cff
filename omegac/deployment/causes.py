"""Why an operation failed: its first real failures among all that follow from them, each at the line that caused it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from omegac.deployment.events import STACK, Event
from omegac.deployment.hints import signal_way_out, way_out
from omegac.deployment.places import Places, pointer
from omegac.diagnostics import Diagnostic, fault
from omegac.source import Origin

_CONSEQUENCE = re.compile(
    # What was under way beside it: "Resource creation cancelled".
    r"Resource (creation|update|deletion|import) cancell?ed"
    # What is around it: "The following resource(s) failed to create: [Role]. Rollback requested by user."
    r"|The following resource\(s\) failed to "
)
_DONE = {
    "CREATE": "created",
    "UPDATE": "updated",
    "DELETE": "deleted",
    "IMPORT": "imported",
    "ROLLBACK": "rolled back",
    "UPDATE_ROLLBACK": "rolled back",
    "IMPORT_ROLLBACK": "taken out again",
}
"""What was to be done to a resource, by what stands before _FAILED."""

_HANDLER = re.compile(r'^Resource handler returned message: "(?P<said>.*)" \((?P<rest>[^()]*)\)\s*$', re.DOTALL)
_SDK = re.compile(r"\s*\((?:Service|SDK Attempt Count|RequestToken|Request ID|HandlerErrorCode)\b[^()]*\)")
"""What a service's client adds, in each of its versions."""
_ENCODED = re.compile(r"(?<=Encoded authorization failure message: )\S{20,}")
_CODE = re.compile(r"(?:HandlerErrorCode|Error Code): (\w+)")

_PROPERTY = (
    re.compile(r"#/([A-Za-z0-9/]+)"),  # "#/Code/S3Key: failed validation constraint for keyword [pattern]"
    re.compile(r"\bProperties[/.]([A-Za-z0-9/.]+)"),
    # "Encountered unsupported property Foo", "Value of property Foo must be …", "Property Foo cannot be empty"
    re.compile(r"\b[Pp]roperty \[?'?([A-Z][A-Za-z0-9]+)"),
    re.compile(r"[Ee]xtraneous key \[([A-Za-z0-9]+)\]"),
)


def causes(events: Iterable[Event]) -> tuple[Event, ...]:
    """The first real failures of an operation, given in time order.

    What only follows from them is left out: what was cancelled beside them, and the stacks around them. They are mostly
    one, but several may fail at once. Failures of the rollback come after them, as they keep the stack from its rest;
    those that a later attempt has mended are left out.
    """
    forth, back = _forth_and_back(events)
    return (*forth, *back)


def diagnostics(
    events: Iterable[Event], places: Places, validations: Iterable[Mapping[str, Any]] = ()
) -> tuple[Diagnostic, ...]:
    """What to say of a failed operation: what refused it before it began, or else its causes, or how it ended."""
    listed = list(events)
    refused = [_refused(each, places) for each in validations if _refuses(each)]
    forth, back = _forth_and_back(listed)
    failed = [
        *(_failure(event, places) for event in forth),
        *(_failure(event, places, "rolled back") for event in back),
    ]
    return tuple([*refused, *failed] or [_ended(event, places) for event in _ends(listed)])


def refusal(reason: str, places: Places) -> Diagnostic:
    """What to say of a change set that failed, where its status reason is all that is known."""
    return fault("OM6202", f"the change set failed: {cleaned(reason)}", places.of(""), hint=way_out(reason))


def cleaned(reason: str) -> str:
    """A reason without what clients of AWS put around it; the code of the error is kept."""
    code = _CODE.search(reason)
    handled = _HANDLER.match(reason)
    said = _ENCODED.sub("…", _SDK.sub("", handled["said"] if handled else reason)).strip()
    if said in ("", "null"):
        said = "no reason is given"
    return f"{said} ({code[1]})" if code and code[1] not in said else said


def _forth_and_back(events: Iterable[Event]) -> tuple[list[Event], list[Event]]:
    """The causes of a failure, and what failed when that was undone."""
    listed = list(events)
    rolling = list(_rolling_back(listed))
    return (
        _failures([event for event, back in zip(listed, rolling, strict=True) if not back]),
        _failures([event for event, back in zip(listed, rolling, strict=True) if back]),
    )


def _rolling_back(events: list[Event]) -> Iterator[bool]:
    """Whether the stack of each event, or one around it, was being rolled back when it happened."""
    begun: set[tuple[str, ...]] = set()
    for event in events:
        if event.is_stack and event.status.endswith("ROLLBACK_IN_PROGRESS"):
            begun.add(event.stack_path)
        yield any(event.stack_path[:depth] in begun for depth in range(len(event.stack_path) + 1))


def _failures(events: list[Event]) -> list[Event]:
    """The first failure of each resource that has not succeeded since; no stack whose own resources tell why."""
    last = {event.path: event for event in events if not event.is_stack}
    found: dict[tuple[str, ...], Event] = {}
    for event in events:
        if event.failed and not event.is_stack and last[event.path].failed and not follows(event):
            found.setdefault(event.path, event)
    return [event for path, event in found.items() if not _explained(path, event, found)]


def follows(event: Event) -> bool:
    """Whether a failure only follows from another one."""
    return bool(event.reason and _CONSEQUENCE.match(event.reason))


def _explained(path: tuple[str, ...], event: Event, found: Iterable[tuple[str, ...]]) -> bool:
    return event.type == STACK and any(len(inner) > len(path) and inner[: len(path)] == path for inner in found)


def _failure(event: Event, places: Places, done: str | None = None) -> Diagnostic:
    """What to say of a resource that failed; `done` is what was not done to it, where its status does not tell."""
    reason = event.reason or ""
    done = done or _DONE.get(event.status.removesuffix("_FAILED"), "done")
    message = f"{'/'.join(event.path)} ({event.type}) was not {done}: {cleaned(reason)}"
    late = signal_way_out(reason)
    if late:
        return fault("OM6203", message, _origin(event, places), hint=late)
    return fault("OM6201", message, _origin(event, places), hint=way_out(reason))


def _origin(event: Event, places: Places) -> Origin | None:
    """Where the resource is written, or the property that the reason names; of a nested stack, the stack itself."""
    route = ("Resources", event.path[0])
    if len(event.path) > 1:
        return places.of(pointer(*route))
    for pattern in _PROPERTY:
        match = pattern.search(event.reason or "")
        if match:
            return places.of(pointer(*route, "Properties", *re.split(r"[/.]", match[1].strip("/."))))
    return places.of(pointer(*route))


def _refuses(validation: Mapping[str, Any]) -> bool:
    """Whether an operation event (DescribeEvents) is one that ended the operation before it began."""
    return validation.get("ValidationStatus") == "FAILED" and validation.get("ValidationFailureMode") != "WARN"


def _refused(validation: Mapping[str, Any], places: Places) -> Diagnostic:
    logical_id = validation.get("LogicalResourceId", "")
    of = f"{logical_id} ({validation['ResourceType']})" if validation.get("ResourceType") else logical_id
    reason = validation.get("ValidationStatusReason") or ""
    by = f" ({validation['ValidationName']})" if validation.get("ValidationName") else ""
    message = f"CloudFormation refused {of or 'the template'} before it changed anything: {cleaned(reason)}{by}"
    return fault("OM6202", message, _validated(validation, places), hint=way_out(reason))


def _validated(validation: Mapping[str, Any], places: Places) -> Origin | None:
    """Where the value is written that a validation points to: in the template, or in the resource."""
    path = str(validation.get("ValidationPath") or "").removeprefix("#")
    logical_id = validation.get("LogicalResourceId")
    resource = pointer("Resources", logical_id) if logical_id else ""
    if not path.startswith("/Resources/"):
        path = f"{resource}/{path.lstrip('/')}"
    return places.of(path.rstrip("/"))


def _ends(events: list[Event]) -> list[Event]:
    """The event that says why the stack itself went wrong, where none of its resources did."""
    own = [event for event in events if event.is_stack and not event.stack_path]
    wrong = [event for event in own if event.failed or "ROLLBACK" in event.status]
    # A creation that is called off ends in a deletion that succeeds.
    gone = [event for event in own if event.status == "DELETE_COMPLETE"]
    return [event for event in wrong if event.reason][:1] or wrong[:1] or gone[:1]


def _ended(event: Event, places: Places) -> Diagnostic:
    reason = event.reason or ""
    message = f"the stack {event.logical_id} came to {event.status}: {cleaned(reason)}"
    return fault("OM6204", message, places.of(""), hint=way_out(reason))
