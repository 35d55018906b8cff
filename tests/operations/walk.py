"""One walk of the model: commands in worlds drawn at random, and after each what must hold of it.

Nothing was deleted that nobody agreed to, the outcome is the right one, no more is left behind than the command says,
and it came to its end. At the end of a walk all is calm, and the next deployment gets there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from omegac.cloud import Cloud, CloudError
from omegac.commands import EXIT_CODES
from omegac.deployment.parameters import Offered
from omegac.deployment.talk import Result
from omegac.diagnostics import Rejected
from omegac.operations.consent import Consent
from omegac.operations.delete import Deletion, delete
from omegac.operations.deploy import Manner, deploy, of_change_set, of_release
from omegac.operations.diff import diff, diff_templates
from omegac.operations.inspection import events, outputs, status
from omegac.operations.pace import Pace
from omegac.operations.release import Release
from omegac.operations.site import Site
from omegac.operations.stack import SERVICE_TAG
from omegac.template import Compilation
from tests.endpoint import ChangeSet, Endpoint, Stack
from tests.operations.observer import NAME, OURS, Command, Observer, Person
from tests.operations.somebody import Somebody
from tests.operations.worlds import (
    MANNERS,
    SCENES,
    SERVICES,
    WILLING,
    WILLS,
    WORLDS,
    Failing,
    Habit,
    Holding,
    Meeting,
    Scene,
    Trouble,
    Will,
    Woe,
    World,
)

GOOD = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
UNEXECUTED = {"OM6008", "OM6206"}
"""What a deployment may fail with that executes nothing: a protection that is not set, a rollback that is blocked."""


class Ground(NamedTuple):
    """What all walks go over."""

    endpoint: Endpoint
    cloud: Cloud
    client: Any
    """Somebody else's, of CloudFormation."""
    services: Mapping[str, Compilation]
    """What can be deployed, by the names of `worlds.SERVICES`."""
    ways: Counter[str]
    """How often each command has ended in each outcome."""


class Ending(NamedTuple):
    """How a command ended."""

    outcome: str
    result: Result | None
    codes: tuple[str, ...]
    """Of the diagnostics of a refusal."""


class Walk(RuleBasedStateMachine):
    """One walk over a world that begins empty."""

    def __init__(self, ground: Ground) -> None:
        super().__init__()
        ground.endpoint.reset()
        self._endpoint, self._cloud = ground.endpoint, ground.cloud
        self._services, self._ways = ground.services, ground.ways
        self._somebody = Somebody(ground.endpoint, ground.client)
        self._observer = Observer(ground.endpoint, self._somebody)
        self._plans: list[tuple[str, str]] = []

    # --- the world ---

    def _enter(self, world: World) -> None:
        """Makes the world what a step says of it."""
        note(f"  {world}")
        if world.scene:
            self._stage(world.scene)
        for woe in world.woes:
            self._expect(woe)

    def _stage(self, scene: Scene) -> None:
        self._rest()
        if scene.status == "DELETE_COMPLETE" and self._observer.live is None:
            return
        compilation = self._services[scene.service]
        known = compilation.root.value["Resources"].keys()
        self._endpoint.stack(
            NAME,
            scene.status,
            then=[scene.then] if scene.then else [],
            template=compilation.template,
            tags=scene.tags,
            protected=scene.protected,
            resources={name: how for name, how in scene.odd.items() if name in known},
            parameters={"ArtifactBucket": f"omegac-{self._endpoint.account}-{self._endpoint.region}"},
        )

    def _expect(self, woe: Woe) -> None:
        script = self._endpoint.script
        match woe:
            case Trouble(operation, kind, times, after, done):
                self._observer.faults.append(self._endpoint.fault(operation, kind, times, after, done=done))
            case Failing(resource, during, times):
                self._endpoint.fail(resource, during=during, times=times, reason="it will not")
            case Holding(resource):
                self._endpoint.hold(resource)
            case Meeting(deed, operation, after, service):
                self._somebody.plan(operation, after, deed, self._services[service].template)
            case Habit(page, keeps_obsolete, steps, refusal):
                script.events_page = script.changes_page = script.resources_page = page
                script.keep_obsolete, script.steps, script.refusal = keeps_obsolete, steps, refusal

    @rule()
    def calm(self) -> None:
        """All that was to go wrong is over."""
        for fault in self._observer.faults:
            fault.times = 0
        self._observer.faults.clear()
        self._somebody.forget()
        script = self._endpoint.script
        script.failures.clear()
        script.refusal = ""
        self._rest()

    # --- the commands ---

    @rule(world=WORLDS, service=st.sampled_from(SERVICES), will=WILLS, manner=MANNERS)
    def deploy(self, world: World, service: str, will: Will, manner: Manner) -> None:
        """`omegac deploy`."""
        self._enter(world)
        subject = of_release(Release(self._services[service], Offered()))
        ending = self._run("deploy", will, lambda site: deploy(site, subject, manner))
        self._check_deployment(ending, service)
        if ending.outcome == "planned":
            assert manner.plan_only
            self._check_plan(ending)
            self._plans.append((str(ending.result and ending.result.change_set), service))

    @precondition(lambda self: self._plans)
    @rule(world=WORLDS, will=WILLS, which=st.integers(0, 9))
    def deploy_reviewed(self, world: World, will: Will, which: int) -> None:
        """`omegac deploy --change-set`."""
        self._enter(world)
        name, service = self._plans[which % len(self._plans)]
        subject = of_change_set("shop", name, Path())
        ending = self._run("deploy", will, lambda site: deploy(site, subject, Manner()))
        assert not self._observer.called("CreateChangeSet")
        self._check_deployment(ending, service)

    @rule(world=WORLDS, service=st.sampled_from(SERVICES), will=WILLS, templates=st.booleans())
    def diff(self, world: World, service: str, will: Will, *, templates: bool) -> None:
        """`omegac diff`, which leaves all as it was."""
        self._enter(world)
        release = Release(self._services[service], Offered())
        ending = self._run("diff", will, lambda site: (diff_templates if templates else diff)(site, release))
        assert ending.outcome in {"planned", "unchanged", "refused"}
        assert not templates or not any(call.writes for call in self._observer.calls)
        assert self._observer.writes <= {"CreateChangeSet", "DeleteChangeSet", "DeleteStack"}
        self._check_nothing_left(ending)

    @rule(world=WORLDS, will=WILLS, force=st.booleans(), retain=st.sampled_from([(), (), ("Orders",)]))
    def delete(self, world: World, will: Will, *, force: bool, retain: tuple[str, ...]) -> None:
        """`omegac delete`."""
        self._enter(world)
        there = self._observer.live
        ending = self._run("delete", will, lambda site: delete(site, Deletion(force, retain)), force=force)
        if ending.outcome == "done":
            assert there is None or there.status == "DELETE_COMPLETE"
        if ending.outcome == "unchanged" and not self._observer.disturbed and not self._misled:
            assert self._observer.live is None

    @rule(world=WORLDS, which=st.sampled_from(["status", "outputs", "events", "events --follow"]))
    def inspect(self, world: World, which: str) -> None:
        """`omegac status`, `outputs` and `events`, which write nothing."""
        self._enter(world)
        commands: Mapping[str, Callable[[Site], Result]] = {
            "status": status,
            "outputs": outputs,
            "events": lambda site: events(site, Path(), follow_on=False),
            "events --follow": lambda site: events(site, Path(), follow_on=True),
        }
        self._run(which, Will(), commands[which])
        assert not any(call.writes for call in self._observer.calls)

    @rule(scene=st.one_of(st.none(), SCENES), service=st.sampled_from(SERVICES))
    def reach(self, scene: Scene | None, service: str) -> None:
        """In calm, with every consent, a deployment gets there, or is refused for the state that the stack is in."""
        self.calm()
        note(f"  {scene}")
        if scene:
            self._stage(scene)
            self._rest()
        there = self._observer.live
        expected = _refusals(there) if there else set()
        before = there and (there.status, there.deployment.tags, there.stable.tags, there.protected)
        subject = of_release(Release(self._services[service], Offered()))
        ending = self._run("deploy", WILLING, lambda site: deploy(site, subject, Manner()))
        self._check_deployment(ending, service)
        if expected:
            assert ending.outcome == "refused"
            assert set(ending.codes) <= expected, (before, ending)
        else:
            assert ending.outcome in {"done", "unchanged"}, (before, ending)
            again = self._run("deploy", WILLING, lambda site: deploy(site, subject, Manner()))
            assert again.outcome == "unchanged", again

    def teardown(self) -> None:
        """Wherever the walk has led, the next deployment is not lost."""
        self.reach(None, "alone")
        assert self._observer.end() == []

    # --- what must hold ---

    def _run(self, name: str, will: Will, act: Callable[[Site], Result], *, force: bool = False) -> Ending:
        """Runs a command, as `commands.perform` does: whatever else is raised is a bug."""
        note(f"  {name}: {will}")
        person = Person(will.answer, types=will.types, interrupts=will.interrupts, chooses=will.chooses)
        self._observer.begin(Command(name, person, will.yes, will.named, force))
        site = Site(self._cloud, NAME, Consent(person, will.yes, will.named), Pace(0, 0, 60))
        ending = _ended(act, site, person)
        assert self._observer.end() == []
        assert ending.outcome in EXIT_CODES
        assert ending.codes or ending.outcome not in {"failed", "refused"}
        self._ways.update([f"{name} {ending.outcome}"])
        return ending

    def _check_deployment(self, ending: Ending, service: str) -> None:
        template = self._services[service].template
        there = self._observer.live
        if ending.outcome in {"declined", "interrupted", "refused"}:
            self._check_nothing_left(ending)
        executed = not UNEXECUTED & {*ending.codes}
        if ending.outcome == "failed" and executed:
            assert self._observer.called("ExecuteChangeSet")
        if self._observer.disturbed:
            return
        if ending.outcome == "done":
            assert there
            assert there.status in GOOD
            assert there.deployment.template.text == template
        if ending.outcome == "unchanged":
            assert there
            body = self._services[service].root.value
            for section in ("Resources", "Outputs"):
                assert there.deployment.template.section(section) == body.get(section, {})
        if ending.outcome == "cancelled":
            assert there is None or there.status == "UPDATE_ROLLBACK_COMPLETE"
        if ending.outcome == "failed" and executed:
            assert there is None or there.status not in GOOD or there.deployment.template.text != template

    def _check_plan(self, ending: Ending) -> None:
        if not self._observer.disturbed:
            (kept,) = self._fresh()
            assert ending.result
            assert (kept.name, kept.execution) == (ending.result.change_set, "AVAILABLE")

    def _check_nothing_left(self, ending: Ending) -> None:
        """No change set, and no stack under review, is left of a command that did nothing else."""
        if self._cleaning_failed:
            return
        assert self._fresh() == [], (ending, self._observer.hit)
        there = self._observer.live
        if there and there.id in self._observer.made and there.status == "REVIEW_IN_PROGRESS":
            assert there.change_sets or there.protected, (ending, self._observer.hit)

    @property
    def _cleaning_failed(self) -> bool:
        """Whether a fault befell the calls that clear away."""
        hit = {operation for operation, _ in self._observer.hit}
        return bool(hit & {"DeleteChangeSet", "DeleteStack", "ListChangeSets", "DescribeStacks"})

    @property
    def _misled(self) -> bool:
        """Whether a command was told what is no longer so."""
        return any(kind == "stale" for _, kind in self._observer.hit)

    def _fresh(self) -> list[ChangeSet]:
        """The change sets that the command has made, and that wait to be executed."""
        there = self._observer.live
        return [
            each
            for id_, each in (there.change_sets.items() if there else ())
            if id_ not in self._observer.known and each.name.startswith(OURS) and not each.execution.startswith("EXEC")
        ]

    def _rest(self) -> None:
        """Lets all that goes on come to its end."""
        self._endpoint.script.held.clear()
        self._endpoint.settle()


def _ended(act: Callable[[Site], Result], site: Site, person: Person) -> Ending:
    try:
        result = act(site)
    except Rejected as rejected:
        return Ending("refused", None, tuple(each.code for each in rejected.diagnostics))
    except CloudError:
        return Ending("refused", None, ("OM6008",))
    return Ending(result.outcome, result, tuple(person.codes))


def _refusals(stack: Stack) -> set[str]:
    """Why a deployment of `shop` with every consent is refused all the same."""
    status = stack.status
    if status in {"ROLLBACK_FAILED", "DELETE_FAILED", "IMPORT_ROLLBACK_FAILED"}:
        return {"OM6101"}
    if status == "REVIEW_IN_PROGRESS":
        return set()
    # An update that took the stack over is undone first, and with it the tag.
    undone = [stack.stable] if status in {"UPDATE_FAILED", "UPDATE_ROLLBACK_FAILED"} else []
    if any(each.tags.get(SERVICE_TAG) != "shop" for each in (stack.deployment, *undone)):
        return {"OM6102"}
    if stack.protected and status in {"ROLLBACK_COMPLETE", "CREATE_FAILED"}:
        return {"OM6106"}
    holds = any(resource.exists for resource in stack.resources.values())
    return {"OM6101"} if status == "ROLLBACK_COMPLETE" and holds else set()
