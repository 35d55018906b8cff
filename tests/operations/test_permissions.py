"""The permissions that docs/deploying.md lists are those of the calls that omegac makes, no more and no less."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import boto3
import pytest

from omegac.artifact import Artifact
from omegac.cloud import PART_SIZE, Cloud
from omegac.deployment.parameters import Offered
from omegac.deployment.talk import Happened, Record
from omegac.diagnostics import Rejected
from omegac.operations.consent import Consent
from omegac.operations.delete import Deletion, delete
from omegac.operations.diff import diff
from omegac.operations.inspection import events
from omegac.operations.release import Release
from omegac.operations.store import open_store
from omegac.source import Origin
from omegac.template import Compilation
from tests.endpoint import Endpoint
from tests.operations.scene import Witness, deployed, site
from tests.operations.shell import ROOT

ACTIONS = {
    "s3:AbortMultipartUpload": ["AbortMultipartUpload"],
    "s3:GetBucketPublicAccessBlock": ["GetPublicAccessBlock"],
    "s3:GetEncryptionConfiguration": ["GetBucketEncryption"],
    "s3:GetLifecycleConfiguration": ["GetBucketLifecycleConfiguration"],
    "s3:GetObject": ["GetObject", "HeadObject"],
    "s3:ListBucket": ["HeadBucket"],
    "s3:PutBucketPublicAccessBlock": ["PutPublicAccessBlock"],
    "s3:PutEncryptionConfiguration": ["PutBucketEncryption"],
    "s3:PutLifecycleConfiguration": ["PutBucketLifecycleConfiguration"],
    "s3:PutObject": ["CompleteMultipartUpload", "CreateMultipartUpload", "PutObject", "UploadPart"],
}
"""The operations of S3 that an action of another name allows (Service Authorization Reference, Amazon S3)."""
FREE = "sts:GetCallerIdentity"
"""Nobody needs a permission for it (its API reference)."""


def actions(endpoint: Endpoint) -> set[str]:
    """What the calls so far need to be allowed."""
    names = {f"s3:{operation}": action for action, operations in ACTIONS.items() for operation in operations}
    called = {f"{call.service}:{call.operation}" for call in endpoint.calls}
    return {names.get(each, each) for each in called} - {FREE}


def walk(endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """A stack's life, with all that can go wrong in it."""
    yes = site(Witness(), yes=True, named=("shop", "Orders", "HelloFunctionLogGroup"))
    assert diff(yes, Release(compilations["alone"], Offered())).outcome == "planned"
    endpoint.fail("WebServerGroup", reason="Received 1 FAILURE signal(s) out of 1", times=1)
    endpoint.before("DescribeAutoScalingGroups", lambda: endpoint.groups.update(instances(endpoint)))
    assert deployed(compilations["server"], yes).status == "ROLLBACK_COMPLETE"
    assert deployed(compilations["alone"], yes, protect=True).outcome == "done"
    endpoint.fail("Queue", reason="no more queues", times=1)
    assert deployed(compilations["queue"], yes, rollback=False).status == "UPDATE_FAILED"
    assert deployed(compilations["alone"], yes, protect=False).outcome == "unchanged"
    endpoint.stack("shop", "UPDATE_ROLLBACK_FAILED")
    assert deployed(compilations["changed"], yes).outcome == "done"
    cancelled(endpoint, compilations["queue"])
    assert events(yes, Path(), follow_on=False).outcome == "done"
    assert delete(yes, Deletion()).outcome == "done"


def instances(endpoint: Endpoint) -> dict[str, list[str]]:
    """An instance for each Auto Scaling group that is asked for."""
    asked = endpoint.called("DescribeAutoScalingGroups")
    return {name: ["i-0123456789abcdef0"] for params in asked for name in params["AutoScalingGroupNames"]}


class Impatient(Witness):
    """Interrupts an operation at its first event."""

    def say(self, record: Record) -> None:
        first = isinstance(record, Happened) and not self.events
        super().say(record)
        if first:
            raise KeyboardInterrupt


def cancelled(endpoint: Endpoint, compilation: Compilation) -> None:
    """An update that somebody interrupts, and cancels when asked."""
    endpoint.hold("Queue")
    assert deployed(compilation, site(Impatient("cancel"), yes=True)).outcome == "cancelled"
    endpoint.release("Queue")


def send_in_parts(endpoint: Endpoint) -> None:
    """An artifact that is sent in parts, and one of which a part does not get through."""
    content = bytes(PART_SIZE + 1)
    store = open_store(Cloud(), Consent(Witness(), yes=True), None, None)
    artifact = Artifact(BytesIO(content), sha256(content).hexdigest(), len(content), len(content), Origin(None))
    endpoint.fault("UploadPart", "access-denied")
    with pytest.raises(Rejected):
        store.send_artifact(artifact, "shop/a.zip", Witness())
    store.send_artifact(artifact, "shop/a.zip", Witness())


def named_in_the_code() -> set[str]:
    """The operations that omegac names where it calls AWS, as IAM's actions."""
    texts = set()
    for path in sorted((ROOT / "omegac" / "operations").glob("*.py")):
        constants = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant))
        texts |= {node.value for node in constants if isinstance(node.value, str)}
    texts |= {f"{verb}_{text}" for verb in ("get", "put") for text in texts}
    named = set()
    for service in ("cloudformation", "s3", "ec2", "autoscaling"):
        operations = boto3.client(service).meta.method_to_api_mapping
        named |= {f"{service}:{operations[text]}" for text in texts & set(operations)}
    return named


def test_the_permissions_are_those_of_the_calls(endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """A life in which every call is made needs just the actions of the page's policy."""
    page = (ROOT / "docs" / "deploying.md").read_text("utf-8")
    (policy,) = re.findall(r"^```json\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    statements = json.loads(policy)["Statement"]
    listed = [action for statement in statements for action in statement["Action"]]
    send_in_parts(endpoint)
    walk(endpoint, compilations)
    assert named_in_the_code() <= {f"{call.service}:{call.operation}" for call in endpoint.calls}
    assert sorted(listed) == sorted(actions(endpoint))
