"""The execution of a plan: begun once, whatever becomes of the call."""

from __future__ import annotations

from omegac.cloud import Cloud, CloudError, NotAllowed, Refused, Unreachable
from omegac.operations.change_set import moved
from omegac.operations.following import Detached
from omegac.operations.planning import Plan
from omegac.operations.site import Site

_TRIES = 3
"""How often an execution is begun again that AWS may not have heard of."""


def execute(site: Site, plan: Plan, token: str, *, rollback: bool) -> None:
    """Begins the execution of a plan, once, whatever becomes of the call. Raises `Moved` and `Detached`."""
    for quiet in range(_TRIES):
        try:
            _begin(site.cloud, plan, token, rollback=rollback)
        except Unreachable:
            if _has_begun(site.cloud, plan):
                return
            if quiet == _TRIES - 1:
                raise
            site.pace.pause(quiet)
        except KeyboardInterrupt:
            if _has_begun(site.cloud, plan):
                raise Detached from None
            raise
        else:
            return


def _begin(cloud: Cloud, plan: Plan, token: str, *, rollback: bool) -> None:
    try:
        cloud.call(
            *("cloudformation", "execute_change_set"),
            ChangeSetName=plan.id,
            StackName=plan.stack.id,
            ClientRequestToken=token,
            DisableRollback=not rollback,  # said in any case: what it is by default differs in what AWS writes
        )
    except NotAllowed:
        raise
    except Refused as refused:
        if refused.code != "TokenAlreadyExistsException" and not _has_begun(cloud, plan):
            raise moved(refused) from refused


def _has_begun(cloud: Cloud, plan: Plan) -> bool:
    """Whether the change set is being executed, or was: its name is nobody else's."""
    try:
        answer = cloud.call(
            "cloudformation", "describe_change_set", ChangeSetName=plan.id, StackName=plan.stack.id
        )  # fmt: skip
    except CloudError:
        return False
    return str(answer.get("ExecutionStatus", "")).startswith("EXECUTE_")
