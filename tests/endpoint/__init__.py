"""AWS as far as a deployment needs it, on a port of this machine, and as good or bad as a test has scripted it.

    with Endpoint() as endpoint:
        endpoint.stack("demo", template=TEMPLATE)
        endpoint.fail("Web", during="update", reason="no capacity")
        ...  # a client of `endpoint.url`, with any keys

CloudFormation, S3 (path-style), SSM's parameters, STS, and the groups, consoles and addresses of instances are served;
botocore is the client they are made for.

No time passes but by ticks: each DescribeStacks, DescribeStackEvents, DescribeEvents or DescribeChangeSet is answered
and then moves all that goes on by a step, as `tick()` does; `script.ticking = False` leaves it to `tick()` alone. A
resource takes `script.steps` ticks, a stack one more for each of its statuses. Resources that depend on each other come
one after another, the others at once, in the order of their names.

What can be scripted:

- `stack(name, status, ...)` puts a stack there in any status, or changes it; `bucket(...)` a bucket of any owner.
- `fail(resource, ...)`, `hold(resource)` and `release(resource)`: how resources go.
- `invalid(...)` and `refuse_change_set(reason)`: what becomes of the next change set.
- `fault(operation, kind, ...)`: calls that go wrong (see `Kind`).
- `before(operation, function)`: what happens just before a call is served.
- `script`: steps, sizes of pages, the words for "no changes", whether obsolete change sets stay, nested ones are made.
- `account`, `images`, `groups`, `consoles`, `addresses`: who calls, what the parameter store holds, and what became of
  instances.

What can be asked: `calls`, `writes`, `called(operation)`, `stacks`, `find(name)`, `buckets` (with `objects`, `puts`).
`reset()` forgets all, and keeps the port. As a program, `python -m tests.endpoint --port-file F [--script S.json]`.
"""

from __future__ import annotations

from tests.endpoint.cloud import ACCOUNT, REGION, Endpoint
from tests.endpoint.cloudformation.script import DIDNT_CONTAIN_CHANGES, NO_UPDATES, Failure, Invalid
from tests.endpoint.cloudformation.state import ChangeSet, Resource, Stack
from tests.endpoint.cloudformation.statuses import STATUSES
from tests.endpoint.faults import ANY, Kind
from tests.endpoint.s3.buckets import Bucket
from tests.endpoint.wire import Call

__all__ = [
    "ACCOUNT",
    "ANY",
    "DIDNT_CONTAIN_CHANGES",
    "NO_UPDATES",
    "REGION",
    "STATUSES",
    "Bucket",
    "Call",
    "ChangeSet",
    "Endpoint",
    "Failure",
    "Invalid",
    "Kind",
    "Resource",
    "Stack",
]
