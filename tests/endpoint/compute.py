"""EC2 and Auto Scaling, as far as somebody looks for an instance, or why it did not come up."""

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
    """What each instance has written to its console, and its public address; both can be changed."""

    name = "ec2"

    def __init__(self) -> None:
        self.consoles: dict[str, str] = {}
        self.addresses: dict[str, str] = {}

    def parse(self, request: Request) -> tuple[str, Params]:
        return parsed(request)

    def perform(self, operation: str, params: Params, request: Request) -> Answer:  # noqa: ARG002 (every service takes these)
        if operation == "DescribeInstances":
            found = "".join(self._described(instance) for instance in params.get("InstanceId", {}).values())
            return _answered(operation, f"<reservationSet>{found}</reservationSet>")
        instance = params.get("InstanceId", "")
        if operation != "GetConsoleOutput" or instance not in self.consoles:
            raise _missing(instance)
        output = b64encode(self.consoles[instance].encode()).decode()
        return _answered(operation, f"<output>{output}</output>")

    def _described(self, instance: str) -> str:
        """An instance, in a reservation of its own."""
        if instance not in self.addresses:
            raise _missing(instance)
        inner = f"<instanceId>{instance}</instanceId><ipAddress>{self.addresses[instance]}</ipAddress>"
        return f"<item><instancesSet><item>{inner}</item></instancesSet></item>"

    def refuse(self, refusal: Refusal, request: Request) -> Answer:  # noqa: ARG002 (every service takes these)
        # EC2's own form of the protocol.
        error = f"<Error><Code>{refusal.code}</Code><Message>{text(refusal.message)}</Message></Error>"
        return _told(
            refusal.status, f"<Response><Errors>{error}</Errors><RequestID>{REQUEST_ID}</RequestID></Response>"
        )


def _missing(instance: str) -> Refusal:
    return Refusal("InvalidInstanceID.NotFound", f"The instance ID '{instance}' does not exist")


def _answered(operation: str, inner: str) -> Answer:
    return _told(200, f"<{operation}Response xmlns='{_EC2}'>{inner}</{operation}Response>")


def _told(status: int, xml: str) -> Answer:
    return Answer(status, xml.encode(), {"Content-Type": "text/xml"})
