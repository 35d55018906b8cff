"""Somebody else who works on the same stack, at the worst of moments, by calls of their own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.endpoint import Endpoint

NAME = "shop"
TAG = "somebody-"


class Somebody:
    """What they do, and when: each deed is done once, before a call of an operation is served."""

    def __init__(self, endpoint: Endpoint, client: Any) -> None:
        self._endpoint = endpoint
        self._client = client
        self._numbers = count(1)
        self._plans: list[tuple[str, int, str, str]] = []
        self.acts = False

    def plan(self, operation: str, after: int, deed: str, template: str) -> None:
        """Has a deed done before a call of an operation, after some calls of it."""
        self._plans.append((operation, after, deed, template))

    def forget(self) -> None:
        self._plans.clear()

    def disturb(self, operation: str) -> bool:
        """Does what is due before a call; gives whether anything was."""
        due, later = [], []
        for when, after, deed, template in self._plans:
            if when != operation:
                later.append((when, after, deed, template))
            elif after:
                later.append((when, after - 1, deed, template))
            else:
                due.append((deed, template))
        self._plans = later
        for deed, template in due:
            self._do(getattr(self, deed), template)
        return bool(due)

    def _do(self, deed: Callable[[str], None], template: str) -> None:
        self.acts = True
        # What they do may not be possible now, or may go wrong by the faults that were meant for others.
        with suppress(BotoCoreError, ClientError):
            deed(template)
        self.acts = False

    def deploys(self, template: str) -> None:
        """Creates the stack, or updates it, with a template."""
        name = self._change_set(template)
        for _ in range(4):
            self._client.describe_change_set(StackName=NAME, ChangeSetName=name)
        self._client.execute_change_set(StackName=NAME, ChangeSetName=name, ClientRequestToken=name)

    def plans(self, template: str) -> None:
        """Makes a change set, and leaves it."""
        self._change_set(template)

    def _change_set(self, template: str) -> str:
        name = f"{TAG}{next(self._numbers)}"
        stack = self._live()
        self._client.create_change_set(
            StackName=NAME,
            ChangeSetName=name,
            ChangeSetType="UPDATE" if stack and stack.status != "REVIEW_IN_PROGRESS" else "CREATE",
            TemplateBody=template,
            Parameters=[{"ParameterKey": "ArtifactBucket", "ParameterValue": "theirs"}],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        return name

    def deletes(self, _: str) -> None:
        """Deletes the stack."""
        self._client.delete_stack(StackName=NAME, ClientRequestToken=f"{TAG}{next(self._numbers)}")

    def deletes_and_creates(self, template: str) -> None:
        """Deletes the stack, and makes another of its name."""
        self.deletes(template)
        for _ in range(30):
            self._endpoint.tick()
        self.deploys(template)

    def executes(self, _: str) -> None:
        """Executes a change set that is there."""
        stack = self._live()
        for change_set in list(stack.change_sets.values()) if stack else ():
            if change_set.execution == "AVAILABLE":
                token = f"{TAG}{next(self._numbers)}"
                self._client.execute_change_set(ChangeSetName=change_set.id, ClientRequestToken=token)
                return

    def discards(self, _: str) -> None:
        """Deletes the change sets that are there."""
        stack = self._live()
        for change_set in list(stack.change_sets.values()) if stack else ():
            self._client.delete_change_set(ChangeSetName=change_set.id)

    def protects(self, _: str) -> None:
        """Turns termination protection on."""
        self._client.update_termination_protection(StackName=NAME, EnableTerminationProtection=True)

    def cancels(self, _: str) -> None:
        """Calls an update off."""
        self._client.cancel_update_stack(StackName=NAME, ClientRequestToken=f"{TAG}{next(self._numbers)}")

    def _live(self) -> Any:
        same = [stack for stack in self._endpoint.stacks if stack.name == NAME and stack.status != "DELETE_COMPLETE"]
        return same[-1] if same else None


DEEDS = (
    "cancels",
    "deletes",
    "deletes_and_creates",
    "deploys",
    "discards",
    "executes",
    "plans",
    "protects",
)
