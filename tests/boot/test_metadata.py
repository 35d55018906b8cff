"""The metadata service that the boots stand on asks for a token as a launch template says."""

from __future__ import annotations

import pytest

from tests.boot import metadata
from tests.boot.front import served
from tests.boot.identity import Credentials, Role
from tests.boot.metadata import Identity, Metadata
from tests.boot.network import subnet

ID = f"http://{metadata.ADDRESS}/latest/meta-data/instance-id"
STATUS = ("curl", "-sS", "--max-time", "3", "-o", "/dev/null", "-w", "%{http_code}", ID)
IDENTITY = Identity(
    id="i-0123456789abcdef0",
    address="10.0.0.10",
    mac="02:00:00:00:00:01",
    account="111122223333",
    region="eu-west-1",
    role=Role("role", Credentials.new(), []),
    user_data=b"",
    hop_limit=1,
    needs_token=True,
)


@pytest.mark.usefixtures("image")
@pytest.mark.parametrize(("needed", "without"), [(True, "401"), (False, "200")])
def test_whether_a_token_is_needed_is_the_identitys(*, needed: bool, without: str) -> None:
    """Without a token there is an answer only where none is needed; to a wrong one there is none anywhere."""
    with subnet((metadata.ADDRESS,)) as cable:
        service = cable.outside.within(lambda: Metadata(IDENTITY._replace(needs_token=needed)))
        with served(service):
            assert cable.instance.run(*STATUS) == without
            assert cable.instance.run(*STATUS, "-H", "X-aws-ec2-metadata-token: wrong") == "401"
