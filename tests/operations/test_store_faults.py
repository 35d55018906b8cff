"""The store where S3 refuses, is somebody else's, or breaks off: nothing is sent to the wrong place, or half."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO

import pytest

from omegac.artifact import Artifact
from omegac.cloud import PART_SIZE, Cloud, CloudError, Unreachable
from omegac.diagnostics import Rejected
from omegac.operations.consent import Consent
from omegac.operations.store import Store, open_store, store_at
from omegac.source import Origin
from tests.endpoint import Endpoint
from tests.operations.scene import Witness

FOREIGN = "999988887777"
KEY = "shop/artifact.zip"


def artifact_of(content: bytes) -> Artifact:
    return Artifact(BytesIO(content), sha256(content).hexdigest(), len(content), len(content), Origin(None))


def opened(bucket: str | None = None, owner: str | None = None) -> Store:
    return open_store(Cloud(), Consent(Witness(), yes=True), bucket, owner)


@pytest.fixture
def patient(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    """The endpoint, called as often as omegac calls AWS by itself."""
    monkeypatch.delenv("AWS_MAX_ATTEMPTS")
    return endpoint


def test_bucket_of_another_account(endpoint: Endpoint) -> None:
    """A bucket of another account that would let us in is refused, and gets nothing."""
    bucket = endpoint.bucket("theirs", owner=FOREIGN)
    with pytest.raises(Rejected, match=f"OM6007: the bucket theirs does not belong to the account {endpoint.account}"):
        opened("theirs")
    assert not bucket.puts


def test_bucket_of_another_account_that_is_meant(endpoint: Endpoint) -> None:
    """A bucket of another account is used where that account is named as its owner."""
    bucket = endpoint.bucket("shared", owner=FOREIGN)
    opened("shared", FOREIGN).send_text("shop/a.map.json", "{}")
    assert bucket.objects == {"shop/a.map.json": b"{}"}


def test_closed_bucket(endpoint: Endpoint) -> None:
    """Where S3 says no more than that it is forbidden, both reasons are named."""
    endpoint.bucket("theirs", owner=FOREIGN, closed=True)
    message = r"belongs to another account than \d+, or s3:ListBucket on arn:aws:s3:::theirs is not allowed"
    with pytest.raises(Rejected, match=message):
        opened("theirs")


def test_bucket_in_another_region(endpoint: Endpoint) -> None:
    """A bucket in another region than the stack's is refused, as Lambda could not take its code from there."""
    endpoint.bucket("far", region="ap-south-1")
    with pytest.raises(Rejected, match=f"OM6007: the bucket far is in ap-south-1, and the stack in {endpoint.region}"):
        opened("far")


def test_name_of_the_own_bucket_is_taken(endpoint: Endpoint) -> None:
    """Where another account has taken the name of omegac's own bucket, nothing is sent to it."""
    taken = endpoint.bucket(f"omegac-{endpoint.account}-{endpoint.region}", owner=FOREIGN)
    with pytest.raises(Rejected, match="OM6007"):
        opened()
    assert (taken.settings, taken.puts) == ({}, {})


def test_bucket_that_changes_hands(endpoint: Endpoint) -> None:
    """A bucket that becomes another account's after it was opened gets nothing either."""
    endpoint.bucket("ours")
    store = opened("ours")
    bucket = endpoint.bucket("ours", owner=FOREIGN)
    with pytest.raises(Rejected, match=r"s3:GetObject on arn:aws:s3:::ours/shop/artifact\.zip is not allowed"):
        store.send_artifact(artifact_of(b"PK" * 9), KEY, Witness())
    assert not bucket.puts


@pytest.mark.parametrize(
    ("operation", "permission"),
    [("PutObject", "s3:PutObject"), ("HeadObject", "s3:GetObject"), ("CreateMultipartUpload", "s3:PutObject")],
)
def test_missing_permission(endpoint: Endpoint, operation: str, permission: str) -> None:
    """A permission that is missing is named, with the object that it is needed for."""
    endpoint.bucket("ours")
    endpoint.fault(operation, "access-denied")
    size = PART_SIZE if operation.startswith("Create") else 18
    with pytest.raises(Rejected, match=rf"OM6007: {permission} on arn:aws:s3:::ours/shop/artifact\.zip is not allowed"):
        opened("ours").send_artifact(artifact_of(b"." * size), KEY, Witness())


def test_settings_that_may_not_be_read(endpoint: Endpoint) -> None:
    """Whoever may send, and no more, uses the own bucket as it is."""
    bucket = endpoint.bucket(f"omegac-{endpoint.account}-{endpoint.region}")
    endpoint.fault("GetBucketTagging", "access-denied")
    opened().send_text("shop/a.map.json", "{}")
    assert (bucket.settings, list(bucket.objects)) == ({}, ["shop/a.map.json"])


def test_corrupted_object(endpoint: Endpoint) -> None:
    """Bytes that are not the artifact's are found under its key by their SHA-256, and replaced."""
    bucket = endpoint.bucket("ours")
    store = opened("ours")
    artifact = artifact_of(b"PK" * 9)
    store.send_artifact(artifact, KEY, Witness())
    store.send_artifact(artifact, KEY, Witness())
    assert bucket.puts[KEY] == 1
    store.place.call("put_object", Key=KEY, Body=b"PX" * 9, ChecksumAlgorithm="SHA256")
    store.send_artifact(artifact, KEY, Witness())
    assert (bucket.puts[KEY], bucket.objects[KEY]) == (3, b"PK" * 9)


def test_others_write_under_the_key(endpoint: Endpoint) -> None:
    """Where other bytes are under the key right after the artifact was sent, that is no success."""
    bucket = endpoint.bucket("ours")
    store = opened("ours")
    other = store.place
    endpoint.before(
        "HeadObject", lambda: other.call("put_object", Key=KEY, Body=b"PX" * 9, ChecksumAlgorithm="SHA256"), after=1
    )
    with pytest.raises(Rejected, match=r"OM6007: ours has other bytes under shop/artifact\.zip than were sent"):
        store.send_artifact(artifact_of(b"PK" * 9), KEY, Witness())
    assert bucket.objects[KEY] == b"PX" * 9


@pytest.mark.parametrize("kind", ["throttling", "503", "500", "cut"])
def test_faults_that_pass(patient: Endpoint, kind: str) -> None:
    """Throttling, errors of the server and cut connections are got over, and the artifact is sent whole."""
    bucket = patient.bucket("ours")
    patient.fault("PutObject", kind, times=2)  # type: ignore[arg-type] # one of its kinds
    opened("ours").send_artifact(artifact_of(b"PK" * 9), KEY, Witness())
    assert bucket.objects[KEY] == b"PK" * 9


def test_part_that_is_cut_off(patient: Endpoint) -> None:
    """A part whose connection is cut is sent again, and the artifact is whole."""
    bucket = patient.bucket("ours")
    patient.fault("UploadPart", "cut", after=1)
    content = b"." * (PART_SIZE + 5)
    witness = Witness()
    opened("ours").send_artifact(artifact_of(content), KEY, witness)
    assert bucket.objects[KEY] == content
    assert witness.heard[-1].sent == len(content)  # type: ignore[union-attr] # an upload, or the test fails


def test_line_that_stays_cut(endpoint: Endpoint) -> None:
    """Where parts do not get through at all, nothing stands under the key, and no parts are left behind."""
    bucket = endpoint.bucket("ours")
    endpoint.fault("UploadPart", "cut", times=100, after=1)
    with pytest.raises(Unreachable):
        opened("ours").send_artifact(artifact_of(b"." * (3 * PART_SIZE)), KEY, Witness())
    assert (bucket.objects, bucket.uploads) == ({}, {})


def test_text_that_is_cut_off(endpoint: Endpoint) -> None:
    """A text of which only half arrives is no text."""
    endpoint.bucket("ours")
    store = opened("ours")
    store.send_text("shop/a.map.json", "{}" * 500)
    endpoint.fault("GetObject", "cut-body")
    with pytest.raises(CloudError):
        store_at(Cloud(), "ours").text("shop/a.map.json")
    assert store.text("shop/a.map.json") == "{}" * 500


def test_two_make_the_bucket_at_once(endpoint: Endpoint) -> None:
    """Where another run has just made the bucket, this one completes it as if it were its own."""
    name = f"omegac-{endpoint.account}-{endpoint.region}"
    endpoint.before("CreateBucket", lambda: endpoint.bucket(name))
    assert opened().bucket == name
    assert len(endpoint.buckets[name].settings) == 6
