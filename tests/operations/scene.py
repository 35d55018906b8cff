"""What tests of operations stand on: the scripted endpoint, small releases, and a witness who answers as told."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from omegac.cloud import Cloud
from omegac.compiler import compile_spec
from omegac.deployment.parameters import Offered
from omegac.deployment.talk import Choice, Found, Happened, Note, Planned, Record, Result
from omegac.operations.consent import Consent
from omegac.operations.deploy import Manner, deploy, of_release
from omegac.operations.pace import Pace
from omegac.operations.release import Release
from omegac.operations.site import Site
from omegac.operations.stack import SERVICE_TAG
from omegac.template import Compilation
from tests.endpoint import ACCOUNT, REGION, Endpoint

AT_ONCE = Pace(0, 0, 0.3)
"""No pause, and little patience: the endpoint passes no time."""
SPEC = """\
omega: 1
service: shop
artifact: app
functions:
  hello: {runtime: python3.13, handler: hello.handler}
"""
QUEUE = "resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties: {SqsManagedSseEnabled: true}\n"
TABLE = """\
resources:
  Orders:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
"""
THERE = "CREATE_COMPLETE"
SERVER = "servers:\n  web: {command: python3 -m hello, port: 9999, ingress: public}\n"


class Witness:
    """Hears all that is said, and answers every question alike; without an answer, nobody is there."""

    def __init__(self, answer: str | None = None) -> None:
        self._answer = answer
        self.heard: list[Record] = []
        self.questions: list[str] = []
        self.hidden: list[str] = []

    @property
    def answers(self) -> bool:
        return self._answer is not None

    def say(self, record: Record) -> None:
        self.heard.append(record)

    def confirm(self, question: str) -> bool:
        self.questions.append(question)
        return self._answer == "yes"

    def name(self, question: str, name: str) -> bool:
        self.questions.append(question)
        return self._answer == name

    def choose(self, choice: Choice) -> str:
        self.questions.append(choice.question)
        return self._answer if self._answer in choice.answers else choice.answers[0]

    def value(self, parameter: str, description: str, *, secret: bool) -> str | None:
        self.questions.append(f"{parameter} {description} {secret}")
        return self._answer

    def hide(self, secret: str) -> None:
        self.hidden.append(secret)

    @property
    def notes(self) -> list[str]:
        return [record.text for record in self.heard if isinstance(record, Note)]

    @property
    def codes(self) -> list[str]:
        return [record.diagnostic.code for record in self.heard if isinstance(record, Found)]

    @property
    def events(self) -> list[str]:
        return [f"{e.event.logical_id} {e.event.status}" for e in self.heard if isinstance(e, Happened)]

    @property
    def plans(self) -> list[Planned]:
        return [record for record in self.heard if isinstance(record, Planned)]


@pytest.fixture(scope="session")
def compilations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Compilation]]:
    """A few services, compiled once: alone, with a queue, with a table, and with another application."""
    folder = tmp_path_factory.mktemp("specs")
    made: dict[str, Compilation] = {}
    for name, more in (("alone", ""), ("queue", QUEUE), ("table", TABLE), ("changed", ""), ("server", SERVER)):
        made[name] = compiled(folder / name, SPEC + more, f"# {name == 'changed'}\n")
    yield made
    for compilation in made.values():
        compilation.artifact.content.close()


def compiled(folder: Path, spec: str, code: str = "") -> Compilation:
    """A spec beside an application of one file."""
    (folder / "app").mkdir(parents=True)
    (folder / "app" / "hello.py").write_text(f"{code}def handler(event, context):\n    return event\n", "utf-8")
    (folder / "omega.yaml").write_text(spec, "utf-8")
    return compile_spec(folder / "omega.yaml").compilation


@pytest.fixture(scope="session")
def endpoint_server() -> Iterator[Endpoint]:
    """One endpoint for all tests of this process."""
    with Endpoint() as endpoint:
        yield endpoint


@pytest.fixture
def endpoint(endpoint_server: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    """The endpoint, empty, and boto3 led to it; a call is tried once, as what is tried again is botocore's business."""
    endpoint_server.reset()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in environment(endpoint_server).items():
        monkeypatch.setenv(name, value)
    # It keeps the credentials that it has found, which may be another cloud's.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    return endpoint_server


def environment(endpoint: Endpoint) -> dict[str, str]:
    """What leads boto3 to an endpoint, and to nowhere else."""
    return {
        "AWS_ENDPOINT_URL": endpoint.url,
        "AWS_ACCESS_KEY_ID": "of-no-account",
        "AWS_SECRET_ACCESS_KEY": "of-no-account",
        "AWS_DEFAULT_REGION": endpoint.region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
    }


def site(witness: Witness, *, yes: bool = False, named: tuple[str, ...] = (), stack: str = "shop") -> Site:
    """A site at the endpoint."""
    return Site(Cloud(), stack, Consent(witness, yes, frozenset(named)), AT_ONCE)


def deployed(compilation: Compilation, where: Site, **how: object) -> Result:
    """What comes of deploying a compilation; `how` are the fields of `Manner`."""
    return deploy(where, of_release(Release(compilation, Offered())), Manner(**how))  # type: ignore[arg-type]


def stand(endpoint: Endpoint, compilation: Compilation, status: str, **more: Any) -> None:
    """Puts the stack there as a compilation has made it; without a status, none."""
    bucket = {"ArtifactBucket": f"omegac-{ACCOUNT}-{REGION}"}
    if status:
        endpoint.stack(
            "shop",
            status,
            **{
                "template": compilation.template,
                "tags": {SERVICE_TAG: "shop"},
                **more,
                "parameters": {**bucket, **more.get("parameters", {})},
            },
        )
