"""The bucket that omegac makes for an account and a region, with all that keeps it private.

Its tag is written last: where it is missing, whoever made the bucket was stopped before that, and the rest is made up.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from omegac.cloud import Answer, NotAllowed, Refused
from omegac.deployment.talk import Note
from omegac.diagnostics import Rejected, fault
from omegac.operations.bucket import Bucket
from omegac.operations.consent import Consent

Write: TypeAlias = Mapping[str, Any]
"""The arguments of a call that writes a setting."""

_TAG, _EDITION = "omegac:store", "1"
_TLS_ONLY = "OmegacTlsOnly"
_DAYS_OF_PARTS = 7
_TRIES = 6
_UNSETTLED = frozenset({"NoSuchBucket", "OperationAborted"})
"""A new bucket is not known everywhere at once, and of two who set it up together S3 refuses one for the moment."""


class Setting(NamedTuple):
    """One thing that a bucket has to have."""

    subject: str
    """What its calls are named after: `get_…` and `put_…`."""
    absent: str
    """The code of S3's error where it was never set; empty where S3 then gives an empty answer."""
    lacking: Callable[[Bucket, Answer], Write | None]
    """What to write, from what is there; None where that will do."""


def own_bucket(bucket: Bucket, consent: Consent) -> None:
    """Makes the bucket, or finishes it, where that is needed. Raises as `Consent.need` and `Bucket.call` do."""
    region = bucket.cloud.region
    if bucket.place() is None:
        consent.need(
            f"make the bucket {bucket.name} in {region}, for artifacts and large templates"
            " (private, encrypted, versioned, TLS only)?"
        )
        _make(bucket)
        _complete(bucket)
        consent.talk.say(Note(f"made the bucket {bucket.name}"))
    elif not _is_complete(bucket):
        _complete(bucket)
        consent.talk.say(Note(f"completed the settings of the bucket {bucket.name}"))


def _make(bucket: Bucket) -> None:
    region = bucket.cloud.region
    # us-east-1 is where a bucket is without a constraint, and is none itself (S3 API reference, CreateBucket).
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        bucket.cloud.call("s3", "create_bucket", Bucket=bucket.name, **place)
    except NotAllowed as error:
        raise Rejected([bucket.denial(error)]) from error
    except Refused as error:
        if error.code == "BucketAlreadyExists":
            message = f"the bucket {bucket.name} belongs to another account"
            raise Rejected([fault("OM6007", message, hint="name one of your own with --bucket")]) from error
        if error.code not in {"BucketAlreadyOwnedByYou", "OperationAborted"}:
            raise


def _is_complete(bucket: Bucket) -> bool:
    try:
        return _tags(bucket, _read(bucket, _SEAL)) is None
    except Rejected:
        # Whoever may not read the tags could set nothing either; the bucket is there, and that is enough to send to it.
        return True


def _complete(bucket: Bucket) -> None:
    for setting in (*_SETTINGS, _SEAL):
        _patiently(partial(_settle, bucket, setting))


def _settle(bucket: Bucket, setting: Setting) -> None:
    write = setting.lacking(bucket, _read(bucket, setting))
    if write is not None:
        bucket.call(f"put_{setting.subject}", **write)


def _read(bucket: Bucket, setting: Setting) -> Answer:
    try:
        return bucket.call(f"get_{setting.subject}")
    except Refused as error:
        if error.code == setting.absent:
            return {}
        raise


def _patiently(act: Callable[[], None]) -> None:
    for tried in range(_TRIES):
        try:
            return act()
        except Refused as error:
            if error.code not in _UNSETTLED or tried == _TRIES - 1:
                raise
        time.sleep(0.5 * 2**tried)
    return None


def _public_access(_bucket: Bucket, found: Answer) -> Write | None:
    wanted = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    name = "PublicAccessBlockConfiguration"
    return None if found.get(name) == wanted else {name: wanted}


def _encryption(_bucket: Bucket, found: Answer) -> Write | None:
    # S3 encrypts by itself since 2023; said all the same, for whoever audits it. One with a key of its own stays.
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    name = "ServerSideEncryptionConfiguration"
    return None if found.get(name) else {name: {"Rules": [rule]}}


def _versioning(_bucket: Bucket, found: Answer) -> Write | None:
    return None if found.get("Status") == "Enabled" else {"VersioningConfiguration": {"Status": "Enabled"}}


def _policy(bucket: Bucket, found: Answer) -> Write | None:
    policy = json.loads(found.get("Policy") or '{"Version": "2012-10-17", "Statement": []}')
    if any(statement.get("Sid") == _TLS_ONLY for statement in policy["Statement"]):
        return None
    policy["Statement"].append(
        {
            "Sid": _TLS_ONLY,
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [bucket.arn, f"{bucket.arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    )
    return {"Policy": json.dumps(policy)}


def _lifecycle(_bucket: Bucket, found: Answer) -> Write | None:
    # The parts of an upload that was cut off cost money, and no listing of objects shows them.
    rule = {
        "ID": "omegac-parts",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": _DAYS_OF_PARTS},
    }
    return None if found.get("Rules") else {"LifecycleConfiguration": {"Rules": [rule]}}


def _tags(_bucket: Bucket, found: Answer) -> Write | None:
    tags = {tag["Key"]: tag["Value"] for tag in found.get("TagSet", ())}
    if tags.get(_TAG) == _EDITION:
        return None
    tags[_TAG] = _EDITION
    return {"Tagging": {"TagSet": [{"Key": key, "Value": value} for key, value in sorted(tags.items())]}}


_SETTINGS = (
    Setting("public_access_block", "NoSuchPublicAccessBlockConfiguration", _public_access),
    Setting("bucket_encryption", "ServerSideEncryptionConfigurationNotFoundError", _encryption),
    Setting("bucket_versioning", "", _versioning),
    Setting("bucket_policy", "NoSuchBucketPolicy", _policy),
    Setting("bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration", _lifecycle),
)
_SEAL = Setting("bucket_tagging", "NoSuchTagSet", _tags)
