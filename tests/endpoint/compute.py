"""EC2 and Auto Scaling, as far as somebody looks for an instance that did not come up: groups, and consoles."""

from __future__ import annotations

from base64 import b64encode

from tests.endpoint.query import REQUEST_ID, answered, parsed, refused, text
from tests.endpoint.wire import Answer, Params, Refusal, Request

_SCALING = "http://autoscaling.amazonaws.com/doc/2011-01-01/"
_EC2 = "http://ec2.amazonaws.com/doc/2016-11-15/"


class Scaling:
    """The groups, each with its instances; `groups` can be changed."""

    name = "autoscaling"

    def __init__(self) -> None:
        self.groups: dict[str, list[str]] = {}

    def parse(self, request: Request) -> tuple[str, Params]:
        return parsed(request)

    def perform(self, operation: str, params: Params, request: Request) -> Answer:  # noqa: ARG002 (every service takes these)
        if operation != "DescribeAutoScalingGroups":
            raise Refusal("InvalidAction", f"Could not find operation {operation} for version 2011-01-01")
        found = [
            {"AutoScalingGroupName": name, "Instances": [{"InstanceId": instance} for instance in self.groups[name]]}
            for name in params.get("AutoScalingGroupNames", ())
            if name in self.groups
        ]
        return answered(operation, {"AutoScalingGroups": found}, _SCALING)

    def refuse(self, refusal: Refusal, request: Request) -> Answer:  # noqa: ARG002 (every service takes these)
        return refused(refusal, _SCALING)


class Instances:
    """What each instance has written to its console; `consoles` can be changed."""

    name = "ec2"

    def __init__(self) -> None:
        self.consoles: dict[str, str] = {}

    def parse(self, request: Request) -> tuple[str, Params]:
        return parsed(request)

    def perform(self, operation: str, params: Params, request: Request) -> Answer:  # noqa: ARG002 (every service takes these)
        instance = params.get("InstanceId", "")
        if operation != "GetConsoleOutput" or instance not in self.consoles:
            raise Refusal("InvalidInstanceID.NotFound", f"The instance ID '{instance}' does not exist")
        output = b64encode(self.consoles[instance].encode()).decode()
        return _told(200, f"<{operation}Response xmlns='{_EC2}'><output>{output}</output></{operation}Response>")

    def refuse(self, refusal: Refusal, request: Request) -> Answer:  # noqa: ARG002 (every service takes these)
        # EC2's own form of the protocol.
        error = f"<Error><Code>{refusal.code}</Code><Message>{text(refusal.message)}</Message></Error>"
        return _told(
            refusal.status, f"<Response><Errors>{error}</Errors><RequestID>{REQUEST_ID}</RequestID></Response>"
        )


def _told(status: int, xml: str) -> Answer:
    return Answer(status, xml.encode(), {"Content-Type": "text/xml"})
