"""What is deployed boots: the compiled userdata, run by the real cloud-init under systemd on a fresh machine.

The machine is Debian's, for Ubuntu's branch of the script; Amazon Linux's dnf and Ubuntu's snap are not booted, but run
against stand-ins in `tests/test_boot_script.py`. The Auto Scaling group's part, to launch and replace, is played.
"""

from __future__ import annotations

import base64
import hashlib
import io
import subprocess
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.boot import front, metadata
from tests.boot.conftest import Running
from tests.boot.front import Signal
from tests.boot.instance import Instance, booted
from tests.boot.service import GROUP, INSTANCE, STACK, deploy, invoked, launch, launched_version, rolling_update
from tests.operations.local import BUCKET, client, edit, physical_ids

HELLO = "Hello world from SpartaOmega!"
PORT = 9999
NEXT = "i-0fedcba9876543210"
HOME = "opt/SpartaOmega/web"
METADATA = f"http://{metadata.ADDRESS}/latest"
STATUS = ("curl", "-sS", "--max-time", "3", "-o", "/dev/null", "-w", "%{http_code}")
TOKEN = ("-X", "PUT", "-H", "X-aws-ec2-metadata-token-ttl-seconds: 60", f"{METADATA}/api/token")
NOT_CONNECTED, TIMED_OUT = 7, 28
"""Exit codes of curl."""
SERVICE, USER = "-m hello httpServer", "omegac-web"
RESTRICTED = {"User": USER, "NoNewPrivileges": "yes", "ProtectSystem": "full", "PrivateTmp": "yes"}
"""What systemd has to say of the unit."""
BIND = 1 << 10
"""CAP_NET_BIND_SERVICE, among a process's capabilities (capability.h)."""


class Process(NamedTuple):
    """A process, as the kernel of an instance has it."""

    id: str
    owners: set[str]
    """Its user and all of its groups."""
    capabilities: int
    """The rights of root that it can have without being root."""


def artifact(key: str) -> bytes:
    """The bytes that were deployed."""
    return bytes(client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read())


def change(key: str) -> None:
    """Puts other bytes where the artifact was deployed to."""
    client("s3").put_object(Bucket=BUCKET, Key=key, Body=artifact(key) + b"x")


def has_failed(instance: Instance) -> bool:
    """Whether the script has ended in an error, of which CloudFormation has heard, and there is no service."""
    told = instance.aws.signals == [Signal(STACK, GROUP, INSTANCE, "FAILURE")]
    return bool(instance.errors) and told and is_silent(instance)


def is_silent(instance: Instance) -> bool:
    """Whether nobody listens on the port."""
    try:
        instance.says(PORT)
    except subprocess.CalledProcessError as error:
        return error.returncode == NOT_CONNECTED
    return False


def running_as(instance: Instance, command: str) -> list[Process]:
    """The processes of an instance that run a command of Python's."""
    listed = instance.run("ps", "-ww", "-A", "-o", "pid=,user:32=,group:32=,supgrp:64=,args=").splitlines()
    found = [line.split()[:4] for line in listed if line.endswith(f"python3 {command}")]
    return [
        Process(process, {user, group, *more.split(",")}, capabilities_of(instance, process))
        for process, user, group, more in found
    ]


def capabilities_of(instance: Instance, process: str) -> int:
    lines = instance.run("cat", f"/proc/{process}/status").splitlines()
    (mask,) = [line.split()[1] for line in lines if line.startswith("CapPrm:")]
    return int(mask, 16)


def unit(instance: Instance, *properties: str) -> dict[str, str]:
    """What systemd says of the service's unit."""
    shown = instance.run("systemctl", "show", f"--property={','.join(properties)}", USER)
    return dict(line.split("=", 1) for line in shown.splitlines())


def where(instance: Instance, process: Process, *command: str) -> list[str]:
    """What a command prints, word by word, that root runs on the file system as a process has it."""
    return instance.run("nsenter", f"--target={process.id}", "--mount", *command).split()


def test_cloud_init_runs_the_example_without_an_error(running: Running) -> None:
    """The script ends well, with all that it installs, and nothing that it asks of AWS is refused."""
    instance = running.instance
    assert instance.errors == []
    assert "Setting up awscli" in instance.console
    assert "omegac: signalled SUCCESS" in instance.console
    assert instance.aws.refused == []


def test_the_stack_hears_of_the_success_from_the_role(running: Running) -> None:
    """One signal reaches CloudFormation, signed with the role's credentials, for the group that waits for it."""
    assert running.instance.aws.signals == [Signal(STACK, GROUP, INSTANCE, "SUCCESS")]


def test_one_artifact_runs_both_ways(running: Running) -> None:
    """What Lambda runs, what the instance fetched and what was built are the same bytes, and say the same hello."""
    digest = running.told["ArtifactSha256"]
    function = running.told["HelloFunctionArn"]
    on_lambda = client("lambda").get_function_configuration(FunctionName=function)["CodeSha256"]
    content = artifact(f"SpartaOmega/{digest}.zip")
    (fetched,) = running.instance.aws.fetched
    assert {base64.b64decode(on_lambda).hex(), fetched.digest, hashlib.sha256(content).hexdigest()} == {digest}
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for name in packed.namelist():
            assert running.instance.file(f"{HOME}/{digest[:12]}/{name}") == packed.read(name)
    assert running.instance.says(PORT) == invoked(function)["body"] == HELLO


def test_the_service_is_not_root_and_the_system_is_not_its_to_change(running: Running) -> None:
    """What the unit restricts holds: a user without a right of root's, a system to read, and a `/tmp` of its own."""
    instance = running.instance
    (process,) = running_as(instance, SERVICE)
    assert (process.owners, process.capabilities) == ({USER}, 0)
    assert unit(instance, *RESTRICTED, "AmbientCapabilities") == RESTRICTED | {"AmbientCapabilities": ""}
    writable = 'for path; do test ! -w "$path" || echo "$path"; done'
    assert where(instance, process, "sh", "-c", writable, "sh", "/boot", "/etc", "/usr", "/var") == ["/var"]
    temporary = Path(instance.run("mktemp").strip())
    assert where(instance, process, "ls", "-A", str(temporary.parent)) == []


def test_a_token_gets_no_further_than_the_instance(running: Running) -> None:
    """As the launch template says, nothing is told without a token, and a container on the instance gets none."""
    network = running.instance.subnet.instance
    assert network.run(*STATUS, f"{METADATA}/user-data") == "401"
    assert network.run(*STATUS, *TOKEN) == "200"
    with running.instance.subnet.hop_further() as container:
        assert container.run(*STATUS, "--insecure", f"https://{front.ADDRESS}/") == "403"
        with pytest.raises(subprocess.CalledProcessError) as refused:
            container.run(*STATUS, *TOKEN)
        assert refused.value.returncode == TIMED_OUT


def test_another_application_reaches_a_new_instance(running: Running, image: Path) -> None:
    """By its policy, an update launches the new version beside the old instance, which serves until that signals."""
    before = launched_version()
    edit(running.folder / "app" / "hello.py", "Hello world", "Good evening")
    told = deploy(running.folder)
    after = launched_version()
    assert int(after.number) > int(before.number)
    assert told["ArtifactSha256"].encode() in after.user_data
    if not rolling_update().overlaps:
        running.instance.terminate()
    with booted(launch(image, NEXT)) as instance:
        assert instance.aws.signals == [Signal(STACK, GROUP, NEXT, "SUCCESS")]
        assert running.instance.says(PORT) == HELLO
        running.instance.terminate()
        assert is_silent(running.instance)
        assert instance.says(PORT) == invoked(told["HelloFunctionArn"])["body"] == "Good evening from SpartaOmega!"


def test_a_failing_line_is_on_the_console_and_fails_the_stack(example: Path, image: Path) -> None:
    """A line that fails ends the script before the service is there, and is shown and signalled as a failure."""
    edit(example / "userdata.sh", "# Every login", "ls /no-such-folder\n# Every login")
    deploy(example)
    with booted(launch(image)) as instance:
        assert "No such file or directory" in instance.console
        assert "failed: ls /no-such-folder" in instance.console
        assert has_failed(instance)


def test_systemd_runs_the_example_on_a_low_port(example: Path, image: Path) -> None:
    """The service has port 80 without being root: of root's rights it has that one alone."""
    edit(example / "omega.yaml", "port: 9999", "port: 80")
    deploy(example)
    with booted(launch(image)) as instance:
        assert (instance.errors, instance.aws.refused) == ([], [])
        assert instance.aws.signals == [Signal(STACK, GROUP, INSTANCE, "SUCCESS")]
        (process,) = running_as(instance, SERVICE)
        assert (process.owners, process.capabilities) == ({USER}, BIND)
        binding = {"AmbientCapabilities": "cap_net_bind_service"}
        assert unit(instance, *RESTRICTED, *binding) == RESTRICTED | binding
        assert instance.says(80) == HELLO


@pytest.mark.parametrize(("port", "capabilities"), [(PORT, 0), (80, BIND)])
def test_supervisord_runs_the_example(example: Path, image: Path, port: int, capabilities: int) -> None:
    """With `init: supervisord` the same script installs that, and the service has its port without being root."""
    edit(example / "omega.yaml", "port: 9999", f"port: {port}\n    init: supervisord")
    deploy(example)
    with booted(launch(image)) as instance:
        assert (instance.errors, instance.aws.refused) == ([], [])
        assert instance.aws.signals == [Signal(STACK, GROUP, INSTANCE, "SUCCESS")]
        (process,) = running_as(instance, SERVICE)
        assert (process.owners, process.capabilities) == ({USER}, capabilities)
        assert instance.says(port) == HELLO


def test_an_artifact_that_was_changed_never_runs(example: Path, image: Path) -> None:
    """Bytes in the bucket that are not those that were built are not unpacked, and fail the stack."""
    told = deploy(example)
    change(f"SpartaOmega/{told['ArtifactSha256']}.zip")
    with booted(launch(image)) as instance:
        (fetched,) = instance.aws.fetched
        assert not (instance.disk / HOME / told["ArtifactSha256"][:12]).exists()
        assert f"is not the artifact that was built: its sha256 is {fetched.digest}" in instance.console
        assert has_failed(instance)


def test_a_script_of_ones_own_with_supervisor_boots(supervised: Path, image: Path) -> None:
    """A script that extends nothing fetches the artifact, starts it under supervisor, and signals that it answers."""
    told = deploy(supervised)
    with booted(launch(image)) as instance:
        assert (instance.errors, instance.aws.refused) == ([], [])
        assert "/root/artifact.zip: OK" in instance.console
        assert [each.digest for each in instance.aws.fetched] == [told["ArtifactSha256"]]
        assert instance.aws.signals == [Signal(STACK, GROUP, INSTANCE, "SUCCESS")]
        assert "success: Greeter entered RUNNING state" in instance.file("var/log/supervisor/supervisord.log").decode()
        assert [each.owners for each in running_as(instance, "hello.py httpServer")] == [{"greeter"}]
        queue = physical_ids()["Greetings"].rpartition("/")[2]
        assert instance.says(PORT) == invoked(told["HelloFunctionArn"])["body"] == f"Hello from {queue}!"


def test_a_failing_line_of_ones_own_is_signalled(supervised: Path, image: Path) -> None:
    """In a script that extends nothing, too, a line that fails is on the console, and nothing runs after it."""
    edit(supervised / "userdata.sh", "# The artifact,", "ls /no-such-folder\n# The artifact,")
    deploy(supervised)
    with booted(launch(image)) as instance:
        assert "No such file or directory" in instance.console
        assert "failed: ls /no-such-folder" in instance.console
        assert instance.aws.fetched == []
        assert has_failed(instance)


def test_a_script_of_ones_own_runs_no_other_artifact(supervised: Path, image: Path) -> None:
    """Bytes in the bucket that are not those that were built are not unpacked by a script of one's own either."""
    told = deploy(supervised)
    change(f"Greeter/{told['ArtifactSha256']}.zip")
    with booted(launch(image)) as instance:
        (fetched,) = instance.aws.fetched
        assert fetched.digest != told["ArtifactSha256"]
        assert "/root/artifact.zip: FAILED" in instance.console
        assert "failed: sha256sum --check" in instance.console
        assert not (instance.disk / "opt" / "Greeter").exists()
        assert has_failed(instance)


def test_a_service_of_ones_own_that_fails_is_signalled(supervised: Path, image: Path) -> None:
    """A service that never answers is no success: once supervisor has given it up, the script ends with a failure."""
    edit(supervised / "app" / "hello.py", "import os\n", "import os\n\nos._exit(3)\n")
    deploy(supervised)
    with booted(launch(image)) as instance:
        assert "failed: [[ $(supervisorctl status Greeter) != *FATAL* ]]" in instance.console
        assert has_failed(instance)
