"""Rolling updates that cannot go well (AWS CloudFormation Template Reference, AutoScalingRollingUpdate policy)."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.durations import seconds
from omegac.cloudformation.literals import Outcome, jointly, outcomes
from omegac.diagnostics import Diagnostic, fault
from omegac.source import Traced
from omegac.template import Body

_POLICY = ("UpdatePolicy", "AutoScalingRollingUpdate")


def check(body: Body) -> Iterator[Diagnostic]:
    """What the rolling updates of Auto Scaling groups ask for in vain."""
    for name, group in body.resources("AWS::AutoScaling::AutoScalingGroup"):
        if not _is_replaced(body, group):
            yield from _no_room(body, name, group)
            yield from _no_time(body, name, group)
            yield from _no_signals(body, name, group)


def _is_replaced(body: Body, group: Traced) -> bool:
    """Whether another policy may go before this one."""
    route = ("UpdatePolicy", "AutoScalingReplacingUpdate", "WillReplace")
    return any(not (replaced.absent or replaced.truth is False) for replaced in outcomes(body.root, group, *route))


def _no_room(body: Body, name: str, group: Traced) -> Iterator[Diagnostic]:
    largest = [size for size in outcomes(body.root, group, "Properties", "MaxSize") if size.number is not None]
    for kept in _policy(body, group, "MinInstancesInService"):
        for size in largest:
            if kept.number is not None and kept.number >= (size.number or 0) and jointly([kept], [size]):
                message = (
                    f"a rolling update of {name} is to keep {kept.known} in service, but MaxSize is {size.known}:"
                    " it fails, as it can replace none"
                )
                hint = "make MaxSize larger than MinInstancesInService, best by MaxBatchSize"
                yield fault("OM5203", message, kept.value, hint=hint)
                break


def _no_time(body: Body, name: str, group: Traced) -> Iterator[Diagnostic]:
    waiting = _waiting(body, group, wanted=True)
    for pause in _policy(body, group, "PauseTime"):
        if pause.text and seconds(pause.text) == 0 and jointly([pause], waiting):
            message = f"a rolling update of {name} waits no time for signals: it fails before an instance can send one"
            hint = "write how long an instance may take to start; without PauseTime, that is five minutes"
            yield fault("OM5205", message, pause.value, hint=hint)


def _no_signals(body: Body, name: str, group: Traced) -> Iterator[Diagnostic]:
    idle = _waiting(body, group, wanted=False)
    for share in _policy(body, group, "MinSuccessfulInstancesPercent"):
        if share.present and jointly([share], idle):
            message = f"a rolling update of {name} is to count signals, but waits for none"
            hint = "write WaitOnResourceSignals: true, and a PauseTime in which instances can have started"
            yield fault("OM5206", message, share.value, hint=hint, at_key=True)


def _waiting(body: Body, group: Traced, *, wanted: bool) -> list[Outcome]:
    """The outcomes by which an update surely waits for signals, or surely does not."""
    found = _policy(body, group, "WaitOnResourceSignals")
    return [waits for waits in found if waits.truth is wanted or (waits.absent and not wanted)]


def _policy(body: Body, group: Traced, key: str) -> Iterator[Outcome]:
    return outcomes(body.root, group, *_POLICY, key)
