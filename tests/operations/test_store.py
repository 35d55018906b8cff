"""The store in a local cloud: a bucket is made with all its settings, and what is sent is sent once and is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import boto3
import pytest

from omegac.artifact import Artifact
from omegac.cloud import PART_SIZE, Cloud
from omegac.deployment.talk import Upload
from omegac.diagnostics import Rejected
from omegac.operations.consent import Consent, Declined
from omegac.operations.publish import publish
from omegac.operations.store import Store, open_store, store_at
from omegac.source import Origin
from omegac.template import Compilation
from tests.ministack import ACCOUNT, REGION, Ministack
from tests.operations.scene import Witness, compiled

OWN = f"omegac-{ACCOUNT}-{REGION}"
KEY = "Example/artifact.zip"
SPEC = """\
omega: 1
service: Example
artifact: app
"""
FUNCTION = """\
functions:
  hello: {runtime: python3.13, handler: hello.handler}
"""


@pytest.fixture
def s3(ministack: Ministack) -> Any:
    """A client that looks at what was done, with no part of omegac between."""
    return boto3.client("s3", endpoint_url=ministack.url)


@pytest.fixture
def store(s3: Any) -> Store:
    """The store in omegac's own bucket."""
    assert s3
    return open_store(Cloud(), Consent(Witness(), yes=True), None, None)


def artifact_of(content: bytes) -> Artifact:
    return Artifact(BytesIO(content), sha256(content).hexdigest(), len(content), len(content), Origin(None))


def sent(talk: Witness) -> list[int]:
    """What was told of bytes on their way."""
    return [record.sent for record in talk.heard if isinstance(record, Upload)]


def settings_of(s3: Any, bucket: str) -> dict[str, Any]:
    """What a bucket's settings are, as S3 tells them."""
    return {
        "access": s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"],
        "encryption": s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0][
            "ApplyServerSideEncryptionByDefault"
        ],
        "versioning": s3.get_bucket_versioning(Bucket=bucket)["Status"],
        "policy": json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]),
        "parts": s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]["AbortIncompleteMultipartUpload"],
        "tags": s3.get_bucket_tagging(Bucket=bucket)["TagSet"],
        "place": s3.get_bucket_location(Bucket=bucket)["LocationConstraint"],
    }


WHOLE = {
    "access": dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    ),
    "encryption": {"SSEAlgorithm": "AES256"},
    "versioning": "Enabled",
    "policy": {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OmegacTlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::{OWN}", f"arn:aws:s3:::{OWN}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    },
    "parts": {"DaysAfterInitiation": 7},
    "tags": [{"Key": "omegac:store", "Value": "1"}],
    "place": REGION,
}


PARTS_GO = {
    "ID": "parts",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "AbortIncompleteMultipartUpload": WHOLE["parts"],
}


def test_own_bucket_is_made_with_all_its_settings(s3: Any) -> None:
    """Without a name, a bucket of the account and region is made after one question, with all that keeps it private."""
    talk = Witness("yes")
    store = open_store(Cloud(), Consent(talk), None, None)
    assert store.bucket == OWN
    assert settings_of(s3, OWN) == WHOLE
    assert talk.questions == [
        (
            f"make the bucket {OWN} in {REGION}, for artifacts and large templates"
            " (private, encrypted, versioned, TLS only)?"
        )
    ]
    assert talk.notes == [f"made the bucket {OWN}"]


def test_own_bucket_is_made_once(s3: Any, store: Store) -> None:
    """A bucket that is there is neither asked about nor changed, whatever was done to it since."""
    s3.put_bucket_versioning(Bucket=store.bucket, VersioningConfiguration={"Status": "Suspended"})
    talk = Witness("no")
    assert open_store(Cloud(), Consent(talk), None, None).bucket == store.bucket
    assert (talk.questions, talk.heard) == ([], [])
    assert s3.get_bucket_versioning(Bucket=store.bucket)["Status"] == "Suspended"


@pytest.mark.parametrize("answer", ["no", None])
def test_no_bucket_without_a_yes(s3: Any, answer: str | None) -> None:
    """At a no, and where nobody is there to say yes, no bucket is made."""
    with pytest.raises((Declined, Rejected)):
        open_store(Cloud(), Consent(Witness(answer)), None, None)
    assert s3.list_buckets()["Buckets"] == []


@pytest.mark.parametrize("made", range(6))
def test_own_bucket_half_made_is_completed(s3: Any, made: int) -> None:
    """A run that was killed after any of its calls leaves a bucket that the next one completes, without a question."""
    s3.create_bucket(Bucket=OWN, CreateBucketConfiguration={"LocationConstraint": REGION})
    calls = (
        (s3.put_public_access_block, {"PublicAccessBlockConfiguration": WHOLE["access"]}),
        (
            s3.put_bucket_encryption,
            {
                "ServerSideEncryptionConfiguration": {
                    "Rules": [{"ApplyServerSideEncryptionByDefault": WHOLE["encryption"]}]
                }
            },
        ),
        (s3.put_bucket_versioning, {"VersioningConfiguration": {"Status": WHOLE["versioning"]}}),
        (s3.put_bucket_policy, {"Policy": json.dumps(WHOLE["policy"])}),
        (s3.put_bucket_lifecycle_configuration, {"LifecycleConfiguration": {"Rules": [PARTS_GO]}}),
    )
    for call, arguments in calls[:made]:
        call(Bucket=OWN, **arguments)
    talk = Witness("no")
    open_store(Cloud(), Consent(talk), None, None)
    assert settings_of(s3, OWN) == WHOLE
    assert (talk.questions, talk.notes) == ([], [f"completed the settings of the bucket {OWN}"])


def test_own_bucket_keeps_what_others_wrote(s3: Any) -> None:
    """Tags, a policy and a lifecycle that somebody has set before are kept beside omegac's own."""
    s3.create_bucket(Bucket=OWN, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_tagging(Bucket=OWN, Tagging={"TagSet": [{"Key": "team", "Value": "greeters"}]})
    allow = {"Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{OWN}"}
    s3.put_bucket_policy(Bucket=OWN, Policy=json.dumps({"Version": "2012-10-17", "Statement": [allow]}))
    open_store(Cloud(), Consent(Witness()), None, None)
    found = settings_of(s3, OWN)
    assert [statement["Sid"] for statement in found["policy"]["Statement"]] == ["Theirs", "OmegacTlsOnly"]
    assert {tag["Key"] for tag in found["tags"]} == {"team", "omegac:store"}


def test_named_bucket_is_never_altered(s3: Any) -> None:
    """A bucket that is named is used as it is."""
    s3.create_bucket(Bucket="theirs", CreateBucketConfiguration={"LocationConstraint": REGION})
    assert open_store(Cloud(), Consent(Witness()), "theirs", None).bucket == "theirs"
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchTagSet"):
        s3.get_bucket_tagging(Bucket="theirs")


def test_named_bucket_that_is_absent(s3: Any) -> None:
    """A named bucket that there is not is refused, and not made."""
    with pytest.raises(Rejected, match=r"^OM6007: there is no bucket nobodys$"):
        open_store(Cloud(), Consent(Witness(), yes=True), "nobodys", None)
    assert s3.list_buckets()["Buckets"] == []


def test_named_bucket_by_no_name(s3: Any) -> None:
    """A name that no bucket can have is refused as such."""
    assert s3
    with pytest.raises(Rejected, match=r"^OM6007: no bucket has the name not/a/bucket"):
        open_store(Cloud(), Consent(Witness(), yes=True), "not/a/bucket", None)


def test_us_east_1_is_no_constraint(ministack: Ministack, monkeypatch: pytest.MonkeyPatch) -> None:
    """In us-east-1, which S3 refuses as a constraint, a bucket is made without one."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    store = open_store(Cloud(), Consent(Witness(), yes=True), None, None)
    found = boto3.client("s3", endpoint_url=ministack.url).get_bucket_location(Bucket=store.bucket)
    assert (store.bucket, found["LocationConstraint"]) == (f"omegac-{ACCOUNT}-us-east-1", None)


def test_artifact_is_sent_once(s3: Any, store: Store) -> None:
    """An artifact that is there by its size and SHA-256 is not sent again, and stays open to be read."""
    artifact = artifact_of(b"PK" * 1000)
    talk = Witness()
    store.send_artifact(artifact, KEY, talk)
    store.send_artifact(artifact, KEY, talk)
    assert s3.get_object(Bucket=store.bucket, Key=KEY)["Body"].read() == artifact.content.read()
    assert (sent(talk), talk.notes) == ([2000], [f"the artifact is already in {OWN}"])
    assert len(s3.list_object_versions(Bucket=store.bucket)["Versions"]) == 1


@pytest.mark.parametrize("size", [PART_SIZE - 1, PART_SIZE, 40_000_000])
def test_large_artifact_is_sent_in_parts(s3: Any, store: Store, size: int) -> None:
    """From the size of a part on an artifact goes in parts; what is told adds up to its size, and it goes once."""
    content = bytes(range(256)) * (size // 256) + b"." * (size % 256)
    artifact = artifact_of(content)
    talk = Witness()
    store.send_artifact(artifact, KEY, talk)
    assert (sent(talk)[-1], max(sent(talk))) == (size, size)
    assert {record.size for record in talk.heard if isinstance(record, Upload)} == {size}
    found = s3.head_object(Bucket=store.bucket, Key=KEY, ChecksumMode="ENABLED")
    assert found["ChecksumSHA256"].endswith("=" if size < PART_SIZE else f"-{-(-size // PART_SIZE)}")
    assert sha256(s3.get_object(Bucket=store.bucket, Key=KEY)["Body"].read()).hexdigest() == artifact.sha256
    again = Witness()
    store.send_artifact(artifact, KEY, again)
    assert sent(again) == []


@pytest.mark.parametrize("there", [b"PX" * 1000, b"PK" * 999])
def test_other_bytes_under_the_key_are_replaced(s3: Any, store: Store, there: bytes) -> None:
    """Where other bytes, or fewer, are under the key, the artifact is sent again."""
    s3.put_object(Bucket=store.bucket, Key=KEY, Body=there, ChecksumAlgorithm="SHA256")
    artifact = artifact_of(b"PK" * 1000)
    store.send_artifact(artifact, KEY, Witness())
    assert s3.get_object(Bucket=store.bucket, Key=KEY)["Body"].read() == b"PK" * 1000


def test_unknown_bytes_under_the_key_are_replaced(s3: Any, store: Store) -> None:
    """What was put under the key without a SHA-256 is not taken for the artifact: it is sent again."""
    artifact = artifact_of(b"PK" * 1000)
    s3.put_object(Bucket=store.bucket, Key=KEY, Body=b"PK" * 1000)
    talk = Witness()
    store.send_artifact(artifact, KEY, talk)
    assert sent(talk) == [2000]


def test_texts_are_kept(s3: Any, store: Store) -> None:
    """A text comes back as it was sent, is sent once, and replaces another one under its key."""
    assert store.text("Example/a.map.json") is None
    for text in ("{}", '{"é": 1}\n', '{"é": 1}\n'):
        store.send_text("Example/a.map.json", text)
        assert store_at(Cloud(), OWN).text("Example/a.map.json") == text
    assert len(s3.list_object_versions(Bucket=store.bucket)["Versions"]) == 2


def test_url_is_one_that_cloudformation_reads(ministack: Ministack, store: Store) -> None:
    """CloudFormation reads a template at the address that the store gives for its key."""
    store.send_text("Example/a.template.json", json.dumps({"Resources": {"Jobs": {"Type": "AWS::SQS::Queue"}}}))
    client = boto3.client("cloudformation", endpoint_url=ministack.url)
    summary = client.get_template_summary(TemplateURL=store.url("Example/a.template.json"))
    assert summary["ResourceTypes"] == ["AWS::SQS::Queue"]


@pytest.mark.parametrize(
    ("region", "address"),
    [
        ("us-east-1", "https://s3.amazonaws.com/b/Example/a.json"),
        ("eu-west-1", "https://s3.eu-west-1.amazonaws.com/b/Example/a.json"),
        ("cn-north-1", "https://s3.cn-north-1.amazonaws.com.cn/b/Example/a.json"),
    ],
)
def test_urls_of_aws(monkeypatch: pytest.MonkeyPatch, region: str, address: str) -> None:
    """The address of a key is that of its region, with the bucket in the path."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    assert store_at(Cloud(region), "b", ACCOUNT).url("Example/a.json") == address


@contextmanager
def service(folder: Path, more: str) -> Iterator[Compilation]:
    """A small service, compiled."""
    compilation = compiled(folder / "service", SPEC + more)
    with compilation.artifact.content:
        yield compilation


def test_publish_sends_what_a_pipeline_deploys(s3: Any, tmp_path: Path) -> None:
    """Published are the artifact at the key that the template names, and the map; the parameter leads there."""
    with service(tmp_path, FUNCTION) as compilation:
        published = publish(compilation, Cloud(), Consent(Witness(), yes=True), None, None)
        content = compilation.artifact.content.read()
    assert published.parameters == {"ArtifactBucket": OWN}
    assert published.template == {"TemplateBody": compilation.template}
    named = compilation.root.value["Resources"]["HelloFunction"]["Properties"]["Code"]["S3Key"]
    digest = sha256(compilation.template.encode()).hexdigest()
    assert {item["Key"] for item in s3.list_objects_v2(Bucket=OWN)["Contents"]} == {
        named,
        f"Example/{digest}.map.json",
    }
    assert s3.get_object(Bucket=OWN, Key=named)["Body"].read() == content
    assert store_at(Cloud(), OWN).text(f"Example/{digest}.map.json") == compilation.map


def test_publish_sends_a_large_template(s3: Any, tmp_path: Path) -> None:
    """A template of more than 51,200 bytes is published too, and its address takes the place of its text."""
    described = "".join(f"  P{n}: {{description: {'x' * 900}, default: d}}\n" for n in range(60))
    with service(tmp_path, f"{FUNCTION}parameters:\n{described}") as compilation:
        published = publish(compilation, Cloud(), Consent(Witness(), yes=True), None, None)
    key = f"Example/{sha256(compilation.template.encode()).hexdigest()}.template.json"
    assert published.template["TemplateURL"].endswith(f"/{OWN}/{key}")
    assert s3.get_object(Bucket=OWN, Key=key)["Body"].read() == compilation.template.encode()


def test_publish_without_an_artifact_in_use(s3: Any, tmp_path: Path) -> None:
    """Where nothing runs the artifact, the template has no parameter for it, and it is not sent."""
    with service(tmp_path, "resources: {Jobs: {Type: AWS::SQS::Queue}}\n") as compilation:
        published = publish(compilation, Cloud(), Consent(Witness(), yes=True), None, None)
    assert published.parameters == {}
    assert [item["Key"][-9:] for item in s3.list_objects_v2(Bucket=OWN)["Contents"]] == [".map.json"]
