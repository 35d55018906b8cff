"""`omegac publish`: what a stack is deployed from is sent to its bucket, and nothing else is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from omegac.cloud import Cloud
from omegac.construct import ARTIFACT_BUCKET
from omegac.deployment.talk import Talk
from omegac.operations.consent import Consent
from omegac.operations.store import Store, open_store
from omegac.operations.tokens import digest_of
from omegac.template import Compilation

INLINE_LIMIT = 51_200
"""Bytes of a template that CloudFormation takes within a call; a larger one it reads from S3 (its quotas)."""


class Published(NamedTuple):
    """What a deployment needs to know of what was sent."""

    parameters: Mapping[str, str]
    """Those that lead to it."""
    template: Mapping[str, str]
    """The template as the API takes it: `TemplateBody`, or `TemplateURL` where it was sent for its size."""


def publish(
    compilation: Compilation, cloud: Cloud, consent: Consent, bucket: str | None, owner: str | None
) -> Published:
    """Sends a compilation to a bucket, which is made if need be. Raises as `open_store` does."""
    return send(compilation, open_store(cloud, consent, bucket, owner), consent.talk)


def send(compilation: Compilation, store: Store, talk: Talk) -> Published:
    """Sends artifact, map and, where it is large, template to a store, as far as they are not there."""
    parameters = {}
    if ARTIFACT_BUCKET in compilation.root.value.get("Parameters", {}):
        store.send_artifact(compilation.artifact, compilation.artifact_key, talk)
        parameters[ARTIFACT_BUCKET] = store.bucket
    digest = digest_of(compilation.template)
    store.send_text(map_key(str(compilation.spec.service.value), digest), compilation.map)
    return Published(parameters, _template(compilation, store, digest))


def is_large(compilation: Compilation) -> bool:
    """Whether a template is too large to be sent within a call."""
    return len(compilation.template.encode()) > INLINE_LIMIT


def inline(compilation: Compilation) -> Mapping[str, str]:
    """A template that is not large, as the API takes it."""
    return {"TemplateBody": compilation.template}


def map_key(service: str, template_sha256: str) -> str:
    """The key of the map of a template, by the digest of the template's bytes."""
    return f"{service}/{template_sha256}.map.json"


def _template(compilation: Compilation, store: Store, digest: str) -> Mapping[str, str]:
    if not is_large(compilation):
        return inline(compilation)
    key = f"{compilation.spec.service.value}/{digest}.template.json"
    store.send_text(key, compilation.template)
    return {"TemplateURL": store.url(key)}
