"""The log group of a function: part of the stack, with a retention, bound to the function."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.construct import Construct, Declaration, Fact, LogGroup, Plan, Statement, resource, tags
from omegac.spec import Entry, Spec


def contribute(entry: Entry, _spec: Spec) -> Iterator[Fact]:
    """Where to log, and the right to write there and nowhere else."""
    yield LogGroup({"Ref": f"{entry.stem}LogGroup"})
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    group = {"Fn::GetAtt": [f"{entry.stem}LogGroup", "Arn"]}
    yield Statement("Logs", {"Effect": "Allow", "Action": actions, "Resource": group}, entry.at("logs").origin)


def lower(entry: Entry, plan: Plan) -> Iterator[Declaration]:
    """The log group; it goes with the stack, on purpose and said so."""
    properties = {"RetentionInDays": entry.at("logs", "retention"), "Tags": tags(plan.spec)}
    keep = {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"}
    yield resource(f"{entry.stem}LogGroup", "AWS::Logs::LogGroup", properties, entry.origin, **keep)


CONSTRUCT = Construct(("function",), contribute, lower)
