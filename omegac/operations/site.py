"""Where an operation works: which stack of which account and region, whom it asks, and how fast it looks."""

from __future__ import annotations

from typing import NamedTuple

from omegac.cloud import Cloud
from omegac.deployment.talk import Talk
from omegac.diagnostics import Rejected, fault
from omegac.operations.consent import Consent
from omegac.operations.pace import Pace, pace_of
from omegac.spec import Spec


class Site(NamedTuple):
    """What each step of an operation needs."""

    cloud: Cloud
    stack: str
    """The stack's name."""
    consent: Consent
    pace: Pace

    @property
    def talk(self) -> Talk:
        return self.consent.talk


class Wanted(NamedTuple):
    """What the command line says of where to work."""

    stack: str | None = None
    region: str | None = None
    profile: str | None = None


def site_of(wanted: Wanted, spec: Spec | None, consent: Consent) -> Site:
    """The site that is wanted, held against what the spec's stage allows, before anything is written.

    Raises `Rejected` where they disagree, and `CloudError` where AWS cannot be asked who calls.
    """
    staged = spec.deployment if spec else None
    stack = stack_of(spec) if wanted.stack is None else wanted.stack
    region = staged.get("region") if staged else None
    if region and wanted.region and wanted.region != region.value:
        message = f"the stage is deployed to {region.value}, and not to {wanted.region}"
        raise Rejected(
            [fault("OM6002", message, region, hint="leave --region out, or choose the stage of that region")]
        )
    cloud = Cloud(wanted.region or (region.value if region else None), wanted.profile)
    account = staged.get("account") if staged else None
    if account and cloud.account != account.value:
        message = f"the stage is deployed to the account {account.value}, and these are credentials of {cloud.account}"
        raise Rejected([fault("OM6002", message, account, hint="choose others with --profile or AWS_PROFILE")])
    return Site(cloud, stack, consent, pace_of(cloud))


def stack_of(spec: Spec | None) -> str:
    """The name of a stage's stack. Raises `Rejected` where nothing gives a name."""
    if spec and spec.deployment:
        named = spec.deployment.get("stack")
        return str(named.value) if named else f"{spec.service.value}-{spec.stage}"
    hint = "name it with --stack, or a stage whose stack it is with --stage"
    raise Rejected([fault("OM6010", "nothing says which stack", hint=hint)])
