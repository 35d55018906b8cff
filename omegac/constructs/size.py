"""How many instances a server has, and how long CloudFormation waits for each."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.construct import Construct, Fact, Size
from omegac.diagnostics import Rejected, Related, fault
from omegac.source import Traced, derived
from omegac.spec import Entry, Spec


def contribute(entry: Entry, _spec: Spec) -> Iterator[Fact]:
    """A number leaves room for one more, so that a rolling update puts the new instance up before the old one goes."""
    size, minutes = entry.at("size"), entry.at("signal")
    if isinstance(size.value, int):
        properties = {"MinSize": derived(str(size.value), size), "MaxSize": derived(str(size.value + 1), size)}
        yield Size(properties, size, size, minutes)
        return
    low, high, desired = size.at("min"), size.at("max"), size.get("desired")
    _check(low, high, desired)
    properties = {"MinSize": _text(low), "MaxSize": _text(high)}
    if desired:
        properties["DesiredCapacity"] = _text(desired)
    # MinInstancesInService must be below MaxSize (AWS CloudFormation, UpdatePolicy attribute).
    kept = derived(max(min(low.value, high.value - 1), 0), low, high)
    yield Size(properties, desired or low, kept, minutes)


def _text(number: Traced) -> Traced:
    return derived(str(number.value), number)


def _check(low: Traced, high: Traced, desired: Traced | None) -> None:
    if low.value > high.value:
        message, wrong, others = f"min {low.value} is more than max {high.value}", low, [high]
    elif desired and not low.value <= desired.value <= high.value:
        message = f"desired {desired.value} does not lie between min {low.value} and max {high.value}"
        wrong, others = desired, [low, high]
    else:
        return
    spans = [other.origin.span for other in others]
    related = [Related(span, "the bound") for span in spans if span]
    raise Rejected([fault("OM1105", message, wrong, related=related)])


CONSTRUCT = Construct(("server",), contribute)
