"""STS: who calls."""

from __future__ import annotations

from tests.endpoint.query import answered, parsed, refused
from tests.endpoint.wire import Answer, Params, Refusal, Request

NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"


class Identity:
    """The account of whoever calls; `account` can be set."""

    name = "sts"

    def __init__(self, account: str) -> None:
        self.account = account

    def parse(self, request: Request) -> tuple[str, Params]:
        return parsed(request)

    def perform(self, operation: str, params: Params, request: Request) -> Answer:  # noqa: ARG002 (every service takes these)
        if operation != "GetCallerIdentity":
            raise Refusal("InvalidAction", f"Could not find operation {operation} for version 2011-06-15")
        arn = f"arn:aws:iam::{self.account}:user/tester"
        return answered(operation, {"Arn": arn, "UserId": "AIDATESTER", "Account": self.account}, NAMESPACE)

    def refuse(self, refusal: Refusal, request: Request) -> Answer:  # noqa: ARG002 (every service takes these)
        return refused(refusal, NAMESPACE)
