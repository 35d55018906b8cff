"""Tells why an operation failed: each cause at its line of the spec, and what a failed instance wrote as it booted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from omegac.cloud import Cloud, CloudError
from omegac.deployment.causes import causes, diagnostics
from omegac.deployment.events import Event
from omegac.deployment.hints import signal_way_out
from omegac.deployment.places import Places
from omegac.deployment.talk import Found, Note
from omegac.diagnostics import Diagnostic, fault
from omegac.operations.following import Ended
from omegac.operations.refusals import validations
from omegac.operations.site import Site
from omegac.operations.stack import Stack, look

_INSTANCE = re.compile(r"\bi-[0-9a-f]{8,17}\b")
_MOST_LINES = 20
_MOST_INSTANCES = 2
_TROUBLE = re.compile(r"omegac\[|omegac: |line \d+ failed|\b[Ee]rror\b|Failed to run module scripts")
"""What the lines of a console look like that tell of a script that failed, `templates/server.sh`'s own first."""


def explain(site: Site, stack: Stack, ended: Ended, places: Places) -> None:
    """Says every first cause of a failure; of one whose events tell nothing, what the stack itself tells."""
    listed = ended.events
    refused = [each for each in validations(site.cloud, stack.id) if _is_of(each, listed)]
    for diagnostic in diagnostics(listed, places, refused) or (_unexplained(site, stack, ended),):
        site.talk.say(Found(diagnostic))
    for event in causes(listed):
        if signal_way_out(event.reason or ""):
            for text in _consoles(site.cloud, event, _physical_id(event, listed)):
                site.talk.say(Note(text))


def _unexplained(site: Site, stack: Stack, ended: Ended) -> Diagnostic:
    """What is known where no event could be read."""
    try:
        reason = str(look(site.cloud, stack.id).answer.get("StackStatusReason") or "no reason is given")
    except CloudError as error:
        reason = str(error)
    hint = "see its events: they may be read with cloudformation:DescribeStackEvents alone"
    return fault("OM6204", f"the stack {stack.name} came to {ended.status}: {reason}", hint=hint)


def _is_of(validation: object, events: tuple[Event, ...]) -> bool:
    """Whether a failed validation belongs to the operation: it came no sooner than the first event of it."""
    time = validation.get("Timestamp") if isinstance(validation, dict) else None
    return not events or time is None or time >= events[0].time


def _physical_id(event: Event, events: Iterable[Event]) -> str:
    """The physical id of what failed: the event itself may lack it."""
    return next((each.physical_id for each in events if each.path == event.path and each.physical_id), "")


def _consoles(cloud: Cloud, event: Event, physical_id: str) -> Iterator[str]:
    """What the instances wrote that were waited for in vain, as far as whoever asks may read it."""
    try:
        instances = _INSTANCE.findall(event.reason or "") or _instances_of(cloud, event.type, physical_id)
        for instance in sorted(set(instances))[:_MOST_INSTANCES]:
            answer = cloud.call("ec2", "get_console_output", InstanceId=instance, Latest=True)
            lines = str(answer.get("Output", "")).splitlines()
            if lines:
                yield f"the console of {instance}:\n" + "\n".join(f"  {line}" for line in _telling(lines))
    except CloudError as error:
        yield f"the console of the instance is not to be had: {error}"


def _instances_of(cloud: Cloud, resource_type: str, physical_id: str) -> list[str]:
    if not physical_id:
        return []
    if resource_type == "AWS::EC2::Instance":
        return [physical_id]
    if resource_type != "AWS::AutoScaling::AutoScalingGroup":
        return []
    answer = cloud.call("autoscaling", "describe_auto_scaling_groups", AutoScalingGroupNames=[physical_id])
    return [each["InstanceId"] for group in answer["AutoScalingGroups"] for each in group.get("Instances", ())]


def _telling(lines: list[str]) -> list[str]:
    """The lines that tell of a failure, or the last ones where none does."""
    return [line for line in lines if _TROUBLE.search(line)][-_MOST_LINES:] or lines[-_MOST_LINES:]
