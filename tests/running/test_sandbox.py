"""`omegac sandbox`: the real local cloud, and commands within it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
from pathlib import Path
from subprocess import Popen, run
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from tests.operations.local import edit
from tests.operations.shell import ROOT, Done, at_terminal, begun, ended
from tests.running.services import HELLO, alive, answers, below, comes, line_with

pytestmark = pytest.mark.usefixtures("python_on_path")

HOSTILE = {
    "AWS_PROFILE": "production",
    "AWS_SESSION_TOKEN": "of-an-account",
    "AWS_ACCESS_KEY_ID": "of-an-account",
    "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "HTTP_PROXY": "http://127.0.0.1:9",
}
"""What could lead out of a sandbox."""
OF_AWS = {
    "AWS_ACCESS_KEY_ID",
    "AWS_CONFIG_FILE",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SHARED_CREDENTIALS_FILE",
}
"""All of AWS's that a sandbox gives."""
SHORT = 'f() { python -m omegac "$@"; };'
"""Calls the omegac that is tested, whatever is on the PATH."""


def _signs() -> bool:
    """Whether there is a curl that signs requests, as it does from 7.75 on."""
    found = shutil.which("curl")
    return (
        found is not None
        and "--aws-sigv4" in run([found, "--help", "all"], capture_output=True, text=True, check=True).stdout
    )


def test_the_example_is_deployed_and_answers_as_it_does_here(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one sandbox the example is deployed and invoked, and answers as the artifact does on this machine."""
    for name, value in HOSTILE.items():
        monkeypatch.setenv(name, value)
    script = f"{SHORT} f deploy --stack demo --yes >&2 && f invoke hello --stack demo && f invoke hello"
    done = ended(begun(example, "sandbox", "--", "sh", "-c", script), 120)
    assert done.code == 0, done.err
    deployed, here = answers(done)
    assert deployed == here
    assert here["body"] == HELLO
    assert "it launches no instances, asks for no capabilities, waits for no signals" in done.err


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "examples").iterdir()))
def test_each_example_has_a_stage_for_it(tmp_path: Path, name: str) -> None:
    """What a sandbox does not have as AWS does, an image or a network, a stage of the example makes up for."""
    shutil.copytree(ROOT / "examples" / name, tmp_path / name)
    words = ("python", "-m", "omegac", "deploy", "--stack", "demo", "--stage", "local", "--yes")
    done = ended(begun(tmp_path / name, "sandbox", "--", *words), 120)
    assert done.code == 0, done.err
    assert "deploy of demo: done (CREATE_COMPLETE)" in done.err


@pytest.mark.skipif(not _signs(), reason="there is no curl that signs")
def test_a_functions_url_answers_to_who_signs(example: Path) -> None:
    """The local cloud answers for the host of a function's URL, if the request is signed where that has to be."""
    signed = '--aws-sigv4 "aws:amz:$AWS_REGION:lambda" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"'
    assert f"`{signed}`" in (ROOT / "docs" / "running.md").read_text("utf-8")
    asked = f'curl -sS -H "Host: $host" $AWS_ENDPOINT_URL; echo; curl -sS -H "Host: $host" {signed} $AWS_ENDPOINT_URL'
    host = "host=$(f outputs --stack demo | sed -n 's|HelloFunctionUrl=https://\\(.*\\)/|\\1|p')"
    script = f"{SHORT} f deploy --stack demo --yes >&2 && {host} && {asked}"
    done = ended(begun(example, "sandbox", "--", "sh", "-c", script), 120)
    assert (done.code, done.out) == (0, f'{{"Message":"Forbidden"}}\n{HELLO}'), done.err


def test_a_command_asks_at_the_terminal(shop: Path) -> None:
    """A command has the terminal: its questions are asked there, and answered."""
    command = ("python", "-m", "omegac", "deploy", "--stack", "demo")
    done = at_terminal(shop, ["y", "y"], "sandbox", "--", *command)
    assert done.code == 0, done.out
    assert "deploy of demo: done (CREATE_COMPLETE)" in done.out


def test_a_deployed_function_that_fails(shop: Path) -> None:
    """What a deployed function raises is the error that its caller gets, with its log, and code 1."""
    (shop / "event.json").write_text('{"do": "raise"}', "utf-8")
    script = f"{SHORT} f deploy --stack demo --yes >&2 && f invoke hello --stack demo --event event.json"
    done = ended(begun(shop, "sandbox", "--", "sh", "-c", script), 120)
    (shape,) = answers(done)
    assert (done.code, shape["errorMessage"]) == (1, "no äpfel")
    assert 'raise LookupError("no äpfel")\n' in done.err
    assert "error[OM6307]: hello has failed: " in done.err


def test_nothing_leads_out_of_it(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command in it has no variable of AWS's but those of the sandbox, whatever its caller has."""
    for name, value in HOSTILE.items():
        monkeypatch.setenv(name, value)
    done = ended(begun(shop, "sandbox", "--", "env"))
    given = dict(line.split("=", 1) for line in done.out.splitlines() if "=" in line)
    assert {name for name in given if name.startswith("AWS_")} == OF_AWS
    assert given["AWS_ACCESS_KEY_ID"] == "123456789012"
    assert given["AWS_CONFIG_FILE"] == given["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert given["NO_PROXY"].endswith("127.0.0.1,localhost")


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 9", 9), ("kill -9 $$", 137)])
def test_it_ends_as_its_command(shop: Path, script: str, code: int) -> None:
    """A sandbox ends with its command, and with the code of that; nothing is left."""
    done = ended(begun(shop, "sandbox", "--", "sh", "-c", script))
    assert done.code == code, done.err


def test_what_it_holds_can_be_kept(shop: Path) -> None:
    """With --state, a second sandbox finds what the first has deployed, and can run it; without, nothing stays."""
    script = f"{SHORT} f deploy --stack demo --yes >&2"
    assert ended(begun(shop, "sandbox", "--state", "state", "--", "sh", "-c", script), 120).code == 0
    again = begun(shop, "sandbox", "--state", "state", "--", "sh", "-c", f"{SHORT} f invoke hello --stack demo")
    assert ended(again, 120).code == 0
    elsewhere = ended(begun(shop, "sandbox", "--", "sh", "-c", f"{SHORT} f invoke hello --stack demo"), 120)
    assert "error[OM6108]: there is no stack demo" in elsewhere.err


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_runs_until_it_is_ended(shop: Path, how: signal.Signals) -> None:
    """Without a command it says what to export, answers there, and is gone however omegac is ended."""
    process = begun(shop, "sandbox")
    line_with(process, "Ctrl-C ends it")
    lines = [process.stdout.readline() for _ in range(9)] if process.stdout else []
    exported = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines[1:])
    assert exported["AWS_REGION"] == "us-east-1"
    with urlopen(f"{exported['AWS_ENDPOINT_URL']}/_ministack/health", timeout=10) as answer:  # noqa: S310 (our own)
        assert answer.status == 200
    started = below(process.pid)
    assert len(started) >= 2
    process.send_signal(how)
    done = ended(process)
    assert done.code == (-how if how == signal.SIGKILL else 128 + how), done.err
    assert comes(lambda: not alive(started))


def test_a_local_cloud_that_ends_is_said(shop: Path) -> None:
    """Where the local cloud ends by itself, omegac does so too, and says what its log has last."""
    process = begun(shop, "sandbox")
    line_with(process, "Ctrl-C ends it")
    os.kill(max(below(process.pid)), signal.SIGKILL)
    done = ended(process)
    assert done.code == 1
    assert "error[OM6302]: the local cloud has ended\n  = its log says last:\n" in done.err


@pytest.mark.parametrize("shell", ["sh", "bash", "zsh"])
@pytest.mark.parametrize("hostile", [HOSTILE, {}], ids=["hostile", "plain"])
def test_what_it_says_leads_a_shell_to_it(shop: Path, shell: str, hostile: dict[str, str]) -> None:
    """The lines of standard output lead the shell that reads them to the sandbox, and nowhere else."""
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    process = begun(shop, "sandbox")
    line_with(process, "Ctrl-C ends it")
    script = f'eval "$(cat)"; {SHORT} f outputs --stack absent; env | grep -i -e ^AWS_ -e proxy'
    environment = {**os.environ, **hostile, "PYTHONPATH": str(ROOT), "NO_PROXY": "of.the.shell"}
    lines = "".join(process.stdout.readline() for _ in range(11)) if process.stdout else ""
    told = run(
        [shell, "-euc", script.replace("absent;", "absent || true;")],
        cwd=shop,
        env=environment,
        input=lines,
        capture_output=True,
        text=True,
        check=False,
    )
    process.terminate()
    ended(process)
    assert "error[OM6108]: there is no stack absent" in told.stderr
    given = dict(line.split("=", 1) for line in told.stdout.splitlines())
    assert {name for name in given if name.startswith("AWS_")} == OF_AWS
    assert given["NO_PROXY"] == given["no_proxy"] == "of.the.shell,127.0.0.1,localhost"


@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
def test_no_proxy_stands_between(shop: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever of the two names a machine has its exceptions under, the sandbox is reached without its proxy."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv(name, "example.com")
    done = ended(begun(shop, "sandbox", "--", "sh", "-c", f"{SHORT} f status --stack absent; env"))
    assert "no_proxy=example.com,127.0.0.1,localhost" in done.out
    assert "status:  absent" in done.out


def test_a_folder_is_one_sandboxs(shop: Path) -> None:
    """Of two sandboxes with one folder, the second is refused: it would undo what the first has kept."""
    inner = f"{SHORT} f sandbox --state state -- true"
    done = ended(begun(shop, "sandbox", "--state", "state", "--", "sh", "-c", inner))
    assert (done.code, "error[OM6302]: another sandbox has its state in" in done.err) == (1, True)
    assert ended(begun(shop, "sandbox", "--state", "state", "--", "true")).code == 0


NAMING = "import boto3; print(boto3.client('sqs').create_queue(QueueName='kept')['QueueUrl'])"


def _named(shop: Path) -> Done:
    return ended(begun(shop, "sandbox", "--state", "state", "--", "python3", "-c", NAMING))


@pytest.mark.parametrize("there", [False, True])
def test_a_state_is_its_owners(shop: Path, there: bool) -> None:  # noqa: FBT001 (a case)
    """What it holds may be secret: nobody else may look into the folder, though it was there before."""
    if there:
        (shop / "state").mkdir(mode=0o755)
    assert _named(shop).code == 0
    assert (shop / "state").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("port", ["70000", "-1", "0", "none", ""])
def test_a_port_that_is_none_is_not_had(shop: Path, port: str) -> None:
    """What is told of the port before is no reason to fail, whatever it is."""
    assert _named(shop).code == 0
    (shop / "state" / "port").write_text(port, "ascii")
    again = _named(shop)
    assert (again.code, "is left" in again.err) == (0, False), again.err


def test_a_state_has_its_port(shop: Path) -> None:
    """The URL of a queue, which has the port in it, leads to it the next time too; where it is taken, that is said."""
    first, again = _named(shop), _named(shop)
    assert (first.code, again.out) == (0, first.out)
    port = urlsplit(first.out).port or 0
    with socket.create_server(("127.0.0.1", port)):
        other = _named(shop)
    assert (other.code, other.out == first.out) == (0, False), other.err
    assert f"port {port}, that of the sandbox before, is left: " in other.err
    assert "is left" not in again.err


def test_its_own_omegac_works_with_it(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one that is on the PATH, and may be older, is not what a command in it calls."""
    (shop / "bin").mkdir()
    (shop / "bin" / "omegac").write_text("#!/bin/sh\necho another\n", "utf-8")
    (shop / "bin" / "omegac").chmod(0o755)
    monkeypatch.setenv("PATH", f"{shop / 'bin'}{os.pathsep}{os.environ['PATH']}")
    done = ended(begun(shop, "sandbox", "--", "omegac", "schema"))
    assert (done.code, done.out[:1]) == (0, "{"), done.out


def test_what_is_no_program_needs_no_cloud(shop: Path) -> None:
    """A command that is not there is said at once, with the code that shells have for it."""
    done = ended(begun(shop, "sandbox", "--", "absent", "-x"))
    assert (done.code, "error[OM6308]: absent is no program that can be run" in done.err) == (127, True), done.err
    assert "not AWS" not in done.err


def test_a_state_needs_a_folder(shop: Path) -> None:
    """A file, or what cannot be made, is told, with the way out."""
    done = ended(begun(shop, "sandbox", "--state", "omega.yaml", "--", "true"))
    assert (done.code, "is no folder for the state of a sandbox: File exists" in done.err) == (1, True)
    assert "name another with --state" in done.err


def test_what_is_not_a_sandboxs_is_left_alone(shop: Path) -> None:
    """A folder that holds something else is not written to, whatever names that has."""
    (shop / "mine").mkdir()
    (shop / "mine" / "log").write_text("mine", "utf-8")
    done = ended(begun(shop, "sandbox", "--state", "mine", "--", "true"))
    assert (done.code, "it holds something else" in done.err) == (1, True)
    assert [path.name for path in (shop / "mine").iterdir()] == ["log"]
    assert (shop / "mine" / "log").read_text("utf-8") == "mine"


ASKING = """\
import os
from urllib.parse import urlsplit
from urllib.request import urlopen

import boto3


def handler(event, context):
    sent = boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody="x")
    port = os.environ["AWS_ENDPOINT_URL"].rpartition(":")[2]
    return [bool(sent["MessageId"]), urlopen(f"http://localhost:{port}/_ministack/health").status]
"""


def test_a_function_in_it_asks_it_without_a_proxy(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is deployed there reaches it by each of its names, whatever proxy there is."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (shop / "app" / "hello.py").write_text(ASKING, "utf-8")
    script = f"{SHORT} f deploy --stack demo --yes >&2 && f invoke hello --stack demo"
    done = ended(begun(shop, "sandbox", "--", "sh", "-c", script), 120)
    assert answers(done) == [[True, 200]], done.err


LOOKING = """\
import importlib.util
import os
import subprocess
import sys

NAMES = ("boto3", "jinja2", "omegac", "yaml")


def handler(event, context):
    script = f"import importlib.util as u; print([n for n in {NAMES} if u.find_spec(n)])"
    within = [subprocess.check_output([each, "-c", script], text=True) for each in (sys.executable, "python3")]
    return [[n for n in NAMES if importlib.util.find_spec(n)], *within, dict(os.environ)]
"""


def test_a_function_has_no_more_than_in_lambda(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that is installed beside omegac, and nothing of its environment, makes up for what is forgotten."""
    monkeypatch.setenv("FORGOTTEN", "x")
    (shop / "app" / "hello.py").write_text(LOOKING, "utf-8")
    script = f"{SHORT} f deploy --stack demo --yes >&2 && f invoke hello --stack demo && f invoke hello"
    done = ended(begun(shop, "sandbox", "--", "sh", "-c", script), 120)
    deployed, here = answers(done)
    assert deployed[:3] == here[:3] == [["boto3"], "['boto3']\n", "['boto3']\n"], done.err
    assert deployed[3]["LEVEL"] == here[3]["LEVEL"] == "3"
    assert not {"FORGOTTEN", "HOME", "PYTHONPATH", "VIRTUAL_ENV"} & (deployed[3].keys() | here[3].keys())


@pytest.mark.parametrize("text", ["{", "[1]", "null", '{"x": 1}', "", '{"__ministack_format__": 2, "payload": null}'])
def test_what_is_damaged_is_not_begun_with(shop: Path, text: str) -> None:
    """A file of the state that cannot be read, or is none, is told, and left as it is."""
    (shop / "state" / "state").mkdir(parents=True)
    (shop / "state" / "lock").touch()
    (shop / "state" / "state" / "iam.json").write_text(text, "utf-8")
    done = ended(begun(shop, "sandbox", "--state", "state", "--", "true"))
    assert (done.code, "error[OM6302]" in done.err, "iam.json cannot be read" in done.err) == (1, True, True)
    assert (shop / "state" / "state" / "iam.json").read_text("utf-8") == text


@pytest.mark.parametrize(
    ("written", "other", "said"),
    [
        ('"__ministack_format__": 2', '"__ministack_format__": 99', "sqs state is format v99"),
        ('"payload": {', '"payload": [1], "was": {', "Failed to restore persisted state for sqs"),
    ],
)
def test_what_another_version_has_written_is_left(shop: Path, written: str, other: str, said: str) -> None:
    """What cannot be read is no reason to begin without it and to write that: the command is not run."""
    first = _named(shop)
    state = shop / "state" / "state" / "sqs.json"
    edit(state, written, other)
    before = {path: path.read_bytes() for path in state.parent.iterdir()}
    done = ended(begun(shop, "sandbox", "--state", "state", "--", "touch", "run"))
    assert (done.code, (shop / "run").exists()) == (1, False), done.err
    assert "error[OM6302]: the sandbox cannot read all that " in done.err
    assert said in done.err
    assert {path: path.read_bytes() for path in state.parent.iterdir()} == before
    edit(state, other, written)
    found = ended(begun(shop, "sandbox", "--state", "state", "--", "python3", "-c", FINDING))
    assert (found.code, found.out) == (0, first.out), found.err


def test_what_cannot_be_kept_is_said(shop: Path) -> None:
    """Where the state cannot be written in the end, a sandbox has failed, whatever its command has."""
    script = "rm -rf state/state; echo > state/state"
    done = ended(begun(shop, "sandbox", "--state", "state", "--", "sh", "-c", script))
    assert done.code == 1
    assert "error[OM6302]: what the sandbox held is not kept, or not all of it\n  = " in done.err
    assert "Persistence: failed to save" in done.err


MADE = "s3.create_bucket(Bucket='mine'); s3.put_object(Bucket='mine', Key='k', Body=b'v', Metadata={'a': 'b'})"
PUTTING = f"import boto3; s3 = boto3.client('s3'); {MADE}"


def test_an_object_that_cannot_be_kept_is_said(shop: Path) -> None:
    """S3 writes each object as it comes; that it could not is no less a loss."""
    script = f'rmdir state/s3; echo > state/s3; python3 -c "{PUTTING}"'
    done = ended(begun(shop, "sandbox", "--state", "state", "--", "sh", "-c", script))
    assert (done.code, "Failed to persist S3 object mine/k" in done.err) == (1, True), done.err
    assert (
        "is no folder for the state of a sandbox" in ended(begun(shop, "sandbox", "--state", "state", "--", "true")).err
    )


def test_what_is_damaged_of_an_object_is_not_begun_with(shop: Path) -> None:
    """What S3 knows of an object stands beside it."""
    assert ended(begun(shop, "sandbox", "--state", "state", "--", "python3", "-c", PUTTING)).code == 0
    (known,) = (shop / "state" / "s3").rglob("k.meta.json")
    known.write_text("", "utf-8")
    done = ended(begun(shop, "sandbox", "--state", "state", "--", "true"))
    assert (done.code, "k.meta.json cannot be read: " in done.err) == (1, True), done.err


def test_what_was_never_written_is_said(shop: Path) -> None:
    """Where all was killed, the next one says that something may be lost, and then has it behind it."""
    process = begun(shop, "sandbox", "--state", "state", "--", "sh", "-c", "echo runs; exec sleep 600")
    assert process.stdout
    assert process.stdout.readline() == "runs\n"
    for pid in [process.pid, *below(process.pid)]:
        os.kill(pid, signal.SIGKILL)
    ended(process)
    said = "the sandbox before was ended before it had written all to "
    first, second = (ended(begun(shop, "sandbox", "--state", "state", "--", "true")) for _ in range(2))
    assert (first.code, said in first.err, second.code, said in second.err) == (0, True, 0, False), first.err


def test_what_a_function_prints_is_no_failure(shop: Path) -> None:
    """The log has what functions print, too."""
    (shop / "app" / "hello.py").write_text(
        "def handler(event, context):\n    print('Persistence: failed to save x, refusing to load y')\n", "utf-8"
    )
    script = f"{SHORT} f deploy --stack x --yes && {SHORT} f invoke hello --stack x"
    done = ended(begun(shop, "sandbox", "--state", "state", "--", "sh", "-c", script))
    assert done.code == 0, done.err
    assert "refusing to load y" in (shop / "state" / "log").read_text("utf-8")


@pytest.mark.parametrize(("script", "code"), [("rm state/log", 0), ("rm -r state", 1), ("mv state other", 1)])
def test_a_folder_that_is_taken_away_is_said(shop: Path, script: str, code: int) -> None:
    """Without its log, it is kept all the same; of what is moved or removed, that is said."""
    done = ended(begun(shop, "sandbox", "--state", "state", "--", "sh", "-c", script))
    assert (done.code, "/state was moved or removed while it ran; " in done.err) == (code, bool(code)), done.err


def test_a_log_that_cannot_be_written_is_said(shop: Path) -> None:
    """A folder is no log."""
    (shop / "state" / "log").mkdir(parents=True)
    (shop / "state" / "lock").touch()
    done = ended(begun(shop, "sandbox", "--state", "state", "--", "true"))
    assert (done.code, "is no folder for the state of a sandbox: Is a directory" in done.err) == (1, True)


POLLING = """\
import sys

import boto3

sqs = boto3.client("sqs")
url = sqs.create_queue(QueueName="kept")["QueueUrl"]
print("asks", file=sys.stderr, flush=True)
sqs.receive_message(QueueUrl=url, WaitTimeSeconds=15)
"""
FINDING = "import boto3; print(boto3.client('sqs').get_queue_url(QueueName='kept')['QueueUrl'])"


def _asked_for_long(shop: Path) -> tuple[Popen[str], Popen[str]]:
    """A sandbox which keeps what it holds, and a process which asks it for a message that does not come."""
    process = begun(shop, "sandbox", "--state", "state")
    line_with(process, "Ctrl-C ends it")
    lines = "".join(process.stdout.readline() for _ in range(11)) if process.stdout else ""
    (shop / "poll.py").write_text(POLLING, "utf-8")
    asking = Popen(["sh", "-c", f"{lines} exec python3 poll.py"], cwd=shop, stderr=-1, text=True)
    line_with(asking, "asks")
    return process, asking


def _finds(shop: Path) -> Done:
    return ended(begun(shop, "sandbox", "--state", "state", "--", "python3", "-c", FINDING))


def test_what_is_asked_for_long_does_not_lose_it(shop: Path) -> None:
    """A request that waits, such as a worker's for a message, is answered before what the sandbox holds is kept."""
    process, asking = _asked_for_long(shop)
    process.terminate()
    done = ended(process)
    asking.communicate()
    assert done.code == 143, done.err
    assert "it ends once it has answered all that it was asked, in 40 s at most\n" in done.err
    assert _finds(shop).code == 0


def test_who_does_not_wait_for_it_is_told(shop: Path) -> None:
    """Whoever ends it twice is told that it is not kept yet; the folder stays taken until it is."""
    process, asking = _asked_for_long(shop)
    process.terminate()
    line_with(process, "it ends once")
    process.terminate()
    done = ended(process)
    tried = _finds(shop)
    asking.communicate()
    assert done.code == 143
    # By some versions of Python, the server of the local cloud waits for its answers 3 s, and no more.
    assert tried.code == 0 or "what it holds is not kept yet; it is written to " in done.err
    assert tried.code == 0 or "another sandbox has its state in" in tried.err
    assert comes(lambda: _finds(shop).code == 0)


def test_what_is_half_written_is_not_kept(shop: Path) -> None:
    """A local cloud that is killed while it writes has not kept all, though some of it is there."""
    process = begun(shop, "sandbox", "--state", "state")
    line_with(process, "Ctrl-C ends it")
    (pid,) = [pid for pid in below(process.pid) if "gateway" in _command_of(pid) and "keeper" not in _command_of(pid)]
    os.kill(pid, signal.SIGSTOP)
    process.terminate()
    assert comes(lambda: pid in below(process.pid))
    (shop / "state" / "state").mkdir(exist_ok=True)
    (shop / "state" / "state" / "sqs.json").write_text("{}", "utf-8")
    os.kill(pid, signal.SIGKILL)
    done = ended(process)
    assert (done.code, "error[OM6302]: what the sandbox held is not kept, or not all of it\n" in done.err) == (1, True)
    assert "was ended before it had written all" in done.err


def _command_of(pid: int) -> str:
    return run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout


def test_who_listens_no_more_ends_nothing(shop: Path) -> None:
    """Where nobody reads what omegac says, a sandbox ends as its command all the same."""
    reader, writer = os.pipe()
    os.close(reader)
    process = begun(shop, "sandbox", "--state", "state", "--", "sh", "-c", "exit 7", stderr=writer)
    os.close(writer)
    process.communicate(timeout=60)
    assert process.returncode == 7


def test_the_local_cloud_may_stand_where_users_install(shop: Path, tmp_path: Path) -> None:
    """What `pip install --user` installs is found as omegac finds it."""
    home = tmp_path / "home"
    user = {"HOME": str(home), "PYTHONUSERBASE": str(home), "PYTHONPATH": ""}
    python = os.path.realpath(sys.executable)
    site = run([python, "-m", "site", "--user-site"], env=user, capture_output=True, text=True, check=False).stdout
    Path(site.strip()).mkdir(parents=True)
    paths = [str(ROOT), *(path for path in sys.path if path.endswith("-packages"))]
    (Path(site.strip()) / "all.pth").write_text("\n".join(paths), "utf-8")
    words = [python, "-m", "omegac", "sandbox", "--", "true"]
    told = run(words, cwd=shop, env={**os.environ, **user}, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
