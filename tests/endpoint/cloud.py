"""The endpoint itself: what a test says of the world, and how a call gets from the wire to a service and back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from email.utils import format_datetime
from threading import RLock
from types import TracebackType
from typing import Any, Protocol, Self

from tests.endpoint import faults
from tests.endpoint.cloudformation import statuses
from tests.endpoint.cloudformation.changing import outdate
from tests.endpoint.cloudformation.script import Failure, Invalid
from tests.endpoint.cloudformation.script import Script as StackScript
from tests.endpoint.cloudformation.service import CloudFormation
from tests.endpoint.cloudformation.staging import Staged, stage
from tests.endpoint.cloudformation.state import Stack
from tests.endpoint.cloudformation.world import World
from tests.endpoint.compute import Instances, Scaling
from tests.endpoint.identity import Identity
from tests.endpoint.parameter_store import ParameterStore
from tests.endpoint.s3.buckets import Bucket
from tests.endpoint.s3.service import S3
from tests.endpoint.server import Server
from tests.endpoint.wire import Answer, Call, Params, Refusal, Request

ACCOUNT = "123456789012"
REGION = "us-east-1"


class Service(Protocol):
    """A service: it finds out what is called, does it, and says so in its own protocol."""

    name: str

    def parse(self, request: Request) -> tuple[str, Params]: ...

    def perform(self, operation: str, params: Params, request: Request) -> Answer: ...

    def refuse(self, refusal: Refusal, request: Request) -> Answer: ...


class Endpoint:
    """A cloud on a port of this machine; see the package for how to use it."""

    def __init__(self, account: str = ACCOUNT, region: str = REGION) -> None:
        self._defaults = (account, region)
        self._lock = RLock()
        self.reset()
        self._server = Server(self._answer)

    def reset(self) -> None:
        """Begins anew, with nothing there and nothing scripted."""
        account, self.region = self._defaults
        self.calls: list[Call] = []
        self._script = faults.Script()
        self._identity = Identity(account)
        self._store = ParameterStore()
        self._s3 = S3(self._identity)
        self._world = World(lambda: self._identity.account, self._s3.read, self._store.values.get)
        self._scaling, self._instances = Scaling(), Instances()
        mine: list[Service] = [CloudFormation(self._world), self._identity, self._store, self._s3]
        self._services = {service.name: service for service in (*mine, self._scaling, self._instances)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Takes no more calls."""
        self._server.stop()

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def account(self) -> str:
        """The account of whoever calls."""
        return self._identity.account

    @account.setter
    def account(self, account: str) -> None:
        self._identity.account = account

    @property
    def images(self) -> dict[str, str]:
        """The parameters of the parameter store, which can be changed."""
        return self._store.values

    @property
    def groups(self) -> dict[str, list[str]]:
        """The instances of Auto Scaling groups by their names, which can be changed."""
        return self._scaling.groups

    @property
    def consoles(self) -> dict[str, str]:
        """What instances have written, which can be changed."""
        return self._instances.consoles

    @property
    def addresses(self) -> dict[str, str]:
        """The public addresses of instances, which can be changed."""
        return self._instances.addresses

    @property
    def script(self) -> StackScript:
        """How CloudFormation behaves: how long things take, the size of pages, and so on; its attributes can be set."""
        return self._world.script

    @property
    def buckets(self) -> Mapping[str, Bucket]:
        """The buckets that are there."""
        return self._s3.buckets

    @property
    def stacks(self) -> list[Stack]:
        """Every stack there ever was, the oldest first."""
        return list(self._world.stacks.values())

    @property
    def writes(self) -> list[Call]:
        """The calls so far that could change something."""
        return [call for call in self.calls if call.writes]

    def called(self, operation: str) -> list[Params]:
        """What the calls of an operation said."""
        return [call.params for call in self.calls if call.operation == operation]

    def fault(self, operation: str, kind: faults.Kind, times: int = 1, after: int = 0, **more: Any) -> faults.Fault:
        """Makes the next calls of an operation go wrong ("*": of any), after some that do not.

        `more` can be `text` (of a refusal), `seconds` (for "slow") and `done` (the call is carried out all the same).
        What comes back tells how often it is still to be met; its `times` set to 0, it is over.
        """
        fault = faults.Fault(operation, kind, times, after, **more)
        self._script.faults.append(fault)
        return fault

    def before(self, operation: str, function: Callable[[], object], times: int = 1, after: int = 0) -> None:
        """Has a function called when a call of an operation arrives, before it is served."""
        self._script.hooks.append(faults.Hook(operation, function, times, after))

    def fail(self, logical_id: str, **how: Any) -> None:
        """Makes a resource fail; see `Failure` for `status`, `reason`, `during`, `times` and `stack`."""
        self.script.failures.append(Failure(logical_id, **how))

    def hold(self, *logical_ids: str) -> None:
        """Makes resources take until they are released, or signalled by SignalResource."""
        self.script.held.update(logical_ids)

    def release(self, *logical_ids: str) -> None:
        """Lets resources be done that were held."""
        self.script.held.difference_update(logical_ids)

    def invalid(self, logical_id: str, kind: str, path: str, reason: str, **more: str) -> None:
        """Makes the next change set fail its validation; see `Invalid` for `name` and `mode`."""
        self.script.invalid.append(Invalid(logical_id, kind, path, reason, **more))

    def refuse_change_set(self, reason: str) -> None:
        """Makes the next change set fail for a reason."""
        self.script.refusal = reason

    def bucket(self, name: str, owner: str = "", region: str = "", *, closed: bool = False) -> Bucket:
        """Puts a bucket there: the caller's own, or another account's, which might let others in or not."""
        with self._lock:
            bucket = Bucket(name, owner or self.account, region or self.region, closed)
            self._s3.buckets[name] = bucket
            return bucket

    def stack(self, name: str, status: str = "", *, then: Sequence[str] = (), region: str = "", **what: Any) -> Stack:
        """Puts a stack there, or changes the one of that name, in any status; `then`: the statuses of the next ticks.

        See `Staged` for the rest: `template`, `parameters`, `tags`, `resources`, `outputs`, `protected`, `reason`,
        `role`. What is not said of a stack that is there stays as it is.
        """
        if unknown := {status, *then} - statuses.STATUSES - {""}:
            raise ValueError(f"no status of a stack: {', '.join(sorted(unknown))}")
        with self._lock:
            there = self._world.look(name, region or self.region, gone=False)
            if there:
                there.remember()
                outdate(there)
            found = there or self._world.new(name, region or self.region)
            stage(self._world, found, status or ("" if there else "CREATE_COMPLETE"), Staged(**what), then)
            return found

    def find(self, name: str, region: str = "") -> Stack:
        """A stack by its id, or by its name unless it was deleted."""
        return self._world.find(name, region or self.region)

    def tick(self, times: int = 1) -> None:
        """Moves everything that goes on by a step, or more."""
        with self._lock:
            for _ in range(times):
                self._world.tick()

    def settle(self, limit: int = 1000) -> None:
        """Moves everything on until nothing goes on any more."""
        with self._lock:
            for _ in range(limit):
                if not self._world.going:
                    return
                self._world.tick()
        raise RuntimeError(f"something still goes on after {limit} ticks: is a resource held?")

    def _answer(self, request: Request) -> Answer:
        """Has a request served: it is logged, hooks run, and a fault has its way."""
        service = self._services.get(request.scope[1] or "s3")
        if service is None:
            return self._s3.refuse(Refusal("NotImplemented", f"no service {request.scope[1]} here", 501), request)
        operation, params = service.parse(request)
        with self._lock:
            self.calls.append(Call(service.name, operation, params))
            functions = self._script.functions(operation)
            fault = self._script.fault(operation)
        for function in functions:
            function()
        if fault is None:
            return self._served(service, operation, params, request)
        if fault.seconds:
            time.sleep(fault.seconds)
        answer = Answer(0)
        if not fault.prevents:
            with self._lock:
                self._world.stale, self._world.disordered = fault.kind == "stale", fault.kind == "disordered"
                answer = self._served(service, operation, params, request)
                self._world.stale = self._world.disordered = False
        return fault.answer(f"{service.name}:{operation}", lambda refusal: service.refuse(refusal, request), answer)

    def _served(self, service: Service, operation: str, params: Params, request: Request) -> Answer:
        """What a service answers."""
        try:
            with self._lock:
                answer = service.perform(operation, params, request)
                date = format_datetime(self._world.clock.now, usegmt=True)
                return replace(answer, headers={"Date": date, **answer.headers})
        except Refusal as refusal:
            return service.refuse(refusal, request)
        except Exception as error:  # noqa: BLE001 (the server has to answer, and the client must not try again)
            message = f"the endpoint itself has failed: {type(error).__name__}: {error}"
            return replace(service.refuse(Refusal("EndpointBroken", message), request), status=418)
