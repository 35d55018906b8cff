"""A bucket of S3, called so that it cannot be somebody else's, and with what is lacking said in S3's own terms."""

from __future__ import annotations

from typing import NamedTuple

from omegac.cloud import Answer, Cloud, NotAllowed, Refused
from omegac.diagnostics import Diagnostic, Rejected, fault

ABSENT = frozenset({"404", "NoSuchBucket"})
_OF_OBJECTS = {
    "head_object": "s3:GetObject",
    "get_object": "s3:GetObject",
    "put_object": "s3:PutObject",
    "upload": "s3:PutObject",
}
_OF_BUCKETS = {
    "create_bucket": "s3:CreateBucket",
    "head_bucket": "s3:ListBucket",
    "get_bucket_encryption": "s3:GetEncryptionConfiguration",
    "get_bucket_lifecycle_configuration": "s3:GetLifecycleConfiguration",
    "get_bucket_policy": "s3:GetBucketPolicy",
    "get_bucket_tagging": "s3:GetBucketTagging",
    "get_bucket_versioning": "s3:GetBucketVersioning",
    "get_public_access_block": "s3:GetBucketPublicAccessBlock",
    "put_bucket_encryption": "s3:PutEncryptionConfiguration",
    "put_bucket_lifecycle_configuration": "s3:PutLifecycleConfiguration",
    "put_bucket_policy": "s3:PutBucketPolicy",
    "put_bucket_tagging": "s3:PutBucketTagging",
    "put_bucket_versioning": "s3:PutBucketVersioning",
    "put_public_access_block": "s3:PutBucketPublicAccessBlock",
}
"""What a call needs, by IAM's service authorization reference: several have another name there than in the API."""


class Bucket(NamedTuple):
    """A bucket, and the account it has to belong to: S3 refuses every call to one of another (ExpectedBucketOwner)."""

    cloud: Cloud
    name: str
    owner: str

    @property
    def arn(self) -> str:
        """Its ARN, which has neither account nor region in it."""
        return f"arn:{self.cloud.partition}:s3:::{self.name}"

    def call(self, operation: str, **arguments: str | bytes | object) -> Answer:
        """Calls an operation on it. Raises `Rejected` where a permission is missing, otherwise as `Cloud.call`."""
        try:
            return self.cloud.call(
                "s3", operation, Bucket=self.name, ExpectedBucketOwner=self.owner, **arguments
            )  # fmt: skip
        except NotAllowed as error:
            raise Rejected([self.denial(error, arguments.get("Key"))]) from error

    def place(self) -> str | None:
        """The region it is in; None where there is no such bucket. Raises `Rejected` where it is another account's."""
        try:
            answer = self.cloud.call("s3", "head_bucket", Bucket=self.name, ExpectedBucketOwner=self.owner)
        except NotAllowed as error:
            raise Rejected([self._foreign() if self._is_open() else self._closed()]) from error
        except Refused as error:
            if error.code in ABSENT:
                return None
            if error.code == "ParamValidationError":
                raise Rejected([fault("OM6007", f"no bucket has the name {self.name}: {error}")]) from error
            raise
        # A local cloud may not say; it has no other place.
        return str(answer.get("BucketRegion") or self.cloud.region)

    def denial(self, error: NotAllowed, key: object = None) -> Diagnostic:
        """What is not allowed, and on what."""
        action = _OF_OBJECTS.get(error.operation) or _OF_BUCKETS.get(error.operation) or error.operation
        on = f"{self.arn}/{key}" if key else self.arn
        message = f"{action} on {on} is not allowed: {error}"
        hint = "allow it to whoever deploys, by the policy of the bucket's KMS key too, if it has one"
        return fault("OM6007", message, hint=hint)

    def _is_open(self) -> bool:
        """Whether it can be called at all, whoever has it."""
        try:
            self.cloud.call("s3", "head_bucket", Bucket=self.name)
        except Refused:
            return False
        return True

    def _foreign(self) -> Diagnostic:
        message = f"the bucket {self.name} does not belong to the account {self.owner}"
        hint = "name one that does with --bucket; nothing is sent to a bucket of somebody else"
        return fault("OM6007", message, hint=hint)

    def _closed(self) -> Diagnostic:
        # S3 answers a HEAD with a bare 403 in both cases.
        message = (
            f"the bucket {self.name} belongs to another account than {self.owner},"
            f" or s3:ListBucket on {self.arn} is not allowed"
        )
        return fault("OM6007", message, hint="name another one with --bucket, or allow s3:ListBucket on it")
