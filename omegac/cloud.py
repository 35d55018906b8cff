"""AWS, as omegac calls it: the only module that knows boto3, and what its exceptions mean.

Credentials, profiles, `AWS_ENDPOINT_URL` and the rest of AWS's configuration are boto3's business alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, BinaryIO, TypeAlias
from urllib.parse import urlsplit

Answer: TypeAlias = Mapping[str, Any]

_ATTEMPTS = 8
"""How often a call is tried in all, with growing pauses: CloudFormation throttles by account, whoever polls."""
_LONGEST_FUNCTION = 900
"""Seconds that a function may take at most (AWS Lambda, Quotas, timeout)."""
_TRANSIENT = frozenset({
    *("Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException"),
    *("TooManyRequestsException", "RequestLimitExceeded", "BandwidthLimitExceeded", "SlowDown"),
    *("PriorRequestNotComplete", "RequestTimeout", "RequestTimeoutException", "500", "502", "503", "504"),
    *("InternalFailure", "InternalError", "InternalServerError", "InternalServiceError", "ServiceUnavailable"),
})  # fmt: skip
"""Codes of errors that pass, by botocore's own table of retries (`data/_retry.json`)."""
_NOT_ALLOWED = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "403"}
)
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId", "AuthFailure"})
_GLANCE = 5
"""Seconds that a port of this machine has to take a connection in."""
_UNEQUAL = timedelta(seconds=5)
"""From here on, two clocks differ."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {"http": 80, "https": 443}
PART_SIZE = 16 * 1024 * 1024
"""Bytes of each part of a file that is sent in several, and the size from which on it is."""


class CloudError(Exception):
    """A call that did not succeed. What AWS, or the way to it, says is the exception's text."""

    def __init__(self, operation: str, code: str, message: str) -> None:
        super().__init__(message)
        self.operation = operation
        self.code = code
        self.message = message


class Refused(CloudError):  # noqa: N818 (its name says what happened)
    """AWS has answered, with a no."""


class NotAllowed(Refused):
    """Whoever calls lacks a permission."""


class Expired(Refused):
    """The credentials hold no longer, or never did."""


class Unreachable(CloudError):  # noqa: N818 (as above)
    """No answer, or none but to try again later; whether the call took effect is open."""


class Unconfigured(CloudError):  # noqa: N818 (as above)
    """Nothing says who calls, or where: no credentials, no region, no such profile."""


class Cloud:
    """One account and region of AWS."""

    def __init__(self, region: str | None = None, profile: str | None = None) -> None:
        self._region = region
        self._profile = profile
        self._clients: dict[str, Any] = {}
        self.ahead = timedelta()
        """By how much AWS's clock is ahead of this machine's, as far as that is more than the way of an answer."""

    def call(self, service: str, operation: str, **arguments: Any) -> Answer:
        """Calls an operation, named as boto3 names it. Raises `CloudError`."""
        answer: Answer = self._guarded(operation, lambda: getattr(self._client(service), operation)(**arguments))
        self._compare_clocks(answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date"))
        return answer

    def _compare_clocks(self, date: str | None) -> None:
        """Takes up what an answer's `Date` tells, which is to the second."""
        from email.utils import parsedate_to_datetime

        with suppress(TypeError, ValueError):
            ahead = parsedate_to_datetime(str(date)) - datetime.now(UTC)
            self.ahead = ahead if abs(ahead) > _UNEQUAL else timedelta()

    def pages(self, service: str, operation: str, **arguments: Any) -> Iterator[Answer]:
        """All pages of an operation that has a `NextToken`, as they are asked for."""
        token: str | None = None
        while True:
            page = self.call(service, operation, **arguments, **({"NextToken": token} if token else {}))
            yield page
            token = page.get("NextToken")
            if not token:
                return

    def knows(self, service: str, operation: str) -> bool:
        """Whether the boto3 that is installed has an operation."""
        return hasattr(self._client(service), operation)

    def send(self, content: BinaryIO, bucket: str, key: str, sent: Callable[[int], None], **extra: Any) -> None:
        """Sends a file to S3, in parts where it is large; `sent` hears of each stretch of bytes on its way."""
        from boto3.s3.transfer import TransferConfig

        config = TransferConfig(multipart_threshold=PART_SIZE, multipart_chunksize=PART_SIZE)
        self._guarded(
            "upload",
            lambda: self._client("s3").upload_fileobj(content, bucket, key, extra, sent, config),
        )

    def fetch(self, bucket: str, key: str, **extra: Any) -> bytes:
        """An object of S3, read to its end."""

        def read() -> bytes:
            content: bytes = self._client("s3").get_object(Bucket=bucket, Key=key, **extra)["Body"].read()
            return content

        content: bytes = self._guarded("get_object", read)
        return content

    @cached_property
    def region(self) -> str:
        """The region that is called. Raises `Unconfigured` where nothing names one."""
        return str(self._client("cloudformation").meta.region_name)

    @cached_property
    def account(self) -> str:
        """The account that the credentials belong to."""
        return str(self.call("sts", "get_caller_identity")["Account"])

    @property
    def partition(self) -> str:
        """The part of AWS that the region belongs to, as ARNs name it: `aws`, `aws-cn` and so on."""
        return str(self._client("s3").meta.partition)

    @property
    def is_local(self) -> bool:
        """Whether the calls stay on this machine, as those to a local cloud do."""
        return urlsplit(self.endpoint("cloudformation")).hostname in _LOOPBACK

    def endpoint(self, service: str) -> str:
        """The address of a service."""
        return str(self._client(service).meta.endpoint_url)

    def _client(self, service: str) -> Any:
        client = self._clients.get(service)
        if client is None:
            client = self._clients[service] = self._guarded("configuration", lambda: self._made(service))
        return client

    def _made(self, service: str) -> Any:
        try:
            client = self._session.client(service, config=self._config(service))
            _require_listener(client.meta.endpoint_url)
        except ValueError as error:
            # How botocore says that AWS_ENDPOINT_URL is no URL.
            raise Unconfigured("configuration", "ValueError", str(error)) from error
        return client

    @cached_property
    def _session(self) -> Any:
        import boto3

        # As the AWS CLI has it, and boto3 has not: AWS_REGION comes before AWS_DEFAULT_REGION.
        region = self._region or os.environ.get("AWS_REGION") or None
        session = self._guarded("configuration", lambda: boto3.Session(region_name=region, profile_name=self._profile))
        if not session.region_name:
            raise Unconfigured("configuration", "NoRegion", "no region is set")
        return session

    @staticmethod
    def _config(service: str) -> Any:
        from botocore.config import Config

        # A local cloud answers for no virtual host of a bucket; AWS understands both forms.
        local = service == "s3" and (os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("AWS_ENDPOINT_URL_S3"))
        options: dict[str, Any] = {"s3": {"addressing_style": "path"}} if local else {}
        if service == "lambda":
            # Once, and for as long as a function may take: each try would run it again.
            options |= {"retries": {"total_max_attempts": 1}, "read_timeout": _LONGEST_FUNCTION + 10}
        elif not {"AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"} & os.environ.keys():
            options["retries"] = {"mode": "standard", "total_max_attempts": _ATTEMPTS}
        return Config(**{"user_agent_extra": "omegac", "connect_timeout": 10, "read_timeout": 60, **options})

    @staticmethod
    def _guarded(operation: str, act: Callable[[], Any]) -> Any:
        """Does it, and says in omegac's own words what went wrong."""
        from botocore import exceptions
        from botocore.parsers import ResponseParserError

        try:
            return act()
        except exceptions.ClientError as error:
            raise _refusal(operation, error) from error
        except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError) as error:
            raise Unconfigured(operation, "NoCredentials", str(error)) from error
        except (
            exceptions.NoRegionError,
            exceptions.InvalidRegionError,
            exceptions.ProfileNotFound,
            exceptions.ConfigParseError,
            exceptions.InvalidConfigError,
        ) as error:
            raise Unconfigured(operation, type(error).__name__, str(error)) from error
        except (exceptions.TokenRetrievalError, exceptions.SSOError, exceptions.CredentialRetrievalError) as error:
            raise Expired(operation, type(error).__name__, str(error)) from error
        except (
            exceptions.ConnectionError,
            exceptions.HTTPClientError,
            exceptions.IncompleteReadError,
            ResponseParserError,
        ) as error:
            raise Unreachable(operation, type(error).__name__, str(error)) from error
        except exceptions.BotoCoreError as error:
            raise Refused(operation, type(error).__name__, str(error)) from error


def _require_listener(url: str) -> None:
    """Raises `Unreachable` where nothing listens on a port of this machine: no later try would find it there.

    And `ValueError` for what is no port.
    """
    from socket import create_connection

    place = urlsplit(url)
    try:
        port = place.port or _PORTS.get(place.scheme, 80)
    except ValueError as error:
        raise ValueError(f"the endpoint {url} is none: {error}") from None
    if place.hostname in _LOOPBACK:
        try:
            create_connection((place.hostname, port), _GLANCE).close()
        except ConnectionRefusedError as error:
            message = f"nothing listens on {url}, as once a sandbox has ended"
            raise Unreachable("configuration", type(error).__name__, message) from error
        except OSError:
            return


def _refusal(operation: str, error: Any) -> CloudError:
    answer = error.response.get("Error", {})
    code, message = str(answer.get("Code", "")), str(answer.get("Message") or error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _TRANSIENT or status >= 500:
        return Unreachable(operation, code, message)
    kind = NotAllowed if code in _NOT_ALLOWED else Expired if code in _EXPIRED else Refused
    return kind(operation, code, message)
