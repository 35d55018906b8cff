"""What is deployed: a compiled spec, the values of its parameters, and what its change set is made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from omegac.construct import ARTIFACT_BUCKET
from omegac.deployment.capabilities import capabilities
from omegac.deployment.parameters import Missing, Offered, Settled, refusal, secrets, settle, unanswered
from omegac.deployment.places import Places
from omegac.deployment.talk import Note
from omegac.deployment.versions import renewed
from omegac.diagnostics import Rejected, fault
from omegac.operations.change_set import Request, discard
from omegac.operations.planning import Plan, make
from omegac.operations.publish import inline, is_large, send
from omegac.operations.site import Site
from omegac.operations.stack import SERVICE_TAG, Stack
from omegac.operations.store import bucket_name, open_store
from omegac.operations.tokens import change_set_name, digest_of, revision
from omegac.template import Compilation

_IMAGE = "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"


class Release(NamedTuple):
    """A compilation, and how it is to be deployed."""

    compilation: Compilation
    offered: Offered
    """The values of parameters that were given."""
    bucket: str | None = None
    """The one that artifacts go to; None for omegac's own."""
    bucket_owner: str | None = None
    """The account whose it must be; None for the caller's."""
    role: str | None = None
    """The ARN of the role that CloudFormation works with; None for the caller's own rights."""
    tags: Mapping[str, str] = {}

    @property
    def service(self) -> str:
        return str(self.compilation.spec.service.value)

    @property
    def places(self) -> Places:
        """Where the values of the template come from."""
        return Places(self.compilation.map, self.compilation.spec.folder)

    def check(self) -> None:
        """Raises `Rejected` for values that the template's parameters do not take, before anybody is called."""
        if ARTIFACT_BUCKET in self._decided:
            # Whatever else it were, the artifact would not be there.
            message = f"{ARTIFACT_BUCKET} is the bucket that omegac sends the artifact to"
            raise Rejected([fault("OM6003", message, hint="name it with --bucket, or under `bucket` of the stage")])
        settle(self.compilation.root.value, self.offered)

    def plan(self, site: Site, stack: Stack, *, sends: bool = True) -> Plan | None:
        """The change set for a stack as it stands; None where nothing changes. `sends` is that of `request`.

        Where it leaves out the version of a function that may change, another is made with another revision of the
        function; and where that has others change, once more.
        """
        request = self.request(site, stack, sends=sends)
        plan = make(site, stack, request)
        decided = self._decided
        while plan and (revisions := {gap.revision for gap in plan.gaps if gap.revision} - decided):
            discard(site.cloud, stack, plan.made)
            name = change_set_name(request.digest)
            parameters = renewed(request.parameters, dict.fromkeys(revisions, revision()))
            request = request._replace(name=name, parameters=parameters)
            plan = make(site, stack, request)
            decided = decided | revisions
        return plan

    @property
    def _decided(self) -> set[str]:
        """The parameters whose values were given."""
        given, of_stage, of_file, *_ = self.offered
        named = (given, *(each.value for each in (of_stage, of_file) if each))
        return {name for values in named for name, value in values.items() if value is not None}

    def request(self, site: Site, stack: Stack, *, sends: bool = True) -> Request:
        """What the change set for a stack is made from.

        With `sends`, all that an execution of it needs is in the bucket then, and otherwise what it is made from alone.
        """
        template = self.compilation.root.value
        settled = self._settled(site, stack)
        body = self._sent(site) if sends or is_large(self.compilation) else inline(self.compilation)
        digest = digest_of(self.compilation.template)
        return Request(
            name=change_set_name(digest),
            kind="UPDATE" if stack.is_deployed else "CREATE",
            body=body,
            template=template,
            digest=digest,
            parameters=settled.for_cloudformation(),
            capabilities=capabilities(template),
            # Tags that others have set on the stack stay: a change set replaces them all.
            tags={**stack.own_tags, SERVICE_TAG: self.service, **self.tags},
            role=self.role,
            places=self.places,
        )

    def _sent(self, site: Site) -> Mapping[str, str]:
        """Sends everything, and gives the template as CloudFormation takes it."""
        store = open_store(site.cloud, site.consent, self.bucket, self.bucket_owner)
        return send(self.compilation, store, site.talk).template

    def _settled(self, site: Site, stack: Stack) -> Settled:
        """The value of every parameter; what is missing is asked for. Raises `Rejected` where nobody answers."""
        template = self.compilation.root.value
        generated = _images(self.compilation)
        if ARTIFACT_BUCKET in template.get("Parameters", {}):
            generated[ARTIFACT_BUCKET] = bucket_name(site.cloud, self.bucket)
        # A stack under review has parameters, but no values to go on with: it was never deployed.
        previous = stack.parameters if stack.is_deployed else ()
        offered = self.offered._replace(previous=previous, generated=generated)
        for secret in secrets(template, offered):
            site.talk.hide(secret)
        settled = settle(template, offered)
        if not settled.missing:
            return settled
        answers = {missing.name: self._answer(site, missing, settled) for missing in settled.missing}
        return settle(template, offered._replace(given={**offered.given, **answers}))

    def _answer(self, site: Site, missing: Missing, settled: Settled) -> str:
        """What somebody types for a parameter, asked for until the parameter takes it."""
        while True:
            answer = site.talk.value(missing.name, missing.description, secret=missing.secret)
            if answer is None:
                raise Rejected([unanswered(settled.missing)])
            if missing.secret:
                site.talk.hide(answer)
            refused = refusal(self.compilation.root.value, missing.name, answer)
            if refused is None:
                return answer
            site.talk.say(Note(refused.message))


def _images(compilation: Compilation) -> dict[str, str]:
    """The paths of machine images: passed anew, as a stack would keep the path of an earlier spec."""
    of_spec = compilation.spec.document.value.get("parameters", {})
    return {
        name: body["Default"]
        for name, body in compilation.root.value.get("Parameters", {}).items()
        if body.get("Type") == _IMAGE and "Default" in body and name not in of_spec
    }
