"""The operations that change something: change sets, and what is done with stacks."""

from __future__ import annotations

from collections.abc import Mapping

from tests.endpoint.cloudformation import operations
from tests.endpoint.cloudformation.change_sets import change_set_of
from tests.endpoint.cloudformation.nesting import disbanded, require_root
from tests.endpoint.cloudformation.parameters import bound
from tests.endpoint.cloudformation.state import ChangeSet, Deployment, Stack
from tests.endpoint.cloudformation.statuses import UNDELETABLE, UPDATABLE
from tests.endpoint.cloudformation.template_reading import template_text
from tests.endpoint.cloudformation.templates import Template, check_capabilities, taken
from tests.endpoint.cloudformation.world import World
from tests.endpoint.query import flag, listed
from tests.endpoint.wire import Params, Refusal, invalid


def create_change_set(world: World, params: Params, region: str) -> Params:
    """Begins a change set; one for a new stack begins the stack as well, in REVIEW_IN_PROGRESS."""
    name, kind = params["ChangeSetName"], params.get("ChangeSetType", "UPDATE")
    stack = world.look(params["StackName"], region, gone=False)
    if same := _same(stack, params):
        return {"Id": same.id, "StackId": stack.id if stack else None}
    _check_kind(stack, params, kind)
    template = _wanted_template(world, stack, params)
    check_capabilities(template, listed(params, "Capabilities"))
    before = stack.deployment if stack else Deployment()
    parameters = bound(template, listed(params, "Parameters"), before.parameters, world.parameter)
    tags = _tags(params, before.tags)
    if stack is None:
        stack = world.new(params["StackName"], region)
        stack.begin("CREATE_CHANGESET", "")
        stack.enter("REVIEW_IN_PROGRESS", operations.USER)
    else:
        stack.remember()
    id_ = f"arn:aws:cloudformation:{region}:{world.account()}:changeSet/{name}/{world.clock.identifier()}"
    change_set = ChangeSet(id_, name, kind, world.clock.now, Deployment(template, parameters, tags), params)
    change_set.operation = world.clock.identifier()
    steps = operations.change_set_creation(world, stack, change_set)
    world.start(stack, steps, alone=False)
    stack.change_sets[id_] = change_set
    return {"Id": id_, "StackId": stack.id}


def _same(stack: Stack | None, params: Params) -> ChangeSet | None:
    """The change set that is there already, if the call asks for the same; refused if it asks for another."""
    name = params["ChangeSetName"]
    there = [c for c in stack.change_sets.values() if c.name == name] if stack else []
    if not there:
        return None
    for key, attribute in (("ClientToken", "ClientToken"), ("TemplateBody", "Template"), ("TemplateURL", "Template")):
        if there[-1].options.get(key) != params.get(key):
            message = f"ChangeSet {name} cannot be created due to a mismatch with existing attribute {attribute}"
            raise Refusal("AlreadyExistsException", message)
    return there[-1]


def _check_kind(stack: Stack | None, params: Params, kind: str) -> None:
    """A change set to create is for a name that has no stack; one to update for a stack that can be updated."""
    if kind == "CREATE":
        if stack and stack.status != "REVIEW_IN_PROGRESS":
            message = f"Stack [{stack.name}] already exists and cannot be created again with the changeSet"
            raise Refusal("AlreadyExistsException", f"{message} [{params['ChangeSetName']}].")
        return
    if kind != "UPDATE":
        raise invalid(f"ChangeSetType {kind} is not served here")
    if stack is None:
        raise invalid(f"Stack [{params['StackName']}] does not exist")
    _check_updatable(stack)


def _check_updatable(stack: Stack) -> None:
    if stack.status not in UPDATABLE:
        raise invalid(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")


def _wanted_template(world: World, stack: Stack | None, params: Params) -> Template:
    if flag(params, "UsePreviousTemplate"):
        if stack is None:
            raise invalid("UsePreviousTemplate cannot be used to create a stack.")
        return stack.deployment.template
    return taken(template_text(world, params))


def _tags(params: Params, before: Mapping[str, str]) -> Mapping[str, str]:
    """The tags that are asked for; without any, those that are there stay."""
    if "Tags" not in params:
        return before
    return {tag["Key"]: tag["Value"] for tag in listed(params, "Tags")}


def execute_change_set(world: World, params: Params, region: str) -> Params:
    """Begins to do what a change set says; the stack's others are then of no use."""
    stack, change_set = change_set_of(world, params, region)
    require_root(change_set)
    if change_set.status != "CREATE_COMPLETE":
        raise _unfit(change_set, f"current status of [{change_set.status}]")
    if change_set.execution != "AVAILABLE":
        raise _unfit(change_set, f"current execution status of [{change_set.execution}]")
    if change_set.kind == "UPDATE":
        _check_updatable(stack)
    on_failure = change_set.options.get("OnStackFailure")
    if on_failure and "DisableRollback" in params:
        raise invalid("OnStackFailure and DisableRollback cannot both be specified.")
    on_failure = on_failure or ("DO_NOTHING" if flag(params, "DisableRollback") else "ROLLBACK")
    creates = stack.status == "REVIEW_IN_PROGRESS"
    stack.remember()
    stack.begin("CREATE_STACK" if creates else "UPDATE_STACK", params.get("ClientRequestToken", ""))
    stack.change_set = change_set.id
    role = change_set.options.get("RoleARN", stack.options.get("RoleARN"))
    stack.options = {**change_set.options, "RoleARN": role, "DisableRollback": on_failure == "DO_NOTHING"}
    _retire(world, stack, change_set)
    begun = operations.creation if creates else operations.update
    steps = begun(world, stack, change_set.wanted, on_failure)
    world.start(stack, operations.execution(stack, change_set, steps))
    return {}


def _unfit(change_set: ChangeSet, why: str) -> Refusal:
    message = f"ChangeSet [{change_set.id}] cannot be executed in its {why}"
    return Refusal("InvalidChangeSetStatus", message)


def _retire(world: World, stack: Stack, executed: ChangeSet) -> None:
    for change_set in stack.change_sets.values():
        disbanded(world, stack, change_set)
    if not world.script.keep_obsolete:
        stack.change_sets = {executed.id: executed}
    outdate(stack, but=executed.id)


def outdate(stack: Stack, but: str = "") -> None:
    """Makes the change sets obsolete that a change of their stack has overtaken."""
    for change_set in stack.change_sets.values():
        if change_set.id != but and change_set.execution == "AVAILABLE":
            change_set.execution = "OBSOLETE"


def delete_change_set(world: World, params: Params, region: str) -> Params:
    """Deletes a change set; one that is not there is deleted already."""
    try:
        stack, change_set = change_set_of(world, params, region)
    except Refusal as refusal:
        if refusal.code == "ChangeSetNotFound":
            return {}
        raise
    require_root(change_set)
    if change_set.execution == "EXECUTE_IN_PROGRESS":
        message = (
            f"ChangeSet [{change_set.id}] cannot be deleted in its current execution status of [EXECUTE_IN_PROGRESS]"
        )
        raise Refusal("InvalidChangeSetStatus", message)
    stack.remember()
    disbanded(world, stack, change_set)
    del stack.change_sets[change_set.id]
    return {}


def delete_stack(world: World, params: Params, region: str) -> None:
    """Begins to delete a stack; one that is not there is deleted already."""
    stack = world.look(params["StackName"], region, gone=False)
    if stack is None or stack.status == "DELETE_IN_PROGRESS":
        return
    if stack.protected:
        raise invalid(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
    if stack.status in UNDELETABLE:
        raise invalid(f"Stack [{stack.id}] cannot be deleted while in status {stack.status}")
    retained, force = listed(params, "RetainResources"), params.get("DeletionMode") == "FORCE_DELETE_STACK"
    if (retained or force) and stack.status != "DELETE_FAILED":
        raise invalid(
            f"Invalid operation on stack [{stack.id}]. When you delete a stack, specify which resources to retain"
            " only when the stack is in the DELETE_FAILED state."
        )
    if users := _importers(world, stack):
        raise invalid(users)
    stack.remember()
    stack.begin("DELETE_STACK", params.get("ClientRequestToken", ""))
    world.start(stack, operations.deletion(world, stack, retained, force=force))


def _importers(world: World, stack: Stack) -> str:
    """What is said if another stack imports what this one exports."""
    for name in sorted(stack.exports):
        for other in world.stacks.values():
            if other.status != "DELETE_COMPLETE" and f'"Fn::ImportValue": "{name}"' in other.deployment.template.text:
                return f"Export {name} cannot be deleted as it is in use by {other.name}"
    return ""


def continue_update_rollback(world: World, params: Params, region: str) -> Params:
    stack = world.find(params["StackName"], region, "Stack [{}] does not exist")
    if stack.status != "UPDATE_ROLLBACK_FAILED":
        raise invalid(f"Stack:{stack.id} is in {stack.status} state and can not be continued for rollback.")
    skipped = listed(params, "ResourcesToSkip")
    failed = {id_ for id_, resource in stack.resources.items() if resource.status == "UPDATE_FAILED"}
    if wrong := sorted(set(skipped) - failed):
        raise invalid(f"The following resource(s) cannot be skipped as they are not in UPDATE_FAILED state: {wrong}")
    stack.remember()
    stack.begin("CONTINUE_ROLLBACK", params.get("ClientRequestToken", ""))
    world.start(stack, operations.continued_rollback(world, stack, skipped))
    return {}


def rollback_stack(world: World, params: Params, region: str) -> Params:
    """Rolls back what was left as it failed."""
    stack = world.find(params["StackName"], region, "Stack [{}] does not exist")
    stack_operations = {"CREATE_FAILED": operations.creation_rollback, "UPDATE_FAILED": operations.update_rollback}
    if stack.status not in stack_operations:
        raise invalid(f"Stack:{stack.id} is in {stack.status} state and can not be rolled back.")
    stack.remember()
    stack.begin("ROLLBACK", params.get("ClientRequestToken", ""))
    world.start(stack, stack_operations[stack.status](world, stack, operations.USER))
    return {"StackId": stack.id, "OperationId": stack.operation[1]}


def cancel_update_stack(world: World, params: Params, region: str) -> None:
    """Has an update rolled back at its next step."""
    stack = world.find(params["StackName"], region, "Stack [{}] does not exist")
    if stack.status != "UPDATE_IN_PROGRESS":
        raise invalid("CancelUpdateStack cannot be called from current stack status")
    stack.remember()
    stack.cancelled = True
    stack.token = params.get("ClientRequestToken", stack.token)
    if stack.running is None:
        world.start(stack, operations.update_rollback(world, stack, operations.USER))


def update_termination_protection(world: World, params: Params, region: str) -> Params:
    stack = world.find(params["StackName"], region, "Stack [{}] does not exist")
    stack.remember()
    stack.protected = flag(params, "EnableTerminationProtection")
    return {"StackId": stack.id}


def signal_resource(world: World, params: Params, region: str) -> None:
    """Tells a resource that waits how it went."""
    stack, id_ = world.find(params["StackName"], region, "Stack [{}] does not exist"), params["LogicalResourceId"]
    if id_ not in stack.resources:
        raise invalid(f"Resource {id_} does not exist for stack {stack.name}")
    if not stack.resources[id_].status.endswith("_IN_PROGRESS"):
        raise invalid(f"Resource {id_} is in {stack.resources[id_].status} state and cannot be signaled")
    world.script.signals[id_] = f"{params['Status']} {params['UniqueId']}"
