"""What is refused before anything runs, or while it should come up: each with its place and a way out."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.endpoint import Endpoint
from tests.operations.local import edit
from tests.operations.shell import omegac
from tests.operations.staging import stage
from tests.running.services import free_port, invoked


def test_what_is_not_installed_is_named(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Lambda's runtime client, the extra is named that brings it."""
    monkeypatch.setitem(sys.modules, "awslambdaric", None)
    done = omegac(shop, "invoke", "hello")
    assert (done.code, done.out) == (1, "")
    assert "error[OM6301]" in done.err
    assert "omegac[sandbox]" in done.err


def test_a_name_that_is_misspelt_is_corrected(shop: Path) -> None:
    """A function that the spec does not have is refused, and the nearest proposed."""
    done = omegac(shop, "invoke", "helo")
    assert (done.code, done.out) == (1, "")
    assert "error[OM6304]" in done.err
    assert 'did you mean "hello"?' in done.err


def test_another_runtime_is_refused_at_its_line(shop: Path) -> None:
    """A function that is not Python's runs where it is deployed."""
    edit(shop / "omega.yaml", "python3.13", "nodejs22.x")
    done = invoked(shop, {})
    assert (done.code, done.out) == (1, "")
    assert "error[OM6305]" in done.err
    assert "--> omega.yaml:6:" in done.err


def test_an_event_is_json(shop: Path) -> None:
    """What Lambda would not take as an event is refused at its place in the file."""
    (shop / "event.json").write_text("{name: World}\n", "utf-8")
    done = omegac(shop, "invoke", "hello", "--event", "event.json")
    assert (done.code, done.out) == (1, "")
    assert "error[OM6306]" in done.err
    assert "--> event.json:1:" in done.err


@pytest.mark.parametrize(
    ("event", "said"),
    [("", "the event is empty"), (" \n", "the event is empty"), ('{"a": "b\n"}', "invalid control character\n")],
)
def test_an_event_that_is_none_is_refused(shop: Path, event: str, said: str) -> None:
    """What is wrong with it is said in a whole sentence."""
    (shop / "event.json").write_text(event, "utf-8")
    done = omegac(shop, "invoke", "hello", "--event", "event.json")
    assert (done.code, said in done.err, "--> event.json:1:" in done.err) == (1, True, True), done.err


def test_standard_input_is_one_event(shop: Path) -> None:
    """It cannot be read twice."""
    done = omegac(shop, "invoke", "hello", "--event", "-", "--event", "-")
    assert (done.code, "--event - is given once" in done.err) == (2, True), done.err


def test_names_are_told_where_none_is_near(shop: Path) -> None:
    """Of a server or a function that the spec does not have."""
    done = omegac(shop, "serve", "absent")
    assert (done.code, "^ those of the spec: web\n" in done.err) == (1, True), done.err


def test_a_program_that_is_not_there_is_refused(shop: Path) -> None:
    """A command that cannot be run is said to be so at its line."""
    edit(shop / "omega.yaml", "sh start", "./absent")
    done = omegac(shop, "serve", "web", "--port", str(free_port()))
    assert done.code == 1
    assert "error[OM6308]" in done.err
    assert "--> omega.yaml:8:" in done.err


def test_a_server_that_does_not_listen_is_not_waited_for_long(shop: Path) -> None:
    """A server that does not answer in time is ended."""
    (shop / "app" / "start").write_text("exec sleep 60\n", "utf-8")
    done = omegac(shop, "serve", "web", "--port", str(free_port()), "--wait", "1")
    assert done.code == 1
    assert "error[OM6309]" in done.err


def test_a_function_that_was_never_deployed_is_refused(shop: Path, endpoint: Endpoint) -> None:
    """A function of the spec that the stack does not have yet is not looked for at Lambda."""
    stage(endpoint, "# stack: UPDATE_COMPLETE\n", shop / "omega.yaml")
    edit(shop / "omega.yaml", "servers:", "  later: {runtime: python3.13, handler: hello.handler}\nservers:")
    done = omegac(shop, "invoke", "later", "--stack", "shop")
    assert (done.code, done.out) == (1, "")
    assert "error[OM6310]" in done.err
    assert endpoint.writes == []


def test_a_variable_of_lambdas_own_is_refused(shop: Path) -> None:
    """A function is not given what Lambda would refuse to deploy it with, wherever it is written."""
    done = invoked(shop, {}, more=("--env", "LAMBDA_TASK_ROOT=x"))
    assert (done.code, done.out) == (1, "")
    assert "error[OM6312]: LAMBDA_TASK_ROOT is a variable of Lambda's own" in done.err
    edit(shop / "omega.yaml", "{LEVEL: 3,", "{AWS_REGION: x,")
    done = invoked(shop, {})
    assert "error[OM6312]: AWS_REGION is a variable of Lambda's own, and no function is given it\n" in done.err
    assert " --> omega.yaml:4:15\n" in done.err


@pytest.mark.parametrize("command", ["invoke hello", "serve web"])
@pytest.mark.parametrize("name", ["X-1", "X", "1X", "Ä1"])
def test_a_name_that_no_variable_has_is_refused(shop: Path, command: str, name: str) -> None:
    """What the schema refuses in the spec is refused by --env, and not repeated."""
    done = omegac(shop, *command.split(), "--env", f"{name}=secret")
    assert done.code == 2
    assert "--env takes names of letters, digits and _" in done.err
    assert "secret" not in done.err
