"""What stops a command before it has done anything: nobody to call, nothing to call, nobody to ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from omegac.commands import Options, perform
from omegac.deployment.talk import Result
from tests.endpoint import Endpoint
from tests.operations.scene import SPEC, Witness


def refused(command: str, options: Options) -> list[str]:
    """The codes that a command is refused with."""
    witness = Witness()
    assert perform(command, witness, options) == 1
    assert isinstance(witness.heard[-1], Result)
    return witness.codes


@pytest.mark.parametrize(
    ("kind", "code"), [("access-denied", "OM6008"), ("cut", "OM6009"), ("500", "OM6009"), ("expired-token", "OM6001")]
)
def test_a_call_that_fails_is_told(kind: str, code: str, endpoint: Endpoint, tmp_path: Path) -> None:
    """A refusal, silence and credentials that have run out are told apart."""
    endpoint.fault("DescribeStacks", kind)  # type: ignore[arg-type] # one of its kinds
    assert refused("outputs", Options(tmp_path / "omega.yaml", stack="shop")) == [code]


def test_where_nobody_listens_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sandbox that has ended does not come back: its port is tried once."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.delenv("AWS_MAX_ATTEMPTS", raising=False)
    witness = Witness()
    assert perform("outputs", witness, Options(tmp_path / "omega.yaml", stack="shop", region="eu-west-1")) == 1
    assert "nothing listens on http://127.0.0.1:9, as once a sandbox has ended" in str(witness.heard)


@pytest.mark.parametrize("url", ["http://localhost:99999", "http://localhost:x", "localhost:4566"])
def test_what_is_no_address_is_told(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What AWS_ENDPOINT_URL says may be no URL."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    assert refused("outputs", Options(tmp_path / "omega.yaml", stack="shop", region="eu-west-1")) == ["OM6001"]


def test_without_a_region_nobody_is_called(endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing says which region, that is said."""
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert refused("outputs", Options(tmp_path / "omega.yaml", stack="shop")) == ["OM6001"]
    assert endpoint.calls == []


def test_without_a_name_or_a_stack_nothing_is_looked_for(endpoint: Endpoint, tmp_path: Path) -> None:
    """A command needs the name of a stack, and a stack of that name."""
    assert refused("outputs", Options(tmp_path / "omega.yaml")) == ["OM6010"]
    assert endpoint.calls == []
    assert refused("outputs", Options(tmp_path / "omega.yaml", stack="shop")) == ["OM6108"]


def test_a_stage_is_deployed_to_its_account_and_nobody_is_asked(endpoint: Endpoint, tmp_path: Path) -> None:
    """Credentials of another account are refused before anything is written, and so is a question without an answer."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "hello.py").write_text("handler = print\n", "utf-8")
    spec = tmp_path / "omega.yaml"
    spec.write_text(SPEC + 'stages: {prod: {account: "999999999999"}}\n', "utf-8")
    assert refused("deploy", Options(spec, stage="prod", yes=True)) == ["OM6002"]
    assert refused("deploy", Options(spec, stack="shop")) == ["OM6103"]
    assert endpoint.writes == []


def test_a_bucket_of_nobody_is_not_made(endpoint: Endpoint, tmp_path: Path) -> None:
    """A bucket that is named has to be there."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "hello.py").write_text("handler = print\n", "utf-8")
    (tmp_path / "omega.yaml").write_text(SPEC, "utf-8")
    assert refused("deploy", Options(tmp_path / "omega.yaml", stack="shop", bucket="nobodys")) == ["OM6007"]
    assert endpoint.writes == []


def test_a_stage_without_a_stack_has_one_of_its_own(endpoint: Endpoint, tmp_path: Path) -> None:
    """Without a name, a stage's stack is called after the service and the stage."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "hello.py").write_text("handler = print\n", "utf-8")
    spec = tmp_path / "omega.yaml"
    spec.write_text(SPEC + "stages: {test: {}}\n", "utf-8")
    assert perform("deploy", Witness(), Options(spec, stage="test", yes=True)) == 0
    assert [stack.name for stack in endpoint.stacks] == ["shop-test"]


def test_what_is_not_there_is_not_taken_for_the_stack(endpoint: Endpoint, tmp_path: Path) -> None:
    """A change set that is refused for something that does not exist is refused, and not made again and again."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "hello.py").write_text("handler = print\n", "utf-8")
    spec = tmp_path / "omega.yaml"
    spec.write_text(SPEC, "utf-8")
    text = "Parameter /aws/service/canonical/ubuntu does not exist"
    endpoint.fault("CreateChangeSet", "validation", times=99, text=text)
    assert refused("deploy", Options(spec, stack="shop", yes=True)) == ["OM6202"]
    assert len(endpoint.called("CreateChangeSet")) == 1
