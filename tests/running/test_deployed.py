"""`omegac invoke --stack` over HTTP, against a scripted CloudFormation, and a Lambda that goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.endpoint import Endpoint
from tests.operations.local import edit
from tests.operations.shell import omegac
from tests.operations.staging import stage


class _Failing(BaseHTTPRequestHandler):
    asked: list[str]

    def do_POST(self) -> None:
        self.asked.append(self.path)
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def failing() -> Iterator[tuple[str, list[str]]]:
    """A Lambda that answers each call with 503, and the paths that it was asked for."""
    asked: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Failing", (_Failing,), {"asked": asked})) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def test_a_function_is_never_invoked_twice(shop: Path, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no answer comes, the call is not made again, as the function may have run, however often others are."""
    monkeypatch.delenv("AWS_MAX_ATTEMPTS")
    stage(endpoint, "# stack: UPDATE_COMPLETE\n", shop / "omega.yaml")
    with failing() as (url, asked):
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", url)
        done = omegac(shop, "invoke", "hello", "--stack", "shop")
    assert done.code == 1
    assert "error[OM6009]: no answer from " in done.err
    assert "it is not invoked again" in done.err
    assert len(asked) == 1


def test_a_stack_of_another_service_is_not_asked(shop: Path, endpoint: Endpoint) -> None:
    """What it has may be called alike, and do something else."""
    stage(endpoint, "# stack: UPDATE_COMPLETE\n", shop / "omega.yaml")
    edit(shop / "omega.yaml", "service: shop", "service: other")
    done = omegac(shop, "invoke", "hello", "--stack", "shop")
    assert (done.code, "error[OM6102]: shop is of the service shop, not other" in done.err) == (1, True), done.err


@pytest.mark.usefixtures("endpoint")
def test_another_region_than_the_stages_is_refused(shop: Path) -> None:
    """A stage that names its region is invoked nowhere else."""
    with (shop / "omega.yaml").open("a", encoding="utf-8") as spec:
        spec.write("stages: {prod: {region: eu-west-1}}\n")
    done = omegac(shop, "invoke", "hello", "--stack", "shop", "--stage", "prod", "--region", "us-east-1")
    assert (done.code, done.out) == (1, "")
    assert "error[OM6002]" in done.err
