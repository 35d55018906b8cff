"""SSM: parameters by their name, such as the public ones that hold the ids of images."""

from __future__ import annotations

import json
from typing import Any

from tests.endpoint.wire import Answer, Params, Refusal, Request

UBUNTU = "/aws/service/canonical/ubuntu/server/24.04/stable/current/{}/hvm/ebs-gp3/ami-id"
AMAZON_LINUX = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{}"

IMAGES = {
    UBUNTU.format("amd64"): "ami-0000000000000000a",
    UBUNTU.format("arm64"): "ami-0000000000000000b",
    AMAZON_LINUX.format("x86_64"): "ami-0000000000000000c",
    AMAZON_LINUX.format("arm64"): "ami-0000000000000000d",
}
"""The public parameters that are there from the beginning."""

# The JSON protocol's own spelling of what the others call differently.
_CODES = {
    "Throttling": "ThrottlingException",
    "AccessDenied": "AccessDeniedException",
    "ExpiredToken": "ExpiredTokenException",
    "InternalFailure": "InternalServerError",
    "InvalidAction": "UnknownOperationException",
    "ValidationError": "ValidationException",
}


class ParameterStore:
    """The parameters of an account in every region; `values` can be changed."""

    name = "ssm"

    def __init__(self) -> None:
        self.values = dict(IMAGES)

    def parse(self, request: Request) -> tuple[str, Params]:
        return request.headers.get("x-amz-target", "").rpartition(".")[2], json.loads(request.body or b"{}")

    def perform(self, operation: str, params: Params, request: Request) -> Answer:
        region = request.scope[0]
        if operation == "GetParameter":
            if params["Name"] not in self.values:
                raise Refusal("ParameterNotFound", "")
            return _sent(200, {"Parameter": self._parameter(params["Name"], region)})
        if operation == "GetParameters":
            names = sorted(set(params["Names"]))
            found = [self._parameter(name, region) for name in names if name in self.values]
            missing = [name for name in names if name not in self.values]
            return _sent(200, {"Parameters": found, "InvalidParameters": missing})
        raise Refusal("UnknownOperationException", "")

    def refuse(self, refusal: Refusal, request: Request) -> Answer:  # noqa: ARG002 (every service takes these)
        code = _CODES.get(refusal.code, refusal.code)
        return _sent(refusal.status, {"__type": code, "message": refusal.message})

    def _parameter(self, name: str, region: str) -> dict[str, Any]:
        return {
            "Name": name,
            "Type": "String",
            "Value": self.values[name],
            "Version": 1,
            "ARN": f"arn:aws:ssm:{region}::parameter{name}",
            "DataType": "text",
        }


def _sent(status: int, content: dict[str, Any]) -> Answer:
    return Answer(status, json.dumps(content).encode(), {"Content-Type": "application/x-amz-json-1.1"})
